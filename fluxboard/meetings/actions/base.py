"""What every action on a meeting begins with, and what the log keeps of meetings and topics."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import refuse_many
from boards.actions.clean import cleaned
from boards.actions.facts import person_fact
from boards.models import Membership
from comments.models import Comment, Decision
from fluxboard.core import limits
from fluxboard.core.plain_text import cut
from fluxboard.meetings.models import Meeting, Topic
from fluxboard.meetings.things import cards_of, comments_of, decisions_of

LONGEST = 480  # minutes
_AHEAD = dt.timedelta(days=2 * 366)  # how far ahead a meeting may be
_BACK = dt.timedelta(days=1)  # one that is written down when it has begun already
_NAME = 80


def fresh_meeting(log: Log, meeting: Meeting, *, is_open: bool = True) -> Meeting:
    """The meeting as it is now that the board is locked; `Refused` where its agenda can't change any more."""
    now = Meeting.objects.select_related("organiser").get(pk=meeting.pk, board=log.board)
    now.board = log.board
    if is_open and not now.is_open:
        raise Refused(f"This meeting is {now.get_state_display().lower()}. Nothing of it changes any more.")
    return now


def fresh_topic(log: Log, topic: Topic, *, dropped: bool = False) -> Topic:
    """The topic of an open meeting; `Refused` where it was taken off the agenda, unless `dropped`."""
    now = Topic.objects.select_related("owner").get(pk=topic.pk)
    now.meeting = fresh_meeting(log, Meeting(pk=now.meeting_id))
    if now.dropped_at is not None and not dropped:
        raise Refused("This topic was taken off the agenda.")
    return now


def fresh_open_topic(log: Log, topic: Topic) -> Topic:
    """The same; `Refused` too for a topic that has its outcome."""
    now = fresh_topic(log, topic)
    if now.outcome:
        raise Refused("This topic has its outcome already.")
    return now


def clean_meeting_title(title: str) -> str:
    return cleaned(title, field="title", what="The title", longest=limits.MEETING_TITLE)


def clean_start(log: Log, at: dt.datetime) -> dt.datetime:
    """A moment of a meeting's beginning, to the minute; `Refused` beside its field."""
    if at > log.now + _AHEAD:
        raise Refused("Choose a day within two years.", "day")
    if at < log.now - _BACK:
        raise Refused("That is over.", "day")
    return at.astimezone(dt.UTC).replace(second=0, microsecond=0)


def clean_minutes(minutes: int, field: str = "minutes") -> int:
    if not 1 <= minutes <= LONGEST:
        raise Refused(f"Between 1 and {LONGEST} minutes.", field)
    return minutes


def clean_text(text: str, *, needed: bool) -> str:
    return cleaned(text, field="text", what="The topic", longest=limits.TITLE, needed=needed)


def on_board(log: Log, people: list[Any], field: str) -> list[Any]:
    """`people`, each once; `Refused` for who is not on the board."""
    wanted = list({person.pk: person for person in people}.values())
    refuse_many(len(wanted), limits.INVITED + 1, "At most {} people.", field, coming=0)
    here = set(
        Membership.objects.filter(board=log.board, user__in=wanted, user__is_active=True).values_list(
            "user", flat=True
        )
    )
    for person in wanted:
        if person.pk not in here:
            raise Refused(f"{person.name} is not on this board.", field)
    return wanted


# ---- what the log keeps -----------------------------------------------------------------------------------


def meeting_fact(meeting: Meeting) -> dict[str, str]:
    return {"id": str(meeting.uid), "name": meeting.title}


def topic_fact(topic: Topic) -> dict[str, str]:
    return {"id": str(topic.uid), "name": name_of(topic)}


def people_facts(people: Any) -> list[Any]:
    return [person_fact(person) for person in people]


def meeting_facts(meeting: Meeting, invited: Any) -> dict[str, Any]:
    return {
        "title": meeting.title,
        "starts_at": meeting.starts_at.isoformat(),
        "minutes": meeting.minutes,
        "invited": people_facts(invited),
    }


def kind_facts(meeting: Meeting) -> dict[str, str]:
    """Of what kind it is, where it is of one."""
    return {"kind": str(meeting.kind)} if meeting.kind else {}


def topic_facts(topic: Topic) -> dict[str, Any]:
    """All of a topic as it is put on an agenda. What it is about is named by its key, never by its words."""
    return {
        "name": name_of(topic),
        "meeting": meeting_fact(topic.meeting),
        "kind": str(topic.kind),
        "about": about_fact(topic),
        "text": topic.text,
        "owner": person_fact(topic.owner),
        "minutes": topic.minutes,
        "position": topic.position,
        **({"prompt": str(topic.prompt)} if topic.prompt else {}),
    }


def about_fact(topic: Topic) -> dict[str, str] | None:
    return {"id": str(topic.about), "key": key_of(topic)} if topic.about is not None else None


def name_of(topic: Topic) -> str:
    """How the log names a topic: by its own words, else by the key of what it is about."""
    return cut(topic.text, _NAME) if topic.text else key_of(topic)


def key_of(topic: Topic) -> str:
    """`FLX-12` of a card or of the card of a comment, `D-4` of a decision; empty for what is not here."""
    board, about = topic.meeting.board, {topic.about}
    if topic.kind == Topic.Kind.DECISION:
        decision: Decision | None = decisions_of(board, about).get(topic.about)
        return decision.key if decision else ""
    if topic.kind in (Topic.Kind.QUESTION, Topic.Kind.THREAD):
        comment: Comment | None = comments_of(board, about).get(topic.about)
        return f"{board.key}-{comment.card.number}" if comment else ""
    card = cards_of(board, about).get(topic.about)
    return f"{board.key}-{card.number}" if card else ""
