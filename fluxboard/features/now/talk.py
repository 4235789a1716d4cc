"""What people wait for in words: what waits on someone, open questions, threads and decisions to look at."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects

from boards.models import Board, Card
from comments.due_reviews import decisions_due, reviews_of
from comments.models import Ask, Comment, Decision
from comments.reviews import ROUND, asked_in_rounds
from comments.waiting import Wait, waiting_on
from fluxboard.accounts.names import first_name
from fluxboard.features.now.cards import MOST_ROWS, row_text
from fluxboard.features.now.groups import NowGroup, NowRow

SAYS = {
    "mention": "{who} mentioned {whom},",
    "thread": "no outcome after three rounds,",
    "stranded": "{who} can no longer answer; hand it on",
    "review": "still true? To be looked at again since",
}


def waiting_group(
    boards: list[Board], whose: Any, reader: Any, now: dt.datetime, waits: list[Wait] | None = None
) -> NowGroup:
    """What waits on `whose`, the earliest answer-by first; without what the reader has put off themselves."""
    here = {board.pk for board in boards}
    if waits is None:
        waits = [wait for wait in waiting_on(whose, now) if wait.until is None or whose != reader]
    waits = [wait for wait in waits if wait.card.board_id in here]
    if whose != reader:
        waits = _that_one_sees(waits, whose, reader)
    waits.sort(key=lambda wait: _answer_by(wait) or dt.datetime.max.replace(tzinfo=dt.UTC))
    prefetch_related_objects([wait.card for wait in waits[:MOST_ROWS]], "assignee")
    rows = [_wait_row(wait, whose, reader, now) for wait in waits[:MOST_ROWS]]
    title = "" if whose == reader else f"Waiting on {whose.first_name}"
    return NowGroup("waiting", rows, len(waits), title)


def _that_one_sees(waits: list[Wait], whose: Any, reader: Any) -> list[Wait]:
    """Without what waits on somebody only by a card of theirs on a board that `reader` does not see."""
    by_card: set[int] = set()
    for card in (wait.card for wait in waits if wait.kind == "block"):
        if whose.pk not in (card.blocked_by_user_id, card.assignee_id) and card.blocked_by_card_id:
            by_card.add(card.blocked_by_card_id)
    seen = set(Card.objects.filter(pk__in=by_card).visible_to(reader).values_list("pk", flat=True))
    hidden = by_card - seen
    return [wait for wait in waits if wait.kind != "block" or wait.card.blocked_by_card_id not in hidden]


def _answer_by(wait: Wait) -> dt.datetime | None:
    return wait.ask.answer_by if wait.ask is not None and wait.kind == "question" else None


def _wait_row(wait: Wait, whose: Any, reader: Any, now: dt.datetime) -> NowRow:
    """What waits on `whose`, in words for `reader`."""
    who = wait.who(reader)
    first = who if who in ("You", "The team") else first_name(who)
    at: dt.datetime | dt.date | None = wait.since
    if wait.kind == "question":
        at = _answer_by(wait)
        words = f"{first} {'ask' if first == 'You' else 'asks'}"
        if at is not None:
            words += "; answer was due" if at <= now else "; answer by"
    elif wait.kind == "block":
        words = "blocked since"
    else:
        whom = "you" if whose == reader else whose.first_name
        words = SAYS[wait.kind].format(who=first, whom=whom)
        at = None if wait.kind == "stranded" else at
    if wait.decision is not None:
        at = wait.decision.review_on
    said = row_text(wait.comment.text if wait.comment else wait.card.blocked_reason)
    return NowRow(
        wait.card,
        words,
        at,
        said=said,
        address=wait.address,
        is_late=wait.is_late,
        is_past=at is not None and wait.kind not in ("question", "review"),
        names=_who_is_named(wait),
        kind="day" if wait.kind == "review" else "when",
    )


def _who_is_named(wait: Wait) -> Any:
    """With whose name the words of a wait begin, None where with nobody's."""
    if wait.kind == "stranded":
        return wait.ask.person if wait.ask is not None else None
    return wait.comment.author if wait.comment is not None and wait.kind in ("question", "mention") else None


def questions_group(boards: list[Board], subject: Any | None, reader: Any, now: dt.datetime) -> NowGroup:
    """Open questions to others than whose part it is; of a `subject`, those that they asked. Two queries."""
    asks = Ask.objects.open().filter(comment__card__board__in=boards)
    asks = asks.filter(comment__author=subject) if subject else asks.exclude(person=reader)
    related = ("person", "comment__author", "comment__card__board", "comment__card__assignee")
    passed_on = Prefetch("handed_from", Ask.objects.select_related("person"))
    shown = asks.select_related(*related).prefetch_related(passed_on).order_by("answer_by", "id")
    found = list(shown[: MOST_ROWS + 1])
    total = len(found) if len(found) <= MOST_ROWS else asks.count()
    return NowGroup("questions", [_ask_row(ask, now) for ask in found[:MOST_ROWS]], total)


def _ask_row(ask: Ask, now: dt.datetime) -> NowRow:
    comment = ask.comment
    before = [one.person.first_name for one in ask.handed_from.all()]
    handed = f" (handed on by {before[0]})" if before else ""
    words = f"{comment.author.first_name} to {ask.person.first_name}{handed}"
    is_late = ask.answer_by is not None and ask.answer_by <= now
    if ask.answer_by is not None:
        words += ", was due" if is_late else ", by"
    place = f"{comment.card.get_absolute_url()}?comments=all#c-{comment.pk}"
    return NowRow(
        comment.card,
        words,
        ask.answer_by,
        said=row_text(comment.text),
        address=place,
        is_late=is_late,
        names=comment.author,
    )


def handed_on(boards: list[Board], subject: Any | None) -> int:
    """How many open questions somebody handed on to another; of a `subject`, theirs or to them. One query."""
    asks = Ask.objects.open().handed_on().filter(comment__card__board__in=boards)
    if subject:
        asks = asks.filter(Q(comment__author=subject) | Q(person=subject))
    return asks.values("comment").distinct().count()


def threads_group(boards: list[Board], subject: Any | None) -> NowGroup:
    """Threads that went back and forth three times and have no outcome yet, the oldest first."""
    threads = Comment.objects.filter(
        card__board__in=boards, card__archived_at=None, removed_at=None, settled_at=None
    ).exclude(escalated_at=None)
    if subject:
        spoke = Comment.objects.filter(parent=OuterRef("pk"), author=subject, removed_at=None)
        threads = threads.filter(Q(author=subject) | Exists(spoke))
    related = ("author", "card__board", "card__assignee")
    found = list(threads.select_related(*related).order_by("escalated_at", "id")[: MOST_ROWS + 1])
    total = len(found) if len(found) <= MOST_ROWS else threads.count()
    return NowGroup("threads", [_thread_row(thread) for thread in found[:MOST_ROWS]], total)


def _thread_row(thread: Comment) -> NowRow:
    place = f"{thread.card.get_absolute_url()}?comments=all#c-{thread.pk}"
    said, at = row_text(thread.text), thread.escalated_at
    return NowRow(thread.card, "since", at, said=said, address=place, is_past=True)


def decisions_group(boards: list[Board], subject: Any | None, today: dt.date, now: dt.datetime) -> NowGroup:
    """Decisions that are to be looked at again; of a `subject`, those that wait for them. Eight queries."""
    due = decisions_due(boards, today)
    if subject:
        due = due.filter(pk__in=reviews_of(subject, now))
    related = ("board", "card__board", "card__assignee")
    shown = due.select_related(*related).prefetch_related("confirmations", *ROUND)
    found = list(shown[: MOST_ROWS + 1])
    total = len(found) if len(found) <= MOST_ROWS else due.count()
    asked = asked_in_rounds(found[:MOST_ROWS], now)
    return NowGroup("decisions", [_decision_row(one, asked[one.pk]) for one in found[:MOST_ROWS]], total)


def _decision_row(decision: Decision, asked: list[Any]) -> NowRow:
    said = {one.person_id for one in decision.confirmations.all() if one.round == decision.review_on}
    names = " and ".join(person.first_name for person in asked if person.pk not in said)
    words = f"{decision.key}, waits on {names}, due" if names else f"{decision.key}, due"
    return NowRow(
        decision.card,
        words,
        decision.review_on,
        "day",
        said=row_text(decision.text),
        address=decision.get_absolute_url(),
    )
