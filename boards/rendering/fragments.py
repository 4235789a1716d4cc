"""What open pages are told of a change: the fragments that pages are made of, alike for every viewer.

A front is drawn once for each state that it can show and kept; what depends on the reader or the clock stands
in it as a `<time>` without words, filled when a page is joined (`fill_times`) or by the page's own script.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from activity.feed.sentences import without_words
from activity.log.transaction import Log
from activity.log.verbs import VERBS
from activity.models import Activity
from boards.models import Board, Card, Column
from boards.rendering.fragment_queries import cards_shown, counts_shown, drawn
from fluxboard.accounts import times
from fluxboard.core.lru import LastUsed

MANY = 20
KEPT_FRONTS = 32_000_000  # characters
STRUCTURE = {"board", "column", "label"}
WITH_THE_BOARD = {"member.role_changed", "member.claimed"}
PARTS = {
    "card": "head,props,blocks,spec,history",
    "checklist": "head,checklists,history",
    "item": "head,checklists,history",
    "comment": "head,waiting,comments,history",
    "question": "head,waiting,comments,history",
    "decision": "head,decisions,comments,history",
    "thread": "head,waiting,comments,history",
}
# What opens or closes a whole card to changes shows in every part of it.
EVERY_PART = "head,waiting,decisions,props,blocks,spec,checklists,comments,composer,history"
SHOWN_EVERYWHERE = {"card.archived", "card.restored", "card.transferred", "card.erased"}


_fronts: LastUsed[tuple[Any, ...], str] = LastUsed(KEPT_FRONTS, len)
BOARD = 2  # its place in a front's key


def forget_fronts(board_id: int) -> None:
    """Draw every front of a board anew, because a text on it has been erased."""
    _fronts.forget(lambda key: key[BOARD] == board_id)


def front_key(card: Card, board: Board) -> tuple[Any, ...]:
    """All that a card's front shows: its own state, the board's look, and the faces on it."""
    people = [card.assignee, card.blocked_by_user, *card.participants.all()]
    faces = tuple((person.pk, person.name, person.hue) for person in people if person is not None)
    other = card.blocked_by_card
    return (
        card.uid,
        card.version,
        card.board_id,
        board.key,
        board.look,
        card.column.is_done,
        faces,
        other.key if other else "",
    )


def card_front(card: Card, board: Board, *, keep: bool = True) -> SafeString:
    """A card as it stands on the board. Expects `for_fronts()` and its column.

    `keep=False` inside an open transaction: a state that is not committed must not be shown to others.
    """
    key = front_key(card, board)
    html = _fronts.get(key)
    if html is None:
        card.board = board
        html = render_to_string("boards/_card.html", {"card": card, "board": board}).strip()
        if keep:
            _fronts.keep(key, html)
    return mark_safe(html)  # noqa: S308 — escaped by its template


def column_count(column: Column, count: int) -> SafeString:
    """The count in a column's head, with its limit."""
    return _column_count(column.pk, column.wip_limit, count)


@functools.lru_cache(maxsize=1000)
def _column_count(pk: int, wip_limit: int | None, count: int) -> SafeString:
    column = {"pk": pk, "wip_limit": wip_limit}
    return render_to_string("boards/_column_count.html", {"column": column, "count": count})


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
        frame(activity, bodies.get(activity.seq, ""), log.notes[activity.seq].get("key", ""))
        for activity in activities
    ]


def frame(activity: Activity, body: str, key: str) -> str:
    """`<flux-change>` around what an activity changed on screen, saying who did what."""
    actor = activity.actor
    return format_html(
        '<flux-change data-seq="{}" data-verb="{}" data-actor="{}" data-actor-name="{}" data-request="{}"'
        ' data-card="{}" data-words="{}"{}>{}</flux-change>',
        activity.seq,
        activity.effect,
        actor.pk if actor else "",
        actor.first_name if actor else "",
        activity.request_id or "",
        key,
        f"{activity.words}{without_words(activity.after)}",
        _how_to_undo(activity),
        mark_safe(body),  # noqa: S308
    )


def _how_to_undo(activity: Activity) -> str:
    """`data-undo` tells who made a change that it can be undone, or that it was an undo itself."""
    if VERBS[activity.effect].final:
        return ""
    return format_html(' data-undo="{}"', "redo" if activity.undoes else "undo")


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
        notes = log.notes[activity.seq]
        if noun in STRUCTURE or activity.effect in WITH_THE_BOARD:
            bodies[activity.seq].append(REFETCH)
        if activity.card_id is not None and noun in PARTS:
            last[activity.card_id] = activity.seq
            (gone.add if notes.get("left") else gone.discard)(activity.card_id)
            names = EVERY_PART if activity.effect in SHOWN_EVERYWHERE else PARTS[noun]
            bodies[activity.seq].append(_part(activity.card_id, names))
            in_hand.pop(activity.card_id, None)
            if notes.get("as_it_is") and hasattr(card := log.card_of(activity), "shown_labels"):
                in_hand[activity.card_id] = card
        for column in notes.get("columns", ()):
            counted[column.pk] = (column, activity.seq)
            counts.pop(column.pk, None)
        counts |= notes.get("counts", {})
    shown = [pk for pk in last if pk not in gone]
    cards = [card for pk, card in in_hand.items() if pk not in gone and not card.is_archived]
    for card in [*cards, *cards_shown([pk for pk in shown if pk not in in_hand])]:
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


TIME = re.compile(r'<time datetime="([^"]+)" data-as="(age|when|due|day)"(?: data-stale="(\d+)")?></time>')


def fill_times(html: str, reader: Any, now: dt.datetime) -> str:
    """`html` with the words of every empty `<time>` filled in, on the reader's clock, in one pass.

    `data-as="age"` (with `data-stale`, days after which it is `is-old`), `when`, or `due` (a date: `is-due`
    today and tomorrow, `is-late` afterwards), or `day` (a date that nobody is late for any more). A reader
    without a zone reads UTC.
    """
    clock = reader if getattr(reader, "time_zone", None) else _Utc
    today = times.today_of(clock, now)

    def fill(match: re.Match[str]) -> str:
        value, kind, stale = match.groups()
        if kind == "due":
            words, weight = times.due_words(dt.date.fromisoformat(value), today)
            return _time(value, kind, words, f"is-{weight}" if weight else "", stale)
        if kind == "day":
            return _time(value, kind, times.day_words(dt.date.fromisoformat(value), today), "", stale)
        at = dt.datetime.fromisoformat(value)
        if kind == "when":
            return _time(value, kind, times.when(at, clock, now), "", stale, _in_full(at, clock))
        is_old = stale is not None and now - at >= dt.timedelta(days=int(stale))
        return _time(value, kind, times.age(at, now), "is-old" if is_old else "", stale, _in_full(at, clock))

    return TIME.sub(fill, html)


def next_change(html: str, reader: Any, now: dt.datetime) -> dt.datetime:
    """The first moment after `now` when `fill_times` would say something else in `html`; a day at most."""
    clock = reader if getattr(reader, "time_zone", None) else _Utc
    zone = times.ZoneInfo(clock.time_zone)
    tomorrow = times.today_of(clock, now) + dt.timedelta(days=1)
    midnight = dt.datetime.combine(tomorrow, dt.time(), zone).astimezone(dt.UTC)
    first = now + dt.timedelta(days=1)
    for match in TIME.finditer(html):
        value, kind, _ = match.groups()
        moment = times.age_ends(dt.datetime.fromisoformat(value), now) if kind == "age" else midnight
        first = min(first, moment)
    return first


class _Utc:
    time_zone = "UTC"


def _in_full(at: dt.datetime, reader: Any) -> str:
    return f"{at.astimezone(times.ZoneInfo(reader.time_zone)):%Y-%m-%d %H:%M}"


def _time(value: str, kind: str, words: str, weight: str, stale: str | None, title: str = "") -> str:
    more: Iterable[tuple[str, str | None]] = (("data-stale", stale), ("class", weight), ("title", title))
    extra = "".join(f' {name}="{escape(text)}"' for name, text in more if text)
    return f'<time datetime="{value}" data-as="{kind}"{extra}>{escape(words)}</time>'
