"""Boards as issue 5 has them, made by the real actions with a true log, spread over two weeks.

Titles of 60 characters, micro-specs of 600, two labels and somebody who has it on each card, ten comments on
fifty of them.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from django.utils import timezone

from activity.log.record import By
from activity.log.transaction import change
from boards import actions
from boards.models import Board, Card, Column, Role
from comments.actions import post_comment
from fluxboard.accounts.models import User

COLUMNS = ("Ideas", "Ready", "In progress", "Review", "Done")
TALKED_ABOUT, SAID = 50, 10
AT_ONCE = 50
SPAN = dt.timedelta(days=14)
VOCABULARY = (
    "account address answer archive board branch button cache calendar cell change checkout clock "
    "colour column comment cookie currency decision digest draft error export field filter font form "
    "frame header image import index invoice keyboard label layout letter limit link list mail "
    "margin member menu message mobile notice number order page panel password payment person phone "
    "price print question queue reader report request restore review role row rule safari script "
    "search seat session setting shadow sheet signal slider stream style summary table tax team "
    "template test text theme thread time title token topic total upload value verb version video "
    "view voucher watch week widget window word worker zone"
)
WORDS = VOCABULARY.split()


def team(size: int = 8) -> list[User]:
    """People, the first of whom will own the boards."""
    zones = ["Europe/Lisbon", "Asia/Tokyo", "Asia/Kolkata", "America/New_York"]
    return [
        User.objects.create_user(f"p{n}@example.com", name=f"Person {n}", time_zone=zones[n % 4])
        for n in range(size)
    ]


def board_of(cards: int, people: list[User], key: str = "") -> Board:
    """A board with so many cards, evenly in five columns, and its whole history."""
    owner, now = people[0], timezone.now()
    steps = -(-cards // AT_ONCE)
    board = actions.create_board(
        f"Board of {cards}",
        by=By(owner, now=now - SPAN),
        key=key or f"B{cards}",
        columns=COLUMNS,
        starter=False,
    )
    for person in people[1:]:
        actions.add_member(board, person, Role.MEMBER, by=owner)
    labels = [
        actions.create_label(board, name, hue, by=owner) for hue, name in enumerate(("api", "web", "ops"), 1)
    ]
    columns = list(board.columns.in_board_order())
    made: list[Card] = []
    chance = random.Random(cards)
    for step in range(steps):
        by = By(owner, now=now - SPAN + SPAN * (step + 0.5) / steps)
        numbers = range(len(made), min(cards, len(made) + AT_ONCE))
        with change(by, board.pk, render=_hints):
            made += [_card(n, columns[n % len(columns)], people, labels, by, chance) for n in numbers]
    _talk(board, made[:: max(1, cards // TALKED_ABOUT)][:TALKED_ABOUT], people, now)
    board.refresh_from_db()
    return board


def _card(
    number: int, column: Column, people: list[User], labels: list[Any], by: By, chance: random.Random
) -> Card:
    what, why, done_when, constraints = (text(chance, 150) for _ in range(4))
    card = actions.create_card(
        column,
        text(chance, 60),
        by=by,
        what=what,
        why=why,
        done_when=done_when,
        constraints=constraints,
        assignee=people[number % len(people)],
    )
    for label in (labels[number % 3], labels[(number + 1) % 3]):
        actions.label_card(card, label, by=by)
    return card


def _talk(board: Board, cards: list[Card], people: list[User], now: dt.datetime) -> None:
    chance = random.Random(len(cards))
    with change(By(people[0], now=now - dt.timedelta(hours=30)), board.pk, render=_hints):
        for card in cards:
            for n in range(SAID):
                post_comment(card, text(chance, 200), by=By(people[n % len(people)]))


def text(chance: random.Random, length: int) -> str:
    """So many letters of words that mean nothing together."""
    words = ""
    while len(words) < length:
        words += f"{chance.choice(WORDS)} "
    return words[:length].strip().ljust(length, ".").capitalize()


def _hints(log: Any) -> list[str]:
    """No page is open: frames may stay empty."""
    return [""] * len(log.activities)
