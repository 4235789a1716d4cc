"""The files of an export that hold meetings and their topics."""

from __future__ import annotations

from fluxboard.core import limits
from fluxboard.features.board_export import field_types as k
from fluxboard.features.board_export.lines import Field, maybe_moment, people, person, row
from fluxboard.features.board_export.table import POSITION, THING, Table
from fluxboard.meetings.models import Meeting, Topic

MEETING_TABLES = (
    Table(
        "meetings",
        Meeting,
        "board",
        (
            *THING,
            Field("number", k.number(1, k.WHOLE)),
            Field("kind", k.one_of(*Meeting.Kind.values), before=""),
            Field("title", k.text(limits.MEETING_TITLE, needed=True)),
            Field("starts_at", k.moment),
            Field("minutes", k.number(1, k.SMALL)),
            person("organiser"),
            people("invited"),
            Field("state", k.one_of(*Meeting.State.values)),
            Field("reason", k.text(limits.REASON)),
            Field("at_hand", k.maybe(k.uid)),
            maybe_moment("at_hand_since"),
            maybe_moment("started_at"),
            maybe_moment("ended_at"),
            Field("sequence", k.number(0, k.WHOLE)),
        ),
        computed=frozenset({"board"}),
        is_newer=True,
    ),
    Table(
        "topics",
        Topic,
        "meeting__board",
        (
            *THING,
            row("meeting", "meetings"),
            Field("kind", k.one_of(*Topic.Kind.values)),
            Field("about", k.maybe(k.uid)),
            Field("text", k.text(limits.TITLE)),
            Field("prompt", k.one_of("", *Topic.Prompt.values), before=""),
            person("owner", may_be_nobody=True),
            Field("minutes", k.number(1, k.SMALL)),
            POSITION,
            Field("notes", k.text(limits.TEXT)),
            Field("outcome", k.one_of("", *Topic.Outcome.values)),
            Field("made", k.maybe(k.uid)),
            Field("reason", k.text(limits.REASON)),
            maybe_moment("settled_at"),
            maybe_moment("dropped_at"),
        ),
        is_newer=True,
    ),
)
