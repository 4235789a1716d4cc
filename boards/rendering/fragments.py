"""What open pages are told of a change: the fragments that pages are made of, alike for every viewer.

A front is drawn once for each state that it can show and kept; what depends on the reader or the clock stands
in it as a `<time>` without words, filled when a page is joined (`fill_times`) or by the page's own script.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from activity.feed.sentences import without_words
from activity.log.record import Log
from activity.log.verbs import UNDONE, VERBS
from activity.models import Activity
from boards.models import Board, Card, Column
from boards.rendering.card_front import card_front, column_count
from boards.rendering.fragment_queries import cards_shown, counts_shown, drawn

MANY = 20
STRUCTURE = {"board", "column", "label"}
WITH_THE_BOARD = {"member.role_changed", "member.claimed"}
FRAGMENT_PARTS = {
    "card": "head,props,blocks,spec,history",
    "checklist": "head,checklists,history",
    "item": "head,checklists,history",
    "comment": "head,waiting,comments,history",
    "question": "head,waiting,decisions,comments,history",
    "decision": "head,decisions,comments,history",
    "thread": "head,waiting,comments,history",
}
# What opens or closes a whole card to changes shows in every part of it.
EVERY_PART = "head,waiting,decisions,props,blocks,spec,checklists,comments,composer,history"
SHOWN_EVERYWHERE = {"card.archived", "card.restored", "card.transferred", "card.erased"}


_nobody_watches: ContextVar[bool] = ContextVar("_nobody_watches", default=False)


@contextlib.contextmanager
def unwatched() -> Iterator[None]:
    """For changes of boards that no page can show yet: their frames are drawn as hints, which is quick."""
    token = _nobody_watches.set(True)
    try:
        yield
    finally:
        _nobody_watches.reset(token)


def frames(log: Log) -> list[str]:
    """A frame for each activity of an open change, as it is about to be committed.

    Many at once, and what nobody can be watching, become one hint in the last frame to fetch the board again.
    """
    activities = log.activities
    if len(activities) > MANY or _nobody_watches.get():
        bodies = {activities[-1].seq: str(REFETCH)}
    else:
        bodies = _bodies(log)
    return [
        render_frame(
            activity,
            bodies.get(activity.seq, ""),
            "" if log.shown[activity.seq].is_erased else log.card_key(activity),
            _place(log, activity),
        )
        for activity in activities
    ]


def _place(log: Log, activity: Activity) -> str:
    """Where a card has come to: ` to In review`, or ` in Ready` where it moved within; else nothing."""
    if not activity.told.is_placing:
        return ""
    before, after = (facts.get("column") for facts in (activity.before, activity.after))
    name = after["name"] if after else log.card_of(activity).column.name
    return f" {'in' if before and after and before['id'] == after['id'] else 'to'} {name}"


def render_frame(activity: Activity, body: str, key: str, place: str) -> str:
    """`<flux-change>` around what an activity changed on screen, saying who did what.

    In words for who sees the card, for who only hears of it (`data-told`), and for who did it
    (`data-notice`); the last two go on with the `place`.
    """
    actor, verb = activity.actor, activity.told
    lost = without_words(activity.after)
    return format_html(
        '<flux-change data-seq="{}" data-verb="{}" data-actor="{}" data-actor-name="{}" data-request="{}"'
        ' data-card="{}" data-words="{}" data-told="{}" data-notice="{}"{}>{}</flux-change>',
        activity.seq,
        activity.effect,
        actor.pk if actor else "",
        actor.first_name if actor else "",
        activity.request_id or "",
        key,
        f"{activity.words}{lost}",
        f"{activity.worded(activity.naming(verb.words_about(key)))}{place}{lost}",
        f"{activity.worded(activity.naming(verb.notice(key)), place='notice')}{place}{lost}",
        _how_to_undo(activity),
        mark_safe(body),  # noqa: S308
    )


UNDOABLE = mark_safe(' data-undo="undo"')
REDOABLE = mark_safe(' data-undo="redo"')
UNDONE_NOW = mark_safe(' data-undo="redo" data-undone')


def _how_to_undo(activity: Activity) -> str:
    """`data-undo` tells who made a change that it can be undone, or that it was an undo itself.

    `data-undone`: it took a change back, and did not do one again.
    """
    if VERBS[activity.effect].final:
        return ""
    if activity.undoes is None:
        return UNDOABLE
    return REDOABLE if activity.undoes["verb"] == UNDONE else UNDONE_NOW


REFETCH = mark_safe('<template data-refetch="board"></template>')


def _bodies(log: Log) -> dict[int, str]:
    bodies: dict[int, list[str]] = {activity.seq: [] for activity in log.activities}
    last: dict[int, int] = {}
    gone: set[int] = set()
    in_hand: dict[int, Card] = {}
    counted: dict[int, tuple[Column, int]] = {}
    counts: dict[int, int] = {}
    for activity in log.activities:
        noun = activity.effect.partition(".")[0]
        shown = log.shown[activity.seq]
        if noun in STRUCTURE or activity.effect in WITH_THE_BOARD:
            bodies[activity.seq].append(REFETCH)
        if activity.card_id is not None and noun in FRAGMENT_PARTS:
            last[activity.card_id] = activity.seq
            (gone.add if shown.left else gone.discard)(activity.card_id)
            names = EVERY_PART if activity.effect in SHOWN_EVERYWHERE else FRAGMENT_PARTS[noun]
            bodies[activity.seq].append(_part(activity.card_id, names))
            in_hand.pop(activity.card_id, None)
            if shown.as_it_is and hasattr(card := log.card_of(activity), "shown_labels"):
                in_hand[activity.card_id] = card
        for column in shown.columns:
            counted[column.pk] = (column, activity.seq)
            counts.pop(column.pk, None)
        counts |= shown.counts
    to_read = [pk for pk in last if pk not in gone and pk not in in_hand]
    cards = [card for pk, card in in_hand.items() if pk not in gone and not card.is_archived]
    for card in [*cards, *cards_shown(to_read)]:
        bodies[last[card.pk]].insert(0, _upsert(card, log.board))
    for pk in gone:
        bodies[last[pk]].insert(0, format_html('<template data-remove="card-{}"></template>', pk))
    counts |= counts_shown([pk for pk in counted if pk not in counts])
    for pk, (column, seq) in counted.items():
        count = counts[pk]
        bodies[seq].append(
            format_html(
                '<template data-replace="column-{}-count">{}</template>', pk, column_count(column, count)
            )
        )
    return {seq: "".join(parts) for seq, parts in bodies.items()}


def _upsert(card: Card, board: Board) -> SafeString:
    with drawn(card):
        front = card_front(card, board, keep=False)
    words = '<template data-upsert="card" data-column="{}" data-position="{}">{}</template>'
    return format_html(words, card.column_id, card.position, front)


def _part(card_id: int, names: str) -> SafeString:
    return format_html('<template data-part="card-{}" data-names="{}"></template>', card_id, names)
