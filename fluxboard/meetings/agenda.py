"""What an agenda can begin with: the things on a board that wait for talk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q

from boards.models import Board, Card, Item
from boards.models.card import NOT_DONE
from comments.due_reviews import decisions_due
from comments.models import Ask, Comment, Decision
from fluxboard.core.plain_text import cut, plain
from fluxboard.meetings.actions.topics import TopicPlan
from fluxboard.meetings.models import Meeting, Topic
from fluxboard.meetings.states import Things

MOST = 20  # of a kind
_SAID = 120  # characters


@dataclass(frozen=True)
class Suggestion:
    """A thing that could be a topic, in words, and why; `plan` puts it on an agenda."""

    plan: TopicPlan
    key: str
    title: str
    why: str

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.plan.kind}:{self.plan.about}"


def suggestions(board: Board, now: dt.datetime) -> list[Suggestion]:
    """What is on no agenda yet: threads without an outcome, questions (late ones first), blocked cards, and
    decisions that were to be looked at again by today (UTC).

    Six queries.
    """
    taken = set(
        Topic.objects.filter(
            meeting__board=board,
            meeting__state__in=(Meeting.State.PLANNED, Meeting.State.RUNNING),
            dropped_at=None,
        ).values_list("about", flat=True)
    )
    found = [*_threads(board), *_questions(board, now), *_blocked(board), *_due(board, now.date())]
    return [one for one in found if one.plan.about not in taken]


def _threads(board: Board) -> list[Suggestion]:
    threads = Comment.objects.filter(
        card__board=board, card__archived_at=None, settled_at=None, parent=None
    ).exclude(escalated_at=None)
    rows = threads.select_related("card").order_by("escalated_at", "pk")[:MOST]
    return [_said(board, row, "Three rounds without an outcome") for row in rows]


def _questions(board: Board, now: dt.datetime) -> list[Suggestion]:
    open_asks = Ask.objects.open().filter(comment__card__board=board).values("comment")
    due = dict(open_asks.annotate(by=Min("answer_by")).order_by("by").values_list("comment", "by")[:MOST])
    rows = Comment.objects.select_related("card").in_bulk(due)
    found = []
    for pk, by in due.items():
        if rows[pk].escalated_at is None:  # else it is told as a thread
            is_late = by is not None and by <= now
            found.append(_said(board, rows[pk], "Its answer is late" if is_late else "Open question"))
    return found


def _said(board: Board, what: Comment | Decision, why: str) -> Suggestion:
    return Suggestion(TopicPlan.about_thing(what), f"{board.key}-{what.card.number}", said(what), why)


def _blocked(board: Board) -> list[Suggestion]:
    rows = Card.objects.filter(board=board).current().filter(NOT_DONE, is_blocked=True)
    return [
        Suggestion(TopicPlan.about_thing(card), f"{board.key}-{card.number}", card.title, "Blocked")
        for card in rows.order_by("blocked_at", "pk")[:MOST]
    ]


def _due(board: Board, today: dt.date) -> list[Suggestion]:
    rows = decisions_due([board], today).select_related("card")[:MOST]
    return [_said(board, row, "To be looked at again") for row in rows]


def suggestion_of(board: Board, plan: TopicPlan) -> Suggestion | None:
    """A topic about any thing of the board; None for one that is not there."""
    topic = Topic(kind=plan.kind, about=plan.about)
    things = Things.of(board, [topic])
    thing, card = things.about(topic), things.card(topic)
    if thing is None:
        return None
    return Suggestion(plan, card.key, card.title if thing is card else said(thing), topic.get_kind_display())


def meetings_about(card: Card) -> list[Meeting]:
    """The meetings on whose agenda the card was, or something on it; and those that made something on it.

    The latest first. One query.
    """
    said_there = Comment.objects.filter(card=card).values("uid")
    decided = Decision.objects.filter(card=card).values("uid")
    steps = Item.objects.filter(checklist__card=card).values("uid")
    about = Q(about=card.uid) | Q(about__in=said_there) | Q(about__in=decided)
    made = Q(made=card.uid) | Q(made__in=said_there) | Q(made__in=decided) | Q(made__in=steps)
    topics = Topic.objects.filter(about | made, meeting=OuterRef("pk"), dropped_at=None)
    found = list(Meeting.objects.filter(Exists(topics), board=card.board_id).order_by("-number")[:MOST])
    for meeting in found:
        meeting.board = card.board
    return found


def said(comment: Any) -> str:
    """What a comment says, in one line."""
    return cut(plain(comment.text), _SAID)
