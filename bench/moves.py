"""Moving a card on a board of 500: alone, eight at once there, eight at once there and on seven of 100.

The floor is the same SQL without us: the statements of one real move, as they went to the database, sent
again by bare psycopg in as many transactions, with a new seq and a new request id each time.
"""

from __future__ import annotations

import itertools
import random
import re
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.figures import Figure
from bench.load import NOTHING, Load, load
from bench.place import Place, place
from bench.seeding import board_of, team
from boards.models import Board
from fluxboard.accounts.models import User

CARDS, BOARDS, OTHERS = 500, 8, 100
ROUNDS, SECONDS = 3, 2.0
SEQ = 7_770_001  # stands in the recorded statements where a seq does
CROWDS = {"c1": (1, 1), "c8_one_board": (8, 1), "c8_eight_boards": (8, 8)}


def run() -> list[Figure]:
    """p50, p99 and moves a second of each crowd, with the floor's."""
    with place("moves") as here:
        people = team()
        print(f"Making {BOARDS} boards …", file=sys.stderr)
        boards = [board_of(CARDS if n == 0 else OTHERS, people, f"MV{n}") for n in range(BOARDS)]
        figures: list[Figure] = []
        recorded = [_recorded(board, people[1]) for board in boards]
        for name, (crowd, spread) in CROWDS.items():
            ours, floor = NOTHING, NOTHING
            for turn in range(ROUNDS + 1):
                a = _moved(here, boards[:spread], people[1], crowd)
                b = _replayed(here.urls.app, recorded[:spread], crowd)
                if turn:  # the first one warms up
                    ours, floor = ours + a, floor + b
            figures += [
                Figure(f"move_{name}_p50", ours.percentile(0.5), "ms", floor.percentile(0.5)),
                Figure(f"move_{name}_p99", ours.percentile(0.99), "ms", floor.percentile(0.99)),
                Figure(f"move_{name}_per_s", ours.per_second, "1/s", floor.per_second),
            ]
        return figures


def _moves(boards: list[Board]) -> Iterator[tuple[str, str]]:
    """Forms that put a card after another one, each somewhere else, on one board after the other."""
    chance = random.Random(8)
    places = []
    for board in boards:
        keys = [f"{board.key}-{number}" for number in board.cards.values_list("number", flat=True)]
        places.append((keys, list(board.columns.values_list("pk", flat=True))))
    for keys, columns in itertools.cycle(places):
        card, after = chance.sample(keys, 2)
        form = {"column": chance.choice(columns), "after": after, "request_id": uuid.uuid4(), "from": "board"}
        yield f"/c/{card}/do/moved/", urlencode(form)


def _moved(here: Place, boards: list[Board], person: User, crowd: int) -> Load:
    secret = "b" * 32
    cookie = f"{here.cookie(person)}; csrftoken={secret}"
    forms = list(itertools.islice(_moves(boards), 4000))
    return load(here.app.port, forms, cookie, connections=crowd, seconds=SECONDS, token=secret, once=True)


def _recorded(board: Board, person: User) -> list[str]:
    """What one move sends to the database, with marks where each move differs."""
    client = Client()
    client.force_login(person)
    Board.objects.filter(pk=board.pk).update(seq=SEQ - 2)
    forms = _moves([board])
    for _ in range(2):  # the first one looks up what is kept afterwards
        path, form = next(forms)
        prepared: list[str] = []

        def noting(execute: Any, sql: str, params: Any, many: bool, context: Any, to: Any = prepared) -> Any:
            if isinstance(params, dict):  # what is prepared is logged without its words
                to.append(psycopg.ClientCursor(connection.connection).mogrify(sql, params))
            return execute(sql, params, many, context)

        with CaptureQueriesContext(connection) as captured, connection.execute_wrapper(noting):
            answer = client.post(
                path, form, content_type="application/x-www-form-urlencoded", headers={"HX-Request": "true"}
            )
        assert answer.status_code == 200, answer.content[:300]
    mid = re.search(r"request_id=([0-9a-f-]{36})", form)
    assert mid
    in_words = iter(prepared)
    logged = [query["sql"] for query in captured.captured_queries]
    statements = [next(in_words) if sql.startswith("QUERY =") else sql for sql in logged]
    assert any(str(SEQ) in sql for sql in statements)
    ids = (mid[1], mid[1].replace("-", ""))  # psycopg writes them without dashes
    for given in ids:
        statements = [sql.replace(given, "{mid}") for sql in statements]
    return [sql.replace(str(SEQ), "{seq}") for sql in statements]


def _replayed(url: str, recorded: list[list[str]], crowd: int) -> Load:
    """The statements again, over `crowd` sessions, for as long."""
    taken: list[float] = []
    begun = time.perf_counter()

    def replay(statements: list[str]) -> None:
        with psycopg.connect(url, autocommit=True) as session:
            while time.perf_counter() - begun < SECONDS:
                at = time.perf_counter()
                _once(session, statements)
                taken.append((time.perf_counter() - at) * 1000)

    threads = [threading.Thread(target=replay, args=[recorded[n % len(recorded)]]) for n in range(crowd)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(taken, time.perf_counter() - begun, 0)


def _once(session: psycopg.Connection, statements: list[str]) -> None:
    seq, mid = "0", str(uuid.uuid4())
    for sql in statements:
        cursor = session.execute(sql.replace("{seq}", seq).replace("{mid}", mid).encode())
        if cursor.description is None:
            continue
        rows = cursor.fetchall()
        if sql.startswith("UPDATE") and "SET seq = seq + 1" in sql:
            names = [column.name for column in cursor.description]
            seq = str(rows[0][names.index("seq")])
