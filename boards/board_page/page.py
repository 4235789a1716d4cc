"""The board's page: the board as it stands, and the frame around it.

The frame is all of the page but the cards and the numbers. The templates draw it with a mark in each place
where something differs from one answer to the next, and the marks are filled in for each answer. A frame is
kept by everything that it shows, so a page that was drawn before costs one query, a few look-ups and a join.
One with a filter asks once more, which cards those are; it is drawn anew, as one with something to tell
(`messages`) is.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.messages import get_messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from activity.feed.read_marker import news_of
from boards import page_frame
from boards.board_page.board_cache import BETWEEN, BoardState, Front, board_state, packed_fronts
from boards.board_page.chips import CHIPS, CHIPS_BY_NAME, ChipContext
from boards.board_page.context import AT_FIRST, ColumnOnPage, chips_of, filter_form, more_asked
from boards.board_page.filters import Filters
from boards.board_page.viewer import Viewer
from boards.models import Board, Column, Role
from boards.rendering.card_front import column_count
from boards.rendering.card_links import fill_references
from boards.rendering.times import fill_times
from boards.watching import Watching
from fluxboard.accounts.times import today_of
from fluxboard.core.gzip_fragments import Fresh, Packed, Plain, gzipped
from fluxboard.core.lru import LastUsed

KEPT_FRAMES = 256
SECRET = secrets.token_hex(16)
MARK = re.compile(rf"\[{SECRET} ([a-z]+)(?: (\w+))?\]")
ACCEPTS_GZIP = re.compile(r"\bgzip\b")
_UNSHOWN = {"password", "last_login", "seq", "look", "field_seqs", "next_number", "next_decision", "version"}

Piece = Plain | tuple[str, str]


@dataclass(frozen=True)
class _View:
    """What one answer shows of a board: of each open column `fronts`, as many as `shown` says."""

    request: Any
    board: Board
    role: Role
    viewer: Viewer
    state: BoardState
    filters: Filters
    fronts: Mapping[int, list[Front]]
    shown: Mapping[int, int]
    now: dt.datetime

    @classmethod
    def of(cls, request: Any, board: Board, role: Role, viewer: Viewer, now: dt.datetime) -> _View:
        """`board.seq` was read before everything else: a change that comes meanwhile is told again by the
        stream, never missed."""
        state = board_state(board, viewer.head, viewer.seen)
        filters = Filters.of(request.GET)
        fronts, folded = state.by_column, viewer.folded
        if filters:
            hits = filters.ids(board, request.user, now)
            fronts = {
                pk: [front for front in column if front.place[1] in hits] for pk, column in fronts.items()
            }
            folded = frozenset(pk for pk in folded if not fronts.get(pk))
        asked = more_asked(request.GET)
        shown = {
            column.pk: min(max(asked.get(column.pk, 0), AT_FIRST), len(fronts[column.pk]))
            for column in state.columns
            if column.pk not in folded
        }
        return cls(request, board, role, viewer, state, filters, fronts, shown, now)

    @property
    def hits(self) -> int:
        return sum(map(len, self.fronts.values()))


def board_page(
    request: Any, board: Board, role: Role, viewer: Viewer, template: str, now: dt.datetime
) -> HttpResponse:
    """The board's page for this request, or the part of it that `template` is."""
    view = _View.of(request, board, role, viewer, now)
    can_be_kept = not (view.filters or len(get_messages(request)))
    pieces = _kept_frame(view, template) if can_be_kept else _frame(view, template)
    response = _answer(request, pieces, _Filling(view))
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Cookie, HX-Request, Accept-Encoding"
    return response


# ---- the frame ------------------------------------------------------------------------------------------


_frames: LastUsed[tuple[Any, ...], list[Piece]] = LastUsed(KEPT_FRAMES)
_news: LastUsed[tuple[Any, ...], str] = LastUsed(KEPT_FRAMES)


def _frame(view: _View, template: str) -> list[Piece]:
    html = render_to_string(template, _context(view), view.request)
    return list(_pieces(fill_references(html, view.request.user, view.request.get_host())))


def _kept_frame(view: _View, template: str) -> list[Piece]:
    state = view.state
    key = (
        template,
        view.request.GET.urlencode(),
        view.role,
        _shown(view.request.user),
        _shown(view.board),
        tuple((_shown(column), column.version) for column in state.columns),
        tuple((label.pk, label.name, label.hue) for label in state.labels),
        tuple(len(view.fronts[pk]) - shown for pk, shown in view.shown.items()),
        view.viewer.in_frame,
    )
    pieces = _frames.get(key)
    if pieces is None:
        pieces = _frame(view, template)
        _frames.keep(key, pieces)
    return pieces


def _shown(thing: models.Model) -> tuple[Any, ...]:
    """Everything about a thing that a page might show, and no secret."""
    fields = (field.attname for field in thing._meta.concrete_fields if field.name not in _UNSHOWN)
    values = (getattr(thing, name) for name in fields)
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _mark(name: str, which: Any = "") -> SafeString:
    return mark_safe(f"[{SECRET} {name} {which}]" if which != "" else f"[{SECRET} {name}]")  # noqa: S308


def _context(view: _View) -> dict[str, Any]:
    board, state, viewer, filters = view.board, view.state, view.viewer, view.filters
    counts = {chip.name: _mark("chip", chip.name) for chip in CHIPS}
    return page_frame.frame(view.request.user, board, view.role, "board") | {
        "my_boards": [{"pk": pk, "key": key, "name": name} for pk, key, name in viewer.boards],
        "has_unread": viewer.has_unread,
        "filters": filters,
        "chips": chips_of(board, filters, counts),
        "hits": view.hits,
        "all_cards": state.count if filters else _mark("all"),
        "columns": [_column(column, view) for column in state.columns],
        "filter_form": filter_form(board, filters, state.columns, state.labels, viewer.people),
        "live": True,
        "watching": Watching(viewer.watchers, viewer.watches),
        "csrf_token": _mark("csrf"),
        "fresh_id": _mark("id"),
        "seq_mark": _mark("seq"),
        "waits_mark": _mark("waits"),
        "news_mark": _mark("news"),
    }


def _column(column: Column, view: _View) -> ColumnOnPage:
    is_open = column.pk in view.shown
    return ColumnOnPage(
        column=column,
        count=_mark("tab", column.pk),
        count_html=_mark("count", column.pk),
        fronts=[_mark("list", column.pk)],
        shown=view.shown.get(column.pk, 0),
        found=len(view.fronts[column.pk]) if is_open else 0,
        is_folded=not is_open,
        query=view.filters.query,
    )


def _pieces(html: str) -> Iterator[Piece]:
    """The frame, parted at its marks."""
    at = 0
    for mark in MARK.finditer(html):
        if mark.start() > at:
            yield Plain(html[at : mark.start()].encode())
        yield (mark[1], mark[2] or "")
        at = mark.end()
    yield Plain(html[at:].encode())


# ---- what differs from one answer to the next -----------------------------------------------------------


class _Filling:
    """What stands in the place of each mark, for one answer."""

    def __init__(self, view: _View) -> None:
        self.view, self.reader, self.now = view, view.request.user, view.now
        self.board, self.state, self.viewer = view.board, view.state, view.viewer
        self.token = escape(get_token(view.request))
        self.made: dict[tuple[str, str], Plain | Packed] = {("csrf", ""): Fresh(self.token.encode())}
        self.ways: Mapping[str, Callable[[str], str]] = {
            "id": lambda _: str(uuid.uuid4()),
            "seq": lambda _: str(view.board.seq),
            "all": lambda _: str(view.state.count),
            "tab": lambda which: str(self._count(which)),
            "count": self._count_html,
            "chip": self._chip,
            "waits": lambda _: _waits(view.viewer.waits),
            "news": lambda _: self._news(),
        }

    def packed(self, name: str, which: str) -> Plain | Packed:
        if name != "list":
            return self._fresh(name, which)
        column = int(which)
        most = self.view.shown[column]
        if self.view.filters:
            return packed_fronts(self.view.fronts[column][:most], self.reader, self.now)[1]
        return self.state.packed(column, most, self.reader, self.now)

    def text(self, name: str, which: str) -> bytes:
        if name != "list":
            return self._fresh(name, which).text
        column = int(which)
        shown = self.view.fronts[column][: self.view.shown[column]]
        return fill_times(BETWEEN.join(front.html for front in shown), self.reader, self.now).encode()

    def _fresh(self, name: str, which: str) -> Plain:
        if name == "id":
            return Fresh(str(uuid.uuid4()).encode())
        known = self.made.get((name, which))
        if known is None:
            known = self.made[name, which] = Fresh(self.ways[name](which).encode())
        return known  # type: ignore[return-value]

    def _count(self, which: str) -> int:
        return len(self.state.by_column[int(which)])

    def _count_html(self, which: str) -> str:
        column = next(column for column in self.state.columns if column.pk == int(which))
        return column_count(column, self._count(which))

    def _chip(self, which: str) -> str:
        look = ChipContext(self.board, self.reader, self.now, self.viewer.asked)
        return str(CHIPS_BY_NAME[which].counted(self.state, look))

    def _news(self) -> str:
        viewer, board, reader = self.viewer, self.board, self.reader
        if not (viewer.has_unread or viewer.is_new_here):
            return ""
        known = viewer.head, viewer.has_read, viewer.is_new_here, board.key, today_of(reader, self.now)
        key = (reader.pk, reader.time_zone, *known)
        drawn = _news.get(key)
        if drawn is None:
            news = news_of(reader, [board.pk]).get(board.pk)
            shown = {"board": board, "news": news, "is_new_here": viewer.is_new_here}
            html = render_to_string("boards/_news.html", shown | {"csrf_token": _mark("csrf")}).strip()
            drawn = fill_times(html, reader, self.now)
            _news.keep(key, drawn)
        return drawn.replace(_mark("csrf"), self.token)


@functools.lru_cache(maxsize=100)
def _waits(count: int) -> str:
    """The count of what waits on the reader, with its link."""
    return render_to_string("waiting/_count.html", {"waits_count": count, "view": "board"}).strip()


def _answer(request: HttpRequest, pieces: list[Piece], fill: _Filling) -> HttpResponse:
    if ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
        parts = [piece if isinstance(piece, Plain) else fill.packed(*piece) for piece in pieces]
        response = HttpResponse(gzipped(parts))
        response["Content-Encoding"] = "gzip"
        return response
    return HttpResponse(
        b"".join(piece.text if isinstance(piece, Plain) else fill.text(*piece) for piece in pieces)
    )
