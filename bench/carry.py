"""A board out and back in: 2,000 cards against 500, whole runs, and what a row of the log costs in each.

The boards are made by the real actions in a scratch copy of the schema; each import goes into a second copy.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from activity.models import Via
from activity.recording import By
from bench.figures import Figure
from boards import actions
from boards.models import Board
from comments.actions import post_comment
from fluxboard.accounts.models import User
from fluxboard.carrying.inbound import import_board
from fluxboard.carrying.outbound import export_board
from fluxboard.carrying.unpacking import opened

SMALL, LARGE = 500, 2000
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
        return [
            Figure("carry: 2,000 cards out", out[LARGE], "s"),
            Figure("carry: 2,000 cards in", into[LARGE], "s"),
            Figure("carry: a row out", *_each(out, rows)),
            Figure("carry: a row in", *_each(into, rows)),
        ]
    finally:
        from django.db import connections

        connections.close_all()
        for name in names:
            server.drop(name)
        server.close()


def _each(seconds: dict[int, float], rows: dict[int, int]) -> tuple[float, str, float]:
    """Microseconds a row of the large board, and of the small one, which it is held against."""
    large, small = (seconds[cards] / rows[cards] * 1e6 for cards in (LARGE, SMALL))
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
    with opened(path) as archive:
        import_board(archive, by=By(owner, via=Via.IMPORT), sees_all=True)


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
