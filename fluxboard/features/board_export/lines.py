"""A line of an export: its fields, how it is read, and the lines that are not rows of a table of state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fluxboard.core import limits
from fluxboard.features.board_export import field_types as k
from fluxboard.features.board_export.field_types import FieldType


@dataclass(frozen=True)
class Field:
    """One field of a line, named as on the model.

    `to` is the file whose rows it names by uid, "people" for a person. `many`: a list of them.
    `elsewhere`: how what it names is kept when that is on another board, which need not be here. `before` is
    what lines say that were written before there was such a field; None for one that was always there.
    """

    name: str
    kind: FieldType
    to: str = ""
    many: bool = False
    elsewhere: str = ""
    before: Any = None


def person(name: str, *, may_be_nobody: bool = False) -> Field:
    return Field(name, k.maybe(k.uid) if may_be_nobody else k.uid, "people")


def people(name: str) -> Field:
    return Field(name, k.many(k.uid), "people", many=True)


def row(name: str, to: str, *, may_be_none: bool = False, elsewhere: str = "") -> Field:
    return Field(name, k.maybe(k.uid) if may_be_none else k.uid, to, elsewhere=elsewhere)


def maybe_moment(name: str) -> Field:
    return Field(name, k.maybe(k.moment))


PERSON = (
    Field("uid", k.uid),
    Field("also", k.many(k.uid, 100)),
    Field("name", k.matching(r"(?s)(?=.*\S).{1,80}", "a name")),
    Field("email", k.text(254)),
    Field("handle", k.matching(r"[a-z0-9](?:[a-z0-9_.-]{0,28}[a-z0-9])?", "a handle")),
    Field("hue", k.number(1, 8)),
    Field("zone", k.text(64, needed=True)),
    Field("is_active", k.flag),
    Field("origins", FieldType(lambda value: _pairs(value))),
)
CONTENT = (
    Field("digest", k.matching("[0-9a-f]{64}", "a digest")),
    Field("salt", k.hexadecimal(16)),
    Field("text", k.text(limits.TEXT)),
)
ACTIVITY = (
    Field("seq", k.number(1)),
    Field("at", k.moment),
    maybe_moment("source_at"),
    Field("actor", k.maybe(k.uid)),
    Field("board", k.uid),
    Field("verb", k.text(40, needed=True)),
    Field("subject", k.uid),
    Field("card", k.maybe(k.uid)),
    Field("before", k.facts),
    Field("after", k.facts),
    Field("via", k.text(8, needed=True)),
    Field("request_id", k.maybe(k.uid)),
    Field("schema", k.number(1, k.SMALL)),
    Field("digest", k.hexadecimal(32)),
    Field("previous_hash", k.hexadecimal(32)),
    Field("hash", k.hexadecimal(32)),
)


def _pairs(value: Any) -> list[list[str]]:
    """Where a person came from by earlier imports: [source, id there]."""
    pair = k.text(64, needed=True)
    if type(value) is not list or len(value) > 100:
        raise k.Wrong("not a list of origins")
    for inner in value:
        if type(inner) is not list or len(inner) != 2 or len(pair.read(inner[0])) > 20:
            raise k.Wrong("not a list of origins")
        pair.read(inner[1])
    return value


def read_line(fields: tuple[Field, ...], line: dict[str, Any]) -> dict[str, Any]:
    """The values of one line. Raises `Wrong` with words that name the field."""
    expected = {field.name for field in fields}
    line = {field.name: field.before for field in fields if field.before is not None} | line
    if line.keys() != expected:
        odd = sorted(expected ^ line.keys())[0]
        raise k.Wrong(f"{odd[:40]} is {'missing' if odd in expected else 'not known'}")
    found = {}
    for one in fields:
        try:
            found[one.name] = one.kind.read(line[one.name])
        except k.Wrong as wrong:
            raise k.Wrong(f"{one.name} is {wrong}") from None
    return found
