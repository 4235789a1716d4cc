"""A board's state from its log alone: pure functions that fold one activity after another.

A fold takes the state and an activity, and changes the state in place. Every verb has one, or the program
does not start (`complete`). Things are named by their uid (as text), people too. A typed text stands in a
state as in the log, `{"text": DIGEST}`, so that a state that is kept holds none; `State.told_in_full` puts
them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from activity.log.values import Kind
from activity.log.verbs import CARD_VALUES, UNDONE, VERBS

Facts = Mapping[str, Any]
# What stands in the place of a text that was erased, in the tables as well.
ERASED = "[erased]"


@dataclass(frozen=True)
class Event:
    """An activity as replay needs it: `board`, `subject`, `card` and `actor` are uids.

    `at` is when it was recorded; `source_at`, for imported history, when it happened elsewhere. Both are ISO.
    """

    seq: int
    verb: str
    board: str
    subject: str
    card: str | None
    actor: str | None
    at: str
    before: Facts
    after: Facts
    source_at: str | None = None

    @property
    def happened_at(self) -> str:
        return self.source_at or self.at


@dataclass
class State:
    """What stands on a board. Each table maps a uid to the fields of that row, JSON values only.

    `moments` and `away` are not of the board's tables. `moments`: when a card came into its column, a block
    began (`blocked:UID`), an item was ticked, and when something was said or decided; ISO, by uid. `away`:
    the stretches of days for which somebody said here that a member is away, by their id.
    """

    board: dict[str, Any] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    searches: dict[str, dict[str, Any]] = field(default_factory=dict)
    templates: dict[str, dict[str, Any]] = field(default_factory=dict)
    schedules: dict[str, dict[str, Any]] = field(default_factory=dict)
    checkins: dict[str, dict[str, Any]] = field(default_factory=dict)
    trials: dict[str, dict[str, Any]] = field(default_factory=dict)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    checklists: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    meetings: dict[str, dict[str, Any]] = field(default_factory=dict)
    topics: dict[str, dict[str, Any]] = field(default_factory=dict)
    moments: dict[str, str] = field(default_factory=dict)
    away: dict[str, dict[str, Any]] = field(default_factory=dict)

    def tables(self) -> dict[str, Any]:
        """What can be compared with the tables, by name; not a copy."""
        return {name: table for name, table in vars(self).items() if name not in ("moments", "away")}

    def told_in_full(self, texts: Mapping[str, str]) -> State:
        """A copy with the texts in place of their digests; what is not among `texts` has been erased."""
        return State(**{name: in_full(table, texts) for name, table in vars(self).items()})

    def copy(self) -> State:
        """A state that can be folded on while this one stays.

        Folds put another value into a row, and never change one in place.
        """
        tables: dict[str, Any] = {
            name: {key: dict(row) if isinstance(row, dict) else row for key, row in table.items()}
            for name, table in vars(self).items()
        }
        return State(**tables)


def digest_in(value: Any) -> str | None:
    """The digest by which a fact names a typed text; None for any other fact."""
    if isinstance(value, dict) and len(value) == 1:
        digest = value.get("text")
        if isinstance(digest, str) and len(digest) == 64:
            return digest
    return None


def digests_in(value: Any) -> Iterator[str]:
    """The digests of all texts that `value` names, however deep."""
    if isinstance(value, dict):
        digest = digest_in(value)
        if digest is not None:
            yield digest
            return
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for inner in value:
        if isinstance(inner, dict | list | tuple):
            yield from digests_in(inner)


def in_full(value: Any, texts: Mapping[str, str]) -> Any:
    """`value` with texts in place of their digests; `ERASED` for one that is not there any more."""
    if isinstance(value, dict):
        digest = digest_in(value)
        if digest is not None:
            return texts.get(digest, ERASED)
        return {key: in_full(inner, texts) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_full(inner, texts) for inner in value]
    return value


_PEOPLE = tuple(name for name, value in CARD_VALUES.items() if value.kind is Kind.PERSON)
FoldEvent = Callable[[State, Event], None]
FOLDS: dict[str, FoldEvent] = {}


def folds(*verbs: str) -> Callable[[FoldEvent], FoldEvent]:
    def register(fold: FoldEvent) -> FoldEvent:
        for verb in verbs:
            if verb not in VERBS:
                raise LookupError(f"{verb} is no verb of the log")
            if verb in FOLDS:
                raise ValueError(f"{verb} is folded twice")
            FOLDS[verb] = fold
        return fold

    return register


def unfolded() -> list[str]:
    """The verbs that replay does not know; it must be none."""
    return sorted(VERBS.keys() - FOLDS.keys())


def complete() -> None:
    """Raise `ImproperlyConfigured` when a verb has no fold: what cannot be replayed must not be recorded."""
    missing = unfolded()
    if missing:
        raise ImproperlyConfigured(f"activity/log/replay has no fold for {', '.join(missing)}")


def replay(events: Iterable[Event], state: State | None = None) -> State:
    """The state after `events`, which begin with the board's first (or follow on `state`)."""
    state = state or State()
    for event in events:
        FOLDS[event.verb](state, event)
    return state


def id_of(fact: Any) -> str | None:
    return fact["id"] if fact else None


# --- board and members ----------------------------------------------------------------------------------


@folds("member.claimed")
def _claimed(state: State, event: Event) -> None:
    """All that stands on the board in one person's name stands in another's from here on."""
    was, now = event.before["person"]["id"], event.after["person"]["id"]
    state.members.pop(was, None)
    for card in state.cards.values():
        _rename(card, was, now, *_PEOPLE, "participants")
        if card["blocked"] and card["blocked"]["person"] == was:
            card["blocked"] = {**card["blocked"], "person": now}
    for template in state.templates.values():
        _rename(template, was, now, "assignee")
    for schedule in state.schedules.values():
        _take_turns(schedule, was, now)
    _take_check_ins(state, was, now)
    for item in state.items.values():
        _rename(item, was, now, "checked_by")
    for comment in state.comments.values():
        _rename(comment, was, now, "author", "asks")
    for stretch in state.away.values():
        _rename(stretch, was, now, "person", "cover")
    for decision in state.decisions.values():
        _rename(decision, was, now, "decided_by", "agreed_by")
        said = {(day, now if uid == was else uid) for day, uid in decision["confirmed"]}
        decision["confirmed"] = sorted(map(list, said))
    for meeting in state.meetings.values():
        _rename(meeting, was, now, "organiser", "invited")
    for topic in state.topics.values():
        _rename(topic, was, now, "owner")


def _rename(row: dict[str, Any], was: str, now: str, *names: str) -> None:
    for name in names:
        value = row[name]
        if isinstance(value, list):
            row[name] = sorted({now if uid == was else uid for uid in value})
        elif value == was:
            row[name] = now


def _take_turns(schedule: dict[str, Any], was: str, now: str) -> None:
    """A person stands once in a rota: who is in it keeps their own place and turn there."""
    rota, turns = schedule["rota"], schedule["turns"]
    if was not in rota:
        return
    if now in rota:
        schedule["rota"] = [uid for uid in rota if uid != was]
        schedule["turns"] = {uid: day for uid, day in turns.items() if uid != was}
    else:
        schedule["rota"] = [now if uid == was else uid for uid in rota]
        schedule["turns"] = {now if uid == was else uid: day for uid, day in turns.items()}


def _take_check_ins(state: State, was: str, now: str) -> None:
    """A person has one check-in a day: of two the one stays that was theirs."""
    taken = {row["day"] for row in state.checkins.values() if row["person"] == now}
    for uid, row in list(state.checkins.items()):
        if row["person"] == was and row["day"] in taken:
            del state.checkins[uid]
        elif row["person"] == was:
            row["person"] = now


# --- columns and labels ---------------------------------------------------------------------------------


# --- cards ----------------------------------------------------------------------------------------------


# --- checklists and items -------------------------------------------------------------------------------


# --- comments -------------------------------------------------------------------------------------------


@folds(UNDONE)
def _undone(state: State, event: Event) -> None:
    """An undo is the change back, with a note of what it undid."""
    facts = {name: value for name, value in event.after.items() if name not in ("undoes", "effect")}
    effect = event.after["effect"]
    FOLDS[effect](state, replace(event, verb=effect, after=facts))
