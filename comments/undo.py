"""The changes back of what people say, ask, and agree to."""

from __future__ import annotations

from typing import Any

from activity.errors import Forbidden, Refused
from activity.log.verbs import REVIEW_ON
from activity.models import Activity
from boards.models import Role
from boards.undo.find import person_called
from boards.undo.registry import Undo, undoes
from comments import actions, decisions, escalation, questions, reviews
from comments.models import Comment


def _whoever_did_it(activity: Activity, reader: Any, role: Role) -> bool:
    """Only they themselves may say otherwise."""
    return activity.actor_id == reader.pk


def _or_an_owner(activity: Activity, reader: Any, role: Role) -> bool:
    """Whoever wrote, removed or restored it, and owners."""
    return activity.actor_id == reader.pk or role.covers(Role.OWNER)


def _with_their_words(activity: Activity, reader: Any, role: Role) -> bool:
    """What a comment brought about is taken back with the comment, by whom may take that back."""
    return activity.request_id is None or _or_an_owner(activity, reader, role)


def _one_of_the_two(activity: Activity, reader: Any, role: Role) -> bool:
    """Whom a question passed between."""
    asks = (facts["asks"][0]["person"]["id"] for facts in (activity.before, activity.after))
    return str(reader.uid) in asks


def _themselves(activity: Activity, reader: Any, role: Role) -> bool:
    """Who agreed, or withdrew that."""
    return (activity.before.get("person") or activity.after["person"])["id"] == str(reader.uid)


@undoes("comment.posted", "comment.restored", "question.asked", only=_or_an_owner)
def _posted(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        actions.remove_comment(undo.thing, by=undo.by)


@undoes("comment.removed", only=_or_an_owner)
def _removed(undo: Undo) -> None:
    actions.restore_comment(undo.thing, by=undo.by)


@undoes("comment.edited", only=_whoever_did_it)
def _edited(undo: Undo) -> None:
    comment = undo.thing
    # Before what it said is held against what it says: not everyone may read that.
    if comment.removed_at is not None:
        raise Refused("This comment was removed meanwhile.")
    if comment.author_id != undo.by.user.pk:
        raise Forbidden("Only its author can edit a comment.")
    text = undo.settled(comment, "text", now=comment.text, was=undo.before["text"])
    actions.edit_comment(comment, text, by=undo.by)


def _answered_or_closed(activity: Activity, reader: Any, role: Role) -> bool:
    """One that an older answer has ended is opened again by whoever said so, and owners."""
    if activity.after.get("answered_by"):
        return _or_an_owner(activity, reader, role)
    return activity.effect == "question.closed" or _with_their_words(activity, reader, role)


@undoes("question.answered", "question.closed", only=_answered_or_closed)
def _ended(undo: Undo) -> None:
    escalation.open_again(_as_left(undo), "question.reopened", by=undo.by, **_besides_state(undo.after))


@undoes("question.reopened", only=_with_their_words)
def _question_reopened(undo: Undo) -> None:
    how = undo.before["state"]
    verb = questions.ending_of(how)
    escalation.end_again(_as_left(undo), how, verb, by=undo.by, **_besides_state(undo.before))


@undoes("question.handed_on", only=_one_of_the_two)
def _handed_on(undo: Undo) -> None:
    giver, taker = (person_called(undo, facts["asks"][0]["person"]) for facts in (undo.before, undo.after))
    questions.hand_back(undo.thing, taker, giver, by=undo.by)


@undoes("thread.settled", only=_with_their_words)
def _settled(undo: Undo) -> None:
    escalation.open_again(_as_left(undo), "thread.reopened", by=undo.by, **_besides_state(undo.after))


@undoes("thread.escalated", only=_with_their_words)
def _escalated(undo: Undo) -> None:
    escalation.calm_thread(_as_left(undo), by=undo.by)


@undoes("thread.reopened", only=_with_their_words)
def _thread_reopened(undo: Undo) -> None:
    facts = _besides_state(undo.before)
    escalation.end_again(_as_left(undo), undo.before["state"], "thread.settled", by=undo.by, **facts)


@undoes("decision.agreed", only=_themselves)
def _agreed(undo: Undo) -> None:
    decisions.withdraw_agreement(undo.thing, person_called(undo, undo.after["person"]), by=undo.by)


@undoes("decision.agreement_withdrawn", only=_themselves)
def _agreement_withdrawn(undo: Undo) -> None:
    if person_called(undo, undo.before["person"]).pk != undo.by.user.pk:
        raise Forbidden("Only they themselves can agree again.")
    decisions.agree(undo.thing, by=undo.by)


@undoes("decision.review_set")
def _review_set(undo: Undo) -> None:
    decision = undo.thing
    now = REVIEW_ON.fact(decision.review_on)
    day = undo.settled(decision, REVIEW_ON.name, now=now, was=undo.before[REVIEW_ON.name])
    reviews.set_review(decision, REVIEW_ON.held(day), by=undo.by, is_undo=True)


@undoes("decision.confirmed", only=_themselves)
def _confirmed(undo: Undo) -> None:
    person, round = person_called(undo, undo.after["person"]), REVIEW_ON.held(undo.after["round"])
    reviews.withdraw_confirmation(undo.thing, person, round, _days_back(undo), by=undo.by)


@undoes("decision.confirmation_withdrawn", only=_themselves)
def _confirmation_withdrawn(undo: Undo) -> None:
    if person_called(undo, undo.before["person"]).pk != undo.by.user.pk:
        raise Forbidden("Only they themselves can say so again.")
    round = REVIEW_ON.held(undo.before["round"])
    reviews.confirm_again(undo.thing, round, _days_back(undo), by=undo.by)


def _days_back(undo: Undo) -> dict[str, Any]:
    """The days of a decision that this set, as they were before; without those that were set again since."""
    decision = undo.thing
    return {
        name: REVIEW_ON.held(undo.before[name])
        for name in reviews.DAYS
        if name in undo.before and REVIEW_ON.fact(getattr(decision, name)) == undo.after[name]
    }


def _besides_state(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in ("state", "undoes", "effect")}


def _as_left(undo: Undo) -> Comment:
    """The comment that began the thread; `Refused` when the thread went on since."""
    comment: Comment = undo.thing
    if comment.state not in (undo.after["state"], undo.before["state"]):
        raise Refused("The thread has gone on since. Reload the page to see where it stands.")
    return comment
