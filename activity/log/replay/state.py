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

from activity.log.verbs import UNDONE, VERBS

Facts = Mapping[str, Any]
SPEC = ("what", "why", "done_when", "constraints")
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

    `moments` is not of the tables: when a card came into its column, a block began (`blocked:UID`), an item
    was ticked, and when something was said or decided; ISO, by uid.
    """

    board: dict[str, Any] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    checklists: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    moments: dict[str, str] = field(default_factory=dict)

    def tables(self) -> dict[str, Any]:
        """What can be compared with the tables, by name; not a copy."""
        return {name: table for name, table in vars(self).items() if name != "moments"}

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


Fold = Callable[[State, Event], None]
FOLDS: dict[str, Fold] = {}


def folds(*verbs: str) -> Callable[[Fold], Fold]:
    def register(fold: Fold) -> Fold:
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
        raise ImproperlyConfigured(f"activity/replay.py has no fold for {', '.join(missing)}")


def replay(events: Iterable[Event], state: State | None = None) -> State:
    """The state after `events`, which begin with the board's first (or follow on `state`)."""
    state = state or State()
    for event in events:
        FOLDS[event.verb](state, event)
    return state


def _id(fact: Any) -> str | None:
    return fact["id"] if fact else None


# --- board and members ----------------------------------------------------------------------------------


@folds("board.created")
def _created(state: State, event: Event) -> None:
    state.board = {"archived": False, "answer_days": 1, **event.after}


@folds(
    "board.renamed",
    "board.rekeyed",
    "board.described",
    "board.configured",
    "board.opened",
    "board.closed",
    "board.archived",
    "board.restored",
)
def _board(state: State, event: Event) -> None:
    state.board |= event.after


@folds("member.added", "member.role_changed")
def _member(state: State, event: Event) -> None:
    state.members[event.subject] = event.after["role"]


@folds("member.removed")
def _member_removed(state: State, event: Event) -> None:
    state.members.pop(event.subject, None)


@folds("member.claimed")
def _claimed(state: State, event: Event) -> None:
    """All that stands on the board in one person's name stands in another's from here on."""
    was, now = event.before["person"]["id"], event.after["person"]["id"]
    state.members.pop(was, None)
    for card in state.cards.values():
        _rename(card, was, now, "assignee", "participants")
        if card["blocked"] and card["blocked"]["person"] == was:
            card["blocked"] = {**card["blocked"], "person": now}
    for item in state.items.values():
        _rename(item, was, now, "checked_by")
    for comment in state.comments.values():
        _rename(comment, was, now, "author", "asks")
    for decision in state.decisions.values():
        _rename(decision, was, now, "decided_by", "agreed_by")


def _rename(row: dict[str, Any], was: str, now: str, *names: str) -> None:
    for name in names:
        value = row[name]
        if isinstance(value, list):
            row[name] = sorted({now if uid == was else uid for uid in value})
        elif value == was:
            row[name] = now


# --- columns and labels ---------------------------------------------------------------------------------


@folds("column.added")
def _column_added(state: State, event: Event) -> None:
    state.columns[event.subject] = {"wip_limit": None, "is_done": False, "archived": False, **event.after}


@folds(
    "column.renamed",
    "column.moved",
    "column.limited",
    "column.marked_done",
    "column.archived",
    "column.restored",
)
def _column(state: State, event: Event) -> None:
    state.columns[event.subject] |= event.after


@folds("label.created", "label.restored")
def _label_created(state: State, event: Event) -> None:
    state.labels[event.subject] = dict(event.after)


@folds("label.renamed", "label.recoloured")
def _label(state: State, event: Event) -> None:
    state.labels[event.subject] |= event.after


@folds("label.removed")
def _label_removed(state: State, event: Event) -> None:
    del state.labels[event.subject]


# --- cards ----------------------------------------------------------------------------------------------


def _new_card(facts: Facts) -> dict[str, Any]:
    return {
        "number": facts["number"],
        "title": facts["title"],
        **{name: facts.get(name, "") for name in SPEC},
        "column": _id(facts["column"]),
        "position": facts["position"],
        "assignee": _id(facts.get("assignee")),
        "participants": sorted(person["id"] for person in facts.get("participants", [])),
        "labels": sorted(label["id"] for label in facts.get("labels", [])),
        "due": facts.get("due"),
        "blocked": _block(facts.get("blocked")),
        "archived": facts.get("archived", False),
    }


def _block(facts: Facts | None) -> dict[str, Any] | None:
    if not facts:
        return None
    return {"reason": facts["reason"], "person": _id(facts["person"]), "card": _id(facts["card"])}


@folds("card.created")
def _card_created(state: State, event: Event) -> None:
    state.cards[event.subject] = _new_card(event.after)
    state.moments[event.subject] = event.happened_at


@folds("card.retitled", "card.specified", "card.dated", "card.archived", "card.restored")
def _card(state: State, event: Event) -> None:
    state.cards[event.subject] |= event.after


@folds("card.moved")
def _card_moved(state: State, event: Event) -> None:
    place = {"column": _id(event.after["column"]), "position": event.after["position"]}
    if state.cards[event.subject]["column"] != place["column"]:
        state.moments[event.subject] = event.at
    state.cards[event.subject] |= place


@folds("card.assigned")
def _card_assigned(state: State, event: Event) -> None:
    state.cards[event.subject]["assignee"] = _id(event.after["assignee"])


def _with(state: State, event: Event, name: str, uid: str) -> None:
    card = state.cards[event.subject]
    card[name] = sorted({*card[name], uid})


def _without(state: State, event: Event, name: str, uid: str) -> None:
    card = state.cards[event.subject]
    card[name] = sorted({*card[name]} - {uid})


@folds("card.joined")
def _card_joined(state: State, event: Event) -> None:
    _with(state, event, "participants", event.after["participant"]["id"])


@folds("card.left")
def _card_left(state: State, event: Event) -> None:
    _without(state, event, "participants", event.before["participant"]["id"])


@folds("card.labelled")
def _card_labelled(state: State, event: Event) -> None:
    _with(state, event, "labels", event.after["label"]["id"])


@folds("card.unlabelled")
def _card_unlabelled(state: State, event: Event) -> None:
    _without(state, event, "labels", event.before["label"]["id"])


@folds("card.blocked")
def _card_blocked(state: State, event: Event) -> None:
    card = state.cards[event.subject]
    if card["blocked"] is None:
        state.moments[f"blocked:{event.subject}"] = event.at
    card["blocked"] = _block(event.after)


@folds("card.unblocked")
def _card_unblocked(state: State, event: Event) -> None:
    state.cards[event.subject]["blocked"] = None
    state.moments.pop(f"blocked:{event.subject}", None)


@folds("card.transferred")
def _card_transferred(state: State, event: Event) -> None:
    """Recorded on both boards: the one it left names the other board, the one it came to has it whole."""
    if "number" not in event.after:
        _forget_card(state, event.subject)
        return
    state.cards[event.subject] = _new_card(event.after)
    state.moments[event.subject] = event.at
    for facts in event.after.get("checklists", []):
        state.checklists[facts["id"]] = {
            "card": event.subject,
            "name": facts["title"],
            "position": facts["position"],
        }
        for item in facts["items"]:
            state.items[item["id"]] = {
                "checklist": facts["id"],
                "text": item["text"],
                "position": item["position"],
                "checked": item["checked"],
                "checked_by": _id(item.get("checked_by")),
                "promoted_to": _id(item.get("promoted_to")),
            }
            if item.get("checked_at"):
                state.moments[item["id"]] = item["checked_at"]
    for comment in event.after.get("comments", []):
        state.comments[comment["id"]] = {
            "card": event.subject,
            "author": comment["author"]["id"],
            "parent": comment["parent"],
            "kind": comment["kind"],
            "text": comment["text"],
            "removed": comment["removed"],
            "state": comment["state"],
            "asks": sorted(ask["person"]["id"] for ask in comment["asks"]),
        }
        state.moments[comment["id"]] = comment.get("source_at") or comment["at"]
    for facts in event.after.get("decisions", []):
        state.moments[facts["id"]] = facts["at"]
        state.decisions[facts["id"]] = {
            "number": facts["number"],
            "card": event.subject,
            "comment": facts["comment"],
            "text": facts["text"],
            "how": facts["how"],
            "from": facts["from"],
            "decided_by": sorted(person["id"] for person in facts["decided_by"]),
            "agreed_by": sorted(person["id"] for person in facts["agreed_by"]),
            "superseded_by": facts["superseded_by"],
        }


def _forget_card(state: State, uid: str) -> None:
    del state.cards[uid]
    lists = {key for key, row in state.checklists.items() if row["card"] == uid}
    state.items = {key: row for key, row in state.items.items() if row["checklist"] not in lists}
    state.checklists = {key: row for key, row in state.checklists.items() if key not in lists}
    state.comments = {key: row for key, row in state.comments.items() if row["card"] != uid}
    state.decisions = {key: row for key, row in state.decisions.items() if row["card"] != uid}


# --- checklists and items -------------------------------------------------------------------------------


@folds("checklist.added", "checklist.restored")
def _checklist_added(state: State, event: Event) -> None:
    state.checklists[event.subject] = {"card": event.card, **event.after}


@folds("checklist.renamed")
def _checklist(state: State, event: Event) -> None:
    state.checklists[event.subject] |= event.after


@folds("checklist.removed")
def _checklist_removed(state: State, event: Event) -> None:
    del state.checklists[event.subject]


@folds("item.added")
def _item_added(state: State, event: Event) -> None:
    state.items[event.subject] = {
        "checklist": _id(event.after["checklist"]),
        "text": event.after["text"],
        "position": event.after["position"],
        "checked": event.after.get("checked", False),
        "checked_by": None,
        "promoted_to": None,
    }


@folds("item.reworded")
def _item_reworded(state: State, event: Event) -> None:
    state.items[event.subject]["text"] = event.after["text"]


@folds("item.checked", "item.unchecked")
def _item_ticked(state: State, event: Event) -> None:
    """Ticked by who did it; by who had ticked it before, where an unticking was undone."""
    is_checked = event.after["checked"]
    by = _id(event.after.get("by")) or event.actor
    state.items[event.subject] |= {"checked": is_checked, "checked_by": by if is_checked else None}
    state.moments[event.subject] = event.at


@folds("item.moved")
def _item_moved(state: State, event: Event) -> None:
    place = {"checklist": _id(event.after["checklist"]), "position": event.after["position"]}
    state.items[event.subject] |= place


@folds("item.removed")
def _item_removed(state: State, event: Event) -> None:
    del state.items[event.subject]


@folds("item.restored")
def _item_restored(state: State, event: Event) -> None:
    state.items[event.subject] = {
        "checklist": _id(event.after["checklist"]),
        "text": event.after["text"],
        "position": event.after["position"],
        "checked": event.after["checked"],
        "checked_by": _id(event.after.get("checked_by")),
        "promoted_to": _id(event.after.get("promoted_to")),
    }


@folds("item.promoted")
def _item_promoted(state: State, event: Event) -> None:
    state.items[event.subject]["promoted_to"] = _id(event.after["card"])


# --- comments -------------------------------------------------------------------------------------------


@folds("comment.posted", "question.asked")
def _comment_posted(state: State, event: Event) -> None:
    state.comments[event.subject] = {
        "card": event.card,
        "author": event.after["author"]["id"],
        "parent": event.after["parent"],
        "kind": event.after["kind"],
        "text": event.after["text"],
        "removed": False,
        "state": "open",
        "asks": sorted(ask["person"]["id"] for ask in event.after.get("asks", [])),
    }
    state.moments[event.subject] = event.happened_at


@folds("comment.edited")
def _comment_edited(state: State, event: Event) -> None:
    state.comments[event.subject]["text"] = event.after["text"]


@folds("comment.removed")
def _comment_removed(state: State, event: Event) -> None:
    state.comments[event.subject] |= {"text": "", "removed": True}


@folds("comment.restored")
def _comment_restored(state: State, event: Event) -> None:
    state.comments[event.subject] |= {"text": event.after["text"], "removed": False}


@folds(
    "question.answered",
    "question.closed",
    "question.reopened",
    "thread.escalated",
    "thread.settled",
    "thread.reopened",
)
def _thread(state: State, event: Event) -> None:
    state.comments[event.subject]["state"] = event.after["state"]


@folds("question.handed_on")
def _handed_on(state: State, event: Event) -> None:
    comment = state.comments[event.subject]
    gone = {ask["person"]["id"] for ask in event.before["asks"]}
    come = {ask["person"]["id"] for ask in event.after["asks"]}
    comment["asks"] = sorted(({*comment["asks"]} - gone) | come)


@folds("decision.recorded")
def _decision(state: State, event: Event) -> None:
    """A decision that was no comment before brings its comment along."""
    facts = event.after
    if "author" in facts:
        state.comments[facts["comment"]] = {
            "card": event.card,
            "author": facts["author"]["id"],
            "parent": facts["parent"],
            "kind": "decision",
            "text": facts["text"],
            "removed": False,
            "state": "open",
            "asks": [],
        }
        state.moments[facts["comment"]] = event.happened_at
    state.moments[event.subject] = event.happened_at
    state.comments[facts["comment"]]["kind"] = "decision"
    state.decisions[event.subject] = {
        "number": facts["number"],
        "card": event.card,
        "comment": facts["comment"],
        "text": facts["text"],
        "how": facts["how"],
        "from": facts["from"],
        "decided_by": sorted(person["id"] for person in facts["decided_by"]),
        "agreed_by": sorted(person["id"] for person in facts.get("agreed_by", [])),
        "superseded_by": None,
    }


@folds("decision.superseded")
def _superseded(state: State, event: Event) -> None:
    state.decisions[event.subject]["superseded_by"] = event.after["by"]["id"]


@folds("decision.agreed")
def _agreed(state: State, event: Event) -> None:
    decision = state.decisions[event.subject]
    decision["agreed_by"] = sorted({*decision["agreed_by"], event.after["person"]["id"]})


@folds("card.erased")
def _card_erased(state: State, event: Event) -> None:
    """What it names has no content any more: wherever such a text stood, the mark stands, at any seq."""


@folds("decision.agreement_withdrawn")
def _agreement_withdrawn(state: State, event: Event) -> None:
    decision = state.decisions[event.subject]
    decision["agreed_by"] = sorted({*decision["agreed_by"]} - {event.before["person"]["id"]})


@folds(UNDONE)
def _undone(state: State, event: Event) -> None:
    """An undo is the change back, with a note of what it undid."""
    facts = {name: value for name, value in event.after.items() if name not in ("undoes", "effect")}
    effect = event.after["effect"]
    FOLDS[effect](state, replace(event, verb=effect, after=facts))


@folds("history.imported")
def _imported(state: State, event: Event) -> None:
    """What happened elsewhere, before the board came here, changes nothing."""
