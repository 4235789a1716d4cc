"""The registry of inverses: for each verb what takes it back."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from activity.errors import Clash, Difference, Refused
from activity.feed.load import ToldActivity
from activity.log.record import By, Log
from activity.log.undone import undone
from activity.log.verbs import VERBS, Verb
from activity.models import Activity
from boards.actions.base import thing_of
from boards.actions.conflicts import difference
from boards.models import SPEC_FIELDS, Board, Card, Role
from boards.undo.position_words import Spot

GONE = "What this was about is not here any more."
ERASED = "What it was before has been erased for good."
ELSEWHERE = "This card has moved to another board. What was done to it here can't be undone there."
_TYPED = {"title", "name", "text", "reason", "description", "notes", *SPEC_FIELDS}


@dataclass(frozen=True)
class UndoChoice:
    """What somebody decided about fields that were changed since: on which version they decided, which of
    them stay as they are now (`keep`), and for which they wrote something else (`mixed`)."""

    seen: int | None = None
    keep: Collection[str] = ()
    mixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Undo:
    """One activity on its way back, within an open change: `before` and `after` are its facts."""

    log: Log
    told: ToldActivity
    done: list[ToldActivity]
    choice: UndoChoice

    @property
    def activity(self) -> Activity:
        return self.told.activity

    @property
    def by(self) -> By:
        return self.log.by

    @property
    def before(self) -> dict[str, Any]:
        return self.told.before

    @property
    def after(self) -> dict[str, Any]:
        return self.told.after

    @property
    def verb(self) -> Verb:
        return VERBS[self.activity.effect]

    @property
    def thing(self) -> Any:
        """What the activity is about, as it is now.

        Raises `Refused` when it is gone, or on a card that is on another board by now: what it says there
        may not be for the eyes of those who are here.
        """
        try:
            thing = thing_of(self.activity)
        except ObjectDoesNotExist:
            raise Refused(GONE) from None
        card = self.activity.card_id
        if card is not None and Card.objects.filter(pk=card).exclude(board=self.log.board).exists():
            raise Refused(ELSEWHERE)
        return self.log.board if isinstance(thing, Board) else thing

    def was_put_away(self) -> bool:
        """Whether the same request put the card away or brought it back."""
        return any(
            one.activity.effect in ("card.archived", "card.restored")
            for one in self.done
            if one.activity.subject == self.activity.subject
        )

    @functools.cached_property
    def _since(self) -> list[Activity]:
        """The later activities of the same kind about the same thing that are in effect, oldest first.

        Not those that are undone (or on their way back here), nor their undos. One or two queries.
        """
        this = self.activity
        kind = {verb for verb, inverse in INVERSES.items() if inverse is INVERSES[this.effect]}
        kind |= {"card.transferred"} if "card.moved" in kind else set()
        rows = Activity.objects.filter(board=self.log.board, subject=this.subject, seq__gt=this.seq)
        if this.card_id is not None:
            rows = rows.filter(card=this.card_id)
        here = {one.activity.pk for one in self.done}
        later = [
            row
            for row in rows.select_related("actor").order_by("seq")
            if row.pk not in here and row.effect in kind and not (row.undoes and row.undoes["seq"] > this.seq)
        ]
        over = undone(later)
        return [row for row in later if (row.board_id, row.seq) not in over]

    def set_since(self, field: str) -> list[Activity]:
        """The activities by which somebody has set `field` since, and which are in effect, oldest first."""
        return [row for row in self._since if field in row.before or field in row.after]

    def settled(self, thing: Any, field: str, *, now: Any, was: Any, left: Any = None) -> Any:
        """The value to set: what it was, unless somebody changed it since and it is to stay.

        `now` is the present fact, `was` that before the activity, `left` that after it. Raises `Clash` when
        it was changed since and nobody has chosen yet, `Refused` when what it was has been erased.
        """
        left = self.after.get(field) if left is None else left
        if was is None and field in self.verb.texts:
            raise Refused(ERASED)
        same = operator.eq if self.verb.value(field).is_ordered else _same
        if same(now, was) or (same(now, left) and not self.set_since(field)):
            return was
        seen = self.choice.seen
        if seen is not None and not _changed_since(thing, field, seen):
            mixed = self.choice.mixed if field in _TYPED else {}
            return mixed.get(field, now if field in self.choice.keep else was)
        differs = self._difference(field, self.verb.label(field), now, was, left)
        raise Clash([differs], version_of(thing), thing)

    def goes_back(self, thing: Any, within: str, now_in: str, standing: CurrentState) -> bool:
        """Whether a thing is to stand where it stood, rather than stay where it was moved since.

        `within` is the fact that names its column or checklist ("" for a column itself), `now_in` the uid of
        the one that it is in, and `standing` tells what stands in one. Raises `Clash` when it was moved again
        since and nobody has chosen yet.
        """

        def spot(facts: Mapping[str, Any], among: str, key: str) -> Spot:
            fact = facts.get(within) or {}
            name, rows = standing(thing, among)
            return Spot(among, name or fact.get("name", ""), key, rows)

        was_in, left_in = (facts[within]["id"] if within else "" for facts in (self.before, self.after))
        since = self.set_since("position")
        if not since and now_in in (was_in, left_in):
            return True
        now, was = spot({}, now_in, thing.position), spot(self.before, was_in, self.before["position"])
        if now.is_at(was):
            return False
        field, seen = f"place-{self.activity.seq}", self.choice.seen
        if seen is not None and not _changed_since(thing, "position", seen):
            return field not in self.choice.keep
        label = f"Place of {thing.key}" if len(self.done) > 1 and isinstance(thing, Card) else "Place"
        words = (str(spot(self.after, left_in, self.after["position"])), str(now), str(was))
        differs = difference(field, label, since[-1] if since else None, words, values=(str(now), str(was)))
        raise Clash([differs], version_of(thing), thing)

    def _difference(self, field: str, label: str, now: Any, was: Any, left: Any) -> Difference:
        since = self.set_since(field)
        base, theirs, yours = (self.verb.value(field).words(fact) for fact in (left, now, was))
        values = (now if isinstance(now, str) else theirs, was if isinstance(was, str) else yours)
        is_long = field in ("description", "notes", *SPEC_FIELDS) or (
            field == "text" and "\n" in f"{was}{now}"
        )
        last = since[-1] if since else None
        return difference(field, label, last, (base, theirs, yours), values=values, is_long=is_long)


# What stands in a column, a checklist (by uid), or on the board, besides a thing: its name, keys and names.
CurrentState = Callable[[Any, str], tuple[str, list[tuple[str, str]]]]
Inverse = Callable[[Undo], Any]
INVERSES: dict[str, Inverse] = {}
# For changes back that not everybody with the role may make: whether this reader, of this role, may.
Only = Callable[[Activity, Any, Role], bool]
ONLY: dict[str, Only] = {}


def undoes(*verbs: str, only: Only | None = None) -> Callable[[Inverse], Inverse]:
    """Register the change back of `verbs`, and who alone may make it."""

    def register(inverse: Inverse) -> Inverse:
        INVERSES.update(dict.fromkeys(verbs, inverse))
        if only is not None:
            ONLY.update(dict.fromkeys(verbs, only))
        return inverse

    return register


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict) and "id" in one and "id" in other:
        return bool(one["id"] == other["id"])
    if (
        isinstance(one, list)
        and isinstance(other, list)
        and all(isinstance(fact, dict) and "id" in fact for fact in one + other)
    ):
        return sorted(fact["id"] for fact in one) == sorted(fact["id"] for fact in other)
    return bool((one or None) == (other or None))


def version_of(thing: Any) -> int:
    return int(thing.version)


def _changed_since(thing: Any, field: str, seen: int) -> bool:
    if hasattr(thing, "field_seqs"):
        return bool(thing.changed_since(field, seen))
    return version_of(thing) > seen
