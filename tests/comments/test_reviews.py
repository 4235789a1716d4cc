"""Decisions that stay true: looked at again on a day, by those who stand behind them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from activity.errors import Clash, Refused
from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Role
from boards.undo.engine import undo_change
from comments.decisions import agree, record_decision
from comments.due_reviews import decisions_due, reviews_of, reviews_shown
from comments.models import Decision
from comments.reviews import confirm, set_review
from comments.waiting import waiting_count, waiting_on
from fluxboard.features.digest.content import letter_for
from fluxboard.features.now.load import load_now
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import parse_search
from fluxboard.features.verification.verify import verify
from tests import cast

DAYS_AGO = 90


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def due(card, ana, kenji, now) -> Decision:
    """Ana decided 90 days ago and Kenji agreed; it was to be looked at again two days ago."""
    then = now - dt.timedelta(days=DAYS_AGO)
    day = now.date() - dt.timedelta(days=2)
    decision = record_decision(card, "Page by cursor.", by=By(ana, now=then), review_on=day)
    return agree(decision, by=By(kenji, now=then))


def fresh(decision: Decision) -> Decision:
    return Decision.objects.select_related("board", "card").get(pk=decision.pk)


def asked(decision: Decision, *people, now) -> list[bool]:
    return [reviews_of(person, now).filter(pk=decision.pk).exists() for person in people]


def test_a_decision_is_recorded_with_a_day_and_shows_it(visit, board, card, ana):
    day = timezone.now().date() + dt.timedelta(days=30)
    form = visit(ana).get(f"/c/{card.key}/").form("decision.recorded")
    assert visit(ana).send(form, text="Blue.", review_on=day.isoformat()).status == 303
    assert Decision.objects.get().review_on == day
    assert "look again" in visit(ana).get(f"/c/{card.key}/").html
    assert "look again" in visit(ana).get(f"/b/{board.key}/decisions/").html
    assert verify(board) == []


@pytest.mark.parametrize("typed", ["2020-01-01", "soon", "0026-10-31", "２０２７-01-01", "\0", "9" * 500])
def test_a_day_that_will_not_do_is_said_beside_the_form_and_nothing_is_lost(visit, card, ana, typed):
    form = visit(ana).get(f"/c/{card.key}/decide/").form("decision.recorded")
    answer = visit(ana).send(form, text="Keep these words.", review_on=typed)
    assert answer.status == 422
    assert "Keep these words." in answer.html
    assert "act-form__error" in answer.html
    assert not Decision.objects.exists()


def test_the_day_is_set_changed_and_taken_away_and_each_can_be_undone(visit, board, card, ana, kenji):
    decision = record_decision(card, "Blue.", by=ana)
    day = timezone.now().date() + dt.timedelta(days=9)
    for value in (day, day + dt.timedelta(days=9), None):
        set_review(fresh(decision), value, by=kenji)
    assert fresh(decision).review_on is None
    seq = Activity.objects.filter(verb="decision.review_set").latest("seq").seq
    undo_change(board, seq, by=kenji)
    assert fresh(decision).review_on == day + dt.timedelta(days=9)
    assert verify(board) == []


def test_two_who_set_another_day_are_shown_both(card, ana, kenji):
    decision = record_decision(card, "Blue.", by=ana)
    seen, day = decision.version, timezone.now().date() + dt.timedelta(days=9)
    set_review(fresh(decision), day, by=kenji, seen=seen)
    with pytest.raises(Clash):
        set_review(fresh(decision), day + dt.timedelta(days=1), by=ana, seen=seen)


def test_who_decided_and_who_agreed_are_asked_until_they_have_answered(board, due, ana, kenji, priya, now):
    assert asked(due, ana, kenji, priya, now=now) == [True, True, False]
    assert [wait.kind for wait in waiting_on(kenji, now)] == ["review"]
    assert waiting_count(kenji, now) == 1
    confirm(due, by=kenji)
    assert asked(due, ana, kenji, now=now) == [True, False]
    assert list(decisions_due([board], now.date())) == [due]
    confirm(due, by=ana)
    assert asked(due, ana, kenji, now=now) == [False, False]
    assert fresh(due).review_on is None
    assert list(decisions_due([board], now.date())) == []
    assert verify(board) == []


def test_the_last_one_ends_the_round_on_the_day_that_was_named(due, ana, kenji, now):
    day = now.date() + dt.timedelta(days=60)
    confirm(due, by=kenji, next_on=day)
    assert fresh(due).next_review_on == day
    (shown,) = reviews_shown([fresh(due)], ana, now).values()
    assert (shown.offer, shown.is_asked, shown.waits_for) == (day, True, [ana])
    confirm(due, by=ana)
    assert (fresh(due).review_on, fresh(due).next_review_on) == (day, None)
    (shown,) = reviews_shown([fresh(due)], ana, now).values()
    assert (shown.is_due, {person.handle for person in shown.said}) == (False, {"ana", "kenji"})


def test_the_same_distance_is_offered_again(due, ana, now):
    (shown,) = reviews_shown([fresh(due)], ana, now).values()
    today = now.astimezone(ana.zone).date()
    assert shown.offer == today + dt.timedelta(days=DAYS_AGO - 2)


def test_saying_it_twice_does_it_once(due, kenji):
    confirm(due, by=kenji)
    confirm(due, by=kenji)
    assert Activity.objects.filter(verb="decision.confirmed").count() == 1


def test_an_undo_takes_the_confirmation_and_the_end_of_the_round_back(board, due, ana, kenji, now):
    day = fresh(due).review_on
    confirm(due, by=kenji)
    confirm(due, by=ana, next_on=now.date() + dt.timedelta(days=60))
    seq = Activity.objects.filter(verb="decision.confirmed").latest("seq").seq
    undo_change(board, seq, by=ana)
    assert fresh(due).review_on == day
    assert asked(due, ana, kenji, now=now) == [True, False]
    undo_change(board, Activity.objects.filter(verb="change.undone").latest("seq").seq, by=ana)
    assert fresh(due).review_on == now.date() + dt.timedelta(days=60)
    assert verify(board) == []


def test_who_is_away_has_left_or_only_reads_is_not_asked(board, due, ana, kenji, now):
    today = now.astimezone(kenji.zone).date()
    act.say_away(kenji, today, today, by=ana)
    kenji.refresh_from_db()
    assert asked(due, ana, kenji, now=now) == [True, False]
    assert waiting_count(kenji, now) == 0
    confirm(due, by=ana)
    assert fresh(due).review_on is None, "nobody else was there to ask"


def test_somebody_without_a_place_on_the_board_any_more_holds_nothing_up(board, due, ana, kenji, now):
    confirm(due, by=ana)
    act.remove_member(board, kenji, by=ana)
    assert asked(due, kenji, now=now) == [False]
    (shown,) = reviews_shown([fresh(due)], ana, now).values()
    assert (shown.waits_for, shown.may_confirm) == ([], True)
    confirm(due, by=ana)
    assert fresh(due).review_on is None
    assert verify(board) == []


def test_a_demoted_or_deactivated_person_is_not_asked(board, due, ana, kenji, now):
    act.change_role(board, kenji, Role.VIEWER, by=ana)
    assert asked(due, kenji, now=now) == [False]
    act.change_role(board, kenji, Role.MEMBER, by=ana)
    kenji.is_active = False
    kenji.save()
    confirm(due, by=ana)
    assert fresh(due).review_on is None


def test_who_agrees_while_the_round_is_open_has_said_so_by_that(board, due, ana, kenji, now):
    lena = cast.person("lena")
    act.add_member(board, lena, Role.MEMBER, by=ana)
    agree(fresh(due), by=lena)
    assert asked(due, lena, now=now) == [False]


def test_another_decision_ends_the_round(card, due, ana, kenji, now):
    record_decision(card, "By offset.", by=ana, supersedes=due)
    assert asked(due, ana, kenji, now=now) == [False, False]
    with pytest.raises(Refused, match="superseded"):
        confirm(due, by=kenji)


def test_one_that_is_not_due_is_not_confirmed(card, ana):
    decision = record_decision(card, "Blue.", by=ana)
    with pytest.raises(Refused, match="not to be looked at now"):
        confirm(decision, by=ana)


def test_that_of_an_archived_card_is_asked_about_on_its_own_page(visit, board, card, due, ana, kenji, now):
    act.archive_card(card, by=ana)
    assert asked(due, kenji, now=now) == [True]
    page = visit(kenji).get(f"/b/{board.key}/decisions/1/")
    assert visit(kenji).send(page.form("decision.confirmed")).status == 303
    assert asked(due, kenji, now=now) == [False]


def test_it_stands_on_waiting_with_its_form_and_leaves_once_answered(visit, due, kenji):
    page = visit(kenji).get("/waiting/")
    assert "a decision to look at again" in page.html
    answer = visit(kenji).send(page.form("decision.confirmed"))
    assert (answer.status, answer.response["Location"]) == (303, "/waiting/")
    assert "a decision to look at again" not in visit(kenji).get("/waiting/").html


def test_the_digest_of_that_day_says_so(due, kenji, now):
    letter = letter_for(kenji, now)
    assert [(wait.kind, wait.key) for wait in letter.waits] == [("review", "FLX-1")]
    assert letter.waits[0].url.endswith("/b/FLX/decisions/1/")


def test_a_viewer_reads_it_and_has_no_form(visit, board, card, due, priya):
    for address in (f"/c/{card.key}/", f"/b/{board.key}/decisions/1/"):
        page = visit(priya).get(address)
        assert "Still true?" in page.html
        assert not page.all("decision.confirmed")
        assert not page.all("decision.review_set")


def test_now_and_the_search_list_what_is_due(board, due, ana, kenji, now):
    (group,) = [group for group in load_now([board], ana, now).groups if group.name == "decisions"]
    assert (group.total, group.rows[0].words) == (1, "D-1, waits on Ana and Kenji, due")
    confirm(due, by=kenji)
    names = [group.name for group in load_now([board], ana, now, kenji).groups]
    assert "decisions" not in names
    hits = [hit for group in search(parse_search("is:due-for-review"), ana).groups for hit in group.hits]
    assert [hit.kind for hit in hits] == ["decision"]
    confirm(due, by=ana)
    assert not search(parse_search("is:due-for-review"), ana).groups


def test_the_register_narrows_to_what_is_due(visit, board, card, due, ana):
    record_decision(card, "Green.", by=ana)
    html = visit(ana).get(f"/b/{board.key}/decisions/?state=due").html
    assert "Page by cursor." in html
    assert "Green." not in html


def test_the_page_at_a_moment_shows_who_had_said_so(visit, board, card, due, ana, kenji):
    confirm(due, by=kenji)
    board = Board.objects.get(pk=board.pk)
    html = visit(ana).get(f"/b/{board.key}/at/?seq={board.seq}&card={card.number}").html
    assert "still true, said by <bdi>Kenji</bdi>" in html
    before = visit(ana).get(f"/b/{board.key}/at/?seq={board.seq - 1}&card={card.number}").html
    assert "still true, said by" not in before
    assert "look again" in before
