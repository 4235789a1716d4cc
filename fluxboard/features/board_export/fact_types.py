"""The shapes of facts in the log, by name: what pages take for granted when they tell what happened.

Replay proves what a fact did to the board. Many facts only tell (what a field was before, a name of that
day); a file that was made by hand could hold anything there, so their shapes are checked when they come in.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from activity.log.replay.state import digest_in
from activity.log.values import Kind, Value
from activity.log.verbs import CARD_VALUES, VERBS
from fluxboard.features.board_export.field_types import YEARS

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    """Typed words: in full, or by their digest."""
    return isinstance(value, str) or digest_in(value) is not None


def _words(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return type(value) is int


def _flag(value: Any) -> bool:
    return type(value) is bool


def _day(value: Any) -> bool:
    try:
        return dt.date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        return False


def _moment(value: Any) -> bool:
    try:
        at = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return at.tzinfo is not None and at.year in YEARS


def _uid(value: Any) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except (AttributeError, TypeError, ValueError):
        return False


def _thing(value: Any) -> bool:
    """A person, card, column and so on: its uid, and what it was called."""
    return (
        isinstance(value, dict)
        and _uid(value.get("id"))
        and all(_text(value.get(name, "")) for name in ("name", "key"))
    )


def _named(value: Any) -> bool:
    return isinstance(value, dict) and _words(value.get("name", ""))


def _effect(value: Any) -> bool:
    return isinstance(value, str) and value in VERBS


def _undone(value: Any) -> bool:
    return isinstance(value, dict) and _number(value.get("seq")) and _words(value.get("verb"))


def _maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _many(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _one_of(choices: Iterable[str]) -> Check:
    return lambda value: value in choices


OF_KIND: dict[Kind, Callable[[Value], Check]] = {
    Kind.LINE: lambda value: _maybe(_text),
    Kind.MARKDOWN: lambda value: _maybe(_text),
    Kind.PERSON: lambda value: _maybe(_thing),
    Kind.DAY: lambda value: _maybe(_day),
    Kind.CHOICE: lambda value: _maybe(_one_of(value.choices)),
}
SHAPES: dict[str, Check] = {
    **{name: OF_KIND[value.kind](value) for name, value in CARD_VALUES.items()},
    **dict.fromkeys(("text", "sentence"), _maybe(_text)),
    **dict.fromkeys(
        ("name", "query", "reason", "description", "steps", "rule", "time", "zone"), _maybe(_text)
    ),
    **dict.fromkeys(
        ("key", "position", "role", "open_to", "wip_rule", "check_ins", "kind", "state", "how", "choice"),
        _maybe(_words),
    ),
    **dict.fromkeys(
        ("comment", "answer", "decision", "type", "field", "stretch", "outcome", "prompt"), _maybe(_words)
    ),
    **dict.fromkeys(
        ("number", "hue", "stale_after", "answer_days", "rounds", "minutes", "team"), _maybe(_number)
    ),
    **dict.fromkeys(
        (
            "archived",
            "checked",
            "is_done",
            "removed",
            "of_several",
            "is_default",
            "paused",
            "late",
            "nobody_at_work",
        ),
        _maybe(_flag),
    ),
    **dict.fromkeys(
        ("column", "checklist", "label", "participant", "author", "board", "template", "schedule", "meeting"),
        _thing,
    ),
    **dict.fromkeys(
        ("person", "card", "checked_by", "by", "promoted_to", "cover", "copied_from", "answered_by", "topic"),
        _maybe(_thing),
    ),
    **dict.fromkeys(
        ("participants", "labels", "people", "decided_by", "agreed_by", "mentions", "rota", "turns"),
        _many(_thing),
    ),
    **dict.fromkeys(
        ("checklists", "items", "comments", "decisions", "asks", "shown", "confirmed"), _many(_object)
    ),
    **dict.fromkeys(("parts", "erased", "card_fields"), _many(_words)),
    "weekdays": _many(_words),
    "report": _maybe(_object),
    "shows": _many(_words),
    "expires": _moment,
    **dict.fromkeys(("parent", "from", "superseded_by"), _maybe(_words)),
    **dict.fromkeys(("answer_by", "source_at", "checked_at", "edited_at"), _maybe(_moment)),
    **dict.fromkeys(("at", "created_at"), _moment),
    **dict.fromkeys(("first", "last", "slot", "upto", "passed", "day", "stops"), _maybe(_day)),
    **dict.fromkeys(("review_on", "round", "next_review_on"), _maybe(_day)),
    **dict.fromkeys(("organiser", "owner", "about", "made"), _maybe(_thing)),
    "invited": _many(_thing),
    "notes": _maybe(_text),
    "starts_at": _moment,
    "wip_limit": _maybe(_number),
    "blocked": _maybe(_object),
    "left_off": _maybe(_object),
    "began_in": _named,
    "effect": _effect,
    "undoes": _undone,
}


def odd_fact(verb: str, facts: dict[str, Any]) -> str:
    """The name of the first fact, however deep, that has not its shape; empty when all have."""
    shapes = SHAPES
    if verb == "history.imported":
        shapes = SHAPES | {"before": _maybe(_text), "after": _maybe(_text)}
    return _odd(shapes, facts)


def _odd(shapes: dict[str, Check], facts: Any) -> str:
    if isinstance(facts, list):
        return next((odd for inner in facts if (odd := _odd(shapes, inner))), "")
    if not isinstance(facts, dict) or digest_in(facts) is not None:
        return ""
    for name, value in facts.items():
        check = shapes.get(name)
        if check is not None and not check(value):
            return name
        if odd := _odd(shapes, value):
            return odd
    return ""
