"""kill -9 inside the write path, before each statement of a change and after the last one (T2).

    python -m tests.faults.cutting --rounds 1 created asked     # on the database of DATABASE_URL

A process of its own, without threads: for each cut it forks, the child sends a form through the whole of
Django and kills itself with SIGKILL at the n-th statement from the board's lock on. Then the parent looks
what is left, sends the same request once more, and looks again. It prints its figures as JSON.

Before the commit nothing may be left, after it everything; the request sent again is done just once in all.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import uuid
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")

LOCK = "SET seq = seq + 1"
NOTIFY = "pg_notify"
NEVER, AT_NOTIFY = 10_000, 10_001

Deed = Callable[["Place"], tuple[str, dict[str, Any]]]


class Knife:
    """An execute wrapper: counts the statements from a board's lock on, and kills this process at the n-th.

    With `after`, when that statement is done; else before it is sent.
    """

    def __init__(self, at: int = NEVER, *, after: bool = False) -> None:
        self.at = at
        self.after = after
        self.statements: list[str] = []

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not self.statements and LOCK not in str(sql):
            return execute(sql, params, many, context)
        self.statements.append(str(sql))
        is_here = len(self.statements) == self.at or (self.at == AT_NOTIFY and NOTIFY in str(sql))
        if is_here and not self.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(sql, params, many, context)
        if len(self.statements) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    @property
    def before_commit(self) -> int:
        """How many of the statements belong to the transaction: the notification is the first after it."""
        return next(n for n, sql in enumerate(self.statements) if NOTIFY in sql)


def point(word: str) -> int:
    """Where to cut, as a file says it: a number, or `notify`."""
    return AT_NOTIFY if word == "notify" else int(word)


class Place:
    """Two boards, two people, and their forms."""

    def __init__(self) -> None:
        from boards.actions import add_member, create_board, create_card
        from boards.models import Role
        from tests.faults.ground import someone

        self.ana, self.kenji = someone("Ana Duarte"), someone("Kenji Mori")
        keys = ["C" + uuid.uuid4().hex[:6].upper() for _ in range(2)]
        self.board, self.other = (create_board("Cuts", by=self.ana, key=key, starter=False) for key in keys)
        for board in (self.board, self.other):
            add_member(board, self.kenji, Role.MEMBER, by=self.ana)
        self.columns = list(self.board.columns.in_board_order())
        self.card = create_card(self.columns[0], "First", by=self.ana)

    def new_card(self) -> Any:
        from boards.actions import create_card

        return create_card(self.columns[0], f"Card {uuid.uuid4().hex[:8]}", by=self.ana)

    def client(self) -> Any:
        from django.test import Client

        client = Client(raise_request_exception=False, SERVER_NAME="localhost")
        client.force_login(self.ana)
        return client

    def rows(self) -> dict[str, int]:
        """How many rows the log of each board has."""
        from activity.models import Activity

        return {board.key: Activity.objects.on(board).count() for board in (self.board, self.other)}

    def check(self, before: dict[str, int], rows: int, what: str, *, whole: bool = True) -> None:
        """Every seq has its row, the tables are as the log says (`whole`), and only `rows` came since."""
        from boards.models import Board
        from fluxboard.features.verification.verify import verify

        now = self.rows()
        for board in (self.board, self.other):
            seq = Board.objects.values_list("seq", flat=True).get(pk=board.pk)
            faults = verify(board) if whole else []
            if faults or seq != now[board.key]:
                raise Wound(f"{what}: board {board.key} at {seq} has {now[board.key]} rows, {faults}")
        grown = sum(now.values()) - sum(before.values())
        if grown != rows:
            raise Wound(f"{what}: {grown} rows came, {rows} of them under the request's id")


def created(place: Place) -> tuple[str, dict[str, Any]]:
    column = place.columns[0].pk
    return f"/b/{place.board.key}/cards/new/", {"title": "One\nTwo\nThree", "column": column}


def asked(place: Place) -> tuple[str, dict[str, Any]]:
    return f"/c/{place.card.key}/do/asked/", {"text": "Which one?", "ask": place.kenji.pk}


def transferred(place: Place) -> tuple[str, dict[str, Any]]:
    to = place.other.columns.in_board_order()[0].pk
    return f"/c/{place.new_card().key}/do/transferred/", {"column": to}


def retitled(place: Place) -> tuple[str, dict[str, Any]]:
    return f"/c/{place.card.key}/do/retitled/", {"title": f"Title {uuid.uuid4()}"}


def moved(place: Place) -> tuple[str, dict[str, Any]]:
    return f"/c/{place.new_card().key}/do/moved/", {"column": place.columns[1].pk}


def posted(place: Place) -> tuple[str, dict[str, Any]]:
    return f"/c/{place.card.key}/do/posted/", {"text": f"Words for @{place.kenji.handle}"}


def recorded(place: Place) -> tuple[str, dict[str, Any]]:
    return f"/c/{place.card.key}/do/recorded/", {"title": "So it is", "text": "Decided.", "what": "Decided."}


def archived(place: Place) -> tuple[str, dict[str, Any]]:
    return f"/c/{place.new_card().key}/do/archived/", {}


def undone(place: Place) -> tuple[str, dict[str, Any]]:
    from boards.actions import retitle_card

    card = place.new_card()
    retitle_card(card, "To be undone", by=place.ana)
    card.refresh_from_db()
    return f"/b/{place.board.key}/undo/{card.version}/", {}


DEEDS: dict[str, Deed] = {
    deed.__name__: deed
    for deed in (created, asked, transferred, retitled, moved, posted, recorded, archived, undone)
}


class Wound(AssertionError):
    """A cut left something that it must not."""


def cut_everywhere(place: Place, deed: Deed) -> dict[str, int]:
    """Cut `deed` before each of its statements, and after the last one. Raises Wound."""
    whole = attempt(place, deed, NEVER)
    points = [(at, False) for at in range(1, whole.statements + 1)] + [(whole.statements, True)]
    saved = 0
    for at, after in points:
        made = attempt(place, deed, at, after=after)
        is_committed = at > whole.in_transaction
        if made.left != (made.rows if is_committed else 0):
            raise Wound(f"{deed.__name__} cut at {at} of {whole}: {made}")
        saved += is_committed
    return {"statements": whole.statements, "cuts": len(points), "saved_before_the_cut": saved}


class Attempt:
    """What one cut left: rows in the log after it, and after the same request was sent again."""

    left = rows = statements = in_transaction = 0

    def __str__(self) -> str:
        return str(vars(self))


def attempt(place: Place, deed: Deed, at: int, *, after: bool = False) -> Attempt:
    from django.db import connection

    from activity.models import Activity, Request

    path, fields = deed(place)
    fields |= {"request_id": str(uuid.uuid4())}
    client = place.client()
    before = place.rows()
    mine = Activity.objects.filter(request_id=fields["request_id"])
    seen = Attempt()
    knife = Knife(at, after=after)
    if at == NEVER:
        with connection.execute_wrapper(knife):
            again(client, path, fields)
        seen.statements, seen.in_transaction = len(knife.statements), knife.before_commit
    else:
        connection.close()
        child = os.fork()
        if not child:
            with connection.execute_wrapper(knife):
                client.post(path, fields)
            os._exit(7)
        _, status = os.waitpid(child, 0)
        if os.WTERMSIG(status) != signal.SIGKILL:
            raise Wound(f"{deed.__name__} was not cut at {at}: {status}")
        settle(connection)
    seen.left = mine.count()
    place.check(before, seen.left, f"{deed.__name__} cut at {at}")
    again(client, path, fields)
    seen.rows = mine.count()
    # The next cut's look at the whole, or the last one's, covers what this made of the tables.
    whole = at == NEVER or after
    place.check(before, seen.rows, f"{deed.__name__} cut at {at} and sent again", whole=whole)
    if not seen.rows or Request.objects.filter(request_id=fields["request_id"]).count() != 1:
        raise Wound(f"{deed.__name__} cut at {at} was not done once: {seen}")
    return seen


def settle(connection: Any) -> None:
    """Until PostgreSQL has noticed that the child is gone."""
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND application_name = 'fluxboard-cut'"
            )
            if not cursor.fetchone()[0]:
                return
    raise Wound("the connection of a killed process stays")


def again(client: Any, path: str, fields: dict[str, Any]) -> None:
    """Send it, to where the card is now if need be, as a browser does. Raises Wound when it is refused."""
    answer = client.post(path, fields)
    if answer.status_code == 307:
        answer = client.post(answer["Location"], fields)
    if answer.status_code not in (200, 303):
        raise Wound(f"answered {answer.status_code}: {answer.content[:500]!r}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("deeds", nargs="*", choices=[*DEEDS, []])
    given = parser.parse_args()
    import django

    django.setup()
    place = Place()
    told = {"rounds": given.rounds, "deeds": 0, "cuts": 0, "statements": 0, "saved_before_the_cut": 0}
    for _ in range(given.rounds):
        for name in given.deeds or DEEDS:
            for key, number in cut_everywhere(place, DEEDS[name]).items():
                told[key] += number
            told["deeds"] += 1
    print(json.dumps(told))


if __name__ == "__main__":
    main()
