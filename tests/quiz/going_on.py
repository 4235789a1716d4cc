"""What happens on the demo's boards after its story: one of each that the story itself has not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from boards import actions as act
from boards.models import Board, Card, Column
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.models import Ask, Decision
from comments.outcomes import record_answer
from comments.questions import ask_question, hand_on
from fluxboard.accounts.models import User

DAY = dt.timedelta(days=1)


def go_on() -> None:
    """A morning's work: cards change hands, place and date, questions go round, a decision is renewed."""
    ana, kenji, priya, sam, lena = map(_person, ("ana", "kenji", "priya", "sam", "lena"))
    board = Board.objects.get(key="FLX")
    cards = Card.objects.filter(board=board).current().select_related("board", "column").order_by("number")
    begun = cards.filter(column__in=Column.objects.begun([board]), is_blocked=False)
    owned = begun.exclude(assignee=None).order_by("moved_at")
    _moved_on(board, owned)
    _taken_over(owned[0], ana, sam)
    act.create_card(board.columns.in_board_order()[0], "Show the price with tax in the cart", by=lena)
    dated: Any = cards.filter(column__is_done=False).exclude(due=None).last()
    tomorrow = timezone.now().astimezone(ana.zone).date() + DAY
    act.date_card(dated, tomorrow if dated.due != tomorrow else tomorrow + DAY, by=lena)
    act.unblock_card(cards.filter(is_blocked=True).order_by("blocked_at")[0], by=priya)
    card = begun.last()
    record_answer(ask_question(card, "Which of the two?", [kenji], by=lena), "The second", by=kenji)
    hand_on(ask_question(card, "Who checks the wording?", [kenji], by=priya), sam, by=kenji)
    late = ask_question(card, "May it go out?", [lena], by=priya)
    Ask.objects.filter(comment=late).update(answer_by=timezone.now() - dt.timedelta(hours=1))
    thread = post_comment(card, "Grey or blue?", by=priya)
    for person in (lena, priya, lena):
        post_comment(card, "I would say not.", by=person, parent=thread)
    old = Decision.objects.filter(board=board).latest("at")
    record_decision(old.card, "As before, but below the button.", by=old.recorded_by, supersedes=old)


def _person(handle: str) -> User:
    return User.objects.get(handle=handle)


def _taken_over(card: Card, one: Any, other: Any) -> None:
    """By one of the two, who has it not."""
    taker = other if card.assignee_id == one.pk else one
    act.assign_card(card, taker, by=taker)


def _moved_on(board: Board, cards: Any) -> None:
    begun = Column.objects.begun([board])
    columns = [column for column in board.columns.in_board_order() if column.pk in begun]
    card = cards.filter(column=columns[0])[1]
    act.move_card(card, to=columns[1], by=card.assignee)
