"""A board as it stands, kept in the process: what all its viewers see of it alike.

It is named by the hash of the board's last activity, which covers all that ever happened there, so it can't
be taken for another state, not even after a backup was restored. When the board has moved on, only the cards
that the log names since are read and drawn again; after a change of columns, labels, members or the board
itself all is read anew. What the log does not tell, the names and colours of people and the keys of
cards that block from elsewhere, is compared at each use (`Seen`).
"""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from activity.log.erasure import ERASING
from boards.models import Board, Card, Column, Label
from boards.rendering.card_front import card_front, forget_fronts
from boards.rendering.fragments import FRAGMENT_PARTS
from boards.rendering.times import fill_times, next_change
from fluxboard.core.gzip_fragments import Packed
from fluxboard.core.lru import LastUsed

CARDS_KEPT = 20_000
CHUNKS_KEPT = 32_000_000  # bytes
CARDS_A_CHUNK = 25
_MOST_AT_ONCE = 100
BETWEEN = "\n    "
UNSEEN = ("what", "constraints", "field_seqs", "salt")

_NOBODY = ("", 0)

Other = tuple[str, int | None]  # the key of a card that blocks, and who has it
Seen = tuple[dict[int, tuple[str, int]], dict[int, Other]]

SINCE = """
    SELECT seq, CASE verb WHEN 'change.undone' THEN after->>'effect' ELSE verb END, card_id, hash
    FROM activity_activity WHERE board_id = %s AND seq >= %s AND seq <= %s ORDER BY seq LIMIT %s
"""

_serials = itertools.count()


@dataclass(slots=True, eq=False)
class Front:
    """A card's front where it stands, and what the board's chips count of it. `serial` is unique in this
    process and names it in the keys of caches."""

    place: tuple[str, int]
    column: int
    drawn: str | tuple[Card, Board]
    is_done: bool
    assignee: int | None
    is_blocked: bool
    blockers: tuple[int | None, int | None]
    is_unready: bool
    moved_at: dt.datetime
    serial: int = field(default_factory=lambda: next(_serials))

    @property
    def html(self) -> str:
        """Drawn when a page first shows it: most of a long column stays behind "Show more"."""
        drawn = self.drawn
        if not isinstance(drawn, str):
            drawn = self.drawn = card_front(*drawn)
        return drawn


type Key = tuple[Any, ...]
type Chunk = tuple[dt.datetime, Packed]  # some fronts, compressed, and until when their times are right

_chunks: LastUsed[Key, Chunk] = LastUsed(CHUNKS_KEPT, lambda chunk: 200 + len(chunk[1].packed))


@dataclass(frozen=True)
class BoardState:
    """One state of a board; never altered, so that any thread may read it."""

    board_id: int
    seq: int
    hash: bytes
    columns: list[Column]
    labels: list[Label]
    fronts: dict[int, Front]
    by_column: dict[int, list[Front]]
    faces: dict[int, tuple[str, int]]
    others: dict[int, Other]
    serial: int
    mine: Counter[int | None] = field(default_factory=Counter)
    blocked: list[Front] = field(default_factory=list)
    unready: int = 0
    moved: list[dt.datetime] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.fronts)

    def quiet(self, before: dt.datetime) -> int:
        """How many cards that are not done came into their column at `before` or earlier."""
        return bisect_right(self.moved, before)

    def waiting(self, person: int, asked: Iterable[int]) -> int:
        """How many cards wait on a person: those in `asked`, and what is blocked by them or their cards."""
        held = {front.place[1] for front in self.blocked if self._holds_up(person, front)}
        return len(held | {pk for pk in asked if pk in self.fronts})

    def _holds_up(self, person: int, front: Front) -> bool:
        by_person, by_card = front.blockers
        has_other = by_card is not None and self.others[by_card][1] == person
        return front.assignee != person and (by_person == person or has_other)

    # -- as part of a page

    def packed(self, column: int, most: int, reader: Any, now: dt.datetime) -> Packed:
        """The first `most` fronts of a column as compressed HTML, on the reader's clock."""
        whole = (reader.time_zone, self.serial, column, most)
        kept = _chunks.get(whole)
        if kept is None or kept[0] <= now:
            kept = packed_fronts(self.by_column[column][:most], reader, now)
            _chunks.keep(whole, kept)
        return kept[1]


def packed_fronts(shown: list[Front], reader: Any, now: dt.datetime) -> Chunk:
    """Fronts as compressed HTML on the reader's clock, and until when their times are right.

    Of chunks that are drawn again only when one of their cards changes.
    """
    chunks = [_chunk(chunk, reader, now, is_first=not place) for place, chunk in enumerate(_in_chunks(shown))]
    until = min((until for until, _ in chunks), default=now + dt.timedelta(days=1))
    return until, Packed.joined(packed for _, packed in chunks)


def _chunk(fronts: list[Front], reader: Any, now: dt.datetime, *, is_first: bool) -> Chunk:
    key = (reader.time_zone, is_first, *(front.serial for front in fronts))
    kept = _chunks.get(key)
    if kept is None or kept[0] <= now:
        html = BETWEEN.join(front.html for front in fronts)
        until = next_change(html, reader, now)
        filled = fill_times(html if is_first else BETWEEN + html, reader, now)
        kept = (until, Packed.of(filled.encode()))
        _chunks.keep(key, kept)
    return kept


def _in_chunks(fronts: list[Front]) -> Iterable[list[Front]]:
    """Parted where a card's own number says so: a card more or less leaves the other chunks as they were."""
    chunk: list[Front] = []
    for front in fronts:
        if chunk and front.place[1] % CARDS_A_CHUNK == 0:
            yield chunk
            chunk = []
        chunk.append(front)
    if chunk:
        yield chunk


# ---- the boards of this process -----------------------------------------------------------------------


class _KeptBoards:
    """The boards used last, until their cards are too many; a lock for each, so that one thread reads it."""

    def __init__(self) -> None:
        self.states: LastUsed[int, BoardState] = LastUsed(CARDS_KEPT, lambda state: state.count + 50)
        self.locks: dict[int, threading.Lock] = {}
        self.lock = threading.Lock()

    def lock_of(self, board_id: int) -> threading.Lock:
        with self.lock:
            return self.locks.setdefault(board_id, threading.Lock())

    def keep(self, state: BoardState) -> None:
        for gone in self.states.keep(state.board_id, state):
            with self.lock:
                self.locks.pop(gone, None)


_kept = _KeptBoards()


def forget_boards() -> None:
    """Read every board anew."""
    _kept.states.forget()


def known(board_id: int) -> BoardState | None:
    """What this process last knew of a board, for asking whether it is still so."""
    return _kept.states.get(board_id)


def board_state(board: Board, head: bytes, seen: Seen) -> BoardState:
    """The board as it stands at `board.seq` or a little later.

    `head` is the hash of the activity at `board.seq`; `seen` what those people and cards that `known` names
    are called now.
    """
    with _kept.lock_of(board.pk):
        state = _kept.states.get(board.pk)
        if state is not None and _is_so(state, board, head) and _looks_alike(state, seen):
            return state
        state = _brought_up(state, board, head, seen) if state is not None else None
        state = state or _read(board, head)
        _kept.keep(state)
        return state


def _is_so(state: BoardState, board: Board, head: bytes) -> bool:
    return state.seq == board.seq and state.hash == head


def _looks_alike(state: BoardState, seen: Seen) -> bool:
    faces, others = seen
    return all(state.faces.get(pk, face) == face for pk, face in faces.items()) and all(
        state.others.get(pk, other) == other for pk, other in others.items()
    )


def _brought_up(state: BoardState, board: Board, head: bytes, seen: Seen) -> BoardState | None:
    """The state with what happened since; None when the board has to be read as a whole."""
    if not _looks_alike(state, seen):
        return None
    with connection.cursor() as cursor:
        last = max(board.seq, state.seq)
        cursor.execute(SINCE, [board.pk, state.seq, last, _MOST_AT_ONCE + 1])
        (_, _, _, begun), *rows = cursor.fetchall() or [(0, "", None, b"")]
    if len(rows) >= _MOST_AT_ONCE or any(verb == ERASING for _, verb, _, _ in rows):
        forget_fronts(board.pk)
    if bytes(begun) != state.hash or len(rows) >= _MOST_AT_ONCE:
        return None
    if not rows:
        return state  # it is ahead of this request's own look at the board
    if any(card is None or verb.partition(".")[0] not in FRAGMENT_PARTS for _, verb, card, _ in rows):
        return None
    seq, _, _, latest = rows[-1]
    return _with_cards(state, board, {card for _, _, card, _ in rows}, seq, bytes(latest))


def _with_cards(
    state: BoardState, board: Board, touched: set[int], seq: int, latest: bytes
) -> BoardState | None:
    faces, others = dict(state.faces), dict(state.others)
    columns = {column.pk: column for column in state.columns}
    current = Card.objects.filter(pk__in=touched, board=board, archived_at=None, column__in=columns)
    cards = list(current.for_fronts().defer(*UNSEEN))
    shown = _shown_on(cards)
    if not _looks_alike(state, shown):
        return None
    faces |= shown[0]
    others |= shown[1]
    fronts = dict(state.fronts)
    for pk in touched:
        fronts.pop(pk, None)
    fronts |= {card.pk: _front(card, board, columns) for card in cards}
    return _made(
        replace(state, seq=seq, hash=latest, fronts=fronts, faces=faces, others=others, serial=next(_serials))
    )


def _read(board: Board, head: bytes) -> BoardState:
    """All of it, in six queries."""
    columns = list(board.columns.current().in_board_order())
    by_id = {column.pk: column for column in columns}
    for column in columns:
        column.board = board
    cards = list(
        Card.objects.filter(column__in=by_id, archived_at=None).for_fronts().defer(*UNSEEN).in_board_order()
    )
    faces, others = _shown_on(cards)
    return _made(
        BoardState(
            board_id=board.pk,
            seq=board.seq,
            hash=head,
            columns=columns,
            labels=list(board.labels.filter(removed_at=None)),
            fronts={card.pk: _front(card, board, by_id) for card in cards},
            by_column={},
            faces=faces,
            others=others,
            serial=next(_serials),
        )
    )


def _front(card: Card, board: Board, columns: Mapping[int, Column]) -> Front:
    card.column = column = columns[card.column_id]
    return Front(
        place=(card.position, card.pk),
        column=column.pk,
        drawn=(card, board),
        is_done=column.is_done,
        assignee=card.assignee_id,
        is_blocked=card.is_blocked,
        blockers=(card.blocked_by_user_id, card.blocked_by_card_id),
        is_unready=not card.is_ready and not column.is_done,
        moved_at=card.moved_at,
    )


def _shown_on(cards: Iterable[Card]) -> Seen:
    """Whom, and which other cards, the fronts of `cards` name, and how.

    A person who was renamed while they were read counts as looking like nobody, so they are read again.
    """
    faces: dict[int, tuple[str, int]] = {}
    others: dict[int, Other] = {}
    for card in cards:
        for person in (card.assignee, card.blocked_by_user, *card.participants.all()):
            if person is not None:
                face = (person.name, person.hue)
                faces[person.pk] = face if faces.get(person.pk, face) == face else _NOBODY
        if card.blocked_by_card is not None:
            other = card.blocked_by_card
            others[other.pk] = (other.key, other.assignee_id)
    return faces, others


def _made(state: BoardState) -> BoardState:
    """With its lists in order and its chips counted."""
    by_column: dict[int, list[Front]] = {column.pk: [] for column in state.columns}
    fronts = state.fronts.values()
    for front in fronts:
        by_column[front.column].append(front)
    for shown in by_column.values():
        shown.sort(key=lambda front: front.place)
    return replace(
        state,
        by_column=by_column,
        mine=Counter(front.assignee for front in fronts if not front.is_done),
        blocked=[front for front in fronts if front.is_blocked],
        unready=sum(front.is_unready for front in fronts),
        moved=sorted(front.moved_at for front in fronts if not front.is_done),
    )
