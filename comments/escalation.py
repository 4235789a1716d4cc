"""When a thread goes back and forth without an outcome: talk, then write it down.

Alternations between people are counted, not comments: two comments in a row by one person are one turn.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, fresh_card, writing
from comments.counts import count_open
from comments.models import Comment

ROUNDS = 3


def rounds(speakers: list[int]) -> int:
    """How often the word went from one person to another, in the order in which they spoke."""
    return sum(one != next_one for one, next_one in pairwise(speakers))


def speakers_of(thread: Comment) -> list[int]:
    """Who spoke in a thread, in order; removed comments do not count."""
    said = Comment.objects.filter(parent=thread, removed_at=None).order_by("id")
    first = [] if thread.removed_at else [thread.author_id]
    return [*first, *said.values_list("author_id", flat=True)]


def escalate_when_due(log: Log, card: Any, thread: Comment) -> None:
    """Mark a thread that went back and forth three times without an outcome, once, within an open change."""
    if thread.is_settled or thread.escalated_at is not None:
        return
    turns = rounds(speakers_of(thread))
    if turns >= ROUNDS:
        thread.escalated_at = log.now
        log.record(
            "thread.escalated",
            thread,
            card=card,
            before={"state": "open"},
            after={"state": "escalated", "rounds": turns},
        )
        thread.keep("escalated_at")
        count_open(card)
        card.keep("questions_open", "threads_escalated")


def settle(
    log: Log, card: Any, thread: Comment, ending: str, verb: str = "thread.settled", **facts: Any
) -> None:
    """Bring a thread to its end, or a question, within an open change; a settled one stays as it is.

    `facts` say what ended it; `answered_by` what had answered a question before it was asked.
    """
    if thread.is_settled:
        return
    before = thread.state
    known = facts.get("answered_by")
    thread.settled_at, thread.settled_how = log.now, ending
    thread.answered_by = UUID(known["id"]) if known else None
    log.record(verb, thread, card=card, before={"state": before}, after={"state": str(ending), **facts})
    thread.keep("settled_at", "settled_how", "answered_by")
    count_open(card)
    card.keep("questions_open", "threads_escalated")


def fresh_talk(log: Log, comment: Comment, *, is_thread: bool) -> tuple[Comment, Any]:
    """A question or a thread and its card, as they are now that the board is locked.

    `Refused` for a question that was removed. A thread goes on by its replies without its first comment.
    """
    now = Comment.objects.select_related("card", "parent").get(pk=comment.pk)
    if now.removed_at is not None and not is_thread:
        raise Refused("This comment was removed.")
    now.card = fresh_card(log, now.card)
    return now, now.card


def reopen(log: Log, card: Any, thread: Comment, verb: str, **facts: Any) -> None:
    """Take back a thread's end, or a question's, within an open change: it is open or escalated again.

    `facts` are those of the end that is taken back.
    """
    before = {**facts, "state": thread.state}
    thread.settled_at, thread.settled_how, thread.answered_by = None, "", None
    log.record(verb, thread, card=card, before=before, after={"state": thread.state})
    thread.keep("settled_at", "settled_how", "answered_by")
    count_open(card)
    card.keep("questions_open", "threads_escalated")


@action
def open_again(thread: Comment, verb: str, *, by: Any, **facts: Any) -> Comment:
    """Undo that a thread was settled, or a question answered or closed, with these `facts`.

    `verb` is `thread.reopened` or `question.reopened`: a question can begin a thread, and end for itself.
    """
    with writing(thread.card.board, by) as log:
        thread, card = fresh_talk(log, thread, is_thread=verb.startswith("thread."))
        if thread.is_settled:
            reopen(log, card, thread, verb, **facts)
        return thread


@action
def calm_thread(thread: Comment, *, by: Any) -> Comment:
    """Undo that a thread was marked as going back and forth."""
    with writing(thread.card.board, by) as log:
        thread, card = fresh_talk(log, thread, is_thread=True)
        if thread.escalated_at is not None and not thread.is_settled:
            thread.escalated_at = None
            log.record(
                "thread.reopened", thread, card=card, before={"state": "escalated"}, after={"state": "open"}
            )
            thread.keep("escalated_at")
            count_open(card)
            card.keep("questions_open", "threads_escalated")
        return thread


@action
def end_again(thread: Comment, state: str, verb: str, *, by: Any, **facts: Any) -> Comment:
    """Undo that a thread or a question was opened again: it is in `state` as before.

    `verb` is that of its end; a thread that is to be escalated again is so when that is due.
    """
    with writing(thread.card.board, by) as log:
        thread, card = fresh_talk(log, thread, is_thread=not verb.startswith("question."))
        if state == "escalated":
            escalate_when_due(log, card, thread)
        else:
            settle(log, card, thread, state, verb, **facts)
        return thread
