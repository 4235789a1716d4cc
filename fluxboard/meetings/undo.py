"""The changes back of meetings and their agendas."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model

from activity.errors import Clash, Refused
from boards.undo.find import person_called
from boards.undo.registry import Undo, undoes, version_of
from fluxboard.meetings.actions import meetings, topics
from fluxboard.meetings.actions.base import meeting_facts, topic_facts
from fluxboard.meetings.models import Meeting, Topic


@undoes("meeting.planned")
def _planned(undo: Undo) -> None:
    meetings.cancel_meeting(undo.thing, by=undo.by)


@undoes("meeting.changed")
def _changed(undo: Undo) -> None:
    meeting: Meeting = undo.thing
    present = meeting_facts(meeting, meeting.invited.order_by("pk"))
    values = _settled(undo, meeting, {name: present[name] for name in undo.before if name in present})
    if "starts_at" in values:
        values["starts_at"] = _moment(values["starts_at"])
    if "invited" in values:
        uids = [fact["id"] for fact in values["invited"]]
        values["invited"] = list(get_user_model().objects.filter(uid__in=uids, boards=undo.log.board))
    meetings.change_meeting(meeting, by=undo.by, **values)


def _moment(fact: Any) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(fact)
    except (TypeError, ValueError):
        raise Refused("What it was can't be read any more.") from None


@undoes("meeting.started", "meeting.cancelled", "meeting.not_needed")
def _state(undo: Undo) -> None:
    """Back to being planned; a meeting that was cancelled while it ran begins again."""
    if undo.thing.state != undo.after["state"]:
        raise Refused("The meeting has gone on since. Reload the page to see where it stands.")
    meetings.reopen_meeting(undo.thing, by=undo.by)


@undoes("meeting.reopened")
def _reopened(undo: Undo) -> None:
    meeting = undo.thing
    if meeting.state != Meeting.State.PLANNED:
        raise Refused("The meeting has gone on since. Reload the page to see where it stands.")
    match undo.before["state"]:
        case Meeting.State.RUNNING:
            meetings.start_meeting(meeting, by=undo.by)
        case Meeting.State.CANCELLED:
            meetings.cancel_meeting(meeting, undo.before.get("reason", ""), by=undo.by)
        case _:
            if meetings.mark_not_needed(meeting, by=undo.by) is None:
                raise Refused("The meeting is needed by now: a topic of it is open, or it is over.")


@undoes("meeting.turned")
def _turned(undo: Undo) -> None:
    meeting, was = undo.thing, undo.before["topic"]
    topic = Topic.objects.filter(meeting=meeting, uid=was["id"]).first() if was else None
    meetings.turn_to(meeting, topic, by=undo.by)


@undoes("topic.added", "topic.restored")
def _added(undo: Undo) -> None:
    topics.drop_topic(undo.thing, by=undo.by)


@undoes("topic.dropped")
def _dropped(undo: Undo) -> None:
    topics.restore_topic(undo.thing, by=undo.by)


@undoes("topic.changed")
def _topic_changed(undo: Undo) -> None:
    topic: Topic = undo.thing
    present = topic_facts(topic)
    values = _settled(undo, topic, {name: present[name] for name in undo.before if name in topics.VALUES})
    if "owner" in values:
        values["owner"] = person_called(undo, values["owner"])
    topics.change_topic(topic, by=undo.by, **values)


@undoes("topic.moved")
def _moved(undo: Undo) -> None:
    if undo.goes_back(undo.thing, "", "", _on_the_agenda):
        topics.move_topic(undo.thing, by=undo.by, at=undo.before["position"])


def _on_the_agenda(topic: Topic, _: str) -> tuple[str, list[tuple[str, str]]]:
    rows = Topic.objects.filter(meeting=topic.meeting_id, dropped_at=None).exclude(pk=topic.pk)
    return "", [(row.position, str(row)) for row in rows.order_by("position", "pk")]


@undoes("topic.noted")
def _noted(undo: Undo) -> None:
    topic = undo.thing
    notes = undo.settled(topic, "notes", now=topic.notes, was=undo.before["notes"])
    topics.note_topic(topic, notes, by=undo.by)


@undoes("topic.settled")
def _settled_topic(undo: Undo) -> None:
    topics.reopen_topic(undo.thing, by=undo.by)


@undoes("topic.reopened")
def _reopened_topic(undo: Undo) -> None:
    was = undo.before
    topics.settle_again(
        undo.thing, was["outcome"], by=undo.by, made=was.get("made"), reason=was.get("reason", "")
    )


def _settled(undo: Undo, thing: Any, present: dict[str, Any]) -> dict[str, Any]:
    """What each of several values of one change is to be again; `present` are their facts now.

    Raises one `Clash` for all that somebody changed since.
    """
    values, differences = {}, []
    for name, now in present.items():
        try:
            values[name] = undo.settled(thing, name, now=now, was=undo.before[name])
        except Clash as clash:
            differences += clash.differences
    if differences:
        raise Clash(differences, version_of(thing), thing)
    return values
