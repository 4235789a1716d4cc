"""What happens to a meeting: planned, changed, begun, closed, cancelled, found not to be needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.db.models import Max

from activity.errors import Clash, Refused
from activity.log.record import By, Log
from activity.models import Via
from boards.actions.base import action, fresh_card, refuse_many, writing
from boards.actions.clean import cleaned
from boards.actions.conflicts import base_of, settle_text, settle_value
from boards.actions.facts import person_fact
from boards.models import Board, Card
from fluxboard.core import limits
from fluxboard.meetings.actions.base import (
    clean_meeting_title,
    clean_minutes,
    clean_start,
    fresh_meeting,
    kind_facts,
    meeting_facts,
    on_board,
    topic_fact,
)
from fluxboard.meetings.actions.topics import TopicPlan, write_topic, write_written
from fluxboard.meetings.kinds import topics_of_kind
from fluxboard.meetings.models import Meeting, Topic
from fluxboard.meetings.states import Things

VALUES = {"title": "Title", "starts_at": "Begins", "minutes": "Minutes", "invited": "Invited"}


@action
def plan_meeting(
    board: Board,
    title: str,
    *,
    by: Any,
    starts_at: dt.datetime,
    minutes: int,
    invited: Iterable[Any] = (),
    topics: Sequence[TopicPlan] = (),
    kind: str = Meeting.Kind.PLAIN,
    card: Card | None = None,
) -> Meeting:
    """A meeting with the topics that its agenda begins with; whoever plans it is its organiser.

    Those of its `kind` come first; an incident review is about `card`.
    """
    with writing(board, by) as log:
        last = Meeting.objects.filter(board=log.board).aggregate(last=Max("number"))["last"] or 0
        refuse_many(last, limits.MEETINGS, "A board can have {} meetings, past ones included.", "title")
        meeting = Meeting(
            board=log.board,
            number=last + 1,
            kind=kind,
            title=clean_meeting_title(title),
            starts_at=clean_start(log, starts_at),
            minutes=clean_minutes(minutes),
            organiser=log.by.user,
        )
        people = on_board(log, [log.by.user, *invited], "invited")
        _check_kind(log, kind, people, card)
        facts = {"number": meeting.number, "organiser": person_fact(log.by.user), "name": meeting.title}
        facts |= kind_facts(meeting)
        log.record("meeting.planned", meeting, after=facts | meeting_facts(meeting, people))
        meeting.save()
        meeting.invited.set(people)
        for topic in (*topics_of_kind(kind, card), *topics):
            write_topic(log, meeting, topic)
        return meeting


def _check_kind(log: Log, kind: str, people: list[Any], card: Card | None) -> None:
    if kind not in Meeting.Kind.values:
        raise Refused("Choose what kind of meeting it is.", "kind")
    _check_two(kind, people)
    if kind == Meeting.Kind.INCIDENT:
        if card is None:
            raise Refused("Name the card of the incident.", "card")
        fresh_card(log, card)


def _check_two(kind: str, people: list[Any]) -> None:
    if kind == Meeting.Kind.ONE_TO_ONE and len(people) != 2:
        raise Refused("A 1:1 is of two: choose the other person, and nobody else.", "invited")


@action
def change_meeting(meeting: Meeting, *, by: Any, seen: int | None = None, **values: Any) -> Meeting:
    """Set what is given of `VALUES`. Raises one `Clash` for all that somebody else changed since `seen`."""
    with writing(meeting.board, by) as log:
        meeting = fresh_meeting(log, meeting)
        there = list(meeting.invited.order_by("pk"))
        was = meeting_facts(meeting, there)
        people = _settle(log, meeting, there, values, seen)
        now = meeting_facts(meeting, people)
        changed = [name for name in VALUES if _differs(was[name], now[name])]
        if "invited" in changed:
            _check_two(meeting.kind, people)
        if changed:
            before, after = ({name: facts[name] for name in changed} for facts in (was, now))
            log.record("meeting.changed", meeting, before=before, after=after)
            meeting.sequence += 1
            meeting.keep("title", "starts_at", "minutes", "sequence")
            meeting.invited.set(people)
        return meeting


def _differs(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return bool({fact["id"] for fact in one} != {fact["id"] for fact in other})
    return bool(one != other)


def _settle(
    log: Log, meeting: Meeting, there: list[Any], values: dict[str, Any], seen: int | None
) -> list[Any]:
    """Put `values` on the meeting; who is invited then. Raises one `Clash` for all that both changed."""
    differences, people = [], there
    for name, value in values.items():
        try:
            if name == "invited":
                people = _invited(log, meeting, there, list(value), seen)
            elif name == "title":
                title = clean_meeting_title(value)
                meeting.title = settle_text(log, meeting, "title", "Title", title, seen)
            else:
                kept = clean_minutes(value) if name == "minutes" else _start(log, meeting, value)
                _settle_plain(log, meeting, name, kept, seen)
        except Clash as clash:
            differences += clash.differences
    if differences:
        raise Clash(differences, meeting.version, meeting)
    return people


def _start(log: Log, meeting: Meeting, at: dt.datetime) -> dt.datetime:
    at = at.astimezone(dt.UTC).replace(second=0, microsecond=0)
    return at if at == meeting.starts_at else clean_start(log, at)


def _settle_plain(log: Log, meeting: Meeting, name: str, value: Any, seen: int | None) -> None:
    def fact(held: Any) -> Any:
        return held.isoformat() if isinstance(held, dt.datetime) else held

    theirs, yours = fact(getattr(meeting, name)), fact(value)
    if seen is not None and theirs != yours and meeting.changed_since(name, seen):
        base, _ = base_of(log, meeting, name, seen)
        if base == yours:  # somebody else changed it; this form only carried it along
            return
    sent = (str(theirs), str(yours))
    settle_value(log, meeting, name, VALUES[name], theirs=theirs, yours=yours, seen=seen, values=sent)
    setattr(meeting, name, value)


def _invited(log: Log, meeting: Meeting, there: list[Any], wanted: list[Any], seen: int | None) -> list[Any]:
    """Who is to be invited, with what somebody else did meanwhile; the organiser always is."""
    wanted = [meeting.organiser, *wanted]
    if seen is not None and meeting.changed_since("invited", seen):
        base, _ = base_of(log, meeting, "invited", seen)
        had = {fact["id"] for fact in base or []}
        mine, theirs = ({str(one.uid): one for one in some} for some in (wanted, there))
        kept = (mine.keys() & theirs.keys()) | (mine.keys() - had) | (theirs.keys() - had)
        wanted = [person for uid, person in (mine | theirs).items() if uid in kept]
    known = {person.pk for person in (meeting.organiser, *there)}
    new = on_board(log, [person for person in wanted if person.pk not in known], "invited")
    stay = [person for person in wanted if person.pk in known]
    refuse_many(len({*stay, *new}), limits.INVITED + 1, "At most {} people.", "invited", coming=0)
    return sorted({*stay, *new}, key=lambda person: person.pk)


# ---- while it runs ----------------------------------------------------------------------------------------


@action
def start_meeting(meeting: Meeting, *, by: Any) -> Meeting:
    """Begin it with its first topic that is open. The same once more changes nothing."""
    with writing(meeting.board, by) as log:
        meeting = fresh_meeting(log, meeting)
        if meeting.is_running:
            return meeting
        topics = _topics_of(meeting)
        if not topics:
            raise Refused("Put a topic on the agenda first.")
        meeting.started_at = log.now
        _set_state(log, "meeting.started", meeting, Meeting.State.RUNNING)
        things = Things.of(meeting.board, topics)
        first = next((topic for topic in topics if not things.is_settled(topic)), None)
        if first is not None:
            _turn(log, meeting, first)
        return meeting


@action
def turn_to(meeting: Meeting, topic: Topic | None, *, by: Any) -> Meeting:
    """Make `topic` the one at hand, None for none: its clock begins now."""
    with writing(meeting.board, by) as log:
        meeting = fresh_meeting(log, meeting)
        if not meeting.is_running:
            raise Refused("The meeting has not begun.")
        wanted = topic.uid if topic is not None else None
        if meeting.at_hand != wanted:
            if topic is not None:
                here = Topic.objects.filter(pk=topic.pk, meeting=meeting, dropped_at=None)
                topic = here.select_related("owner").first()
                if topic is None:
                    raise Refused("That topic is not on this agenda any more.")
            _turn(log, meeting, topic)
        return meeting


def _turn(log: Log, meeting: Meeting, topic: Topic | None) -> None:
    if topic is not None:
        topic.meeting = meeting
    earlier = Topic.objects.filter(meeting=meeting, uid=meeting.at_hand).first() if meeting.at_hand else None
    if earlier is not None:
        earlier.meeting = meeting
    before = {"topic": topic_fact(earlier) if earlier is not None else None}
    after = {"topic": topic_fact(topic) if topic is not None else None}
    log.record("meeting.turned", meeting, before=before, after=after)
    meeting.at_hand, meeting.at_hand_since = (topic.uid, log.now) if topic is not None else (None, None)
    meeting.keep("at_hand", "at_hand_since")


@action
def close_meeting(meeting: Meeting, *, by: Any) -> Meeting:
    """Close it: its minutes stand from now on. Raises `Refused` while a topic has no outcome."""
    with writing(meeting.board, by) as log:
        meeting = fresh_meeting(log, meeting)
        if not meeting.is_running:
            raise Refused("The meeting has not begun.")
        _settle_written(log, meeting)
        _set_state(log, "meeting.closed", meeting, Meeting.State.CLOSED)
        return meeting


def _settle_written(log: Log, meeting: Meeting) -> None:
    """Note of each topic that was settled by itself that it was; `Refused` where one is still open."""
    topics = _topics_of(meeting)
    things = Things.of(meeting.board, topics)
    left = [topic for topic in topics if not things.is_settled(topic)]
    if left:
        names = ", ".join(topic_fact(topic)["name"] or "one" for topic in left[:5])
        more = f" and {len(left) - 5} more" if len(left) > 5 else ""
        raise Refused(f"Without an outcome yet: {names}{more}.")
    for topic in topics:
        if not topic.outcome:
            write_written(log, topic, things.written(topic))


# ---- before it begins -------------------------------------------------------------------------------------


@action
def cancel_meeting(meeting: Meeting, reason: str = "", *, by: Any) -> Meeting:
    """Call it off. The same once more changes nothing."""
    with writing(meeting.board, by) as log:
        meeting = fresh_meeting(log, meeting, is_open=False)
        if meeting.state == Meeting.State.CANCELLED:
            return meeting
        if not meeting.is_open:
            raise Refused(f"This meeting is {meeting.get_state_display().lower()}.")
        meeting.reason = cleaned(
            reason, field="reason", what="The reason", longest=limits.REASON, lines=True, needed=False
        )
        _set_state(log, "meeting.cancelled", meeting, Meeting.State.CANCELLED, reason=meeting.reason)
        return meeting


@action
def reopen_meeting(meeting: Meeting, *, by: Any) -> Meeting:
    """Plan one again that was cancelled, found not to be needed, or begun by mistake."""
    with writing(meeting.board, by) as log:
        meeting = fresh_meeting(log, meeting, is_open=False)
        if meeting.state == Meeting.State.PLANNED:
            return meeting
        if meeting.state == Meeting.State.CLOSED:
            raise Refused("This meeting is closed. Its minutes stay as they are.")
        was, meeting.reason, meeting.started_at = {"reason": meeting.reason}, "", None
        _set_state(log, "meeting.reopened", meeting, Meeting.State.PLANNED, was=was)
        return meeting


def call_off(meeting: Meeting, now: dt.datetime) -> Meeting | None:
    """Mark a meeting as not needed whose topics were all settled before it began.

    None where it is needed after all: under the board's lock all is looked at again.
    """
    return mark_not_needed(meeting, by=By(meeting.organiser, via=Via.SCHEDULE, now=now))


@action
def mark_not_needed(meeting: Meeting, *, by: Any) -> Meeting | None:
    with writing(meeting.board, by) as log:
        meeting = fresh_meeting(log, meeting, is_open=False)
        if meeting.state == Meeting.State.NOT_NEEDED:
            return meeting
        if meeting.state != Meeting.State.PLANNED or meeting.starts_at <= log.now:
            return None
        topics = _topics_of(meeting)
        things = Things.of(meeting.board, topics)
        if not topics or not all(things.is_settled(topic) for topic in topics):
            return None
        _settle_written(log, meeting)
        _set_state(log, "meeting.not_needed", meeting, Meeting.State.NOT_NEEDED)
        return meeting


def _topics_of(meeting: Meeting) -> list[Topic]:
    topics = list(meeting.topics.filter(dropped_at=None).select_related("owner"))
    for topic in topics:
        topic.meeting = meeting
    return topics


def _set_state(
    log: Log,
    verb: str,
    meeting: Meeting,
    state: str,
    *,
    was: Mapping[str, Any] = MappingProxyType({}),
    **facts: Any,
) -> None:
    """Record `verb` and keep what it sets; `was` are facts besides the state that are over."""
    earlier, meeting.state = meeting.state, state
    log.record(
        verb,
        meeting,
        before={"state": str(earlier), **was},
        after={"state": str(state), "name": meeting.title, **facts},
    )
    if state != Meeting.State.RUNNING:
        meeting.at_hand = meeting.at_hand_since = None
    meeting.ended_at = None if meeting.is_open else log.now
    meeting.sequence += 1
    meeting.keep("state", "reason", "started_at", "ended_at", "at_hand", "at_hand_since", "sequence")
