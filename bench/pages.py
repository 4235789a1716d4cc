"""The board page: as it opens, and with every card on it; by one reader at a time and by eight.

`board_500` is the page with all 500 cards, which is what other boards send; `board_500_first` is the page as
it opens here, with the first 25 cards of each column. The floor is the very same bytes, compressed
beforehand, as a constant through the same door and the same session check.
"""

from __future__ import annotations

import random
import sys

from django.test import Client

from activity.log.record import By
from activity.log.transaction import change
from bench.figures import Figure
from bench.load import NOTHING, Load, load
from bench.own_queries import Replay, queries_of
from bench.place import Place, place
from bench.seeding import board_of, team, text
from boards.models import Board
from comments.actions import post_comment
from fluxboard.accounts.models import User

SIZES = (100, 500, 2000)
CROWDS = (1, 8)
SAID = 200  # comments on the card whose page is measured
ROUNDS, SECONDS = 3, 2.0


def run() -> list[Figure]:
    """p50, p99, pages a second and KiB on the wire, for each size and crowd, with each page's floor."""
    figures: list[Figure] = []
    with place("pages") as here:
        people = team()
        for cards in SIZES:
            print(f"Making a board of {cards:,} cards …", file=sys.stderr)
            board = board_of(cards, people)
            cookie = here.cookie(people[1])
            last = board.cards.latest("number").title.encode()
            for name, path in (("", whole(board, cards)), ("_first", board.get_absolute_url())):
                page = here.fetch(path, cookie)
                assert name or (last in page and page.count(b'<li class="card') == cards), path
                figures += measured(here, f"board_{cards}{name}", path, page, cookie)
        return [*figures, *_card(here, board, people)]


def _card(here: Place, board: Board, people: list[User]) -> list[Figure]:
    """The page of a card with 200 comments; the floor is its own queries, bare."""
    card = board.cards.earliest("number")
    chance = random.Random(1)
    with change(By(people[0]), board.pk, render=lambda log: [""] * len(log.activities)):
        for n in range(SAID - card.comments_count):
            post_comment(card, text(chance, 200), by=By(people[n % len(people)]))
    path = card.get_absolute_url()
    cookie = here.cookie(people[1])
    client = Client()
    client.force_login(people[1])
    replay = Replay(here.urls.app, queries_of(client, path))
    load(here.app.port, [path], cookie, connections=16, seconds=0.5)
    ours = load(here.app.port, [path], cookie, connections=1, seconds=SECONDS * 2)
    floor = replay.load(SECONDS)
    return [
        Figure("card_200_c1_p50", ours.percentile(0.5), "ms", floor.percentile(0.5)),
        Figure("card_200_c1_p99", ours.percentile(0.99), "ms", floor.percentile(0.99)),
        Figure("card_200_kib", ours.size / 1024, "KiB"),
    ]


def whole(board: Board, cards: int) -> str:
    """The address of the board with every card shown."""
    more = "&".join(f"more={column.pk}:{cards}" for column in board.columns.in_board_order())
    return f"{board.get_absolute_url()}?{more}"


def measured(here: Place, name: str, path: str, page: bytes, cookie: str) -> list[Figure]:
    """The figures of one page, taken in turns with its floor."""
    constant = here.floor(name, page)
    figures: list[Figure] = []
    size = 0
    for crowd in CROWDS:
        taken: dict[str, Load] = {path: NOTHING, constant: NOTHING}
        for address in taken:  # every worker has it ready
            load(here.app.port, [address], cookie, connections=16, seconds=0.5)
        for _ in range(ROUNDS):
            for address in taken:
                taken[address] += load(here.app.port, [address], cookie, connections=crowd, seconds=SECONDS)
        ours, floor = taken[path], taken[constant]
        size = ours.size
        figures += [
            Figure(f"{name}_c{crowd}_p50", ours.percentile(0.5), "ms", floor.percentile(0.5)),
            Figure(f"{name}_c{crowd}_p99", ours.percentile(0.99), "ms", floor.percentile(0.99)),
            Figure(f"{name}_c{crowd}_per_s", ours.per_second, "1/s", floor.per_second),
        ]
    return [*figures, Figure(f"{name}_kib", size / 1024, "KiB")]
