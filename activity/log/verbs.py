"""Every verb of the log, once: name, icon, all its words, the facts it needs, which of them are typed texts.

A card's history, the feed, e-mail, notices, undo and imports take their words from here. A verb that is not
registered cannot be recorded.
"""

from __future__ import annotations

from activity.log import board_verbs as board_verbs
from activity.log import meeting_verbs as meeting_verbs
from activity.log.values import Kind, Value
from activity.log.verb_registry import UNDONE, VERBS, Verb, define

__all__ = ["CARD_VALUES", "UNDONE", "VERBS", "Verb"]

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
    "added a participant",
    "Participants",
    "participant",
    feed={"": "Added", "rest": " to the card", "themselves": "Joined"},
)
define(
    "card.left",
    "user",
    "removed a participant",
    "Participants",
    feed={"": "Took off", "too": "; took off {names}", "themselves": "Left"},
)
define("card.labelled", "tag", "labelled {this}", "Labels", "label", feed={"": "Labelled"})
define(
    "card.unlabelled",
    "tag",
    "removed a label",
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
        "all": "Ticked all items,",
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
    "comment.edited", "edit", "edited a comment", "Comment", "text", "text", feed={"": "Edited a comment:"}
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
    feed={"whose": "answered {name}’s question", "": "Answered {whose} question:", "known": " by {key}"},
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
REVIEW_ON = Value("review_on", "Look again on", Kind.DAY, empty="No day")
define("decision.review_set", "cal", "said when to look at a decision again", sets=(REVIEW_ON,))
# Whoever says it as the last of those asked ends the round: then it sets `review_on` as well.
define("decision.confirmed", "check", "said that a decision is still true", REVIEW_ON.label, "person round")
define(
    "decision.confirmation_withdrawn", "x", "no longer says that a decision is still true", REVIEW_ON.label
)

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
