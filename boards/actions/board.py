"""What happens to a board as a whole."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from activity.errors import Refused
from activity.log.record import By, Log
from boards.actions.base import action, writing
from boards.actions.clean import LONG_TEXT, cleaned
from boards.actions.conflicts import settle_text
from boards.card_fields import optional_fields
from boards.models import KEY_PATTERN, Board, FormerKey, Role, Schedule
from boards.models.check_in import CHECK_INS
from fluxboard.core import limits


def valid_board_key(key: str) -> str:
    """A key such as FLX, in capitals; `Refused` when it is not one."""
    key = key.strip().upper()
    if not re.fullmatch(KEY_PATTERN, key):
        raise Refused("Use 2 to 8 letters and digits, a letter first, such as FLX.", "key")
    return key


def suggested_key(name: str) -> str:
    """A free key made from a name: the first letters of its words, else of its first word, else numbered."""
    words = re.findall(r"[A-Z0-9]+", name.upper())
    initials = "".join(word[0] for word in words)[:4]
    first = re.sub(r"^[0-9]+", "", "".join(words))[:3]
    stems = [stem for stem in (initials, first, "BOARD") if re.fullmatch(KEY_PATTERN, stem)]
    taken = set(Board.objects.values_list("key", flat=True)) | set(
        FormerKey.objects.values_list("key", flat=True)
    )
    numbered = (f"{stems[0][:5]}{number}" for number in range(2, 1000))
    return next(key for key in (*stems, *numbered) if key not in taken)


def board_facts(board: Board) -> dict[str, Any]:
    return {
        "key": board.key,
        "name": board.name,
        "description": board.description,
        "open_to": board.open_to,
        "wip_rule": board.wip_rule,
        "stale_after": board.stale_after,
        "answer_days": board.answer_days,
        "check_ins": board.check_ins,
        "card_fields": board.card_fields,
    }


def begin_board(
    by: By,
    *,
    name: str,
    key: str = "",
    description: str = "",
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> Board:
    """A row for a new board, in the transaction that its first change is part of.

    Raises `Refused` when the key is taken.
    """
    name = cleaned(name, field="name", what="The name", longest=limits.BOARD_NAME)
    key = valid_board_key(key) if key.strip() else suggested_key(name)
    if Board.objects.filter(key=key).exists():
        raise Refused(f"Another board has the key {key}.", "key")
    try:
        with transaction.atomic():
            board = Board.objects.create(
                key=key, name=name, description=description, created_at=by.now, **settings
            )
    except IntegrityError:
        raise Refused(f"Another board has the key {key}.", "key") from None
    FormerKey.objects.filter(key=key).delete()
    return board


@action
def rename_board(board: Board, name: str, *, by: Any, seen: int | None = None) -> Board:
    with writing(board, by, Role.OWNER) as log:
        board = log.board
        name = cleaned(name, field="name", what="The name", longest=limits.BOARD_NAME)
        name = settle_text(log, board, "name", "Name", name, seen)
        if name != board.name:
            before, board.name = board.name, name
            log.record("board.renamed", board, before={"name": before}, after={"name": name})
            board.keep("name")
        return board


@action
def rekey_board(board: Board, key: str, *, by: Any) -> Board:
    """Another key; the old one redirects for as long as no other board takes it."""
    with writing(board, by, Role.OWNER) as log:
        board, key = log.board, valid_board_key(key)
        if key == board.key:
            return board
        if Board.objects.filter(key=key).exists():
            raise Refused(f"Another board has the key {key}.", "key")
        before, board.key = board.key, key
        FormerKey.objects.filter(key=key).delete()
        FormerKey.objects.create(key=before, board=board)
        board.look = log.next_seq
        log.record("board.rekeyed", board, before={"key": before}, after={"key": key})
        try:
            with transaction.atomic():
                board.keep("key", "look")
        except IntegrityError:
            raise Refused(f"Another board has the key {key}.", "key") from None
        return board


@action
def describe_board(board: Board, description: str, *, by: Any, seen: int | None = None) -> Board:
    """What the board is for, and its norms: Markdown, merged by line."""
    with writing(board, by, Role.OWNER) as log:
        board = log.board
        text = cleaned(
            description,
            field="description",
            what="The description",
            longest=LONG_TEXT,
            lines=True,
            needed=False,
        )
        text = settle_text(log, board, "description", "Description", text, seen, by_line=True)
        if text != board.description:
            before, board.description = board.description, text
            log.record("board.described", board, before={"description": before}, after={"description": text})
            board.keep("description")
        return board


@action
def configure_board(
    board: Board,
    *,
    by: Any,
    wip_rule: str | None = None,
    stale_after: int | None = None,
    answer_days: int | None = None,
    card_fields: Collection[str] | None = None,
    check_ins: str | None = None,
) -> Board:
    """What a full column does (`warn`, `refuse`), after how many days without a move a card is stale, within
    how many of their own working days people are expected to answer a question, how often check-ins are
    offered, and which of the optional fields its cards have. What is None stays as it is."""
    with writing(board, by, Role.OWNER) as log:
        board = log.board
        if wip_rule is not None and wip_rule not in Board.WipRule.values:
            raise Refused("Choose warn or refuse.", "wip_rule")
        if stale_after is not None and not 1 <= stale_after <= 365:
            raise Refused("Choose 1 to 365 days.", "stale_after")
        if answer_days is not None and not 1 <= answer_days <= 30:
            raise Refused("Choose 1 to 30 days.", "answer_days")
        if card_fields is not None and set(card_fields) - optional_fields().keys():
            raise Refused("Choose fields that there are.", "card_fields")
        if check_ins is not None and check_ins not in CHECK_INS:
            raise Refused("Choose how often there are check-ins.", "check_ins")
        asked: dict[str, Any] = {
            "wip_rule": wip_rule,
            "stale_after": stale_after,
            "answer_days": answer_days,
            "check_ins": check_ins,
            "card_fields": None if card_fields is None else sorted(set(card_fields)),
        }
        after = {name: value for name, value in asked.items() if value not in (None, getattr(board, name))}
        if after:
            before = {name: getattr(board, name) for name in after}
            for name, value in after.items():
                setattr(board, name, value)
            board.look = log.next_seq
            log.record("board.configured", board, before=before, after=after)
            board.keep(*after, "look")
        return board


@action
def open_board(board: Board, to: str, *, by: Any) -> Board:
    """Let everyone signed in read (`viewer`) or take part (`member`)."""
    if to not in {Role.VIEWER, Role.MEMBER}:
        raise Refused("Choose who the board is open to.", "open_to")
    return _open(board, to, by)


@action
def close_board(board: Board, *, by: Any) -> Board:
    """Members only."""
    return _open(board, "", by)


def _open(board: Board, to: str, by: By) -> Board:
    with writing(board, by, Role.OWNER) as log:
        board = log.board
        if board.open_to != to:
            before, board.open_to = board.open_to, str(to)
            verb = "board.opened" if to else "board.closed"
            log.record(verb, board, before={"open_to": before}, after={"open_to": board.open_to})
            board.keep("open_to")
        return board


@action
def archive_board(board: Board, *, by: Any) -> Board:
    with writing(board, by, Role.OWNER, archived=True) as log:
        return _archive(log, log.now)


@action
def restore_board(board: Board, *, by: Any) -> Board:
    with writing(board, by, Role.OWNER, archived=True) as log:
        return _archive(log, None)


def _archive(log: Log, at: Any) -> Board:
    board = log.board
    if board.is_archived != (at is not None):
        board.archived_at = at
        verb = "board.archived" if at else "board.restored"
        passed = _pass_schedules(log) if at is None else {}
        log.record(verb, board, before={"archived": not at}, after={"archived": bool(at)} | passed)
        board.keep("archived_at")
    return board


def _pass_schedules(log: Log) -> dict[str, str]:
    """Cards that would have opened while the board was archived never do; the fact that says so, if any."""
    day = log.now.date() - dt.timedelta(days=1)
    behind = Schedule.objects.filter(board=log.board, removed_at=None, first__lte=day)
    behind = behind.filter(Q(upto=None) | Q(upto__lt=day))
    passed = list(behind.values_list("pk", flat=True))
    if not passed:
        return {}
    behind.update(upto=day)
    Schedule.objects.filter(pk__in=passed).wait_anew()
    return {"passed": day.isoformat()}
