"""The chain of the log: what of an activity is hashed, in which form, and after what."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from typing import Any

GENESIS = bytes(32)
_plain_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(activity: Any, board_uid: uuid.UUID, actor_uid: uuid.UUID | None, card_uid: Any) -> bytes:
    """The bytes that an activity's digest covers: `content_of` it as JSON."""
    return canonical_json(content_of(activity, board_uid, actor_uid, card_uid))


def canonical_json(content: Any) -> bytes:
    """JSON in the one way in which equal content has equal bytes: keys sorted, no blanks, UTF-8."""
    return _plain_json(content).encode()


def content_of(
    activity: Any, board_uid: uuid.UUID, actor_uid: uuid.UUID | None, card_uid: Any
) -> dict[str, Any]:
    """What an activity's digest covers, as JSON values, times in UTC.

    `activity` is an `Activity`, or a row that has its fields.

    Things are named by `uid`, never by this installation's row ids, so that a copy elsewhere hashes alike.
    """
    return {
        "actor": str(actor_uid) if actor_uid else None,
        "after": activity.after,
        "at": _moment(activity.at),
        "before": activity.before,
        "board": str(board_uid),
        "card": str(card_uid) if card_uid else None,
        "request_id": str(activity.request_id) if activity.request_id else None,
        "schema": activity.schema,
        "seq": activity.seq,
        "source_at": _moment(activity.source_at),
        "subject": str(activity.subject),
        "verb": activity.verb,
        "via": str(activity.via),
    }


def _moment(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds") if at else None


def chained(previous: bytes, digest: bytes) -> bytes:
    """SHA-256 over the predecessor's hash and this activity's digest."""
    return hashlib.sha256(previous + digest).digest()


def content_digest(salt: bytes, text: str) -> str:
    """The name of a typed text: hex SHA-256 over its card's salt and its UTF-8 bytes."""
    return hashlib.sha256(bytes(salt) + text.encode()).hexdigest()
