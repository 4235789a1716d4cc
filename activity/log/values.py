"""What a verb can set: a value's name in the log, its label, and how it is kept and read."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from fluxboard.core.recurrence import rule_words


class Kind(Enum):
    """What a value is. In the log a person is `{"id", "name"}`, a day ISO, a choice one of a few words, a
    rule the RRULE of a calendar."""

    LINE = auto()
    MARKDOWN = auto()
    PERSON = auto()
    DAY = auto()
    CHOICE = auto()
    RULE = auto()
    OTHER = auto()


@dataclasses.dataclass(frozen=True)
class Value:
    """One value of a thing: `name` in the log, `label` and `empty` (how nothing reads) for people.

    `choices` are the words of a choice's values, in their order. `is_ordered`: the order of a list counts.
    """

    name: str
    label: str
    kind: Kind = Kind.OTHER
    empty: str = ""
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    is_ordered: bool = False

    @property
    def is_typed(self) -> bool:
        """Whether people type it, so that the log names it by its digest."""
        return self.kind in (Kind.LINE, Kind.MARKDOWN)

    @property
    def nothing(self) -> str | None:
        """How the log, and a state, has it that there is none."""
        return "" if self.is_typed else None

    def fact(self, held: Any) -> Any:
        """What the log has of a value as its thing holds it."""
        match self.kind:
            case Kind.PERSON:
                return person_fact(held)
            case Kind.DAY:
                return held.isoformat() if held else None
        return held or self.nothing

    def held(self, fact: Any) -> Any:
        """What the thing holds, of a fact that is not a person; the other way round."""
        if self.kind is Kind.DAY:
            return dt.date.fromisoformat(fact) if fact else None
        return fact or ""

    def in_state(self, fact: Any) -> Any:
        """What replay keeps of the fact; of one that is missing as well."""
        if self.kind is Kind.PERSON:
            return fact["id"] if fact else None
        return fact or self.nothing

    def words(self, fact: Any) -> str:
        """The fact in words; a day as it stands in the log."""
        if fact in (None, "", []):
            return self.empty
        if isinstance(fact, list):
            return ", ".join(self.words(one) for one in fact)
        if self.kind is Kind.RULE:
            return rule_words(str(fact))
        return self.choices.get(fact) or value_words(fact) if isinstance(fact, str) else value_words(fact)


def person_fact(person: Any) -> dict[str, str] | None:
    """A person as the log names them: by uid, with the name of that day."""
    return {"id": str(person.uid), "name": person.name} if person is not None else None


def value_words(fact: Any) -> str:
    """A fact as a person reads it: a name, a key, yes or no, a number."""
    if isinstance(fact, bool):
        return "Yes" if fact else "No"
    if isinstance(fact, dict):
        return str(fact.get("name") or fact.get("key") or "")
    return "" if fact is None else str(fact)
