"""What the comments of a card look like to one reader, loaded in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from boards.covering import covers_for
from boards.models import Card, Role
from boards.rendering.markdown import Names, Page, as_typed, render
from comments.answerers import asks_shown
from comments.models import Ask, Comment
from comments.reuse import ANSWERED, answers_of, times_reused
from fluxboard.accounts import working_hours
from fluxboard.core.postgres.statements import PARAM_CARD, PreparedQuery

_AT_FIRST = 100
MOST_AT_FIRST = 300  # their replies included
FAR = dt.timedelta(hours=2)


@dataclass
class Thread:
    """A card's comments: `shown` in order, each with its `shown_replies`; `earlier` ones are left out."""

    shown: list[Any] = field(default_factory=list)
    earlier: int = 0
    count: int = 0


def thread_of(card: Card, reader: Any, role: Role, now: dt.datetime, *, everything: bool = False) -> Thread:
    """The comments on `card` for `reader`: the last hundred threads, or `everything`. Four queries.

    Of threads with many replies fewer are shown at first.
    """
    comments, asks = _said_and_asked()
    rows: list[Any] = comments.all(card=card.pk)
    asked: dict[int, list[Ask]] = {}
    for ask in asks.all(card=card.pk) if rows else ():
        asked.setdefault(ask.comment_id, []).append(ask)
    for row in rows:
        row.asked_of = asked.get(row.pk, [])
    waited = (ask.person for row in rows if row.is_open_question for ask in row.asked_of)
    covers = covers_for(card.board_id, waited, now)
    names = Names.on(card.board) if rows else Names()
    _add_known(rows, reader)
    tops = [row for row in rows if row.parent_id is None]
    earlier = 0 if everything else _earlier(tops, rows)
    shown = {top.pk: top for top in tops[earlier:]}
    plain = _left_as_typed(row for row in reversed(rows) if (row.parent_id or row.pk) in shown)
    for row in rows:
        if (row.parent_id or row.pk) in shown:
            prepare(row, card, reader, role, now, names, is_plain=row.pk in plain, covers=covers)
        if row.parent_id in shown:
            shown[row.parent_id].shown_replies.append(row)
    for top in shown.values():
        top.thread_look = (top.look, tuple(reply.look for reply in top.shown_replies))
    return Thread(list(shown.values()), earlier, sum(row.removed_at is None for row in rows))


def _add_known(rows: list[Any], reader: Any) -> None:
    """Of questions: what answered one before it was asked, and how many others an answered one answers."""
    known = answers_of(rows, reader)
    ended = {row.uid for row in rows if row.kind == Comment.Kind.QUESTION and row.settled_how in ANSWERED}
    times = times_reused(ended, reader)
    for row in rows:
        row.known, row.times_reused = known.get(row.answered_by), times.get(row.uid, 0)


def _earlier(tops: list[Any], rows: list[Any]) -> int:
    """How many threads are left out at first: all but the last hundred, or fewer where they are long."""
    replies = Counter(row.parent_id for row in rows)
    left = MOST_AT_FIRST
    for at in range(len(tops) - 1, max(len(tops) - _AT_FIRST, 0) - 1, -1):
        left -= 1 + replies[tops[at].pk]
        if left < 0 and at < len(tops) - 1:
            return at + 1
    return max(len(tops) - _AT_FIRST, 0)


def _left_as_typed(rows: Iterable[Any]) -> set[int]:
    """Of comments, newest first, those that a page no longer lays out."""
    page = Page()
    return {row.pk for row in rows if not page.takes(row.text)}


@functools.cache
def _said_and_asked() -> tuple[PreparedQuery[Comment], PreparedQuery[Ask]]:
    comments = Comment.objects.filter(card=PARAM_CARD)
    asks = Ask.objects.that_can_answer().filter(comment__card=PARAM_CARD)
    shown = ("author", "removed_by", "decision__superseded_by")
    return (
        PreparedQuery(comments.select_related(*shown).order_by("id"), {PARAM_CARD: "card"}),
        PreparedQuery(asks.select_related("person").order_by("id"), {PARAM_CARD: "card"}),
    )


def prepare(
    comment: Any,
    card: Card,
    reader: Any,
    role: Role,
    now: dt.datetime,
    names: Names,
    *,
    is_plain: bool = False,
    covers: Collection[Any] = (),
) -> Any:
    """Give a comment what its template shows: `html`, `said_at`, `there`, and what the reader may do.

    `covers` are those who stand in on the board for people that are away.

    `html` is drawn when a template asks for it, as it was typed with `is_plain`; `look` is all that the
    comment shows without its replies.
    """
    comment.card = card
    comment.shown_replies = []
    comment.html = partial(as_typed, comment.text) if is_plain else partial(render, comment.text, names)
    comment.said_at = comment.source_at or comment.at
    comment.there = hour_there(comment, reader, now)
    is_decision, is_mine = comment.kind == Comment.Kind.DECISION, comment.author_id == reader.pk
    comment.may_edit = is_mine and not is_decision
    comment.may_remove = (is_mine or role.covers(Role.OWNER)) and not is_decision
    instead = [person for person in covers if person.pk != comment.author_id]
    open_now = now if comment.is_open_question else None
    comment.asked = asks_shown(getattr(comment, "asked_of", ()), reader, open_now, instead)
    comment.decided = getattr(comment, "decision", None) if comment.kind == Comment.Kind.DECISION else None
    comment.may_decide = comment.kind == Comment.Kind.COMMENT and comment.removed_at is None
    comment.may_close = comment.may_edit and comment.is_open_question
    comment.may_link = comment.is_open_question and (
        is_mine or role.covers(Role.OWNER) or any(ask.is_mine for ask in comment.asked)
    )
    comment.may_hand_on = comment.is_open_question and (is_mine or role.covers(Role.OWNER))
    comment.is_escalated = comment.parent_id is None and comment.state == "escalated"
    comment.look = (*_look(comment, card, names), is_plain)
    return comment


def _look(comment: Any, card: Card, names: Names) -> tuple[Any, ...]:
    author, removed_by = comment.author, comment.removed_by
    people = (author.name, author.hue, removed_by.name if removed_by else "")
    may = (comment.may_edit, comment.may_remove, comment.may_hand_on, comment.may_link)
    reuse = (getattr(comment, "known", None), getattr(comment, "times_reused", 0))
    asked = tuple(ask.look for ask in comment.asked)
    newer = comment.decided.superseded_by if comment.decided else None
    said = (comment.uid, comment.version, comment.state, card.key, people, names.look, comment.there, may)
    return (*said, *reuse, asked, newer.key if newer else "", comment.decided.key if comment.decided else "")


def hour_there(comment: Any, reader: Any, now: dt.datetime) -> str:
    """The author's hour, as "09:52 in Tokyo", where it is far from the reader's and the comment is new."""
    at, zone = comment.said_at, comment.author.time_zone
    if now - at > dt.timedelta(days=1) or zone == "UTC":
        return ""
    there, here = working_hours.local(at, zone), working_hours.local(at, reader.time_zone)
    apart = abs((there.utcoffset() or dt.timedelta()) - (here.utcoffset() or dt.timedelta()))
    return f"{there:%H:%M} in {zone.rpartition('/')[2].replace('_', ' ')}" if apart > FAR else ""


def answers_when(card: Card, thread: Thread, reader: Any, now: dt.datetime) -> str:
    """When whoever is likely to answer is at work: the last other person to speak, else the assignee."""
    spoken = [row for top in thread.shown for row in [top, *top.shown_replies] if row.removed_at is None]
    others = [row.author for row in sorted(spoken, key=lambda row: row.pk) if row.author_id != reader.pk]
    person = others[-1] if others else card.assignee
    if person is None or person.pk == reader.pk or not person.is_active or not person.is_claimed:
        return ""
    words = working_hours.at_work_words(person, now)
    if not words:
        return ""
    return (
        f"{person.first_name} is {words}"
        if working_hours.is_told_as_it_is(person, now)
        else f"{person.first_name} {words}"
    )
