"""Two edits of one field: merge texts, keep equal values, refuse the rest with both versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activity.errors import Clash, Difference
from activity.log.record import Log
from activity.log.values import value_words
from activity.models import Activity
from boards.actions.facts import text_of
from boards.models.thing import Thing
from fluxboard.core import limits
from fluxboard.core.text_merge import merge_lines


def base_of(log: Log, thing: Thing, field: str, seen: int) -> tuple[Any, Activity | None]:
    """What `field` was at the version `seen`, and the activity that changed it last.

    The base is the `before` of the first later activity on that field.
    """
    later = list(
        Activity.objects.filter(
            board=log.board, subject=thing.uid, seq__gt=seen, before__has_key=field
        ).order_by("seq")
    )
    if not later:
        return None, None
    return text_of(later[0].before[field]), later[-1]


def settle_text(
    log: Log,
    thing: Thing,
    field: str,
    label: str,
    yours: str,
    seen: int | None,
    *,
    by_line: bool = False,
    keep_additions: bool = False,
    attribute: str = "",
) -> str:
    """The text to keep: yours, or both merged by line where `by_line` (`keep_additions` as in `merge_lines`).

    `field` is its name in the log and in forms; `attribute` that on the thing, where it is another.
    `seen` is the version that the form stood on (None: no check). Raises `Clash` when someone else changed
    the same field, or the same lines of it, since.
    """
    theirs = getattr(thing, attribute or field)
    if seen is None or yours == theirs or not thing.changed_since(field, seen):
        return yours
    base, last = base_of(log, thing, field, seen)
    base = base if isinstance(base, str) else ""
    if yours == base:
        return theirs
    merged = merge_lines(base, theirs, yours, keep_additions=keep_additions) if by_line else None
    if merged is not None and len(merged) <= limits.TEXT:
        return merged
    words = (base, theirs, yours)
    differs = difference(field, label, last, words, values=(theirs, yours), is_long=by_line)
    raise Clash([differs], version=thing.version, thing=thing)


def settle_value(
    log: Log,
    thing: Thing,
    field: str,
    label: str,
    *,
    theirs: Any,
    yours: Any,
    seen: int | None,
    values: tuple[str, str],
    in_words: Callable[[Any], str] = value_words,
) -> None:
    """Raise `Clash` when someone else set `field` to something else since `seen`.

    `theirs` and `yours` are facts as the log holds them; `values` the two as the form would send them, and
    `in_words` says a fact.
    """
    if seen is None or theirs == yours or not thing.changed_since(field, seen):
        return
    base, last = base_of(log, thing, field, seen)
    base_words, their_words, your_words = (in_words(fact) for fact in (base, theirs, yours))
    differs = difference(field, label, last, (base_words, their_words, your_words), values=values)
    raise Clash([differs], version=thing.version, thing=thing)


def difference(
    field: str,
    label: str,
    last: Activity | None,
    words: tuple[str, str, str],
    *,
    values: tuple[str, str],
    is_long: bool = False,
) -> Difference:
    """One field that two people changed; `last` is the change that the form did not know of.

    `words` are what it was, what it is now and what was sent; `values` the last two as a form sends them.
    """
    base, theirs, yours = words
    return Difference(
        field=field,
        label=label,
        base=base,
        theirs=theirs,
        yours=yours,
        by=last.actor if last else None,
        at=last.at if last else None,
        is_long=is_long,
        yours_value=values[1],
        theirs_value=values[0],
    )
