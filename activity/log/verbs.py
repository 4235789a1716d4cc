"""Every verb of the log, once: name, icon, words, the facts it needs, and which of them are typed texts.

The feed, a card's history, e-mail and imports take their words from here. A verb that is not registered
cannot be recorded.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Verb:
    """One thing that can happen.

    `words` completes "Kenji …" where the card is in sight ("moved this"); `field` names what changed, for
    "field · before → after" (empty when there is no single field). `facts` must stand in `after`; `texts`
    are the facts that people type, kept in `ActivityContent` and named by digest. `final` says why it can't
    be undone; empty for what can.
    """

    name: str
    icon: str
    words: str
    field: str = ""
    facts: frozenset[str] = dataclasses.field(default_factory=frozenset)
    texts: frozenset[str] = dataclasses.field(default_factory=frozenset)
    final: str = ""

    @property
    def noun(self) -> str:
        return self.name.partition(".")[0]


VERBS: dict[str, Verb] = {}
UNDONE = "change.undone"


def define(
    name: str, icon: str, words: str, field: str = "", facts: str = "", texts: str = "", *, final: str = ""
) -> None:
    """Register a verb; `facts` and `texts` are words parted by blanks (a text need not be in every row)."""
    if name in VERBS:
        raise ValueError(f"{name} is defined twice")
    VERBS[name] = Verb(name, icon, words, field, frozenset(facts.split()), frozenset(texts.split()), final)


define(
    "board.created",
    "board",
    "made this board",
    facts="key name",
    final="A board is not unmade. Archive it in its settings.",
)
define("board.renamed", "edit", "renamed this board", "Name", "name")
define("board.rekeyed", "edit", "changed the board's key", "Key", "key")
define("board.described", "edit", "described this board", "Description", "description")
define("board.configured", "gear", "changed the board's settings", "Settings")
define("board.opened", "eye", "opened this board to everyone", "Open to", "open_to")
define("board.closed", "eye", "closed this board to everyone but its members", "Open to", "open_to")
define("board.archived", "archive", "archived this board")
define("board.restored", "undo", "restored this board")

define("member.added", "user", "added a member", "Member", "person role")
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

define("column.added", "plus", "added a column", "Column", "name position")
define("column.renamed", "edit", "renamed a column", "Name", "name")
define("column.moved", "board", "moved a column", "Place", "position")
define("column.limited", "filter", "changed a column's limit", "Limit", "wip_limit")
define("column.marked_done", "check", "changed what counts as done", "Counts as done", "is_done")
define("column.archived", "archive", "archived a column")
define("column.restored", "undo", "restored a column")

define("label.created", "tag", "made a label", "Label", "name hue")
define("label.renamed", "tag", "renamed a label", "Label", "name")
define("label.recoloured", "tag", "recoloured a label", "Hue", "hue")
define("label.removed", "tag", "removed a label", "Label")
define("label.restored", "undo", "restored a label", "Label", "name hue")

SPEC = "title what why done_when constraints"
define("card.created", "plus", "added this", "", "number title column position", SPEC)
define("card.retitled", "edit", "renamed this", "Title", "title", "title")
define("card.specified", "edit", "edited this", "", "", SPEC)
define("card.moved", "board", "moved this", "Column", "column position")
define("card.transferred", "board", "moved this to another board", "Board", "", f"{SPEC} text reason")
define("card.assigned", "user", "assigned this", "Assignee", "assignee")
define("card.joined", "user", "joined someone to this", "Participants", "participant")
define("card.left", "user", "took someone off this", "Participants")
define("card.labelled", "tag", "labelled this", "Labels", "label")
define("card.unlabelled", "tag", "took a label off this", "Labels")
define("card.dated", "cal", "dated this", "Due", "due")
define("card.blocked", "block", "blocked this", "Blocked", "reason", "reason")
define("card.unblocked", "check", "unblocked this", "Blocked", "", "reason")
define("card.archived", "archive", "archived this")
define("card.restored", "undo", "restored this")
define(
    "card.erased",
    "x",
    "erased texts of this",
    "Erased",
    "erased reason",
    "reason",
    final="What was erased is gone for good.",
)

define("checklist.added", "check", "added a checklist", "Checklist", "name position", "name")
define("checklist.renamed", "edit", "renamed a checklist", "Checklist", "name", "name")
define("checklist.removed", "x", "removed a checklist", "Checklist", "", "name")
define("checklist.restored", "undo", "restored a checklist", "Checklist", "name position", "name")

define("item.added", "plus", "added an item", "Item", "text position checklist", "text")
define("item.reworded", "edit", "reworded an item", "Item", "text", "text")
define("item.checked", "check", "ticked an item", "Item", "checked", "text")
define("item.unchecked", "undo", "unticked an item", "Item", "checked", "text")
define("item.moved", "board", "moved an item", "Place", "position checklist")
define("item.removed", "x", "removed an item", "Item", "", "text")
define("item.restored", "undo", "restored an item", "Item", "text position checklist checked", "text")
define("item.promoted", "open", "turned an item into a card", "Item", "card", "text")

define("comment.posted", "comment", "commented", "Comment", "text author", "text")
define("comment.edited", "edit", "edited a comment", "Comment", "text", "text")
define("comment.removed", "x", "removed a comment", "Comment", "", "text")
define("comment.restored", "undo", "restored a comment", "Comment", "text", "text")

define("question.asked", "comment", "asked", "Question", "text author asks", "text")
define("question.answered", "check", "answered a question", "Question", "state answer")
define("question.handed_on", "reply", "handed a question on", "Asked", "asks")
define("question.closed", "x", "closed a question", "Question", "state")
define("question.reopened", "undo", "opened a question again", "Question", "state")

A_DECISION_STANDS = "A decision is never taken back. Record the one that supersedes it."
define(
    "decision.recorded",
    "decision",
    "recorded a decision",
    "Decision",
    "number text comment",
    "text",
    final=A_DECISION_STANDS,
)
define("decision.superseded", "decision", "superseded a decision", "Decision", "by", final=A_DECISION_STANDS)
define("decision.agreed", "check", "agreed to a decision", "Agreed by", "person")
define("decision.agreement_withdrawn", "x", "withdrew an agreement", "Agreed by")

define("thread.escalated", "alert", "went back and forth three times", "Thread", "state rounds")
define("thread.settled", "check", "settled a thread", "Thread", "state")
define("thread.reopened", "undo", "opened a thread again", "Thread", "state")

# `undoes` names what was undone (seq and verb), `effect` is the verb of the change back, whose facts it has.
define(UNDONE, "undo", "undid a change", "", "undoes effect")

define(
    "history.imported",
    "history",
    "did this before it came here",
    "",
    "type",
    "sentence before after",
    final="This happened before the board came here.",
)
