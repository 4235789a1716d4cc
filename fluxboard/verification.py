"""Is the record true? A board rebuilt from its log alone, beside its tables; and the chain of hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from activity.models import Activity, ActivityContent
from activity.recording import GENESIS, canonical, chained, content_digest
from activity.replay import ERASED, Event, State, replay
from boards.carried import (
    SUPERSEDED_BY,
    as_here,
    blocked_by_elsewhere,
    named_elsewhere,
    people_here,
    promoted_elsewhere,
)
from boards.models import SPEC_FIELDS, Board, Card, Checklist, Item
from comments.models import Comment, Decision

BATCH = 2000


def state_of_log(board: Board) -> State:
    """The board as its log tells it."""
    return replay(events_of(board))


def events_of(board: Board) -> Iterator[Event]:
    """The board's activities in order of seq, texts in place of their digests."""
    texts = dict(ActivityContent.objects.filter(board=board).values_list("digest", "text"))
    people = people_here(board)
    rows = Activity.objects.on(board).order_by("seq").select_related("actor", "card")
    for row in rows.iterator(BATCH):
        yield Event(
            seq=row.seq,
            verb=row.verb,
            board=str(board.uid),
            subject=people.get(str(row.subject), str(row.subject)),
            card=str(row.recorded_card) if row.recorded_card else None,
            actor=str(row.actor.uid) if row.actor else None,
            at=row.at.isoformat(),
            before=as_here(_in_full(row.before, texts), people),
            after=as_here(
                {key: value for key, value in _in_full(row.after, texts).items() if key != "of_several"},
                people,
            ),
        )


def _in_full(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"text"} and len(value["text"]) == 64:
            return texts.get(value["text"], ERASED)
        return {key: _in_full(inner, texts) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_full(inner, texts) for inner in value]
    return value


def _uid(thing: Any) -> str | None:
    return str(thing.uid) if thing is not None else None


def state_of_tables(board: Board) -> State:
    """The same, as the tables have it."""
    board = Board.objects.get(pk=board.pk)
    state = State(
        board={
            "key": board.key,
            "name": board.name,
            "description": board.description,
            "open_to": board.open_to,
            "wip_rule": board.wip_rule,
            "stale_after": board.stale_after,
            "answer_days": board.answer_days,
            "archived": board.is_archived,
        }
    )
    for membership in board.memberships.select_related("user"):
        state.members[str(membership.user.uid)] = membership.role
    for column in board.columns.all():
        state.columns[str(column.uid)] = {
            "name": column.name,
            "position": column.position,
            "wip_limit": column.wip_limit,
            "is_done": column.is_done,
            "archived": column.is_archived,
        }
    for label in board.labels.filter(removed_at=None):
        state.labels[str(label.uid)] = {"name": label.name, "hue": label.hue}
    for card in board.cards.for_fronts().select_related("column"):
        state.cards[str(card.uid)] = _card(card)
    lists = Checklist.objects.filter(card__board=board, removed_at=None).select_related("card")
    for checklist in lists:
        state.checklists[str(checklist.uid)] = {
            "card": str(checklist.card.uid),
            "name": checklist.name,
            "position": checklist.position,
        }
    items = Item.objects.filter(checklist__in=lists, removed_at=None)
    for item in items.select_related("checklist", "checked_by", "promoted_to"):
        state.items[str(item.uid)] = {
            "checklist": str(item.checklist.uid),
            "text": item.text,
            "position": item.position,
            "checked": item.is_checked,
            "checked_by": _uid(item.checked_by),
            "promoted_to": _uid(item.promoted_to),
        }
    comments = Comment.objects.filter(card__board=board).select_related("card", "author", "parent")
    for comment in comments.prefetch_related("asks__person"):
        state.comments[str(comment.uid)] = {
            "card": str(comment.card.uid),
            "author": str(comment.author.uid),
            "parent": _uid(comment.parent),
            "kind": comment.kind,
            "text": comment.text,
            "removed": comment.removed_at is not None,
            "state": comment.state,
            "asks": sorted(str(ask.person.uid) for ask in comment.asks.all() if ask.handed_to_id is None),
        }
    for decision in decisions_of(board):
        state.decisions[str(decision.uid)] = {
            "number": decision.number,
            "card": str(decision.card.uid),
            "comment": str(decision.comment.uid),
            "text": decision.text,
            "how": decision.how,
            "from": _uid(decision.grew_from),
            "decided_by": sorted(str(person.uid) for person in decision.decided_by.all()),
            "agreed_by": sorted(str(person.uid) for person in decision.agreed_by.all()),
            "superseded_by": _uid(decision.superseded_by),
        }
    _name_what_is_elsewhere(board, state)
    return state


def _name_what_is_elsewhere(board: Board, state: State) -> None:
    """Rows of a carried board name things that aren't here; the tables keep their uids beside them."""
    for uid, card in blocked_by_elsewhere(board).items():
        blocked = state.cards.get(str(uid), {}).get("blocked")
        if blocked is not None:
            blocked["card"] = str(card)
    for uid, card in promoted_elsewhere(board).items():
        if str(uid) in state.items:
            state.items[str(uid)]["promoted_to"] = str(card)
    superseded = named_elsewhere(board, SUPERSEDED_BY, Decision, "superseded_by")
    for uid, newer in superseded.items():
        if str(uid) in state.decisions:
            state.decisions[str(uid)]["superseded_by"] = str(newer)


def decisions_of(board: Board) -> QuerySet[Decision]:
    return (
        Decision.objects.filter(board=board)
        .select_related("card", "comment", "grew_from", "superseded_by")
        .prefetch_related("decided_by", "agreed_by")
    )


def _card(card: Card) -> dict[str, Any]:
    blocked = {
        "reason": card.blocked_reason,
        "person": _uid(card.blocked_by_user),
        "card": _uid(card.blocked_by_card),
    }
    return {
        "number": card.number,
        "title": card.title,
        **{name: getattr(card, name) for name in SPEC_FIELDS},
        "column": str(card.column.uid),
        "position": card.position,
        "assignee": _uid(card.assignee),
        "participants": sorted(str(person.uid) for person in card.participants.all()),
        "labels": sorted(str(label.uid) for label in card.labels.all()),
        "due": card.due.isoformat() if card.due else None,
        "blocked": blocked if card.is_blocked else None,
        "archived": card.is_archived,
    }


def differences(board: Board) -> list[str]:
    """Where log and tables disagree, a line each, with the path to it; empty when they agree."""
    told, held = asdict(state_of_log(board)), asdict(state_of_tables(board))
    return list(_differ("", told, held))


def _differ(path: str, told: Any, held: Any) -> Iterator[str]:
    if isinstance(told, dict) and isinstance(held, dict):
        for key in sorted(told.keys() | held.keys()):
            yield from _differ(f"{path}.{key}" if path else key, told.get(key), held.get(key))
    elif told != held and told != ERASED:
        yield f"{path}: the log says {told!r}, the tables {held!r}"


def chain_faults(board: Board) -> Iterator[str]:
    """What is wrong with the chain, a line each: a gap, a changed row, a changed text, a broken link."""
    previous, expected = GENESIS, 1
    for row in Activity.objects.on(board).order_by("seq").select_related("actor", "card").iterator(BATCH):
        where = f"{board.key}:{row.seq}"
        if row.seq != expected:
            yield f"{where} stands where {expected} should"
        content = canonical(row, board.uid, row.recorded_actor, row.recorded_card)
        if hashlib.sha256(content).digest() != bytes(row.digest):
            yield f"{where} is not what was recorded"
        if bytes(row.previous_hash) != previous:
            yield f"{where} does not follow on the activity before it"
        if chained(bytes(row.previous_hash), bytes(row.digest)) != bytes(row.hash):
            yield f"{where} has a wrong hash"
        previous, expected = bytes(row.hash), row.seq + 1
    if expected - 1 != Board.objects.values_list("seq", flat=True).get(pk=board.pk):
        yield f"{board.key} stands at another seq than its log"
    for content_row in ActivityContent.objects.filter(board=board).iterator(BATCH):
        if content_digest(bytes(content_row.salt), content_row.text) != content_row.digest:
            yield f"{board.key}: the text {content_row.digest[:12]} is not what was recorded"


def count_faults(board: Board) -> Iterator[str]:
    """Where a card's front says otherwise than its talk what waits for an answer or an outcome."""
    is_open = Q(comments__settled_at=None, comments__removed_at=None)
    counted = Card.objects.filter(board=board).annotate(
        asked=Count("comments", filter=is_open & Q(comments__kind=Comment.Kind.QUESTION)),
        escalated=Count("comments", filter=is_open & Q(comments__escalated_at__isnull=False)),
    )
    wrong = counted.exclude(questions_open=F("asked"), threads_escalated=F("escalated"))
    for card in wrong.order_by("number"):
        yield f"{board.key}-{card.number} counts other questions or escalated threads than are open on it"


def verify(board: Board) -> list[str]:
    """All that is wrong with a board's record; empty when it is true."""
    return [*chain_faults(board), *differences(board), *count_faults(board)]
