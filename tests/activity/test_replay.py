"""The board can be rebuilt from its log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from activity.log.record import By
from activity.log.replay.state import unfolded
from activity.log.verbs import VERBS
from activity.models import Activity
from boards import actions
from boards.card_fields import CARD_FIELDS
from boards.models import Board
from comments.actions import edit_comment, post_comment, remove_comment, restore_comment
from comments.decisions import agree, decide_by_comment, record_decision
from comments.questions import ask_question, close_question, hand_on
from comments.reuse import answer_by_known, answer_fact
from comments.reviews import confirm, set_review
from fluxboard.features.verification.verify import verify
from tests.meetings.course import course


def test_every_verb_has_a_fold():
    assert unfolded() == []


def everything(board: Board, ana: Any, kenji: Any, priya: Any) -> Board:
    """Each verb at least once; returns the other board, to which a card went."""
    ready, doing, done = board.columns.in_board_order()
    actions.rename_board(board, "Checkout, rebuilt", by=ana)
    actions.describe_board(board, "What it is for", by=ana)
    actions.configure_board(board, by=ana, wip_rule="refuse", stale_after=3)
    actions.open_board(board, "viewer", by=ana)
    actions.close_board(board, by=ana)
    actions.change_role(board, kenji, "owner", by=ana)
    actions.change_role(board, priya, "member", by=ana)
    day = timezone.now().date() + dt.timedelta(9)
    actions.say_away(priya, day, day, by=priya, cover=kenji)
    actions.change_absence(priya, priya.away[0].id, day, day + dt.timedelta(2), by=ana)
    actions.come_back(priya, priya.away[0].id, by=priya)
    actions.rename_column(ready, "Next", by=ana)
    actions.limit_column(doing, 4, by=ana)
    actions.mark_done_column(done, False, by=ana)
    later = actions.add_column(board, "Later", by=ana, after=done)
    actions.move_column(later, before=ready, by=ana)
    bug = actions.create_label(board, "bug", 1, by=kenji)
    actions.rename_label(bug, "defect", by=kenji)
    actions.recolour_label(bug, 3, by=kenji)
    search = actions.save_search(board, "Bugs", "label:bug", by=kenji)
    actions.rename_search(search, "All bugs", by=ana)
    actions.remove_search(search, by=ana)
    actions.restore_search(search, by=kenji)
    template = actions.save_template(board, "Bug", by=kenji, labels=[bug], assignee=kenji, steps="Reproduce")
    actions.change_template(template, by=ana, name="Defect", labels=[], assignee=None, why="Who is hit?")
    actions.make_default(template, True, by=ana)
    actions.remove_template(template, by=ana)
    actions.restore_template(template, by=kenji)
    first = timezone.now().date()
    schedule = actions.save_schedule(template, "FREQ=DAILY", by=kenji, column=ready, first=first)
    actions.change_schedule(schedule, by=ana, rule="FREQ=WEEKLY;BYDAY=MO", column=doing, zone="Asia/Tokyo")
    schedule = actions.change_schedule(schedule, by=ana, rota=[kenji, ana])
    actions.pause_schedule(schedule, by=ana)
    schedule = actions.resume_schedule(schedule, by=ana)
    actions.skip_card(schedule, schedule.next_days(1)[0], by=ana)
    actions.remove_schedule(schedule, by=ana)
    actions.restore_schedule(schedule, by=kenji)
    trial = actions.start_trial(board, first, minutes=15, team=5, weekdays=["MO", "TH"], by=ana)
    actions.change_trial(trial, by=ana, minutes=20, weekdays=["WE"])
    actions.remove_trial(trial, by=ana)
    actions.restore_trial(trial, by=ana)
    actions.remove_trial(trial, by=ana)
    long_ago = By(ana, now=timezone.now() - dt.timedelta(40))
    trial = actions.start_trial(board, long_ago.now.date(), minutes=15, team=5, weekdays=["MO"], by=long_ago)
    actions.decide_trial(trial, "adapt", "Shorter cards.", {"standups": 2}, by=ana)
    actions.reopen_trial(trial, by=ana)
    actions.decide_trial(trial, "keep", "It reads well.", {"standups": 2}, by=ana)
    link = actions.make_weekly_link(board, ["finished", "names"], token="word", days=7, by=ana)
    actions.revoke_weekly_link(link, by=ana)
    actions.configure_board(board, by=ana, check_ins="MO")
    given = actions.give_check_in(board, "Hello", [], by=kenji)
    actions.change_check_in(given, by=kenji, text="Good morning")
    actions.remove_check_in(actions.give_check_in(board, "", [], by=ana), by=ana)
    other = actions.create_label(board, "old", 2, by=kenji)
    one, two, three = actions.create_cards(ready, "one\ntwo\nthree", by=ana)
    actions.retitle_card(one, "eins", by=kenji)
    for field in ("what", "why", "done_when", "constraints"):
        actions.specify_card(one, field, f"- {field}\n- 日本語", by=ana)
    actions.move_card(one, to=doing, by=kenji)
    actions.move_card(three, before=two, by=kenji)
    actions.assign_card(one, kenji, by=ana)
    actions.join_card(one, ana, by=ana)
    actions.join_card(one, kenji, by=ana)
    actions.leave_card(one, ana, by=ana)
    actions.label_card(one, bug, by=ana)
    actions.label_card(two, other, by=ana)
    actions.remove_label(other, by=ana)
    actions.restore_label(other, by=ana)
    actions.date_card(one, dt.date(2026, 3, 12), by=ana)
    actions.configure_board(board, by=ana, card_fields=["size"])
    actions.set_value(one, CARD_FIELDS["size"], "large", by=ana)
    actions.block_card(one, "Waits for two", by=ana, person=kenji, card_in_the_way=two)
    actions.block_card(three, "Waits", by=ana)
    actions.unblock_card(three, by=ana)
    listed = actions.add_checklist(one, "Steps", by=ana)
    second = actions.add_checklist(one, "More", by=ana)
    a, b, c = actions.add_items(listed, "a\nb\nc", by=ana)
    actions.reword_item(a, "A", by=ana)
    actions.check_item(a, by=kenji)
    actions.check_item(b, by=kenji)
    actions.uncheck_item(b, by=kenji)
    actions.move_item(b, to=second, by=ana)
    actions.promote_item(c, by=ana)
    actions.remove_item(c, by=ana)
    actions.rename_checklist(listed, "All steps", by=ana)
    gone = actions.add_checklist(one, "Gone", by=ana)
    actions.add_items(gone, "x\ny", by=ana)
    actions.remove_checklist(gone, by=ana)
    actions.restore_checklist(gone, by=kenji)
    actions.remove_checklist(gone, by=ana)
    said = post_comment(one, "Hello @kenji", by=ana)
    reply = post_comment(one, "Hello back", by=kenji, parent=said)
    edit_comment(said, "Hello, @kenji", by=ana)
    remove_comment(reply, by=kenji)
    restore_comment(reply, by=kenji)
    remove_comment(reply, by=kenji)
    question = ask_question(one, "Which page?", [kenji], by=ana)
    post_comment(one, "The first", by=kenji, parent=question)
    passed = ask_question(one, "And then?", [kenji], by=priya)
    hand_on(passed, ana, by=kenji)
    close_question(passed, by=priya)
    known = record_decision(one, "Page 1", by=ana)
    answer_by_known(ask_question(one, "Which page, again?", [kenji], by=ana), known, by=kenji)
    ask_question(one, "And which page?", [], by=ana, known=answer_fact(known))
    argued = post_comment(one, "By offset", by=ana)
    for person, text in ((kenji, "By cursor"), (ana, "Why?"), (kenji, "It is stable")):
        post_comment(one, text, by=person, parent=argued)
    first = record_decision(one, "By cursor", by=ana, parent=argued, decided_by=[ana, kenji], how="call")
    agree(first, by=kenji)
    today = timezone.now().date()
    older = record_decision(
        one,
        "No cookies",
        by=By(ana, now=timezone.now() - dt.timedelta(days=90)),
        review_on=today - dt.timedelta(5),
    )
    confirm(older, by=kenji, next_on=today + dt.timedelta(days=30))
    set_review(older, today + dt.timedelta(days=60), by=ana)
    record_decision(one, "By cursor, with a notice", by=kenji, supersedes=first)
    decide_by_comment(said, by=ana)
    for _ in course(board, one, ana, kenji):
        pass
    actions.erase_card(three, ["title", "reasons"], "Asked for", by=ana)
    actions.archive_card(three, by=ana)
    actions.restore_card(three, by=ana)
    actions.archive_card(two, by=ana)
    actions.archive_column(later, by=ana)
    actions.restore_column(later, by=ana)
    mobile = actions.create_board("Mobile app", by=ana, key="MOB")
    actions.transfer_card(one, to=mobile.columns.in_board_order()[0], by=ana)
    actions.rekey_board(board, "CHK", by=ana)
    actions.remove_member(board, kenji, by=ana)
    actions.archive_board(mobile, by=ana)
    actions.restore_board(mobile, by=ana)
    return mobile


def test_fold_of_the_log_equals_the_tables(board, ana, kenji, priya):
    mobile = everything(board, ana, kenji, priya)
    used = set(Activity.objects.values_list("verb", flat=True))
    by_undo = {"change.undone", "question.reopened", "thread.reopened"}
    by_undo |= {"decision.agreement_withdrawn", "decision.confirmation_withdrawn"}
    # Those of undos are in tests/undo, claims in tests/boards/test_claiming.py.
    assert VERBS.keys() - used == {"history.imported", "member.claimed"} | by_undo
    for one in (board, mobile):
        one.refresh_from_db()
        assert verify(one) == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda board: board.cards.update(title="Never said"), "title: the log says"),
        (lambda board: board.columns.update(name="Never named"), "name: the log says"),
        (lambda board: board.memberships.all().delete(), "members."),
    ],
    ids=["title", "column", "members"],
)
def test_a_change_behind_the_logs_back_is_named(card, board, spoil: Callable[[Board], Any], told: str):
    spoil(board)
    assert any(told in fault for fault in verify(board))


@pytest.mark.django_db(transaction=True)
def test_the_command_tells_a_true_board_from_another(card, board, capsys):
    call_command("verify_log")
    assert "FLX verified at seq" in capsys.readouterr().out
    board.cards.update(title="Never said")
    with pytest.raises(SystemExit) as stop:
        call_command("verify_log", "flx")
    assert stop.value.code == 1
    assert "title: the log says" in capsys.readouterr().out
