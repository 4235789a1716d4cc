"""What a verb of the log is, and the registry of all of them; `activity.log.verbs` fills it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from activity.log.values import Value

THIS = "{this}"  # the card (or what else is in sight) in a verb's words


@dataclasses.dataclass(frozen=True)
class Verb:
    """One thing that can happen.

    `deed` completes "Kenji …", with `{this}` in the place of the card. `field` names what changed, for
    "field · before → after" (empty when there is no single field); `sets` are the values of the thing that it
    sets. `facts` must stand in `after`; `texts` are the facts that people type, kept in `ActivityContent` and
    named by digest. `feed` has the words for what one or several of it come to, by the names under which
    `activity.feed.topics` asks for them. `is_placing`: a notice adds the column. `final` says why it can't be
    undone; empty for what can.
    """

    name: str
    icon: str
    deed: str
    field: str = ""
    facts: frozenset[str] = dataclasses.field(default_factory=frozenset)
    texts: frozenset[str] = dataclasses.field(default_factory=frozenset)
    sets: tuple[Value, ...] = ()
    feed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    is_placing: bool = False
    final: str = ""

    @property
    def noun(self) -> str:
        return self.name.partition(".")[0]

    @property
    def words(self) -> str:
        """Where its card is in sight: `moved this to another board`."""
        return self.deed.replace(THIS, "this")

    @property
    def bare_words(self) -> str:
        """Where its card has been named already: `moved to another board`."""
        return self.deed.replace(f" {THIS}", "", 1)

    def words_about(self, key: str) -> str:
        """With the card's key: `moved FLX-12 to another board`, `added a checklist on FLX-12`."""
        if THIS in self.deed:
            return self.deed.replace(THIS, key)
        return f"{self.deed} on {key}" if key else self.deed

    def notice(self, key: str) -> str:
        """As a notice about the card says it: `FLX-12 moved`, `FLX-12: added a checklist`."""
        if not key:
            return self.words
        return f"{key} {self.bare_words}" if THIS in self.deed else f"{key}: {self.deed}"

    def value(self, fact: str) -> Value:
        """The value that stands under this name in its facts."""
        return next((value for value in self.sets if value.name == fact), Value(fact, self.field))

    def label(self, fact: str) -> str:
        """What the fact that it changed is called."""
        return self.value(fact).label

    def said(self, phrase: str, **parts: Any) -> str:
        """One of its phrases for the feed, with its parts filled in."""
        return self.feed[phrase].format(**parts)


VERBS: dict[str, Verb] = {}
UNDONE = "change.undone"


def define(
    name: str,
    icon: str,
    deed: str,
    field: str = "",
    facts: str = "",
    texts: str = "",
    *,
    sets: tuple[Value, ...] = (),
    feed: Mapping[str, str] | None = None,
    is_placing: bool = False,
    final: str = "",
) -> None:
    """Register a verb; `facts` and `texts` are words parted by blanks (a text need not be in every row).

    A verb that `sets` one value is named after it, and needs it; those of `sets` that people type are texts.
    """
    if name in VERBS:
        raise ValueError(f"{name} is defined twice")
    needed, typed = set(facts.split()), set(texts.split())
    typed |= {value.name for value in sets if value.is_typed}
    if len(sets) == 1:
        field, needed = field or sets[0].label, needed | {sets[0].name}
    VERBS[name] = Verb(
        name, icon, deed, field, frozenset(needed), frozenset(typed), sets, feed or {}, is_placing, final
    )
