"""Trello's own names in words, `updateCheckItem` as "update check item": for what has no words of ours."""

from __future__ import annotations

import re

from fluxboard.features.trello import values as v

PAST = {
    "accept": "accepted", "add": "added", "archive": "archived", "assign": "assigned",
    "complete": "completed",
    "convert": "converted", "copy": "copied", "create": "made", "deactivate": "deactivated",
    "deactivated": "deactivated", "decline": "declined", "delete": "deleted", "disable": "switched off",
    "enable": "switched on", "invite": "invited", "join": "joined", "leave": "left", "make": "made",
    "mark": "marked", "merge": "merged", "mirror": "mirrored", "move": "moved", "reactivate": "reactivated",
    "reactivated": "reactivated", "remove": "removed", "rename": "renamed", "reopen": "opened again",
    "restore": "restored", "send": "sent", "set": "set", "share": "shared", "unarchive": "brought back",
    "unlink": "unlinked", "link": "linked", "update": "changed", "upload": "uploaded", "vote": "voted",
}  # fmt: skip


def words_for_unknown(type_: str) -> str:
    """What an action of a kind that is not known did: Trello names each by a verb and its objects."""
    name = spaced(type_)
    first, _, rest = name.strip().partition(" ")
    if first in PAST and rest:
        return f"{PAST[first]} {rest}"
    return (
        f"made a change that Trello calls “{name}”" if name else "made a change that the file does not name"
    )


def spaced(word: str) -> str:
    """A name in camel case as words, all small."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", v.line(word)[:60]).lower()
