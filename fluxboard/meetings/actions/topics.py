"""What happens to the topics of an agenda: added, changed, moved, noted, dropped."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from activity.errors import Clash, Refused
from activity.log.record import Log
from boards.actions.base import action, refuse_many, writing
from boards.actions.clean import LONG_TEXT, cleaned
from boards.actions.conflicts import base_of, settle_text, settle_value
from boards.actions.facts import person_fact
from boards.models import Card
from comments.models import Comment, Decision
from fluxboard.core import limits
from fluxboard.core.ordering import position_again, position_between
from fluxboard.meetings.actions.base import (
    clean_minutes,
    clean_text,
    fresh_meeting,
    fresh_topic,
    meeting_fact,
    name_of,
    on_board,
    topic_facts,
)
from fluxboard.meetings.models import Meeting, Topic
from fluxboard.meetings.states import Things

VALUES = {"text": "Topic", "owner": "Owner", "minutes": "Minutes"}
MINUTES = 5  # that a topic is given unless somebody says otherwise


@dataclass(frozen=True)
class TopicPlan:
    """A topic that is to be put on an agenda: `about` a thing of the board, or `text` alone.

    `prompt`: which facts of the board stand beside it.
    """

    kind: str = Topic.Kind.TEXT
    about: uuid.UUID | None = None
    text: str = ""
    owner: Any = None
    minutes: int = MINUTES
    prompt: str = ""

    @classmethod
    def about_thing(cls, thing: Card | Comment | Decision, **more: Any) -> TopicPlan:
        """A topic about a card, a question or a thread, or a decision."""
        return cls(kind_for(thing), thing.uid, **more)


def kind_for(thing: Card | Comment | Decision) -> str:
    if isinstance(thing, Card):
        return str(Topic.Kind.BLOCKED if thing.is_blocked else Topic.Kind.CARD)
    if isinstance(thing, Decision):
        return str(Topic.Kind.DECISION)
    is_question = thing.kind == Comment.Kind.QUESTION
    return str(Topic.Kind.QUESTION if is_question else Topic.Kind.THREAD)


@action
def add_topic(meeting: Meeting, topic: TopicPlan, *, by: Any) -> Topic:
    """Put a topic on the agenda, at its end. A thing that is on it already is not put there twice."""
    with writing(meeting.board, by) as log:
        return write_topic(log, fresh_meeting(log, meeting), topic)


def write_topic(log: Log, meeting: Meeting, plan: TopicPlan) -> Topic:
    """A new topic, within an open change."""
    rows = list(Topic.objects.filter(meeting=meeting).select_related("owner"))
    if plan.about is not None:
        known = next((one for one in rows if one.about == plan.about and one.dropped_at is None), None)
        if known is not None:
            known.meeting = meeting
            return known
    refuse_many(len(rows), limits.TOPICS, "A meeting can have {} topics, dropped ones included.", "text")
    topic = Topic(
        meeting=meeting,
        kind=plan.kind,
        about=plan.about,
        text=clean_text(plan.text, needed=plan.about is None),
        owner=plan.owner,
        prompt=plan.prompt,
        minutes=clean_minutes(plan.minutes),
        position=position_between(rows),
    )
    if plan.owner is not None:
        on_board(log, [plan.owner], "owner")
    if plan.about is not None:
        things = Things.of(meeting.board, [topic])
        if things.about(topic) is None:
            raise Refused("That is not on this board.", "about")
        if ended := things.written(topic):
            raise Refused(f"{ended} It needs no talk.", "about")
    log.record("topic.added", topic, after=topic_facts(topic))
    topic.save()
    return topic


@action
def change_topic(topic: Topic, *, by: Any, seen: int | None = None, **values: Any) -> Topic:
    """Set what is given of `VALUES`. Raises one `Clash` for all that somebody else changed since `seen`."""
    with writing(topic.meeting.board, by) as log:
        topic = fresh_topic(log, topic)
        was = topic_facts(topic)
        differences = []
        for name, value in values.items():
            try:
                _settle(log, topic, name, value, seen)
            except Clash as clash:
                differences += clash.differences
        if differences:
            raise Clash(differences, topic.version, topic)
        now = topic_facts(topic)
        changed = [name for name in VALUES if was[name] != now[name]]
        if changed:
            before, after = ({name: facts[name] for name in changed} for facts in (was, now))
            log.record("topic.changed", topic, before=before, after=after)
            topic.keep(*changed)
        return topic


def _settle(log: Log, topic: Topic, name: str, value: Any, seen: int | None) -> None:
    if name == "text":
        text = clean_text(value, needed=topic.about is None)
        topic.text = settle_text(log, topic, "text", "Topic", text, seen)
        return
    if name == "minutes":
        value = clean_minutes(value)
    theirs = getattr(topic, name)
    if name == "owner":
        facts = (person_fact(theirs), person_fact(value))
        sent = (str(theirs.pk) if theirs else "", str(value.pk) if value else "")
        if value is not None and value != theirs:
            on_board(log, [value], "owner")
    else:
        facts, sent = (theirs, value), (str(theirs), str(value))
    if seen is not None and facts[0] != facts[1] and topic.changed_since(name, seen):
        base, _ = base_of(log, topic, name, seen)
        if base == facts[1]:  # somebody else changed it; this form only carried it along
            return
    settle_value(log, topic, name, VALUES[name], theirs=facts[0], yours=facts[1], seen=seen, values=sent)
    setattr(topic, name, value)


@action
def move_topic(
    topic: Topic, *, by: Any, before: Topic | None = None, after: Topic | None = None, at: str = ""
) -> Topic:
    """Put it next to another topic of the agenda, without one at the end; or with `at` at that key."""
    with writing(topic.meeting.board, by) as log:
        topic = fresh_topic(log, topic)
        rows = list(Topic.objects.filter(meeting=topic.meeting).order_by("position", "pk"))
        if at:
            position = position_again(rows, topic, at)
        else:
            position = position_between(rows, moving=topic, before=before, after=after)
        if position != topic.position and _order(rows, topic, position) != [row.pk for row in rows]:
            was, topic.position = topic.position, position
            log.record("topic.moved", topic, before={"position": was}, after={"position": position})
            topic.keep("position")
        return topic


def _order(rows: Sequence[Topic], topic: Topic, position: str) -> list[int]:
    placed = [(position if row.pk == topic.pk else row.position, row.pk) for row in rows]
    return [pk for _, pk in sorted(placed)]


@action
def note_topic(topic: Topic, notes: str, *, by: Any, seen: int | None = None) -> Topic:
    """Write the notes of a topic; what several write is merged by line. Raises `Clash` for the same lines."""
    with writing(topic.meeting.board, by) as log:
        topic = fresh_topic(log, topic)
        notes = _clean_notes(notes)
        both = settle_text(log, topic, "notes", "Notes", notes, seen, by_line=True, keep_additions=True)
        notes = _clean_notes(both)
        if notes != topic.notes:
            was, topic.notes = topic.notes, notes
            log.record("topic.noted", topic, before={"notes": was}, after={"notes": notes})
            topic.keep("notes")
        return topic


def _clean_notes(text: str) -> str:
    return cleaned(text, field="notes", what="The notes", longest=LONG_TEXT, lines=True, needed=False)


@action
def drop_topic(topic: Topic, *, by: Any) -> Topic:
    """Take it off the agenda. One that has its outcome stays."""
    with writing(topic.meeting.board, by) as log:
        topic = fresh_topic(log, topic, dropped=True)
        if topic.dropped_at is None:
            if topic.outcome:
                raise Refused("This topic has its outcome. It stays in the minutes.")
            if topic.meeting.at_hand == topic.uid:
                raise Refused("This topic is at hand. Turn to another one first.")
            topic.dropped_at = log.now
            before = {"name": name_of(topic), "meeting": meeting_fact(topic.meeting)}
            log.record("topic.dropped", topic, before=before)
            topic.keep("dropped_at")
        return topic


@action
def restore_topic(topic: Topic, *, by: Any) -> Topic:
    """Put it back in its place."""
    with writing(topic.meeting.board, by) as log:
        topic = fresh_topic(log, topic, dropped=True)
        if topic.dropped_at is not None:
            rows = list(Topic.objects.filter(meeting=topic.meeting).order_by("position", "pk"))
            twin = next((row for row in rows if row.about == topic.about and row.dropped_at is None), None)
            if topic.about is not None and twin is not None:
                raise Refused("It is on the agenda again already.")
            topic.dropped_at, topic.position = None, position_again(rows, topic)
            log.record("topic.restored", topic, after=topic_facts(topic))
            topic.keep("dropped_at", "position")
        return topic


def write_written(log: Log, topic: Topic, reason: str) -> None:
    """Note within an open change that what a topic is about came to its end by itself."""
    write_outcome(log, topic, Topic.Outcome.WRITTEN, reason=reason)


def write_outcome(
    log: Log, topic: Topic, outcome: str, *, made: Any = None, key: str = "", reason: str = ""
) -> None:
    """Note within an open change what came out of a topic: `made` is the thing, `key` how it is called."""
    fact = {"id": str(made.uid), "key": key} if made is not None else None
    facts = {"name": name_of(topic), "outcome": str(outcome), "made": fact, "reason": reason}
    log.record("topic.settled", topic, before={"outcome": topic.outcome}, after=facts)
    topic.outcome, topic.reason = outcome, reason
    topic.made, topic.settled_at = made.uid if made is not None else None, log.now
    topic.keep("outcome", "reason", "made", "settled_at")


@action
def reopen_topic(topic: Topic, *, by: Any) -> Topic:
    """Take its outcome back, while the meeting goes on; what it made stays."""
    with writing(topic.meeting.board, by) as log:
        topic = fresh_topic(log, topic)
        if topic.outcome:
            made = {"id": str(topic.made)} if topic.made else None
            before = {"outcome": topic.outcome, "reason": topic.reason, "made": made}
            after = {"name": name_of(topic), "outcome": "", "made": None, "reason": ""}
            log.record("topic.reopened", topic, before=before, after=after)
            topic.outcome, topic.reason, topic.made, topic.settled_at = "", "", None, None
            topic.keep("outcome", "reason", "made", "settled_at")
        return topic


@action
def settle_again(topic: Topic, outcome: str, *, by: Any, made: Any = None, reason: str = "") -> Topic:
    """Undo that a topic was opened again: it has the outcome that it had; `made` is that fact of the log."""
    with writing(topic.meeting.board, by) as log:
        topic = fresh_topic(log, topic)
        if not topic.outcome:
            facts = {"name": name_of(topic), "outcome": outcome, "made": made, "reason": reason}
            log.record("topic.settled", topic, before={"outcome": ""}, after=facts)
            topic.outcome, topic.reason = outcome, reason
            topic.made, topic.settled_at = uuid.UUID(made["id"]) if made else None, log.now
            topic.keep("outcome", "reason", "made", "settled_at")
        return topic
