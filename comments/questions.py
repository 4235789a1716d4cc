"""Questions: who is asked, by when in their own hours, and how they end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from activity.errors import Forbidden, Refused
from activity.log.record import Log
from boards.actions.base import action, fresh_card, writing
from boards.actions.clean import LONG_TEXT, cleaned
from boards.actions.facts import person_fact
from boards.models import Card, Membership, Role
from comments.counts import count_open
from comments.escalation import escalate_when_due, settle
from comments.mentions import people_mentioned
from comments.models import Ask, Comment
from fluxboard.accounts.answer_deadlines import answer_by
from fluxboard.accounts.away import away_now

MOST_ASKED = 10


@action
def ask_question(
    card: Card,
    text: str,
    people: Iterable[Any],
    *,
    by: Any,
    parent: Comment | None = None,
    known: Mapping[str, str] | None = None,
) -> Comment:
    """Ask one or more members something on a card. Open until one of them answers in its thread.

    `known` names what answers it already (`comments.reuse.answer_fact`): it is kept as answered, and nobody
    is asked. Raises `Refused` for nobody, oneself, who takes no part in the board, and an empty text.
    """
    from comments.threads import top_of

    with writing(card.board, by) as log:
        card = fresh_card(log, card)
        text = cleaned(text, field="text", what="A question", longest=LONG_TEXT, lines=True)
        asked = _askable(log, people) if known is None else []
        thread = top_of(card, parent)
        question = write_question(log, card, text, asked, thread, known)
        if thread is not None:
            escalate_when_due(log, card, thread)
        return question


def write_question(
    log: Log,
    card: Card,
    text: str,
    asked: list[Any],
    parent: Comment | None = None,
    known: Mapping[str, str] | None = None,
) -> Comment:
    """A new question, within an open change; `known` as for `ask_question`."""
    from comments.threads import refuse_more_comments

    refuse_more_comments(card)
    mentions = people_mentioned(text, log.board)
    question = Comment(
        card=card, parent=parent, author=log.by.user, kind=Comment.Kind.QUESTION, text=text, at=log.now
    )
    ended: dict[str, Any] = {}
    if known is not None:
        question.settled_at, question.settled_how = log.now, Comment.Settled.ANSWERED
        question.answered_by = UUID(known["id"])
        ended = {"state": str(Comment.Settled.ANSWERED), "answered_by": dict(known)}
    due = {person.pk: answer_by(person, log.now, log.board.answer_days) for person in asked}
    card.comments_count += 1
    log.record(
        "question.asked",
        question,
        card=card,
        after={
            "text": text,
            "author": person_fact(log.by.user),
            "kind": str(Comment.Kind.QUESTION),
            "parent": str(parent.uid) if parent else None,
            "mentions": [person_fact(person) for person in mentions],
            "asks": [_ask_fact(person, due[person.pk]) for person in asked],
            **ended,
        },
    )
    question.save()
    question.mentions.set(mentions)
    Ask.objects.bulk_create(
        Ask(comment=question, person=person, answer_by=due[person.pk]) for person in asked
    )
    count_open(card)
    card.keep("comments_count", "questions_open", "threads_escalated")
    return question


def _ask_fact(person: Any, due: Any) -> dict[str, Any]:
    return {"person": person_fact(person), "answer_by": due.isoformat() if due else None}


def _askable(log: Log, people: Iterable[Any]) -> list[Any]:
    asked = list({person.pk: person for person in people}.values())
    if not asked:
        raise Refused("Choose who should answer.", "ask")
    if len(asked) > MOST_ASKED:
        raise Refused(f"Ask at most {MOST_ASKED} people at once.", "ask")
    here = set(
        Membership.objects.filter(
            board=log.board, user__in=asked, user__is_active=True, role__in=(Role.MEMBER, Role.OWNER)
        ).values_list("user", flat=True)
    )
    for person in asked:
        if person.pk == log.by.user.pk:
            raise Refused("You can't ask yourself.", "ask")
        if person.pk not in here:
            raise Refused(f"{person.name} takes no part in this board and could not answer.", "ask")
    return asked


def answer_when_asked(log: Log, card: Card, thread: Comment, answer: Comment) -> None:
    """Close each question of the thread that waits for the author of `answer`, within an open change."""
    waiting = (
        Comment.objects.filter(kind=Comment.Kind.QUESTION, settled_at=None, removed_at=None)
        .filter(card=card, asks__person=answer.author, asks__handed_to=None)
        .distinct()
        .order_by("id")
    )
    for found in waiting:
        # The thread itself, where it begins with the question: what comes next must know that it has ended.
        question = thread if found.pk == thread.pk else found
        if thread.pk in (question.pk, question.parent_id) and question.pk < answer.pk:
            settle(log, card, question, Comment.Settled.ANSWERED, "question.answered", answer=str(answer.uid))


@action
def answer_question(question: Comment, answer: Comment, *, by: Any) -> Comment:
    """Someone who was asked says that a comment of theirs, anywhere on the card, answers the question.

    Raises `Forbidden` for who was not asked, `Refused` for a comment that is not theirs, older than the
    question, gone, or on another card.
    """
    with writing(question.card.board, by) as log:
        question = fresh_question(log, question)
        if not Ask.objects.filter(comment=question, person=log.by.user, handed_to=None).exists():
            raise Forbidden("Only someone who was asked can say what answers a question.")
        said = Comment.objects.filter(card=question.card, author=log.by.user, removed_at=None)
        if not said.filter(pk=answer.pk, id__gt=question.pk).exists():
            raise Refused("Choose a comment of yours that came after the question.", "answer")
        settle(
            log,
            question.card,
            question,
            Comment.Settled.ANSWERED,
            "question.answered",
            answer=str(answer.uid),
        )
        return question


@action
def close_question(question: Comment, *, by: Any) -> Comment:
    """The asker needs no answer any more."""
    with writing(question.card.board, by) as log:
        question = fresh_question(log, question)
        if question.author_id != log.by.user.pk:
            raise Forbidden("Only who asked can close a question.")
        settle(log, question.card, question, Comment.Settled.CLOSED, "question.closed")
        return question


@action
def hand_on(question: Comment, person: Any, *, by: Any, instead_of: Any = None) -> Comment:
    """Someone who was asked passes the question on to another member, whose own hours count from now.

    `instead_of` is someone who was asked and is away, or can answer no more, having left the board or the
    company: the asker or an owner passes it on for them. Raises `Forbidden` for others, `Refused` while they
    still can.
    """
    with writing(question.card.board, by) as log:
        question = fresh_question(log, question)
        giver = instead_of or log.by.user
        asks = Ask.objects.that_can_answer()
        mine: Any = asks.filter(comment=question, person=giver, handed_to=None).first()
        if mine is None:
            raise Forbidden("Only someone who was asked can hand a question on.")
        if giver.pk != log.by.user.pk:
            if log.by.user.pk != question.author_id and log.opening.role != Role.OWNER:
                raise Forbidden(
                    "Only who asked, or an owner, can hand on for somebody who has left or is away."
                )
            if mine.can_answer and away_now(giver, log.now) is None:
                raise Refused(f"{giver.name} can still answer this themselves.", "ask")
        if person.pk == question.author_id:
            raise Refused(f"{person.name} asked this.", "ask")
        if Ask.objects.filter(comment=question, person=person).exists():
            raise Refused(f"{person.name} is asked already.", "ask")
        _askable(log, [person])
        due = answer_by(person, log.now, log.board.answer_days)
        theirs = Ask.objects.create(comment=question, person=person, answer_by=due)
        mine.handed_to = theirs
        mine.save(update_fields=["handed_to"])
        log.record(
            "question.handed_on",
            question,
            card=question.card,
            before={"asks": [_ask_fact(giver, mine.answer_by)]},
            after={"asks": [_ask_fact(person, due)]},
        )
        question.keep()
        question.card.keep()
        return question


@action
def hand_back(question: Comment, taker: Any, giver: Any, *, by: Any) -> Comment:
    """Undo that `giver` handed the question on to `taker`: it waits for `giver` again.

    Raises `Forbidden` for anyone but the two of them, `Refused` when `taker` has handed it on further.
    """
    with writing(question.card.board, by) as log:
        question = fresh_question(log, question)
        if log.by.user.pk not in (taker.pk, giver.pk):
            raise Forbidden("Only the two whom a question passed between can hand it back.")
        theirs = Ask.objects.filter(comment=question, person=taker, handed_to=None).first()
        if theirs is None:
            raise Refused(f"This question does not wait for {taker.first_name} any more.")
        mine = Ask.objects.filter(comment=question, person=giver).first()
        if mine is None:
            due = answer_by(giver, log.now, log.board.answer_days)
            mine = Ask.objects.create(comment=question, person=giver, answer_by=due)
        elif mine.handed_to_id != theirs.pk:
            raise Refused(f"{giver.first_name} did not hand this on to {taker.first_name}.")
        mine.handed_to = None
        mine.save(update_fields=["handed_to"])
        if Ask.objects.filter(handed_to=theirs).exists():
            raise Refused(f"This question was handed on to {taker.first_name} by someone else as well.")
        theirs.delete()
        log.record(
            "question.handed_on",
            question,
            card=question.card,
            before={"asks": [_ask_fact(taker, theirs.answer_by)]},
            after={"asks": [_ask_fact(giver, mine.answer_by)]},
        )
        question.keep()
        question.card.keep()
        return question


def fresh_question(log: Log, question: Comment) -> Comment:
    """The question as it is now; `Refused` when it is no open question any more."""
    now = Comment.objects.select_related("card", "parent").get(pk=question.pk)
    now.card = fresh_card(log, now.card)
    if not now.is_open_question:
        raise Refused("This question is not open any more.")
    return now


def ending_of(how: str) -> str:
    """The verb with which a question ends: answered or closed."""
    return "question.answered" if how == Comment.Settled.ANSWERED else "question.closed"
