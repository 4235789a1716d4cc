"""The register: every decision of the boards that I am on, to filter, to search and to take away."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from urllib.parse import urlencode

import pytest

from activity.log.record import By
from boards.actions import create_board, create_card, create_label, label_card
from comments.actions import post_comment
from comments.decisions import agree, record_decision
from comments.questions import ask_question

THURSDAY = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)


@pytest.fixture
def decided(board, card, ana, kenji):
    """D-1 of September superseded by D-2, D-3 from a thread on a labelled card."""
    september = By(ana, now=dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC))
    old = record_decision(card, "Page by offset.", by=september)
    record_decision(card, "Page by cursor.", by=By(ana, now=THURSDAY), supersedes=old)
    other = create_card(card.column, "Totals in the pager", by=ana)
    label_card(other, create_label(board, "pager", 3, by=ana), by=ana)
    thread = post_comment(other, "Do we need totals?\n[It] is slow.", by=ana)
    third = record_decision(other, "No totals.", by=By(kenji, now=THURSDAY), parent=thread, how="call")
    agree(third, by=ana)
    return third


def shown(visit, person, query, address="/decisions/"):
    html = visit(person).get(f"{address}?{query}").html
    return [key for key in ("D-1", "D-2", "D-3") if f'data-decision="{key[2:]}"' in html]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["D-1", "D-2", "D-3"]),
        ("state=standing", ["D-2", "D-3"]),
        ("state=superseded", ["D-1"]),
        ("q=cursor", ["D-2"]),
        ("q=D-3", ["D-3"]),
        ("q=page+cursor", ["D-2"]),
        ("label=pager", ["D-3"]),
        ("from=2026-10-01", ["D-2", "D-3"]),
        ("to=2026-09-01", ["D-1"]),
        ("from=soon&state=odd&person=x&board=y", ["D-1", "D-2", "D-3"]),
        ("q=nothing+like+it", []),
    ],
)
def test_filters_stand_in_the_address(visit, decided, ana, query, found):
    assert shown(visit, ana, query) == found
    assert shown(visit, ana, query, "/b/FLX/decisions/") == found


@pytest.mark.parametrize(
    ("query", "is_said"),
    [("", False), ("q=page", False), ("label=pager", True), ("state=standing", False), ("q=zebra", False)],
)
def test_that_none_is_superseded_is_said(visit, decided, ana, query, is_said):
    """Of all that fit, also those on later pages; not where only those that stand were asked for."""
    assert ("None superseded." in visit(ana).get(f"/decisions/?{query}").html) is is_said


def test_by_person_and_by_board(visit, decided, board, ana, kenji):
    other = create_board("Mobile app", by=ana, key="MOB", starter=False)
    record_decision(create_card(other.columns.first(), "App", by=ana), "Native.", by=ana)
    assert shown(visit, ana, f"person={kenji.pk}") == ["D-3"]
    assert "Native." in visit(ana).get(f"/decisions/?board={other.pk}").html
    assert "Native." not in visit(ana).get(f"/decisions/?board={board.pk}").html
    assert "Native." not in visit(kenji).get("/decisions/").html, "kenji is not on that board"


def test_open_questions_are_a_state_of_their_own(visit, decided, card, ana, kenji):
    ask_question(card, "Which cursor?", [kenji], by=ana)
    html = visit(ana).get("/b/FLX/decisions/?state=open").html
    assert "Which cursor?" in html
    assert "Page by cursor." not in html


def test_one_file_in_all(visit, decided, ana, card):
    answer = visit(ana).get("/b/FLX/decisions/?format=md").response
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert text.startswith("# Decisions of Checkout rebuild\n\n3 decisions.\n")
    assert "## D-1: Page by offset." in text
    assert "- Status: Superseded by D-2" in text
    assert "- Status: Accepted, in place of D-1" in text
    assert "- Date: 2026-10-15 09:14 (Europe/Lisbon)" in text
    assert "- Decided by: Kenji Mori\n- Agreed by: Ana Duarte\n- How: On a call" in text
    assert "> Do we need totals?\n> [It] is slow." in text
    assert f"/c/{card.key}/#d-2" in text


def test_one_file_a_decision_and_the_filters_hold(visit, decided, ana):
    answer = visit(ana).client.get("/decisions/?format=zip&state=standing")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["FLX-D-002-page-by-cursor.md", "FLX-D-003-no-totals.md"]
        assert archive.read(archive.namelist()[1]).decode().startswith("# D-3: No totals.\n")


def test_a_viewer_reads_and_a_stranger_sees_nothing(visit, decided, priya, sam):
    assert shown(visit, priya, "", "/b/FLX/decisions/") == ["D-1", "D-2", "D-3"]
    assert visit(sam).get("/b/FLX/decisions/?format=md").status == 404
    assert shown(visit, sam, "") == []


def test_each_date_leads_to_the_board_as_it_stood_then(client, card, ana):
    decision = record_decision(card, "Blue.", by=ana)
    client.force_login(ana)
    page = client.get("/decisions/").content.decode()
    (at,) = re.findall(r'href="(/b/FLX/at/\?time=[^"]+)"', page)
    shown = client.get(at)
    assert shown.status_code == 200
    assert urlencode({"time": decision.at.isoformat()}) in at
