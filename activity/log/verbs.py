"""Every verb of the log, once: name, icon, all its words, the facts it needs, which of them are typed texts.

A card's history, the feed, e-mail, notices, undo and imports take their words from here. A verb that is not
registered cannot be recorded.
"""

from __future__ import annotations

from activity.log.values import Kind, Value
from activity.log.verb_registry import UNDONE, VERBS, Verb, define

__all__ = ["CARD_VALUES", "UNDONE", "VERBS", "Verb"]

define(
    "board.created",
    "board",
    "made this board",
    facts="key name",
    final="A board is not unmade. Archive it in its settings.",
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
    "Member",
    "person role",
    feed={"one": "Brought in", "several": "Brought in", "themselves": "Joined"},
)
define("member.role_changed", "user", "changed a member's role", "Role", "person role")
define("member.removed", "user", "removed a member", "Member")
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

_TITLE = Value("title", "Title", Kind.LINE)
SPEC = (
    Value("what", "What", Kind.MARKDOWN),
    Value("why", "Why", Kind.MARKDOWN),
    Value("done_when", "Done when", Kind.MARKDOWN),
    Value("constraints", "Constraints", Kind.MARKDOWN),
)
TEXTS = " ".join(value.name for value in (_TITLE, *SPEC))
define(
    "card.created",
    "plus",
    "added {this}",
    facts="number title column position",
    texts=TEXTS,
    feed={"": "Created", "in a column": "Created in"},
    is_placing=True,
)
define("card.retitled", "edit", "renamed {this}", sets=(_TITLE,))
define("card.specified", "edit", "edited {this}", sets=SPEC)
define(
    "card.moved", "board", "moved {this}", "Column", "column position", feed={"": "Moved"}, is_placing=True
)
define(
    "card.transferred",
    "board",
    "moved {this} to another board",
    "Board",
    texts=f"{TEXTS} text reason",
    feed={"away": "Moved to the board", "here": "Came from the board"},
)
define(
    "card.assigned",
    "user",
    "assigned {this}",
    sets=(Value("assignee", "Assignee", Kind.PERSON, empty="Nobody"),),
    feed={
        "": "Assigned to",
        "nobody": "Assigned to nobody, was",
        "themselves": "Took it",
        "themselves, from": "Took it, from {was}",
    },
)
define(
    "card.joined",
    "user",
    "joined someone to {this}",
    "Participants",
    "participant",
    feed={"": "Brought in", "themselves": "Joined"},
)
define(
    "card.left",
    "user",
    "took someone off {this}",
    "Participants",
    feed={"": "Took off", "too": "; took off {names}", "themselves": "Left"},
)
define("card.labelled", "tag", "labelled {this}", "Labels", "label", feed={"": "Labelled"})
define(
    "card.unlabelled",
    "tag",
    "took a label off {this}",
    "Labels",
    feed={"": "Took off the label", "too": "; took off the label {names}"},
)
define("card.dated", "cal", "dated {this}", sets=(Value("due", "Due", Kind.DAY, empty="No date"),))
SIZES = {"small": "Small", "medium": "Medium", "large": "Large"}
define("card.sized", "size", "sized {this}", sets=(Value("size", "Size", Kind.CHOICE, "No size", SIZES),))
define(
    "card.blocked",
    "block",
    "blocked {this}",
    "Blocked",
    "reason",
    "reason",
    feed={"mark": "Blocked", "": ": ", "waiting": ", waiting on {names}: "},
)
define("card.unblocked", "check", "unblocked {this}", "Blocked", "", "reason", feed={"mark": "Unblocked"})
define("card.archived", "archive", "archived {this}")
define("card.restored", "undo", "restored {this}", is_placing=True)
define(
    "card.erased",
    "x",
    "erased texts of {this}",
    "Erased",
    "erased reason",
    "reason",
    final="What was erased is gone for good.",
)

CHECKLIST = Value("name", "Checklist", Kind.LINE)
define("checklist.added", "check", "added a checklist", "Checklist", "name position", "name")
define("checklist.renamed", "edit", "renamed a checklist", sets=(CHECKLIST,))
define("checklist.removed", "x", "removed a checklist", "Checklist", "", "name")
define("checklist.restored", "undo", "restored a checklist", "Checklist", "name position", "name")

define(
    "item.added",
    "plus",
    "added an item",
    "Item",
    "text position checklist",
    "text",
    feed={"": "added {items}"},
)
define(
    "item.reworded",
    "edit",
    "reworded an item",
    sets=(Value("text", "Item", Kind.LINE),),
    feed={"": "reworded {items}"},
)
define(
    "item.checked",
    "check",
    "ticked an item",
    "Item",
    "checked",
    "text",
    feed={
        "": "Ticked {items}",
        "and unticked": "Ticked {items} and unticked {others}",
        "last": "Ticked the last {items}, now",
        "all": "Finished the checklist,",
        "of": "{done} of {total}",
    },
)
define("item.unchecked", "undo", "unticked an item", "Item", "checked", "text", feed={"": "Unticked {items}"})
define("item.moved", "board", "moved an item", "Place", "position checklist")
define("item.removed", "x", "removed an item", "Item", "", "text", feed={"": "removed {items}"})
define(
    "item.restored",
    "undo",
    "restored an item",
    "Item",
    "text position checklist checked",
    "text",
    feed={"": "restored {items}"},
)
define("item.promoted", "open", "turned an item into a card", "Item", "card", "text")

define(
    "comment.posted",
    "comment",
    "commented",
    "Comment",
    "text author",
    "text",
    feed={"one": "Commented:", "several": "{count} comments:"},
)
define(
    "comment.edited",
    "edit",
    "edited a comment",
    "Comment",
    "text",
    "text",
    feed={"": "Edited a comment:"},
)
define(
    "comment.removed",
    "x",
    "removed a comment",
    "Comment",
    "",
    "text",
    feed={"one": "Removed a comment", "several": "Removed {count} comments"},
)
define(
    "comment.restored",
    "undo",
    "restored a comment",
    "Comment",
    "text",
    "text",
    feed={"one": "Restored a comment:", "several": "Restored {count} comments:"},
)

define(
    "question.asked",
    "comment",
    "asked",
    "Question",
    "text author asks",
    "text",
    feed={"": "Asked:", "people": "Asked {names}:"},
)
define(
    "question.answered",
    "check",
    "answered a question",
    "Question",
    "state answer",
    feed={"whose": "answered {name}’s question", "": "Answered {whose} question:"},
)
define(
    "question.handed_on",
    "reply",
    "handed a question on",
    "Asked",
    "asks",
    feed={
        "whose": "handed {name}’s question on to {taker}",
        "": "Handed {whose} question on to {taker}:",
    },
)
define(
    "question.closed",
    "x",
    "closed a question",
    "Question",
    "state",
    feed={"whose": "closed {name}’s question"},
)
define("question.reopened", "undo", "opened a question again", "Question", "state")

A_DECISION_STANDS = "A decision is never taken back. Record the one that supersedes it."
define(
    "decision.recorded",
    "decision",
    "recorded a decision",
    "Decision",
    "number text comment",
    "text",
    feed={"mark": "Decided D-{number}"},
    final=A_DECISION_STANDS,
)
define("decision.superseded", "decision", "superseded a decision", "Decision", "by", final=A_DECISION_STANDS)
define("decision.agreed", "check", "agreed to a decision", "Agreed by", "person")
define("decision.agreement_withdrawn", "x", "withdrew an agreement", "Agreed by")

define(
    "thread.escalated",
    "alert",
    "took a thread to three rounds without an outcome",
    "Thread",
    "state rounds",
    feed={"": "Three rounds in a thread without an outcome"},
)
define("thread.settled", "check", "settled a thread", "Thread", "state")
define("thread.reopened", "undo", "opened a thread again", "Thread", "state")

# Its `after` has `undoes`, the seq and verb of what was undone; `effect`, the verb of the change that undid
# it; and that change's own facts.
define(
    UNDONE,
    "undo",
    "undid a change",
    facts="undoes effect",
    feed={
        "undone": "undid: {words}",
        "again": "did again: {words}",
        "notice undone": "Undone: {words}",
        "notice again": "Done again: {words}",
    },
)

define(
    "history.imported",
    "history",
    "did this before it came here",
    "",
    "type",
    "sentence before after",
    final="This happened before the board came here.",
)

# The values that a card has, by name.
CARD_VALUES = {value.name: value for verb in VERBS.values() if verb.noun == "card" for value in verb.sets}
