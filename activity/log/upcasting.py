"""Rows of an older description of the log, read as it is written today.

Each row carries the number of the description that it was written under (`schema`). When a verb's facts
change their shape, `recording.SCHEMA` goes up by one and a function registered here turns the older facts
into the newer ones, one step at a time; the row itself and its hash stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activity.log.record import SCHEMA
from activity.log.verbs import UNDONE, VERBS

LogFacts = dict[str, Any]
Upcaster = Callable[[LogFacts, LogFacts], tuple[LogFacts, LogFacts]]
UPCASTERS: dict[tuple[str, int], Upcaster] = {}


class TooNew(ValueError):
    """A row was written by a newer program, whose facts this one cannot know."""


def upcasts(verb: str, schema: int) -> Callable[[Upcaster], Upcaster]:
    """Register what turns `before` and `after` of `verb` at `schema` into those of `schema + 1`."""

    def register(caster: Upcaster) -> Upcaster:
        if verb not in VERBS:
            raise LookupError(f"{verb} is no verb of the log")
        if (verb, schema) in UPCASTERS:
            raise ValueError(f"{verb} at {schema} is brought up twice")
        UPCASTERS[verb, schema] = caster
        return caster

    return register


def upcast(
    verb: str, schema: int, before: LogFacts, after: LogFacts, newest: int | None = None
) -> tuple[LogFacts, LogFacts]:
    """The facts as `newest` (default: this program) has them; where no function is given, they stay the same.

    Raises `TooNew` for a row of a later description than `newest`.
    """
    if verb == UNDONE:  # it has the facts of its effect
        verb = after.get("effect", verb)
    newest = SCHEMA if newest is None else newest
    if schema > newest:
        raise TooNew(f"{verb} was recorded under description {schema}; this program knows {newest}")
    for step in range(schema, newest):
        caster = UPCASTERS.get((verb, step))
        if caster is not None:
            before, after = caster(before, after)
    return before, after
