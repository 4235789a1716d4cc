"""The board's page, put together from what is kept: the board as it stands, and the frame around it.

The frame is all of the page but the cards and the numbers. It is drawn by the same templates as ever, with a
mark in each place where something differs from one answer to the next; it is kept by everything that it
shows. So a page that was drawn before costs one query, a few look-ups and a join. With a filter, or with
something to tell (`messages`), a page is drawn anew (`boards.board_page.context.board_page`), and shows
the same.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
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
from boards.board_page import context as board_page
from boards.board_page.board_cache import BoardState, board_state
from boards.board_page.chips import BY_NAME, CHIPS, ChipContext
from boards.board_page.filters import Filters
from boards.board_page.viewer import Viewer
from boards.models import Board, Column, Role
from boards.rendering.card_front import column_count
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


def can_be_kept(request: Any) -> bool:
    """Whether the board's page for this request is put together from what is kept."""
    return not (Filters.of(request.GET) or len(get_messages(request)))


def kept_page(
    request: Any, board: Board, role: Role, viewer: Viewer, template: str, now: dt.datetime
) -> HttpResponse:
    """The board's page for this request, which `can_be_kept`."""
    standing = board_state(board, viewer.head, viewer.seen)
    lists = _lists(standing, viewer, request.GET)
    pieces = _frame(request, board, role, template, standing, viewer, lists)
    fill = _Filling(request, board, standing, viewer, lists, now)
    response = _answer(request, pieces, fill)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Cookie, HX-Request, Accept-Encoding"
    return response


def _lists(standing: BoardState, viewer: Viewer, query: Any) -> dict[int, int]:
    """How many cards of each open column are on the page."""
    asked = board_page.more_asked(query)
    return {
        column.pk: min(max(asked.get(column.pk, 0), board_page.AT_FIRST), len(standing.by_column[column.pk]))
        for column in standing.columns
        if column.pk not in viewer.folded
    }


# ---- the frame ------------------------------------------------------------------------------------------


_frames: LastUsed[tuple[Any, ...], list[Piece]] = LastUsed(KEPT_FRAMES)
_news: LastUsed[tuple[Any, ...], str] = LastUsed(KEPT_FRAMES)


def _frame(
    request: Any,
    board: Board,
    role: Role,
    template: str,
    standing: BoardState,
    viewer: Viewer,
    lists: dict[int, int],
) -> list[Piece]:
    query = request.GET.urlencode()
    key = (
        template,
        query,
        role,
        _shown(request.user),
        _shown(board),
        tuple((_shown(column), column.version) for column in standing.columns),
        tuple((label.pk, label.name, label.hue) for label in standing.labels),
        tuple(len(standing.by_column[pk]) - shown for pk, shown in lists.items()),
        viewer.in_frame,
    )
    pieces = _frames.get(key)
    if pieces is None:
        context = _context(request, board, role, standing, viewer, lists)
        pieces = list(_pieces(render_to_string(template, context, request)))
        _frames.keep(key, pieces)
    return pieces


def _shown(thing: models.Model) -> tuple[Any, ...]:
    """Everything about a thing that a page might show, and no secret."""
    fields = (field.attname for field in thing._meta.concrete_fields if field.name not in _UNSHOWN)
    values = (getattr(thing, name) for name in fields)
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _mark(name: str, which: Any = "") -> SafeString:
    return mark_safe(f"[{SECRET} {name} {which}]" if which != "" else f"[{SECRET} {name}]")  # noqa: S308


def _context(
    request: Any, board: Board, role: Role, standing: BoardState, viewer: Viewer, lists: dict[int, int]
) -> dict[str, Any]:
    filters = Filters.of(request.GET)
    columns = [_column(column, standing, lists, filters) for column in standing.columns]
    counts = {chip.name: _mark("chip", chip.name) for chip in CHIPS}
    form = {
        "labels": standing.labels,
        "people": [SimpleNamespace(pk=pk, name=name) for pk, name in viewer.people],
    }
    return page_frame.frame(request.user, board, role, "board") | {
        "my_boards": [SimpleNamespace(pk=pk, key=key, name=name) for pk, key, name in viewer.boards],
        "has_unread": viewer.has_unread,
        "filters": filters,
        "chips": board_page.chips_of(board, filters, counts),
        "hits": 0,
        "all_cards": _mark("all"),
        "columns": columns,
        "filter_form": board_page.filter_form(board, standing.columns, filters) | form,
        "live": True,
        "watching": Watching(viewer.watchers, viewer.watches),
        "csrf_token": _mark("csrf"),
        "fresh_id": _mark("id"),
        "seq_mark": _mark("seq"),
        "waits_mark": _mark("waits"),
        "news_mark": _mark("news"),
    }


def _column(column: Column, standing: BoardState, lists: dict[int, int], filters: Filters) -> Any:
    found = len(standing.by_column[column.pk]) if column.pk in lists else 0
    return board_page.ColumnOnPage(
        column=column,
        count=_mark("tab", column.pk),
        count_html=_mark("count", column.pk),
        fronts=[_mark("list", column.pk)],
        shown=lists.get(column.pk, 0),
        found=found,
        is_folded=column.pk not in lists,
        query=filters.query,
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

    def __init__(
        self,
        request: Any,
        board: Board,
        standing: BoardState,
        viewer: Viewer,
        lists: dict[int, int],
        now: dt.datetime,
    ) -> None:
        self.reader, self.board, self.standing, self.viewer = request.user, board, standing, viewer
        self.lists, self.now = lists, now
        self.token = escape(get_token(request))
        self.made: dict[tuple[str, str], Plain | Packed] = {("csrf", ""): Fresh(self.token.encode())}
        self.ways: Mapping[str, Callable[[str], str]] = {
            "id": lambda _: str(uuid.uuid4()),
            "seq": lambda _: str(board.seq),
            "all": lambda _: str(standing.count),
            "tab": lambda which: str(self._count(which)),
            "count": self._count_html,
            "chip": self._chip,
            "waits": lambda _: _waits(viewer.waits),
            "news": lambda _: self._news(),
        }

    def packed(self, name: str, which: str) -> Plain | Packed:
        if name == "list":
            column = int(which)
            return self.standing.packed(column, self.lists[column], self.reader, self.now)
        return self._fresh(name, which)

    def text(self, name: str, which: str) -> bytes:
        if name == "list":
            column = int(which)
            return self.standing.texts(column, self.lists[column], self.reader, self.now).encode()
        return self._fresh(name, which).text

    def _fresh(self, name: str, which: str) -> Plain:
        if name == "id":
            return Fresh(str(uuid.uuid4()).encode())
        known = self.made.get((name, which))
        if known is None:
            known = self.made[name, which] = Fresh(self.ways[name](which).encode())
        return known  # type: ignore[return-value]

    def _count(self, which: str) -> int:
        return len(self.standing.by_column[int(which)])

    def _count_html(self, which: str) -> str:
        column = next(column for column in self.standing.columns if column.pk == int(which))
        return column_count(column, self._count(which))

    def _chip(self, which: str) -> str:
        look = ChipContext(self.board, self.reader, self.now, self.viewer.asked)
        return str(BY_NAME[which].counted(self.standing, look))

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
