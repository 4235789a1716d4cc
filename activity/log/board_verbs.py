"""The verbs about a board itself: its members, columns, labels, saved searches and card templates."""

from __future__ import annotations

from activity.log.values import Kind, Value
from activity.log.verb_registry import define
from fluxboard.core.recurrence import WEEKDAYS

define(
    "board.created",
    "board",
    "made this board",
    facts="key name",
)
define("board.renamed", "edit", "renamed this board", sets=(Value("name", "Name"),))
define("board.rekeyed", "edit", "changed the board's key", sets=(Value("key", "Key"),))
define("board.described", "edit", "described this board", sets=(Value("description", "Description"),))
define(
    "board.configured",
    "gear",
    "changed the board's settings",
    "Settings",
    sets=(
        Value("wip_rule", "A full column"),
        Value("stale_after", "Days until stale"),
        Value("answer_days", "Days to answer"),
        Value("check_ins", "Check-ins", empty="None"),
        Value("card_fields", "Fields of a card"),
    ),
)
OPEN_TO = Value("open_to", "Open to", empty="Members only")
define("board.opened", "eye", "opened this board to everyone", sets=(OPEN_TO,))
define("board.closed", "eye", "closed this board to everyone but its members", sets=(OPEN_TO,))
define("board.archived", "archive", "archived this board")
define("board.restored", "undo", "restored this board")

define(
    "member.added",
    "user",
    "added a member",
    "Role",
    "person role",
    feed={
        "one": "Added",
        "several": "Added",
        "rest": " to the board",
        "themselves": "Joined",
        "whom": "added {name} to the board",
        "oneself": "joined the board",
    },
)
define(
    "member.role_changed",
    "user",
    "changed a member's role",
    "Role",
    "person role",
    feed={"whom": "changed {name}’s role", "oneself": "changed their own role"},
)
define(
    "member.removed",
    "user",
    "removed a member",
    "Role",
    feed={"whom": "removed {name} from the board", "oneself": "left the board"},
)
define(
    "member.claimed",
    "user",
    "took over what an import brought under their name",
    "Member",
    "person",
    final="Whoever claims a name keeps what stands under it. An owner can take them off the board.",
)

# A stretch of days by its id, which stays when the days change; all of it in every row.
ABSENCE = "person stretch first last reason cover"
define("member.away", "cal", "noted an absence", "", ABSENCE)
define("member.away_changed", "cal", "changed an absence", "", ABSENCE)
define("member.back", "undo", "took back an absence", "", "person stretch last")

define(
    "column.added",
    "plus",
    "added a column",
    "Column",
    "name position",
    feed={"one": "Added the column", "several": "Added the columns"},
)
define("column.renamed", "edit", "renamed a column", sets=(Value("name", "Name"),))
define("column.moved", "board", "moved a column", "Place", "position")
define(
    "column.limited",
    "filter",
    "changed a column's limit",
    sets=(Value("wip_limit", "Limit", empty="No limit"),),
)
define(
    "column.marked_done", "check", "changed what counts as done", sets=(Value("is_done", "Counts as done"),)
)
define("column.archived", "archive", "archived a column")
define("column.restored", "undo", "restored a column")

define(
    "label.created",
    "tag",
    "made a label",
    "Label",
    "name hue",
    feed={"one": "Made the label", "several": "Made the labels"},
)
define("label.renamed", "tag", "renamed a label", sets=(Value("name", "Label"),))
define("label.recoloured", "tag", "recoloured a label", sets=(Value("hue", "Colour"),))
define("label.removed", "tag", "removed a label", "Label")
define("label.restored", "undo", "restored a label", "Label", "name hue")

define(
    "search.saved",
    "search",
    "saved a search for everyone here",
    "Search",
    "name query",
    feed={"one": "Saved the search", "several": "Saved the searches"},
)
define("search.renamed", "search", "renamed a saved search", sets=(Value("name", "Search"),))
define("search.removed", "x", "removed a saved search", "Search")
define("search.restored", "undo", "restored a saved search", "Search", "name query")

define(
    "template.saved",
    "template",
    "saved a card template",
    "Template",
    "name title what why done_when constraints steps labels assignee",
    feed={"one": "Saved the card template", "several": "Saved the card templates"},
)
define(
    "template.changed",
    "template",
    "changed a card template",
    "Template",
    sets=(
        Value("name", "Name"),
        Value("title", "Title"),
        Value("what", "What"),
        Value("why", "Why"),
        Value("done_when", "Done when"),
        Value("constraints", "Constraints"),
        Value("steps", "Checklist"),
        Value("labels", "Labels"),
        Value("assignee", "Assignee", empty="Nobody"),
    ),
)
define(
    "template.made_default",
    "template",
    "changed what new cards begin with",
    sets=(Value("is_default", "New cards begin with it"),),
)
define("template.removed", "x", "removed a card template", "Template")
define(
    "template.restored",
    "undo",
    "restored a card template",
    "Template",
    "name title what why done_when constraints steps labels assignee",
)

CHECK_IN = "person day text shown"
define("checkin.given", "comment", "checked in", "Check-in", CHECK_IN, "text")
define("checkin.changed", "edit", "corrected a check-in", "Check-in", texts="text")
define("checkin.removed", "x", "took back a check-in", "Check-in", texts="text")

define(
    "weeklylink.made",
    "link",
    "made a link to the weekly report",
    "Link",
    "shows expires",
    final="Revoke the link where it was made.",
)
define(
    "weeklylink.revoked",
    "x",
    "revoked a link to the weekly report",
    "Link",
    final="A link that was revoked stays so. Make a new one.",
)

STOPS = Value("stops", "The standup stops", Kind.DAY)
TRIAL_CHOICES = {"keep": "Keep it so", "adapt": "Adapt, and try again", "back": "Go back to the standup"}
TRIAL = (
    STOPS,
    Value("minutes", "Minutes of the standup"),
    Value("team", "People of the standup"),
    Value("weekdays", "Days of the standup", choices=WEEKDAYS),
)
define(
    "trial.started",
    "clock",
    "said when the standup stops, on trial",
    "Trial",
    " ".join(value.name for value in TRIAL),
    feed={"one": "The standup stops, on trial, on", "several": "The standup stops, on trial, on"},
)
define("trial.changed", "clock", "changed the trial without a standup", "Trial", sets=TRIAL)
define("trial.removed", "x", "called off the trial without a standup", "Trial")
define(
    "trial.decided",
    "check",
    "decided what comes of the trial without a standup",
    "Trial",
    "choice text report",
    "text",
)
define(
    "trial.reopened",
    "undo",
    "took back what comes of the trial without a standup",
    "Trial",
    texts="text",
)

SCHEDULE = "template column rule first time zone"
define(
    "schedule.saved",
    "cal",
    "put a card template on the calendar",
    "Schedule",
    SCHEDULE,
    feed={"one": "Put on the calendar:", "several": "Put on the calendar:"},
)
define(
    "schedule.changed",
    "cal",
    "changed when cards open by themselves",
    "Schedule",
    sets=(
        Value("rule", "Repeats", Kind.RULE),
        Value("first", "From", Kind.DAY),
        Value("time", "At"),
        Value("zone", "Time zone", empty="That of whoever gets the card"),
        Value("column", "Column"),
        Value("rota", "In turn", empty="Nobody", is_ordered=True),
    ),
)
define("schedule.paused", "clock", "paused cards that open by themselves", "Schedule")
define("schedule.resumed", "clock", "let cards open by themselves again", "Schedule")
define(
    "schedule.skipped",
    "right",
    "skipped a card that would have opened by itself",
    sets=(Value("upto", "Done with up to", empty="Nothing yet"),),
)
define("schedule.removed", "x", "took a card template off the calendar", "Schedule")
define("schedule.restored", "undo", "put a card template back on the calendar", "Schedule", SCHEDULE)
