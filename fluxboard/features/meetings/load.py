"""What the pages of meetings show, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from activity.models import Activity
from boards.models import Board
from boards.rendering.markdown import Names, render
from comments.answerers import Answerer, as_answerers
from comments.models import Ask, Comment
from fluxboard.accounts import working_hours
from fluxboard.features.meetings.days import LookBack, looks_back
from fluxboard.features.meetings.facts import Facts, FactScope, facts_of
from fluxboard.meetings.agenda import said
from fluxboard.meetings.models import Meeting, Topic
from fluxboard.meetings.states import Things
from fluxboard.meetings.things import cards_of, comments_of, decisions_of, items_of

PAST = 50  # meetings that are over, on one page of the list
_NAMED = 4  # people who could answer one topic


@dataclass(frozen=True)
class MadeThing:
    """What came out of a topic, as a link: `key`, its words, where it stands, and who has it until when."""

    key: str
    words: str
    url: str
    people: tuple[Any, ...] = ()
    due: dt.date | None = None
    answer_by: dt.datetime | None = None


@dataclass
class TopicRow:
    """One topic, ready to show.

    `title` are its own words or those of what it is about; `is_gone`: that is not on the board any more.
    `written` says how it was settled without a meeting, `could` who could answer it in writing.
    """

    topic: Topic
    place: int
    title: str
    key: str = ""
    url: str = ""
    is_gone: bool = False
    written: str = ""
    could: list[Answerer] = field(default_factory=list)
    made: MadeThing | None = None
    facts: Facts | None = None
    notes: Any = ""
    is_at_hand: bool = False
    before: Topic | None = None
    has_next: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to talk about."""
        return bool(self.topic.outcome or self.written)

    @property
    def kind(self) -> str:
        """What it is, unless that can be read from its words."""
        return "" if self.topic.kind == Topic.Kind.TEXT else str(self.topic.get_kind_display())


def topic_rows(meeting: Meeting, now: dt.datetime) -> list[TopicRow]:
    """The topics of an agenda in order. Some twelve queries, however many there are."""
    topics = list(meeting.topics.filter(dropped_at=None).select_related("owner"))
    for topic in topics:
        topic.meeting = meeting
    things, made = Things.of(meeting.board, topics), _made(meeting.board, topics)
    could = _answerers(topics, things, now) if meeting.is_open else {}
    names = Names.on(meeting.board) if any(topic.notes for topic in topics) else Names()
    rows = []
    for place, topic in enumerate(topics):
        row = TopicRow(topic, place + 1, topic.text, could=could.get(topic.pk, []))
        _tell_thing(row, things)
        row.made = made.get(topic.made) if topic.made else None
        row.notes = render(topic.notes, names) if topic.notes else ""
        row.is_at_hand = meeting.is_running and topic.uid == meeting.at_hand
        row.before = topics[place - 1] if place else None
        row.has_next = place + 1 < len(topics)
        rows.append(row)
    return rows


def tell_facts(meeting: Meeting, rows: list[TopicRow], reader: Any, now: dt.datetime) -> LookBack | None:
    """Put beside topics what the board says about them by itself; from when until when, None without any.

    Three queries, and five more at most for each prompt of the agenda.
    """
    topics = [row.topic for row in rows if row.topic.prompt]
    if not topics:
        return None
    days = looks_back(meeting, now)
    cards = cards_of(meeting.board, {topic.about for topic in topics})
    found = facts_of(FactScope(meeting, days, reader, now), topics, cards)
    for row in rows:
        row.facts = found.get(row.topic.pk)
    return days if found else None


def _tell_thing(row: TopicRow, things: Things) -> None:
    """Fill in what the topic is about, as it is now."""
    topic = row.topic
    if topic.about is None:
        return
    thing, card = things.about(topic), things.card(topic)
    if thing is None:
        row.is_gone = True
        row.title = row.title or "Something that is not on this board any more"
        return
    row.written = "" if topic.outcome else things.written(topic)
    row.key, row.url = card.key, card.get_absolute_url()
    if topic.kind == Topic.Kind.DECISION:
        row.key, row.url = thing.key, f"{row.url}#d-{thing.number}"
    elif topic.kind in (Topic.Kind.QUESTION, Topic.Kind.THREAD):
        row.url = f"{row.url}?comments=all#c-{thing.pk}"
    if not row.title:
        row.title = card.title if thing is card else said(thing)


# ---- who could answer -------------------------------------------------------------------------------------


def _answerers(topics: list[Topic], things: Things, now: dt.datetime) -> dict[int, list[Answerer]]:
    """By topic, those who could settle it in writing, whoever is at work first. Two queries."""
    comments = [things.about(topic) for topic in topics if isinstance(things.about(topic), Comment)]
    pks = [comment.pk for comment in comments]
    asked: dict[int, list[Any]] = {}
    spoke: dict[int, list[Any]] = {}
    if pks:
        for ask in Ask.objects.filter(comment__in=pks, handed_to=None).select_related("person"):
            asked.setdefault(ask.comment_id, []).append(ask.person)
        replies = Comment.objects.filter(parent__in=pks, removed_at=None).select_related("author")
        for reply in replies.order_by("-pk")[:500]:
            spoke.setdefault(reply.parent_id or 0, []).append(reply.author)
    found = {}
    for topic in topics:
        if topic.outcome or things.written(topic):
            continue
        people = [topic.owner, *_about(topic, things, asked, spoke)]
        active = {one.pk: one for one in people if one is not None and one.is_active}
        found[topic.pk] = as_answerers(list(active.values())[:_NAMED], now)
    return found


def _about(
    topic: Topic, things: Things, asked: dict[int, list[Any]], spoke: dict[int, list[Any]]
) -> list[Any]:
    thing = things.about(topic)
    match topic.kind:
        case Topic.Kind.QUESTION if thing is not None:
            return asked.get(thing.pk, [])
        case Topic.Kind.THREAD if thing is not None:
            return [*spoke.get(thing.pk, []), thing.author, thing.card.assignee]
        case Topic.Kind.BLOCKED if thing is not None:
            return [thing.blocked_by_user, thing.assignee]
        case Topic.Kind.CARD if thing is not None:
            return [thing.assignee]
        case Topic.Kind.DECISION if thing is not None:
            return [thing.recorded_by]
    return []


# ---- what came out ----------------------------------------------------------------------------------------


def _made(board: Board, topics: list[Topic]) -> dict[Any, MadeThing]:
    """What came out of topics, by uid, without what has gone to another board. Five queries at most."""

    def of(kind: str) -> set[Any]:
        return {topic.made for topic in topics if topic.outcome == kind and topic.made}

    kinds = Topic.Outcome
    found: dict[Any, MadeThing] = {}
    if uids := of(kinds.DECISION):
        for uid, one in decisions_of(board, uids).items():
            found[uid] = MadeThing(one.key, said(one), f"{one.card.get_absolute_url()}#d-{one.number}")
    if uids := of(kinds.ACTION):
        for uid, card in cards_of(board, uids).items():
            people = (card.assignee,) if card.assignee else ()
            found[uid] = MadeThing(card.key, card.title, card.get_absolute_url(), people, card.due)
    if uids := of(kinds.ITEM):
        for uid, item in items_of(board, uids).items():
            card = item.checklist.card
            url = f"{card.get_absolute_url()}#card-{card.pk}-checklists"
            found[uid] = MadeThing(card.key, item.text, url)
    if uids := of(kinds.QUESTION):
        found |= _questions(board, uids)
    return found


def _questions(board: Board, uids: set[Any]) -> dict[Any, MadeThing]:
    questions = comments_of(board, uids)
    asked: dict[int, list[Any]] = {}
    pks = [one.pk for one in questions.values()]
    for ask in Ask.objects.filter(comment__in=pks, handed_to=None).select_related("person").order_by("pk"):
        asked.setdefault(ask.comment_id, []).append(ask)
    found = {}
    for uid, one in questions.items():
        asks = asked.get(one.pk, [])
        due = min((ask.answer_by for ask in asks if ask.answer_by), default=None)
        url = f"{one.card.get_absolute_url()}?comments=all#c-{one.pk}"
        people = tuple(ask.person for ask in asks)
        found[uid] = MadeThing(one.card.key, said(one), url, people, answer_by=due)
    return found


# ---- the page ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """The row of the log with which a meeting ended: what its minutes are proved by."""

    seq: int
    hash: str


def proof_of(meeting: Meeting) -> Proof | None:
    """None while the meeting is not over. One query."""
    if not meeting.is_over:
        return None
    ends = Activity.objects.filter(board=meeting.board, subject=meeting.uid)
    last = ends.doing("meeting.closed", "meeting.not_needed").order_by("-seq").first()
    return Proof(last.seq, bytes(last.hash).hex()) if last is not None else None


def invited_to(meeting: Meeting, reader: Any, now: dt.datetime) -> list[dict[str, Any]]:
    """Who is invited, with the hour at which it begins for those whose clock is another. One query."""
    people = []
    for person in meeting.invited.order_by("name", "pk"):
        there = working_hours.local(meeting.starts_at, person.time_zone)
        here = working_hours.local(meeting.starts_at, reader.time_zone)
        is_far = there.utcoffset() != here.utcoffset()
        city = person.time_zone.rpartition("/")[2].replace("_", " ")
        people.append({"person": person, "there": f"{there:%a %H:%M} in {city}" if is_far else ""})
    return people


def listed(board: Board, before: int | None) -> dict[str, Any]:
    """The meetings of a board: those to come, the next first, and the past ones, the latest first.

    `before` is the number below which past ones are told. Two queries.
    """
    ahead = list(
        board.meetings.filter(state__in=(Meeting.State.PLANNED, Meeting.State.RUNNING))
        .select_related("organiser")
        .order_by("starts_at", "pk")[:PAST]
    )
    over = board.meetings.exclude(state__in=(Meeting.State.PLANNED, Meeting.State.RUNNING))
    if before is not None:
        over = over.filter(number__lt=before)
    past = list(over.select_related("organiser").order_by("-number")[: PAST + 1])
    for meeting in (*ahead, *past):
        meeting.board = board
    more = past[PAST - 1].number if len(past) > PAST else None
    return {"ahead": ahead, "past": past[:PAST], "earlier": more}
