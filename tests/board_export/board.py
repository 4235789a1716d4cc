"""A board on which about everything has happened."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from activity.log.record import By
from boards import actions as act
from boards.models import Board, Card
from comments.actions import edit_comment, post_comment, remove_comment
from comments.decisions import agree, record_decision
from comments.questions import ask_question
from comments.reuse import answer_by_known, answer_fact
from comments.reviews import confirm, set_review
from fluxboard.accounts.models import User
from fluxboard.meetings.actions.meetings import start_meeting
from tests import cast
from tests.meetings.course import course, planned


def busy(board: Board, ana: User, kenji: User) -> list[Card]:
    """A bit of everything that people do on a board."""
    ready, doing, _ = board.columns.in_board_order()
    one, two, three = act.create_cards(ready, "Zahlungen — 支払い 💳\nSecond\nThird", by=ana)
    act.specify_card(one, "why", "Because.\nAnd so on.", by=kenji)
    act.label_card(one, act.create_label(board, "bug", 1, by=ana), by=kenji)
    act.join_card(one, kenji, by=ana)
    act.assign_card(one, kenji, by=ana)
    act.move_card(one, to=doing, by=kenji)
    act.block_card(two, "Waits", by=ana, card_in_the_way=three)
    first, second = act.add_items(act.add_checklist(two, "Steps", by=ana), "one\ntwo", by=kenji)
    act.check_item(first, by=kenji)
    act.promote_item(second, by=ana)
    comment = post_comment(one, "Hello @kenji", by=ana)
    edit_comment(post_comment(one, "A reply", by=kenji, parent=comment), "Another reply", by=kenji)
    remove_comment(post_comment(two, "Gone", by=kenji), by=kenji)
    then, today = timezone.now() - dt.timedelta(days=90), timezone.now().date()
    older = record_decision(one, "Blue.", by=ana)
    due = record_decision(one, "Round.", by=By(ana, now=then), review_on=today - dt.timedelta(days=9))
    confirm(due, by=kenji, next_on=today + dt.timedelta(days=30))
    set_review(due, today + dt.timedelta(days=60), by=ana)
    agree(record_decision(one, "Green.", by=ana, supersedes=older), by=kenji)
    ask_question(two, "Which colour?", by=ana, people=[kenji])
    answer_by_known(ask_question(two, "Which shape?", by=ana, people=[kenji]), due, by=kenji)
    ask_question(two, "Round or not?", by=ana, people=[], known=answer_fact(due))
    act.save_search(board, "Bugs", "label:bug", by=kenji)
    act.save_template(board, "Bug", by=kenji, title="Mend it")
    act.archive_card(three, by=ana)
    template = act.save_template(board, "Report", by=ana, steps="Figures", assignee=kenji)
    first = timezone.now().date() + dt.timedelta(days=9)
    act.save_schedule(template, "FREQ=WEEKLY;BYDAY=MO", by=ana, column=ready, first=first, rota=[kenji, ana])
    act.configure_board(board, by=ana, check_ins="FR")
    fact = {
        "code": "moved-9",
        "kind": "moved",
        "card": {"id": str(one.uid), "key": one.key},
        "words": "Doing",
    }
    act.give_check_in(board, "Half a day in a workshop.", [fact], by=kenji)
    act.make_weekly_link(board, ["finished", "decided"], token="word", days=30, by=ana)
    soon = timezone.now().date()
    act.remove_trial(act.start_trial(board, soon, minutes=10, team=4, weekdays=["FR", "MO"], by=ana), by=ana)
    act.start_trial(board, soon, minutes=15, team=4, weekdays=["TU"], by=ana)
    for _ in course(board, one, ana, kenji):
        pass
    start_meeting(planned(board, kenji, "At hand", title="Running"), by=ana)
    act.rekey_board(board, "FLY", by=ana)
    return [one, two, three]


def a_board() -> Board:
    ana, kenji, priya = cast.person("ana"), cast.person("kenji"), cast.person("priya")
    board = cast.team_board(ana, kenji, priya)
    busy(board, ana, kenji)
    return Board.objects.get(pk=board.pk)
