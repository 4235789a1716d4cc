"""A page that lived through every verb shows what a fresh page shows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from activity.log.record import By
from activity.log.verbs import VERBS
from activity.models import Activity
from boards import actions as act
from boards.card_fields import CARD_FIELDS
from boards.invitations import accept_invitation, invite
from boards.models import Board, Role
from boards.undo.engine import undo_change
from comments.actions import edit_comment, post_comment, remove_comment, restore_comment
from comments.decisions import agree, decide_by_comment, record_decision
from comments.outcomes import record_answer
from comments.questions import ask_question, close_question, hand_on
from comments.reuse import answer_by_known, answer_fact
from comments.reviews import confirm, set_review
from fluxboard.accounts.models import User
from tests import cast
from tests.boards.anew import assert_drawn_alike
from tests.contracts.open_page import OpenPage, assert_like_a_fresh_page
from tests.meetings.course import course

ELSEWHERE = {"history.imported"}  # written by imports only, for a board that nobody has open


class Day:
    """Everything that can be done to a board, one method a verb that needs more than a line."""

    def __init__(self) -> None:
        self.ana, self.kenji, self.priya = (cast.person(name) for name in ("ana", "kenji", "priya"))
        self.board = cast.team_board(self.ana, self.kenji, self.priya)
        self.lena = cast.person("lena")
        act.add_member(self.board, self.lena, Role.MEMBER, by=self.ana)
        self.other = act.create_board("Mobile app", by=self.ana, key="MOB", starter=False)

    def columns(self, board: Board | None = None):
        return list((board or self.board).columns.current().in_board_order())

    def steps(self):
        """Yields after each change, so that the page can be looked at."""
        ana, kenji, board = self.ana, self.kenji, self.board
        ready, doing, done = self.columns()
        card = act.create_card(ready, "One", by=kenji, what="a", why="b")
        yield
        two, three, _ = act.create_cards(ready, "Two\nThree\nFour", by=kenji, before=card)
        yield
        yield act.retitle_card(card, 'One <b>bold</b> & "quoted"', by=ana)
        yield act.specify_card(card, "done_when", "- it works", by=ana)
        yield act.assign_card(card, kenji, by=ana)
        yield act.assign_card(card, None, by=ana)
        yield act.join_card(card, kenji, by=ana)
        yield act.leave_card(card, kenji, by=ana)
        label = act.create_label(board, "bug", 1, by=ana)
        yield
        yield act.label_card(card, label, by=kenji)
        yield act.label_card(two, label, by=kenji)
        yield act.rename_label(label, "defect", by=ana)
        yield act.recolour_label(label, 5, by=ana)
        yield act.unlabel_card(card, label, by=kenji)
        yield act.remove_label(label, by=ana)
        yield act.restore_label(label, by=ana)
        search = act.save_search(board, "Bugs", "label:bug", by=kenji)
        yield
        yield act.rename_search(search, "All bugs", by=ana)
        yield act.remove_search(search, by=kenji)
        yield act.restore_search(search, by=ana)
        template = act.save_template(board, "Bug", by=ana, labels=[label], assignee=kenji, steps="Reproduce")
        yield
        yield act.change_template(template, by=kenji, title="Bug: {title}", labels=[], why="Who is hit?")
        yield act.make_default(template, True, by=ana)
        from_template = act.create_card(
            ready, "From", by=ana, labels=[label], steps="One\nTwo", template=template
        )
        yield
        yield act.copy_card(from_template, doing, "Again", by=kenji)
        yield act.remove_template(template, by=kenji)
        yield act.restore_template(template, by=kenji)
        first = timezone.now().date()
        schedule = act.save_schedule(template, "FREQ=DAILY", by=ana, column=doing, first=first)
        yield
        yield act.change_schedule(schedule, by=kenji, rule="FREQ=WEEKLY;BYDAY=MO")
        yield act.pause_schedule(schedule, by=kenji)
        yield act.resume_schedule(schedule, by=kenji)
        schedule.refresh_from_db()
        yield act.skip_card(schedule, schedule.next_days(1)[0], by=ana)
        yield act.remove_schedule(schedule, by=kenji)
        yield act.restore_schedule(schedule, by=kenji)
        link = act.make_weekly_link(board, ["finished"], token="word", days=7, by=ana)
        yield link
        yield act.revoke_weekly_link(link, by=ana)
        long_ago = By(ana, now=timezone.now() - dt.timedelta(40))
        day = long_ago.now.date()
        trial = act.start_trial(board, day, minutes=15, team=5, weekdays=["MO"], by=long_ago)
        yield
        yield act.change_trial(trial, by=ana, minutes=20)
        yield act.decide_trial(trial, "adapt", "Shorter cards.", {}, by=ana)
        yield act.reopen_trial(trial, by=ana)
        yield act.remove_trial(trial, by=ana)
        yield act.configure_board(board, by=ana, check_ins="daily")
        shown = [
            {"code": "moved-1", "kind": "moved", "card": {"id": str(card.uid), "key": card.key}, "words": ""}
        ]
        given = act.give_check_in(board, "A quiet day.", shown, by=kenji)
        yield
        yield act.change_check_in(given, by=kenji, text="A day.", shown=[])
        yield act.remove_check_in(given, by=kenji)
        yield from course(board, card, ana, kenji)
        yield act.date_card(card, dt.date(2026, 10, 16), by=kenji)
        yield act.configure_board(board, by=ana, card_fields=["size"])
        yield act.set_value(card, CARD_FIELDS["size"], "large", by=kenji)
        yield act.block_card(card, "Waits for the bank", by=kenji, person=ana, card_in_the_way=two)
        yield act.block_card(card, "Waits for the other bank", by=kenji)
        yield act.unblock_card(card, by=ana)
        yield act.move_card(card, to=ready, before=two, by=kenji)
        yield act.move_card(card, to=doing, by=kenji)
        yield act.limit_column(doing, 1, by=ana)
        yield act.move_card(two, to=doing, before=card, by=kenji)
        yield act.move_card(three, to=done, by=kenji)
        checklist = act.add_checklist(card, "Steps", by=ana)
        yield
        first, second = act.add_items(checklist, "one\ntwo", by=ana)
        yield
        yield act.check_item(first, by=kenji)
        yield act.uncheck_item(first, by=kenji)
        yield act.check_item(first, by=kenji)
        yield act.reword_item(second, "zwei", by=kenji)
        yield act.move_item(second, before=first, by=kenji)
        yield act.promote_item(second, by=kenji)
        yield act.copy_checklist(checklist, card, by=ana)
        yield act.remove_item(first, by=kenji)
        yield act.restore_item(first, by=ana)
        yield act.rename_checklist(checklist, "Way", by=ana)
        yield act.remove_checklist(checklist, by=ana)
        yield act.restore_checklist(checklist, by=kenji)
        comment = post_comment(card, "Hello @kenji", by=ana)
        yield
        yield post_comment(card, "Hello", by=kenji, parent=comment)
        yield edit_comment(comment, "Good morning", by=ana)
        yield remove_comment(comment, by=ana)
        yield restore_comment(comment, by=ana)
        yield from self.talk(card)
        yield act.erase_card(three, ["title"], "Asked for", by=ana)
        yield act.archive_card(card, by=ana)
        yield act.restore_card(card, by=ana)
        yield act.transfer_card(two, to=self.columns(self.other)[0], by=ana)
        two.refresh_from_db()
        yield act.transfer_card(two, to=done, by=ana)
        yield from self.structure(ready, doing, done, card)
        yield act.limit_column(doing, 3, by=ana)
        yield from self.back(doing, card)

    def talk(self, card):
        ana, kenji, lena = self.ana, self.kenji, self.lena
        question = ask_question(card, "Page 1 or the nearest?", [kenji, lena], by=ana)
        yield
        yield post_comment(card, "The nearest.", by=kenji, parent=question)
        other = ask_question(card, "And on phones?", [kenji], by=ana)
        yield
        yield hand_on(other, lena, by=kenji)
        yield close_question(other, by=ana)
        thread = post_comment(card, "Red?", by=ana)
        yield
        for who, text in ((kenji, "Green."), (ana, "Red!"), (kenji, "Green!")):
            yield post_comment(card, text, by=who, parent=thread)
        then, today = timezone.now() - dt.timedelta(days=90), timezone.now().date()
        day = today - dt.timedelta(days=9)
        decision = record_decision(card, "Blue.", by=By(ana, now=then), parent=thread, review_on=day)
        yield
        yield agree(decision, by=By(kenji, now=then))
        yield confirm(decision, by=kenji, next_on=today + dt.timedelta(days=30))
        yield set_review(decision, today + dt.timedelta(days=9), by=ana)
        yield self.undo("decision.review_set", ana)
        yield confirm(decision, by=ana)
        yield self.undo("decision.confirmed", ana)
        yield record_decision(card, "Grey after all.", by=ana, supersedes=decision)
        known = ask_question(card, "Which colour, again?", [kenji], by=ana)
        yield
        yield answer_by_known(known, decision, by=kenji)
        yield ask_question(card, "Which colour?", [], by=ana, known=answer_fact(decision))
        comment = post_comment(card, "Round corners.", by=kenji)
        yield
        yield decide_by_comment(comment, by=ana)

    def back(self, doing, card):
        """Undo and redo, also of what only ever happens that way."""
        yield act.move_card(card, to=doing, by=self.kenji)
        yield self.undo("card.moved", self.kenji)
        yield self.undo("change.undone", self.kenji)
        yield act.archive_card(card, by=self.ana)
        yield self.undo("card.archived", self.ana)
        decision = record_decision(card, "Pink.", by=self.ana)
        yield agree(decision, by=self.kenji)
        yield self.undo("decision.agreed", self.kenji)
        question = ask_question(card, "Really?", [self.kenji], by=self.ana)
        yield close_question(question, by=self.ana)
        yield self.undo("question.closed", self.ana)
        thread = post_comment(card, "Hm.", by=self.ana)
        yield record_answer(thread, "Yes.", by=self.kenji)
        yield self.undo("thread.settled", self.kenji)
        yield act.rename_column(doing, "Now", by=self.ana)
        yield self.undo("column.renamed", self.ana)

    def undo(self, verb, person):
        seq = Activity.objects.on(self.board).filter(verb=verb).latest("seq").seq
        return undo_change(self.board, seq, by=person)

    def claim(self, card):
        """Somebody takes over what stands under the name of a person without a sign-in."""
        ghost = User.objects.create_user(None, None, name="Noor from Trello")
        act.add_member(self.board, ghost, Role.MEMBER, by=self.ana)
        act.join_card(card, ghost, by=self.ana)
        act.assign_card(card, ghost, by=self.ana)
        yield
        mail = cast.person("noor.h").email
        now = timezone.now()
        invitation, _ = invite(
            self.board, by=self.ana, role="viewer", days=1, now=now, email=mail, claims=ghost
        )
        yield accept_invitation(invitation, by=User.objects.get(email=mail))

    def structure(self, ready, doing, done, card):
        ana, board = self.ana, self.board
        later = act.add_column(board, "Later", by=ana, after=ready)
        yield
        yield act.rename_column(later, "Some day", by=ana)
        yield act.move_column(later, by=ana)
        yield act.mark_done_column(later, True, by=ana)
        yield act.archive_card(card, by=ana)
        yield act.archive_column(doing, by=ana)
        yield act.restore_card(card, by=ana)
        yield act.restore_column(doing, by=ana)
        yield act.rename_board(board, "Till", by=ana)
        yield act.rekey_board(board, "TIL", by=ana)
        yield act.describe_board(board, "What it is for", by=ana)
        yield act.configure_board(board, by=ana, wip_rule="refuse", stale_after=9)
        yield act.open_board(board, Role.VIEWER, by=ana)
        yield act.close_board(board, by=ana)
        sam = cast.person("sam")
        yield act.add_member(board, sam, Role.VIEWER, by=ana)
        yield act.change_role(board, sam, Role.MEMBER, by=ana)
        day = timezone.now().date()
        yield act.say_away(sam, day, day + dt.timedelta(3), by=sam, cover=ana)
        yield act.change_absence(sam, sam.away[0].id, day, day + dt.timedelta(9), by=ana)
        yield act.come_back(sam, sam.away[0].id, by=sam)
        yield act.remove_member(board, sam, by=ana)
        yield from self.claim(card)
        yield act.archive_board(board, by=ana)
        yield act.restore_board(board, by=ana)


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def day(db):
    return Day()


@pytest.mark.early
def test_an_open_page_becomes_what_a_fresh_page_is_after_each_change(day):
    page = OpenPage(client_of(day.kenji), day.board)
    for _ in day.steps():
        assert_like_a_fresh_page(page)
        assert_drawn_alike(page.client, f"/b/{Board.objects.get(pk=day.board.pk).key}/?part=board")
    done = Activity.objects.on(day.board)
    told = {activity.verb for activity in done} | {activity.effect for activity in done}
    missing = VERBS.keys() - told - ELSEWHERE
    assert not missing, f"no step does {', '.join(sorted(missing))}"


def test_a_page_that_slept_through_the_day_catches_up_at_once(day):
    page = OpenPage(client_of(day.kenji), day.board)
    for _ in day.steps():
        pass
    assert_like_a_fresh_page(page)


def test_frames_say_the_same_to_everyone(day):
    """No form, token or request of a viewer stands in one; only who did it, and what."""
    from activity.models import Frame

    for _ in day.steps():
        pass
    for html in Frame.objects.values_list("html", flat=True):
        for word in ("csrfmiddlewaretoken", "<form", "request_id", "nonce", " style="):
            assert word not in html
