"""Owners have the record checked by a button; everyone on the board reads what was found."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from activity.models import Activity, Verification
from fluxboard.features.verification.verify import MOST_KEPT, verify_now

PAGE = "/b/FLX/settings/record/"


@pytest.fixture
def visit(board):
    def visit(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return visit


def html_of(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_a_true_record_is_told_with_seq_time_and_head(board, card, visit, ana, kenji):
    assert "Nobody has checked it yet" in html_of(visit(ana))
    response = visit(ana).post(PAGE)
    assert (response.status_code, response["Location"]) == (303, PAGE)
    head = bytes(Activity.objects.on(board).latest("seq").hash).hex()[:12]
    board.refresh_from_db()
    html = html_of(visit(ana))
    assert f"<b>Verified at seq {board.seq}</b>" in html
    assert f"head <code>{head}</code>. Checked by <bdi>Ana Duarte</bdi>" in html
    assert "verdict--good" in html


def test_its_time_is_on_the_reader_s_clock(board, visit, ana, kenji):
    verify_now(board, ana, dt.datetime(2027, 10, 12, 16, tzinfo=dt.UTC))
    assert "Tue 12 Oct 2027, 17:00" in html_of(visit(ana))
    assert "Wed 13 Oct 2027, 01:00" in html_of(visit(kenji))


def test_differences_are_told_exactly_to_owners_only(board, card, visit, ana, kenji):
    board.cards.update(title="Never said")
    visit(ana).post(PAGE)
    html = html_of(visit(ana))
    assert "1 difference at seq" in html
    assert "title: the log says &#x27;Order history returns no rows past page 5&#x27;, the tables" in html
    assert "verdict--bad" in html
    others = html_of(visit(kenji))
    assert "1 difference at seq" in others
    assert "Never said" not in others
    assert "Owners see what differs" in others


def test_many_differences_are_capped_and_counted(board, ready, visit, ana):
    from boards import actions

    actions.create_cards(ready, "\n".join(f"Card {n}" for n in range(MOST_KEPT + 20)), by=ana)
    board.cards.update(due=dt.date(2026, 10, 15))
    visit(ana).post(PAGE)
    assert len(Verification.objects.get().faults) == MOST_KEPT
    assert f"{MOST_KEPT + 20} in all" in html_of(visit(ana))


def test_what_happens_afterwards_is_counted(board, card, visit, ana, doing):
    from boards import actions

    visit(ana).post(PAGE)
    actions.move_card(card, to=doing, by=ana)
    assert "1 change since" in html_of(visit(ana))


def test_a_record_that_was_rewritten_since_is_noticed_at_once(board, card, visit, ana):
    verify_now(board, ana, dt.datetime.now(dt.UTC))
    Verification.objects.update(hash=bytes(32))
    assert "The record is not the one that was verified" in html_of(visit(ana))


def test_only_owners_may_ask(board, card, visit, ana, kenji, priya, sam):
    assert [visit(person).post(PAGE).status_code for person in (ana, kenji, priya, sam)] == [
        303,
        403,
        403,
        404,
    ]
    assert [visit(person).get(PAGE).status_code for person in (ana, kenji, priya, sam)] == [
        200,
        200,
        200,
        404,
    ]
    assert "Verify now" in html_of(visit(ana))
    assert "Verify now" not in html_of(visit(kenji))
    assert Verification.objects.get().by == ana


def test_looking_writes_nothing_into_the_log(board, visit, ana):
    visit(ana).post(PAGE)
    visit(ana).post(PAGE)
    board.refresh_from_db()
    assert Activity.objects.on(board).count() == board.seq
    assert Verification.objects.count() == 1
