"""What happens to comments: post, edit, remove. Each is one verb and one row of the log."""

from __future__ import annotations

from typing import Any

from activity.errors import Forbidden, Refused
from activity.log.record import Log
from activity.log.replay.state import ERASED
from activity.models import REMOVALS, Activity
from boards.actions.base import action, fresh_card, writing
from boards.actions.clean import LONG_TEXT, cleaned
from boards.actions.conflicts import settle_text
from boards.actions.facts import person_fact, text_of
from boards.models import Card, Role
from comments.counts import count_open
from comments.escalation import escalate_when_due
from comments.mentions import people_mentioned
from comments.models import Comment
from comments.questions import answer_when_asked
from comments.threads import refuse_more_comments, top_of


@action
def post_comment(
    card: Card,
    text: str,
    *,
    by: Any,
    parent: Comment | None = None,
    kind: str = Comment.Kind.COMMENT,
) -> Comment:
    """Say something on a card; with `parent` as a reply. A reply to a reply goes to its parent.

    Raises `Refused` for an empty text, one over 20,000 characters, and a parent on another card.
    """
    with writing(card.board, by) as log:
        card = fresh_card(log, card)
        text = cleaned(text, field="text", what="A comment", longest=LONG_TEXT, lines=True)
        thread = top_of(card, parent)
        comment = write_comment(log, card, text, parent=thread, kind=kind)
        if thread is not None:
            answer_when_asked(log, card, thread, comment)
            escalate_when_due(log, card, thread)
        return comment


def write_comment(
    log: Log,
    card: Card,
    text: str,
    *,
    parent: Comment | None = None,
    kind: str = Comment.Kind.COMMENT,
    author: Any = None,
    source_at: Any = None,
) -> Comment:
    """A new comment, within an open change; `author` and `source_at` where it was said elsewhere."""
    author = author or log.by.user
    refuse_more_comments(card)
    mentions = people_mentioned(text, log.board)
    comment = Comment(
        card=card, parent=parent, author=author, kind=kind, text=text, at=log.now, source_at=source_at
    )
    after = {
        "text": text,
        "author": person_fact(author),
        "kind": str(kind),
        "parent": str(parent.uid) if parent else None,
        "mentions": [person_fact(person) for person in mentions],
    }
    card.comments_count += 1
    log.record("comment.posted", comment, card=card, after=after, actor=author, source_at=source_at)
    comment.save()
    comment.mentions.set(mentions)
    card.keep("comments_count")
    return comment


@action
def edit_comment(comment: Comment, text: str, *, by: Any, seen: int | None = None) -> Comment:
    """Change the words of one's own comment; what it said before stays in the history.

    Edits of different lines merge. Raises `Clash` for the same lines, `Forbidden` for another's comment.
    """
    with writing(comment.card.board, by) as log:
        comment = _fresh(log, comment)
        if comment.author_id != log.by.user.pk:
            raise Forbidden("Only its author can edit a comment.")
        if comment.kind == Comment.Kind.DECISION:
            raise Refused("A decision is never edited. Record the one that supersedes it.")
        text = cleaned(text, field="text", what="A comment", longest=LONG_TEXT, lines=True)
        text = settle_text(log, comment, "text", "Comment", text, seen, by_line=True)
        if text != comment.text:
            mentions = people_mentioned(text, log.board)
            before, comment.text, comment.edited_at = comment.text, text, log.now
            log.record(
                "comment.edited",
                comment,
                card=comment.card,
                before={"text": before},
                after={"text": text, "mentions": [person_fact(person) for person in mentions]},
            )
            comment.keep("text", "edited_at")
            comment.mentions.set(mentions)
            comment.card.keep()
        return comment


@action
def remove_comment(comment: Comment, *, by: Any) -> Comment:
    """Take back a comment: a mark stays in its place, its text in the log, for the board's owners.

    Raises `Forbidden` for anyone but its author and the board's owners.
    """
    with writing(comment.card.board, by) as log:
        comment = _fresh(log, comment)
        if comment.author_id != log.by.user.pk:
            _need_owner(log, "Only its author and the board's owners can remove a comment.")
        if comment.kind == Comment.Kind.DECISION:
            raise Refused("A decision is never removed. Record the one that supersedes it.")
        before, comment.text = comment.text, ""
        comment.removed_at, comment.removed_by = log.now, log.by.user
        card = comment.card
        card.comments_count -= 1
        log.record("comment.removed", comment, card=card, before={"text": before}, after={"removed": True})
        comment.keep("text", "removed_at", "removed_by")
        comment.mentions.clear()
        count_open(card)
        card.keep("comments_count", "questions_open", "threads_escalated")
        return comment


@action
def restore_comment(comment: Comment, *, by: Any) -> Comment:
    """Bring a removed comment back to its place, with the text that the log kept.

    Raises `Forbidden` for anyone but who removed it and the board's owners.
    """
    with writing(comment.card.board, by) as log:
        comment = Comment.objects.select_related("card").get(pk=comment.pk)
        comment.card = card = fresh_card(log, comment.card)
        if comment.removed_at is None:
            return comment
        if comment.removed_by_id != log.by.user.pk:
            _need_owner(log, "Only who removed a comment and the board's owners can restore it.")
        comment.text = text_before_removal(comment)
        comment.removed_at = comment.removed_by = None
        mentions = people_mentioned(comment.text, log.board)
        card.comments_count += 1
        log.record(
            "comment.restored",
            comment,
            card=card,
            before={"removed": True},
            after={
                "text": comment.text,
                "removed": False,
                "mentions": [person_fact(person) for person in mentions],
            },
        )
        comment.keep("text", "removed_at", "removed_by")
        comment.mentions.set(mentions)
        count_open(card)
        card.keep("comments_count", "questions_open", "threads_escalated")
        return comment


def text_before_removal(comment: Comment) -> str:
    """What a removed comment said, from the log; the mark when that has been erased."""
    removal = (
        Activity.objects.filter(subject=comment.uid, verb__in=REMOVALS, after__removed=True)
        .order_by("-id")
        .first()
    )
    return (text_of(removal.before["text"]) if removal else "") or ERASED


def _fresh(log: Log, comment: Comment) -> Comment:
    now = Comment.objects.select_related("card").get(pk=comment.pk)
    now.card = fresh_card(log, now.card)
    if now.removed_at is not None:
        raise Refused("This comment was removed meanwhile.")
    return now


def _need_owner(log: Log, message: str) -> None:
    role = log.board.role_of(log.by.user)
    if role is None or not role.covers(Role.OWNER):
        raise Forbidden(message)
