"""Verifying a board of 100,000 activities, and looking at it as it once stood; a tenth of it beside that.

The boards are written through the log's own pen in one change, so that their hashes are true: cards that are
renamed, moved, dated and talked about, a hundred times each. The floor is reading the same rows and doing
nothing; that of a row of the large board is a row of the small one.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from activity.log.record import By
from activity.log.snapshots import log_rows, state_at
from activity.log.transaction import change
from activity.models import Activity, Snapshot
from bench.figures import Figure
from boards import actions
from boards.actions.facts import person_fact, thing_fact
from boards.models import Board, Card
from comments.models import Comment
from fluxboard.accounts.models import User
from fluxboard.core.ordering import positions_between
from fluxboard.features.verification.verify import verdict, without_collecting

ROWS, FEW = 100_000, 10_000
ROWS_A_CARD = 100
AT_ONCE = 100


def run() -> list[Figure]:
    """Milliseconds for the whole log, rows a second, and the time to a state deep in it."""
    from tests.conftest import connect_to
    from tests.databases import Server

    server = Server()
    name = f"fluxboard_test_{os.getpid()}_bench"
    try:
        connect_to(server.clone(name).app)
        print(f"Writing {FEW + ROWS:,} activities …", file=sys.stderr)
        people = [User.objects.create_user(f"p{n}@example.com", name=f"Person {n}") for n in range(5)]
        short, long = _board("SHT", FEW, people), _board("LNG", ROWS, people)
        with without_collecting():  # as bin/manage verify_log does
            return _measure(long, short)
    finally:
        server.drop(name)
        server.close()


def _board(key: str, rows: int, people: list[User]) -> Board:
    board = actions.create_board(f"Board of {rows}", by=people[0], key=key, starter=False)
    columns = list(board.columns.in_board_order())
    for begin in range(0, rows // ROWS_A_CARD, AT_ONCE):
        lines = "\n".join(f"Card {number}" for number in range(begin, begin + AT_ONCE))
        actions.create_cards(columns[0], lines, by=people[0])
    board.refresh_from_db()
    cards = list(Card.objects.filter(board=board).select_related("column").order_by("id"))
    _live(board, cards, columns, people, rows - board.seq)
    board.refresh_from_db()
    return board


def _live(board: Board, cards: list[Card], columns: list[Any], people: list[User], rows: int) -> None:
    """What happens to the cards, as actions would record it; the tables follow at the end."""
    chance = random.Random(4)
    places = itertools.cycle(positions_between([], len(cards) * 2))
    comments: list[Comment] = []
    with change(By(people[0]), board.pk, render=lambda log: [""] * len(log.activities)) as (log,):
        for number in range(rows):
            card, who = chance.choice(cards), chance.choice(people)
            match number % 5:
                case 0 | 1:
                    title = f"Card {card.number}, now for the {number}. time"
                    facts = {"title": card.title}
                    card.title = title
                    log.record("card.retitled", card, before=facts, after={"title": title}, actor=who)
                case 2:
                    facts = {"column": thing_fact(card.column), "position": card.position}
                    card.column, card.position = chance.choice(columns), next(places)
                    after = {"column": thing_fact(card.column), "position": card.position}
                    log.record("card.moved", card, before=facts, after=after, actor=who)
                case 3:
                    was = card.due.isoformat() if card.due else None
                    card.due = dt.date(2026, 1, 1) + dt.timedelta(days=number % 900)
                    log.record(
                        "card.dated",
                        card,
                        before={"due": was},
                        after={"due": card.due.isoformat()},
                        actor=who,
                    )
                case _:
                    comments.append(_comment(log, card, who, f"Said for the {number}. time. " * 8))
        Comment.objects.bulk_create(comments, batch_size=1000)
        fields = ["title", "column", "position", "due", "comments_count", "version", "field_seqs"]
        Card.objects.bulk_update(cards, fields, batch_size=500)


def _comment(log: Any, card: Card, author: User, text: str) -> Comment:
    comment = Comment(card=card, author=author, text=text.strip(), at=log.now)
    card.comments_count += 1
    after = {"text": comment.text, "author": person_fact(author), "parent": None, "kind": "comment"}
    log.record("comment.posted", comment, card=card, after=after | {"mentions": []}, actor=author)
    return comment


def _measure(board: Board, short: Board) -> list[Figure]:
    assert verdict(board).faults == verdict(short).faults == []
    floor = _best(lambda: sum(1 for _ in Activity.objects.filter(board=board).order_by("seq").iterator(2000)))
    read = _best(lambda: sum(1 for _ in log_rows(board)))
    whole = _best(lambda: verdict(board))
    each_of_few = _best(lambda: verdict(short)) / short.seq * 1000
    Snapshot.objects.filter(board=board).delete()
    deep = board.seq - 1_000
    first = _once(lambda: state_at(board, deep))
    again = _best(lambda: state_at(board, deep + 500))
    return [
        Figure("verify_100k", whole, "ms", floor),
        Figure("verify_100k_each_row", whole / board.seq * 1000, "µs", each_of_few),
        Figure("verify_100k_rows_a_second", board.seq / whole * 1000, "1/s"),
        Figure("verify_100k_reading_alone", read, "ms", floor),
        Figure("state_at_99k_without_snapshot", first, "ms", floor),
        Figure("state_at_99k_with_snapshot", again, "ms"),
    ]


def _once(run: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1000


def _best(run: Callable[[], Any], times: int = 3) -> float:
    return min(_once(run) for _ in range(times))
