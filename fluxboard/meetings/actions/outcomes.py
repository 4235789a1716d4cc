"""What comes out of a topic: made by the same actions as elsewhere, in one change with its outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, fresh_card, writing
from boards.actions.cards.create import create_card
from boards.actions.cards.edit import date_card, first_column
from boards.actions.checklists import write_checklist, write_items
from boards.actions.clean import cleaned
from boards.models import Card, Checklist, Column
from comments.decisions import record_decision
from comments.escalation import settle
from comments.models import Comment, How
from comments.outcomes import ACTION_ITEMS
from comments.questions import ask_question
from fluxboard.core import limits
from fluxboard.core.plain_text import cut
from fluxboard.meetings.actions.base import fresh_open_topic
from fluxboard.meetings.actions.topics import write_outcome
from fluxboard.meetings.models import Topic
from fluxboard.meetings.states import Things


@dataclass(frozen=True)
class TopicOutcome:
    """What came out of a topic: `kind` is one of `Topic.Outcome`, `text` its words.

    `card`: where it is written down; else on the card that the topic is about, else on a new card for it.
    `owner`, `due` and `column` are those of an action item; `asked` who is to answer a question;
    `decided_by` who decided.
    """

    kind: str
    text: str = ""
    card: Card | None = None
    owner: Any = None
    due: dt.date | None = None
    column: Column | None = None
    asked: Sequence[Any] = ()
    decided_by: Sequence[Any] = ()


@action
def settle_topic(topic: Topic, outcome: TopicOutcome, *, by: Any) -> Topic:
    """Write down what came out of a topic, before its meeting or in it.

    Raises `Refused` beside the field for what is missing, and where the topic has its outcome already.
    """
    with writing(topic.meeting.board, by) as log:
        topic = fresh_open_topic(log, topic)
        if outcome.kind not in _MAKE:
            raise Refused("Choose what came out.", "outcome")
        _MAKE[outcome.kind](log, topic, outcome)
        return topic


def _decision(log: Log, topic: Topic, outcome: TopicOutcome) -> None:
    _say("A decision", outcome, limits.TEXT)
    card, comment = _place(log, topic, outcome)
    decision = record_decision(
        card,
        outcome.text,
        by=log.by,
        parent=comment.thread if comment is not None else None,
        decided_by=outcome.decided_by,
        how=How.MEETING if topic.meeting.is_running else How.HERE,
    )
    if comment is not None and comment.kind == Comment.Kind.QUESTION:
        question = Comment.objects.select_related("card", "parent").get(pk=comment.pk)
        if question.is_open_question:
            question.card = fresh_card(log, question.card)
            answer = str(decision.comment.uid)
            settle(log, question.card, question, Comment.Settled.ANSWERED, "question.answered", answer=answer)
    write_outcome(log, topic, Topic.Outcome.DECISION, made=decision, key=decision.key)


def _action_item(log: Log, topic: Topic, outcome: TopicOutcome) -> None:
    _say("The action item", outcome, limits.TITLE)
    if outcome.owner is None:
        raise Refused("Choose who does it.", "assignee")
    if outcome.due is None:
        raise Refused("Choose by when.", "due")
    column = outcome.column or _first_column(log)
    card = create_card(column, outcome.text, by=log.by, assignee=outcome.owner)
    date_card(card, outcome.due, by=log.by)
    write_outcome(log, topic, Topic.Outcome.ACTION, made=card, key=f"{log.board.key}-{card.number}")


def _item(log: Log, topic: Topic, outcome: TopicOutcome) -> None:
    _say("The item", outcome, limits.ITEM)
    card, _ = _place(log, topic, outcome)
    card = fresh_card(log, card)
    checklist = Checklist.objects.filter(card=card, name=ACTION_ITEMS, removed_at=None).first()
    if checklist is None:
        checklist = write_checklist(log, card, ACTION_ITEMS)
    checklist.card = card
    line = " ".join(outcome.text.split())
    item = write_items(log, card, checklist, line, "text")[0]
    write_outcome(log, topic, Topic.Outcome.ITEM, made=item, key=f"{log.board.key}-{card.number}")


def _question(log: Log, topic: Topic, outcome: TopicOutcome) -> None:
    _say("The question", outcome, limits.TEXT)
    card, comment = _place(log, topic, outcome)
    parent = comment.thread if comment is not None and topic.kind == Topic.Kind.THREAD else None
    question = ask_question(card, outcome.text, outcome.asked, by=log.by, parent=parent)
    write_outcome(log, topic, Topic.Outcome.QUESTION, made=question, key=f"{log.board.key}-{card.number}")


def _nothing(log: Log, topic: Topic, outcome: TopicOutcome) -> None:
    words = "Say in a few words why there is nothing to decide."
    if not outcome.text.strip():
        raise Refused(words, "text")
    reason = cleaned(outcome.text, field="text", what="The reason", longest=limits.REASON, lines=True)
    write_outcome(log, topic, Topic.Outcome.NOTHING, reason=reason)


_MAKE: dict[str, Callable[[Log, Topic, TopicOutcome], None]] = {
    Topic.Outcome.DECISION: _decision,
    Topic.Outcome.ACTION: _action_item,
    Topic.Outcome.ITEM: _item,
    Topic.Outcome.QUESTION: _question,
    Topic.Outcome.NOTHING: _nothing,
}


def _say(what: str, outcome: TopicOutcome, longest: int) -> None:
    """Refuse words that will not do before anything is made for them."""
    cleaned(outcome.text, field="text", what=what, longest=longest, lines=True)


def _place(log: Log, topic: Topic, outcome: TopicOutcome) -> tuple[Card, Comment | None]:
    """The card on which an outcome is written, and the comment there that the topic is about."""
    if outcome.card is not None:
        return fresh_card(log, outcome.card), None
    things = Things.of(log.board, [topic])
    thing, card = things.about(topic), things.card(topic)
    if card is not None:
        return fresh_card(log, card), thing if isinstance(thing, Comment) and not thing.removed_at else None
    if topic.about is not None:
        raise Refused("What this is about is not on this board any more. Name a card.", "card")
    title = cut(" ".join(topic.text.split()), limits.TITLE - 10)
    return fresh_card(log, create_card(_first_column(log), title, by=log.by)), None


def _first_column(log: Log) -> Column:
    column = first_column(log.board)
    column.board = log.board
    return column
