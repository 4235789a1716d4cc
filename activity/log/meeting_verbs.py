"""The verbs about meetings and their topics."""

from __future__ import annotations

from activity.log.values import Value
from activity.log.verb_registry import define

_MEETING = "name state"
define(
    "meeting.planned",
    "people",
    "planned a meeting",
    "Meeting",
    "name number title starts_at minutes organiser invited",
    feed={"one": "Planned the meeting", "several": "Planned the meetings"},
)
define(
    "meeting.changed",
    "people",
    "changed a meeting",
    "Meeting",
    sets=(
        Value("title", "Title"),
        Value("starts_at", "Begins"),
        Value("minutes", "Minutes"),
        Value("invited", "Invited", empty="Nobody"),
    ),
)
define("meeting.started", "clock", "began a meeting", "Meeting", _MEETING)
define("meeting.turned", "right", "turned to a topic of a meeting", "Topic at hand", "topic")
define(
    "meeting.closed",
    "check",
    "closed a meeting",
    "Meeting",
    _MEETING,
    feed={"one": "Closed the meeting", "several": "Closed the meetings"},
    final="Minutes stay as they are. Put what is left on the agenda of another meeting.",
)
define(
    "meeting.not_needed",
    "check",
    "found that a meeting is not needed",
    "Meeting",
    _MEETING,
    feed={"one": "No longer needed: the meeting", "several": "No longer needed: the meetings"},
)
define("meeting.cancelled", "x", "cancelled a meeting", "Meeting", f"{_MEETING} reason")
define("meeting.reopened", "undo", "planned a meeting again", "Meeting", _MEETING)

_TOPIC = "meeting kind about text owner minutes position"
define("topic.added", "plus", "put a topic on an agenda", "Topic", f"name {_TOPIC}")
define(
    "topic.changed",
    "edit",
    "changed a topic of an agenda",
    "Topic",
    sets=(
        Value("text", "Topic"),
        Value("owner", "Owner", empty="Nobody"),
        Value("minutes", "Minutes"),
    ),
)
define("topic.moved", "board", "moved a topic of an agenda", "Place", "position")
define("topic.noted", "edit", "took notes on a topic", sets=(Value("notes", "Notes"),))
define("topic.settled", "check", "settled a topic", "Outcome", "name outcome made reason")
define("topic.reopened", "undo", "opened a topic again", "Topic", "name outcome")
define("topic.dropped", "x", "took a topic off an agenda", "Topic")
define("topic.restored", "undo", "put a topic back on an agenda", "Topic", f"name {_TOPIC}")
