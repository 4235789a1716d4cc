"""What the board says about a topic by itself: out of the log of the meeting's days, or as things stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q

from activity.feed.finished import NetFinish, column_steps_between, net
from activity.feed.load import tell_in_public
from activity.feed.sentences import sentence
from activity.models import Activity
from boards.card_states import CardScope, cards_that
from boards.models import Board, Card
from comments.models import Ask, Comment, Decision
from fluxboard.accounts import times
from fluxboard.core.counting import counted
from fluxboard.core.plain_text import cut, plain
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.measures import DAY, span_words
from fluxboard.features.insight.quality.blocks import BLOCKS, Block, blocks_of
from fluxboard.features.meetings.days import LookBack
from fluxboard.meetings.agenda import said
from fluxboard.meetings.kinds import OF_THE_PAST
from fluxboard.meetings.models import Meeting, Topic

MOST = 12  # beside one topic
MOST_STEPS = 40  # of one card's course
_BLOCKED_CARDS = 500
_P = Topic.Prompt
# What a card's course is made of; where it came from or went to on other boards is not told.
_STEPS = (
    *("card.created", "card.moved", "card.assigned", "card.blocked", "card.unblocked", "card.archived"),
    *("card.restored", "question.asked", "question.answered", "thread.settled", "decision.recorded"),
)


@dataclass(frozen=True)
class Fact:
    """One line: the thing with its address, `words` about it, and a moment (as `kind` says it)."""

    key: str = ""
    title: str = ""
    url: str = ""
    words: str = ""
    at: dt.datetime | dt.date | None = None
    kind: str = "when"


@dataclass(frozen=True)
class Facts:
    """The lines beside one topic; `has_more`: some were left out."""

    label: str
    rows: list[Fact] = field(default_factory=list)
    has_more: bool = False


@dataclass
class FactScope:
    """For which meeting facts are told, and to whom."""

    meeting: Meeting
    days: LookBack
    reader: Any
    now: dt.datetime
    _nets: dict[int, NetFinish] | None = None

    @property
    def board(self) -> Board:
        board: Board = self.meeting.board
        return board

    @property
    def cards(self) -> CardScope:
        return CardScope([self.board], times.today_of(self.reader, self.now), self.now)

    def nets(self) -> dict[int, NetFinish]:
        """What the cards' moves in these days come to. Two queries, once."""
        if self._nets is None:
            columns = self.board.columns.filter(is_done=True).values_list("uid", flat=True)
            steps = column_steps_between([self.board.pk], self.days.start, self.days.end)
            self._nets = net(steps, {str(uid) for uid in columns})
        return self._nets


def facts_of(scope: FactScope, topics: Iterable[Topic], cards: dict[Any, Card]) -> dict[int, Facts]:
    """By topic, what stands beside it; `cards` are those that topics are about, by uid.

    At most five queries for each prompt of the agenda.
    """
    found: dict[int, Facts] = {}
    told: dict[tuple[str, Any], Facts] = {}
    for topic in topics:
        if topic.prompt not in _TELL or not (scope.meeting.is_open or topic.prompt in OF_THE_PAST):
            continue
        asked = (topic.prompt, topic.about)
        if asked not in told:
            rows = _TELL[topic.prompt](scope, cards.get(topic.about))
            most = MOST_STEPS if topic.prompt == _P.TIMELINE else MOST
            label = str(topic.get_prompt_display())
            told[asked] = Facts(label, rows[:most], len(rows) > most)
        found[topic.pk] = told[asked]
    return found


def _card(card: Card, words: str = "", at: Any = None, kind: str = "when") -> Fact:
    return Fact(card.key, card.title, card.get_absolute_url(), words, at, kind)


def _of(scope: FactScope, cards: Any) -> list[Card]:
    """The first of `cards`, one more than are shown."""
    found = list(cards.select_related("column", "assignee")[: MOST + 1])
    for card in found:
        card.board = scope.board
    return found


def _owner(card: Card) -> str:
    return card.assignee.first_name if card.assignee else "nobody’s"


# ---- out of the log of these days -------------------------------------------------------------------------


def _finished(scope: FactScope, _: Card | None) -> list[Fact]:
    done = {pk: one.done.at for pk, one in scope.nets().items() if one.is_finished and one.done}
    return _newest(scope, done)


def _taken_back(scope: FactScope, _: Card | None) -> list[Fact]:
    back = {pk: one.undone.at for pk, one in scope.nets().items() if one.was_taken_back and one.undone}
    return _newest(scope, back)


def _newest(scope: FactScope, moments: dict[int, dt.datetime]) -> list[Fact]:
    """The cards that are still on this board, by the moment of each, the newest first."""
    here = Card.objects.filter(pk__in=moments, board=scope.board).values_list("pk", flat=True)
    newest = sorted(here, key=lambda pk: (moments[pk], pk), reverse=True)[: MOST + 1]
    cards = {card.pk: card for card in _of(scope, Card.objects.filter(pk__in=newest))}
    return [_card(cards[pk], f"{_owner(cards[pk])},", moments[pk]) for pk in newest]


def _decided(scope: FactScope, _: Card | None) -> list[Fact]:
    rows = Decision.objects.filter(board=scope.board, at__gte=scope.days.start, at__lt=scope.days.end)
    found = []
    for one in rows.select_related("card").order_by("-at", "-pk")[: MOST + 1]:
        one.board = one.card.board = scope.board
        found.append(Fact(one.key, said(one), one.get_absolute_url(), f"on {one.card.key},", one.at))
    return found


def _blocked(scope: FactScope, _: Card | None) -> list[Fact]:
    """The cards that were blocked longest in all: blocks that ended in these days, and those that went on."""
    start, end = scope.days.start, scope.days.end
    days: dict[int, float] = {}
    still: set[int] = set()
    for pk, block in _blocks_ended(scope, start, end):
        days[pk] = days.get(pk, 0.0) + (block.end - block.start).total_seconds() / DAY
    went_on = cards_that("blocked", scope.cards).filter(blocked_at__lt=end).order_by("blocked_at", "pk")
    since = {pk: at for pk, at in went_on.values_list("pk", "blocked_at")[:_BLOCKED_CARDS] if at is not None}
    if end < scope.now:
        since |= {pk: block.start for pk, block in _blocks_ended(scope, end, scope.now) if block.start < end}
    for pk, at in since.items():
        days[pk] = days.get(pk, 0.0) + (end - at).total_seconds() / DAY
        still.add(pk)
    here = Card.objects.filter(pk__in=days, board=scope.board).values_list("pk", flat=True)
    longest = sorted(here, key=lambda pk: (-days[pk], pk))[: MOST + 1]
    cards = {card.pk: card for card in _of(scope, Card.objects.filter(pk__in=longest))}
    so_far = " so far" if scope.meeting.is_open else " by then"
    return [
        _card(cards[pk], f"blocked for {span_words(days[pk])}{so_far if pk in still else ''}")
        for pk in longest
    ]


def _blocks_ended(scope: FactScope, start: dt.datetime, end: dt.datetime) -> list[tuple[int, Block]]:
    """The blocks that ended from `start` to before `end`, each with its card's id. One query."""
    values = {"boards": [scope.board.pk], "start": start, "end": end, "most": _BLOCKED_CARDS}
    of_card: dict[int, list[Any]] = {}
    for card, at, effect, undid, source_at, is_here in rows_of(BLOCKS, values):
        of_card.setdefault(card, []).append((source_at or at, effect, undid, is_here))
    return [
        (pk, block)
        for pk, rows in of_card.items()
        for block in blocks_of(rows)
        if block.is_here and block.end >= start
    ]


def _late(scope: FactScope, _: Card | None) -> list[Fact]:
    """Questions that were answered in these days after the time expected, or were late when they ended."""
    start, end = scope.days.start, scope.days.end
    answered = Q(
        comment__settled_how=Comment.Settled.ANSWERED,
        comment__settled_at__gte=start,
        comment__settled_at__lt=end,
        answer_by__lt=F("comment__settled_at"),
    )
    was_open = Q(comment__settled_at=None) | Q(comment__settled_at__gte=end)
    was_there = Q(comment__card__archived_at=None) | Q(comment__card__archived_at__gte=end)
    still = was_open & was_there & Q(comment__at__lt=end, answer_by__lt=end)
    asks = Ask.objects.filter(answered | still, handed_to=None, comment__card__board=scope.board)
    rows = asks.filter(comment__removed_at=None).select_related("comment__card", "person")
    found: dict[int, Fact] = {}
    for ask in rows.order_by("answer_by", "pk")[: 10 * MOST]:
        settled = ask.comment.settled_at
        if ask.comment_id not in found and ask.answer_by is not None:
            is_settled = settled is not None and settled < end
            until = settled if settled is not None and is_settled else end
            words = f"{span_words((until - ask.answer_by).total_seconds() / DAY)} late"
            if not is_settled:
                waits = "by now, waits for" if scope.meeting.is_open else "by then, waited for"
                words += f" {waits} {ask.person.first_name}"
            found[ask.comment_id] = _comment(scope, ask.comment, words)
    return list(found.values())


def _comment(scope: FactScope, comment: Comment, words: str, at: Any = None) -> Fact:
    comment.card.board = scope.board
    url = f"{comment.card.get_absolute_url()}?comments=all#c-{comment.pk}"
    return Fact(comment.card.key, said(comment), url, words, at)


def _timeline(scope: FactScope, card: Card | None) -> list[Fact]:
    """The latest steps of the card's course on this board, in order."""
    if card is None:
        return []
    steps = Activity.objects.filter(card=card, board=scope.board, at__lt=scope.days.end)
    rows = list(steps.doing(*_STEPS).select_related("actor", "board").order_by("-id")[:MOST_STEPS])[::-1]
    today, found = times.today_of(scope.reader, scope.now), []
    for told in tell_in_public(rows):
        one, who = sentence(told, today), told.activity.actor
        became = f": {one.before} → {one.after}" if one.before and one.after else ""
        text = one.said or ("" if told.is_withheld else told.after.get("reason") or "")
        quoted = f": “{cut(plain(text), 120)}”" if text else ""
        name = who.first_name if who is not None else "Somebody"
        found.append(Fact(words=f"{name} {one.words}{became}{quoted}", at=one.at, kind="exact"))
    return found


# ---- as things stand --------------------------------------------------------------------------------------


def _under_way(scope: FactScope, _: Card | None) -> list[Fact]:
    cards = _of(scope, cards_that("begun", scope.cards).order_by(F("due").asc(nulls_last=True), "pk"))
    return [_card(one, f"{_owner(one)}, {one.column.name}", one.due, "due") for one in cards]


def _no_owner(scope: FactScope, _: Card | None) -> list[Fact]:
    cards = cards_that("noowner", scope.cards).order_by("column__position", "position", "pk")
    return [_card(one, one.column.name, one.due, "due") for one in _of(scope, cards)]


def _stuck(scope: FactScope, _: Card | None) -> list[Fact]:
    late = _of(scope, cards_that("late", scope.cards).order_by("due", "pk"))
    known = {one.pk for one in late}
    still = _of(scope, cards_that("stuck", scope.cards).order_by("moved_at", "pk"))
    return [
        *(_card(one, f"{_owner(one)}, was due", one.due, "day") for one in late),
        *(
            _card(one, f"{_owner(one)}, {one.column.name} for", one.moved_at, "age")
            for one in still
            if one.pk not in known
        ),
    ]


def _limits(scope: FactScope, _: Card | None) -> list[Fact]:
    columns = scope.board.columns.current().exclude(wip_limit=None).in_board_order()
    held = columns.annotate(held=Count("cards", filter=Q(cards__archived_at=None)))
    found = []
    for column in held[: MOST + 1]:
        limit = column.wip_limit or 0
        over = f", {column.held - limit} too many" if column.held > limit else ""
        over = over or (", full" if column.held == limit else "")
        found.append(Fact(title=column.name, words=f"{column.held} of {counted(limit, 'card')}{over}"))
    return found


def _between(scope: FactScope, _: Card | None) -> list[Fact]:
    people = list(scope.meeting.invited.values_list("pk", flat=True))
    asks = Ask.objects.open().filter(
        comment__card__board=scope.board, person__in=people, comment__author__in=people
    )
    rows = asks.select_related("comment__card", "comment__author", "person")
    found = []
    for ask in rows.order_by(F("answer_by").asc(nulls_last=True), "pk")[: MOST + 1]:
        words = f"{ask.comment.author.first_name} asked {ask.person.first_name}"
        words += ", answer by" if ask.answer_by else ""
        found.append(_comment(scope, ask.comment, words, ask.answer_by))
    return found


def _on(scope: FactScope, _: Card | None) -> list[Fact]:
    cards = cards_that("begun", scope.cards).filter(assignee__in=scope.meeting.invited.all())
    rows = _of(scope, cards.order_by("assignee__name", "assignee", "moved_at", "pk"))
    return [_card(one, f"{_owner(one)}, {one.column.name} for", one.moved_at, "age") for one in rows]


_TELL: dict[str, Callable[[FactScope, Card | None], list[Fact]]] = {
    _P.FINISHED: _finished,
    _P.DECIDED: _decided,
    _P.UNDER_WAY: _under_way,
    _P.BLOCKED: _blocked,
    _P.LATE: _late,
    _P.TAKEN_BACK: _taken_back,
    _P.NO_OWNER: _no_owner,
    _P.STUCK: _stuck,
    _P.LIMITS: _limits,
    _P.BETWEEN: _between,
    _P.ON: _on,
    _P.TIMELINE: _timeline,
}
