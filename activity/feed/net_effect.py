"""What a run of changes of one card comes to: for each thing that changed, what it was first and is last.

Pure functions over the log. What was put back is not there: a card that moved there and back again has not
moved.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from activity.feed.load import ToldActivity
from activity.log.replay.state import ERASED
from activity.log.verbs import CARD_VALUES, VERBS

# What is changed: its name, and of which of several (a label, an item, a comment) by uid, else empty.
Key = tuple[str, str]
FactStep = tuple[Key, Any, Any]
Facts = Mapping[str, Any]

# A card's facts of which it has one each.
SINGLE = (*CARD_VALUES, "column", "archived")
# Verbs that change nothing of a card, or nothing that a reader would call a change.
WITHOUT_EFFECT = frozenset({"item.moved", "card.erased", "history.imported"})


@dataclass(frozen=True)
class Change:
    """Something that is not what it was: `was` and `now` as the log tells them, by all of `told` in turn.

    `was` is None for what was not there before, `now` for what is gone.
    """

    was: Any
    now: Any
    told: tuple[ToldActivity, ...]

    @property
    def last(self) -> ToldActivity:
        """What brought it to what it is now."""
        return self.told[-1]

    @property
    def actor(self) -> Any:
        """Who brought it to what it is now."""
        return self.last.activity.actor


Net = dict[Key, Change]


def net_effect(told: Iterable[ToldActivity]) -> Net:
    """What `told`, one card's changes with the oldest first, come to, in the order of the last change."""
    found: Net = {}
    for one in told:
        for key, was, now in steps(one):
            had = found.pop(key, None)
            first, run = (had.was, (*had.told, one)) if had else (was, (one,))
            found[key] = Change(first, now, run)
    return {key: change for key, change in found.items() if not is_same(change.was, change.now)}


def is_same(one: Any, other: Any) -> bool:
    """Whether two facts are of the same thing: people, columns and labels by who and which they are."""
    return bare(one) == bare(other)


def bare(value: Any) -> Any:
    """A fact without the names of its day: the uid of what it names; None for what is empty."""
    if isinstance(value, Mapping):
        return value["id"] if "id" in value else {name: bare(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return sorted(map(bare, value), key=str)
    return None if value in ("", False) else value


# ---- what each verb changes -------------------------------------------------------------------------------

Effect = Callable[[str, Facts, Facts], Iterable[FactStep]]
EFFECTS: dict[str, Effect] = {}


def steps(told: ToldActivity) -> Iterable[FactStep]:
    """What one activity changes: each thing with what it was and what it became.

    A text that was erased since was there, and is `ERASED`.
    """
    activity = told.activity
    effect = EFFECTS.get(activity.effect)
    if effect is None:
        return ()
    texts = VERBS[activity.effect].texts
    return effect(str(activity.subject), _marked(told.before, texts), _marked(told.after, texts))


def _marked(facts: Facts, texts: Collection[str]) -> Facts:
    """`facts` with the mark for each of the `texts` that is None: it has been erased."""
    if all(facts.get(name, "") is not None for name in texts):
        return facts
    return {name: ERASED if value is None and name in texts else value for name, value in facts.items()}


def effect_of(*verbs: str) -> Callable[[Effect], Effect]:
    """Register a function as what each of `verbs` changes; a later one takes the place of an earlier."""

    def register(effect: Effect) -> Effect:
        for verb in verbs:
            EFFECTS[verb] = effect
        return effect

    return register


def _single(name: str, subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield (name, ""), before.get(name), after.get(name)


for _verb, _name in (("card.moved", "column"), ("card.archived", "archived"), ("card.restored", "archived")):
    EFFECTS[_verb] = functools.partial(_single, _name)


@effect_of(*{verb.name for verb in VERBS.values() if verb.noun == "card" and verb.sets})
def _value(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    """One of the values of a card (`boards.card_fields`)."""
    for name in CARD_VALUES:
        if name in after:
            yield (name, ""), before.get(name), after[name]


@effect_of("card.blocked", "card.unblocked")
def _blocked(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("blocked", ""), _block(before), _block(after)


def _block(facts: Facts | None) -> Facts | None:
    """What is in the way; None where nothing is. A block without a reason names who or what."""
    if not facts or not any(facts.get(name) for name in ("reason", "person", "card")):
        return None
    return {name: facts.get(name) for name in ("reason", "person", "card")}


@effect_of("card.labelled", "card.unlabelled")
def _labelled(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    return _member("label", before, after)


@effect_of("card.joined", "card.left")
def _joined(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    return _member("participant", before, after)


def _member(name: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    was, now = before.get(name), after.get(name)
    yield (name, (now or was or {}).get("id", "")), was, now


@effect_of("card.created")
def _created(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    for key, now in _whole(after).items():
        yield key, None, now


@effect_of("card.transferred")
def _transferred(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    """The log of the board that it left tells it whole as it was, that of the other one as it is."""
    yield ("board", ""), before.get("board"), after.get("board")
    if "number" in after:
        for key, now in _whole(after).items():
            yield key, None, now
    else:
        for key, was in _whole(before).items():
            yield key, was, None


def _whole(facts: Facts) -> dict[Key, Any]:
    """All that a card has, of the facts with which the log tells it whole."""
    found: dict[Key, Any] = {("card", ""): True}
    found |= {(name, ""): facts.get(name) for name in SINGLE}
    found["blocked", ""] = _block(facts.get("blocked"))
    for label in facts.get("labels", ()):
        found["label", label["id"]] = label
    for person in facts.get("participants", ()):
        found["participant", person["id"]] = person
    for checklist in facts.get("checklists", ()):
        found["checklist", checklist["id"]] = checklist["title"]
        for item in checklist["items"]:
            found["item", item["id"]], found["ticked", item["id"]] = item["text"], item["checked"]
    for comment in facts.get("comments", ()):
        if not comment.get("removed"):
            found["comment", comment["id"]] = comment["text"]
        found["state", comment["id"]] = comment["state"]
        found["asked", comment["id"]] = [ask["person"] for ask in comment["asks"]]
    for decision in facts.get("decisions", ()):
        found["decision", decision["id"]] = decision["number"]
        found["superseded", decision["id"]] = decision["superseded_by"]
        found["review", decision["id"]] = decision.get("review_on")
        for person in decision["agreed_by"]:
            found[f"agreed {decision['id']}", person["id"]] = person
        for one in decision.get("confirmed", ()):
            found[_confirmation(decision["id"], one)] = one["person"]
    return found


@effect_of("checklist.added", "checklist.renamed", "checklist.removed", "checklist.restored")
def _checklist(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("checklist", subject), before.get("name"), after.get("name")


@effect_of("item.added", "item.removed", "item.restored")
def _item(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("item", subject), before.get("text"), after.get("text")
    yield ("ticked", subject), before.get("checked"), after.get("checked")


@effect_of("item.reworded")
def _reworded(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("item", subject), before.get("text"), after.get("text")


@effect_of("item.checked", "item.unchecked")
def _ticked(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("ticked", subject), before.get("checked"), after.get("checked")


@effect_of("item.promoted")
def _promoted(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("promoted", subject), before.get("card"), after.get("card")


@effect_of("comment.posted", "comment.edited", "comment.removed", "comment.restored")
def _comment(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("comment", subject), before.get("text"), after.get("text")


@effect_of("question.asked")
def _asked(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("comment", subject), None, after.get("text")
    yield ("state", subject), None, after.get("state", "open")
    yield ("asked", subject), None, [ask["person"] for ask in after.get("asks", ())]


@effect_of("question.handed_on")
def _handed_on(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    was, now = ([ask["person"] for ask in facts.get("asks", ())] for facts in (before, after))
    yield ("asked", subject), was, now


@effect_of(
    "question.answered",
    "question.closed",
    "question.reopened",
    "thread.escalated",
    "thread.settled",
    "thread.reopened",
)
def _state(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("state", subject), before.get("state"), after.get("state")


@effect_of("decision.recorded")
def _decision(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    """One that was no comment before brings its comment along."""
    if "author" in after:
        yield ("comment", after["comment"]), None, after.get("text")
    yield ("decision", subject), None, after.get("number")
    yield ("review", subject), None, after.get("review_on")
    for person in after.get("agreed_by", ()):
        yield (f"agreed {subject}", person["id"]), None, person


@effect_of("decision.superseded")
def _superseded(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    yield ("superseded", subject), before.get("by"), after.get("by")


@effect_of("decision.agreed", "decision.agreement_withdrawn")
def _agreed(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    was, now = before.get("person"), after.get("person")
    yield (f"agreed {subject}", (now or was or {}).get("id", "")), was, now


@effect_of("decision.review_set", "decision.confirmed", "decision.confirmation_withdrawn")
def _reviewed(subject: str, before: Facts, after: Facts) -> Iterable[FactStep]:
    """Who says that it is still true, in which round; and when it is to be looked at again."""
    if "round" in before or "round" in after:
        said = after if "round" in after else before
        yield _confirmation(subject, said), before.get("person"), after.get("person")
    if "review_on" in after:
        yield ("review", subject), before.get("review_on"), after["review_on"]


def _confirmation(decision: str, said: Facts) -> Key:
    return f"confirmed {decision}", f"{said['round']} {said['person']['id']}"
