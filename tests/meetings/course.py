"""Meetings from their agenda to their end, with one change of each verb about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from boards.models import Board, Card
from fluxboard.meetings.actions.meetings import (
    cancel_meeting,
    change_meeting,
    close_meeting,
    mark_not_needed,
    plan_meeting,
    reopen_meeting,
    start_meeting,
    turn_to,
)
from fluxboard.meetings.actions.outcomes import TopicOutcome, settle_topic
from fluxboard.meetings.actions.topics import (
    TopicPlan,
    add_topic,
    change_topic,
    drop_topic,
    move_topic,
    note_topic,
    reopen_topic,
    restore_topic,
)
from fluxboard.meetings.models import Meeting


def planned(board: Board, by: Any, *texts: str, title: str = "Planning", **more: Any) -> Meeting:
    """A meeting in three days, of topics in these words."""
    values: dict[str, Any] = {"starts_at": timezone.now() + dt.timedelta(days=3), "minutes": 30} | more
    plans = [TopicPlan(text=text) for text in texts]
    meeting: Meeting = plan_meeting(board, title, by=by, topics=plans, **values)
    return meeting


def course(board: Board, card: Card, ana: Any, kenji: Any) -> Iterator[Any]:
    """Each step changes something, and yields what it changed."""
    meeting = planned(board, ana, "Prices", invited=[kenji])
    yield meeting
    later = meeting.starts_at + dt.timedelta(hours=1)
    yield change_meeting(meeting, by=kenji, title="Prices and names", starts_at=later, invited=[])
    names = add_topic(meeting, TopicPlan(text="Names", owner=kenji, minutes=9), by=kenji)
    yield names
    about = add_topic(meeting, TopicPlan.about_thing(card), by=ana)
    yield about
    yield change_topic(names, by=ana, text="All names", minutes=4, owner=None)
    yield move_topic(about, by=kenji, before=names)
    yield drop_topic(names, by=ana)
    yield restore_topic(names, by=kenji)
    yield note_topic(about, "- One\n- Two", by=kenji)
    yield cancel_meeting(meeting, "Nobody can come", by=ana)
    yield reopen_meeting(meeting, by=ana)
    yield start_meeting(meeting, by=kenji)
    yield turn_to(meeting, about, by=ana)
    yield settle_topic(about, TopicOutcome("decision", "By cursor.", decided_by=[ana, kenji]), by=kenji)
    prices = meeting.topics.get(text="Prices")
    action = TopicOutcome("action", "Ask the bank", owner=kenji, due=dt.date(2026, 12, 9))
    yield settle_topic(prices, action, by=ana)
    yield settle_topic(names, TopicOutcome("nothing", "They are fine."), by=ana)
    yield reopen_topic(names, by=ana)
    yield settle_topic(names, TopicOutcome("question", "Which?", card=card, asked=[kenji]), by=ana)
    yield close_meeting(meeting, by=ana)
    needless = planned(board, ana, "Small thing", title="Needless")
    yield needless
    yield settle_topic(needless.topics.get(), TopicOutcome("item", "Tell them", card=card), by=kenji)
    yield mark_not_needed(needless, by=ana)
    yield planned(board, ana, title="Retro", kind="retro")
    yield planned(board, kenji, title="That outage", kind="incident", card=card)
