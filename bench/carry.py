"""A board out and back in: 2,000 cards against 200, whole runs, and what a row of the log costs in each.

The boards are made by the real actions in a scratch copy of the schema; each import goes into a second copy.
A Trello export comes in as it is, and ten times as large: its cards with all that hangs on them, ten times.
BENCH_TRELLO names the file; without it, the one that the tests import.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from activity.log.record import By
from activity.models import Via
from bench.figures import Figure
from boards import actions
from boards.models import Board
from comments.actions import post_comment
from fluxboard.accounts.models import User
from fluxboard.features.board_export.exporter import export_board
from fluxboard.features.board_export.importer import import_board
from fluxboard.features.board_export.zip_reader import opened_export
from fluxboard.features.trello.importer import import_trello_board as trello_board
from fluxboard.features.trello.parse import parse_export
from fluxboard.server.embedded_postgres.addresses import PROJECT

SMALL, LARGE = 200, 2000
TRELLO = Path(os.environ.get("BENCH_TRELLO") or PROJECT / "tests/data/trello/bakery.json")
TIMES_TEN = 10
WORKED_ON = 5  # one card in so many has a text, a comment, a move and a checklist


def run() -> list[Figure]:
    """Seconds out and in for the large board, and microseconds a row beside those of the small one."""
    from tests.conftest import connect_to
    from tests.databases import Server

    server = Server()
    names = [f"fluxboard_test_{os.getpid()}_{place}" for place in ("here", "there")]
    try:
        here, there = (server.clone(name).app for name in names)
        with tempfile.TemporaryDirectory() as folder:
            connect_to(here)
            files = {cards: _out(Path(folder), cards) for cards in (SMALL, LARGE)}
            connect_to(there)
            owner = User.objects.create_user("ana@example.com", name="Ana")
            rows, out, into = {}, {}, {}
            for cards, (path, out[cards], rows[cards]) in files.items():
                into[cards] = _timed(lambda path=path: _in(path, owner))
            trello, trello_rows = _trello(owner)
        return [
            Figure("carry: 2,000 cards out", out[LARGE], "s"),
            Figure("carry: 2,000 cards in", into[LARGE], "s"),
            Figure("carry: a row out", *_each(out, rows)),
            Figure("carry: a row in", *_each(into, rows)),
            Figure("trello: the export in", trello[1], "s"),
            Figure("trello: ten times as large in", trello[TIMES_TEN], "s"),
            Figure("trello: a row in", *_each(trello, trello_rows)),
        ]
    finally:
        from django.db import connections

        connections.close_all()
        for name in names:
            server.drop(name)
        server.close()


def _each(seconds: dict[int, float], rows: dict[int, int]) -> tuple[float, str, float]:
    """Microseconds a row of the large board, and of the small one, which it is held against."""
    large, small = (seconds[size] / rows[size] * 1e6 for size in (max(rows), min(rows)))
    return large, "µs", small


def _out(folder: Path, cards: int) -> tuple[Path, float, int]:
    print(f"Making {cards:,} cards …", file=sys.stderr)
    owner = User.objects.filter(email="ana@example.com").first()
    owner = owner or User.objects.create_user("ana@example.com", name="Ana")
    board = actions.create_board(f"Board of {cards}", by=owner, key=f"B{cards}", starter=False)
    first, second, _ = board.columns.in_board_order()
    for begin in range(0, cards, 100):
        made = actions.create_cards(first, "\n".join(f"Card {begin + n}" for n in range(100)), by=owner)
        for card in made[::WORKED_ON]:
            actions.specify_card(card, "why", f"Because {card.number} is worth it.", by=owner)
            post_comment(card, f"Some words on card {card.number}.", by=owner)
            actions.move_card(card, to=second, by=owner)
            actions.add_items(actions.add_checklist(card, "Steps", by=owner), "one\ntwo", by=owner)
    board = Board.objects.get(pk=board.pk)
    path = folder / f"{cards}.zip"

    def write() -> None:
        with path.open("wb") as file:
            export_board(board, file)

    return path, _timed(write), board.seq


def _in(path: Path, owner: Any) -> None:
    with opened_export(path) as archive:
        import_board(archive, by=By(owner, via=Via.IMPORT), sees_all=True)


def _trello(owner: Any) -> tuple[dict[int, float], dict[int, int]]:
    """Seconds and rows of the log for the export as it is, and for ten times as much of it."""
    whole = json.loads(TRELLO.read_bytes())
    seconds, rows = {}, {}
    for times in (1, TIMES_TEN):
        export = parse_export(json.dumps(_multiplied(whole, times)).encode(), TRELLO.name)
        by = By(owner, via=Via.IMPORT)
        begun = time.perf_counter()
        made = trello_board(export, bytes([times]) * 32, by=by, sees_all=True)
        seconds[times] = time.perf_counter() - begun
        rows[times] = Board.objects.get(pk=made.board.pk).seq
        print(f"{TRELLO.name} × {times}: {len(export.cards)} cards, {rows[times]} rows", file=sys.stderr)
    return seconds, rows


def _multiplied(export: dict[str, Any], times: int) -> dict[str, Any]:
    """An export with so many copies of each card and of what hangs on it, under ids of their own."""
    many = export | {"id": f"{times:04x}{export['id'][4:]}", "cards": [], "checklists": [], "actions": []}
    for copy in range(times):
        for kind in ("cards", "checklists", "actions"):
            text = json.dumps(export[kind])
            for own in _own_ids(export):
                text = text.replace(f'"{own}"', f'"{copy:02x}{own[2:]}"')
            copies = json.loads(text)
            for card in copies if kind == "cards" else ():
                card["idShort"] += copy * 10_000
            many[kind] += copies
    return many


def _own_ids(export: dict[str, Any]) -> list[str]:
    """The ids of cards, checklists, their items and actions."""
    lists = [*export["cards"], *export["checklists"], *export["actions"]]
    return [one["id"] for one in lists] + [
        item["id"] for checklist in export["checklists"] for item in checklist["checkItems"]
    ]


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
