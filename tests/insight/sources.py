"""Boards that the figures are held against: the demo, a board of Trello's, and one from an installation."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from activity.log.record import By
from boards import actions as act
from boards.models import Board
from comments.actions import post_comment
from comments.questions import ask_question
from fluxboard.accounts.models import User
from fluxboard.features.trello.importer import import_trello_board
from fluxboard.features.trello.parse import parse_export
from tests.board_export.files import brought_in, exported
from tests.trello.files import bakery, encoded


def all_sources() -> tuple[User, dict[str, list[Board]]]:
    """The demo's Ana, and boards by what they are; the imported ones went on afterwards."""
    call_command("seed_demo", stdout=io.StringIO())
    ana = User.objects.get(email="ana@example.com")
    _ask_and_answer(Board.objects.get(key="FLX"), ana)
    demo = list(Board.objects.of(ana).current().order_by("key"))
    flx = next(board for board in demo if board.key == "FLX")
    return ana, {
        "demo": [flx],
        "demo, all boards": demo,
        "from Trello": [_from_trello(ana)],
        "from an installation": [brought_in(exported(flx), ana).board],
    }


def _ask_and_answer(board: Board, by: Any) -> None:
    """Questions of the last days, some answered soon, some late."""
    others = User.objects.filter(memberships__board=board, memberships__role="member").order_by("pk")
    card = board.cards.current().earliest("pk")
    for place, other in enumerate(others[:4]):
        asked_at = timezone.now() - dt.timedelta(days=8 - place, hours=3 * place)
        question = ask_question(card, f"Is it {place}?", [other], by=By(by, now=asked_at))
        answered_at = asked_at + dt.timedelta(hours=7 + 25 * place, minutes=13)
        post_comment(card, "It is", by=By(other, now=answered_at), parent=question)


def _from_trello(by: Any) -> Board:
    data = encoded(bakery())
    board = import_trello_board(parse_export(data, "bakery.json"), hashlib.sha256(data).digest(), by=by).board
    then = timezone.now() + dt.timedelta(seconds=1)
    columns = list(board.columns.current().in_board_order())
    for place, card in enumerate(list(board.cards.current().order_by("number"))):
        for step in range(1 + place % 3):
            then += dt.timedelta(minutes=1)
            to = columns[(columns.index(card.column) + 1 + step) % len(columns)]
            card = act.move_card(card, to=to, by=By(by, now=then))
        post_comment(card, "Moved on", by=By(by, now=then))
    board.refresh_from_db()
    return board
