"""`/insight/` and `/b/KEY/insight/`: days, boards, tables, spreadsheets, and what will not do."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.log.record import By
from boards.actions import (
    add_column,
    add_member,
    archive_column,
    block_card,
    change_role,
    create_board,
    create_card,
    move_card,
    move_column,
    remove_member,
    rename_column,
    retitle_card,
    transfer_card,
    unblock_card,
)
from boards.models import Board, Role
from comments.actions import post_comment
from fluxboard.accounts.models import User
from fluxboard.features.finished.load import Days
from fluxboard.features.insight.quality.blocks import ended_blocks
from fluxboard.features.insight.scope import Scope

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ago(days: float) -> dt.datetime:
    return NOW - dt.timedelta(days=days)


@pytest.fixture
def client(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def board(ana: User, kenji: User, priya: User) -> Board:
    board = create_board("Checkout rebuild", by=By(ana, now=ago(60)), key="FLX", starter=False)
    add_member(board, kenji, Role.MEMBER, by=ana)
    add_member(board, priya, Role.VIEWER, by=ana)
    return board


@pytest.fixture
def at_work(board: Board, ana: User) -> Board:
    """Twenty cards that came to done in the last six weeks, and two that are under way."""
    waiting, work, done = board.columns.in_board_order()
    for number in range(22):
        card = create_card(waiting, f"Card {number}", by=By(ana, now=ago(41)))
        move_card(card, to=work, by=By(ana, now=ago(40 - number)))
        if number < 20:
            move_card(card, to=done, by=By(ana, now=ago(38.5 - number)))
    return board


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def figures(page: str) -> list[str]:
    return re.findall(r'<article class="part figure" id="figure-([a-z_]+)"', page)


def test_each_figure_has_its_definition_and_a_table_behind_its_chart(client: Client, at_work: Board) -> None:
    page = read(client, "/b/FLX/insight/")
    assert figures(page)[:6] == ["flow", "throughput", "cycle", "lead", "ageing", "forecast"]
    for part in page.split("<article")[1:]:
        assert re.search(r'<p class="figure__means">[A-Z].+\.</p>', part)
        if 'class="chart"' in part.partition("</article>")[0]:
            assert re.search(r'<svg class="chart" [^>]*role="img" aria-labelledby="t-\w+ d-\w+">', part)
            assert "<title" in part and "<desc" in part and "<table>" in part
    assert page.count('<svg class="chart"') >= 6
    assert " style=" not in page


def test_the_usual_days_are_eight_weeks_from_a_monday(client: Client, at_work: Board, ana: User) -> None:
    page = read(client, "/b/FLX/insight/")
    (first,) = re.findall(r'name="from" value="([^"]+)" max', page)
    assert dt.date.fromisoformat(first).weekday() == 0
    today = NOW.astimezone(ana.zone).date()
    assert 49 <= (today - dt.date.fromisoformat(first)).days <= 55


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("from=soon", "from", "“soon” is no day"),
        ("from=2026-02-30", "from", "is no day"),
        ("to=%00", "to", "is no day"),
        ("from=2999-01-01", "from", "lies ahead"),
        ("from=2016-01-01&to=2026-01-01", "from", "A year at most"),
        ("from=٢٠٢٦-01-01", "from", "is no day"),
        ("cards=many", "cards", "Write a whole number"),
        ("cards=0", "cards", "Write a whole number"),
        ("cards=99999999999999999999", "cards", "Write a whole number"),
    ],
)
def test_what_will_not_do_is_told_beside_its_field(
    client: Client, at_work: Board, query: str, field: str, words: str
) -> None:
    page = read(client, f"/b/FLX/insight/?{query}", 422)
    (said,) = re.findall(rf'id="insight-{field}-error" role="alert">([^<]+)<', page)
    assert words in said
    assert len(figures(page)) >= 6
    assert read(client, f"/insight/?{query}", 422)


@pytest.mark.parametrize(
    "query",
    ["board[]=FLX&board=%00&board=ZZZ", "from=2026-03-05&to=2026-03-01", "to=2999-01-01", "format=xml"],
)
def test_odd_words_count_as_not_asked(client: Client, at_work: Board, query: str) -> None:
    assert read(client, f"/insight/?{query}")


def test_days_before_the_log_are_no_days_without_work(client: Client, at_work: Board) -> None:
    long = (NOW - dt.timedelta(days=300)).date()
    page = read(client, f"/b/FLX/insight/?from={long}")
    assert "The log begins on" in page
    rows = client.get(f"/b/FLX/insight/?from={long}&format=csv&figure=throughput").content.decode()
    assert len(rows.splitlines()) in (10, 11), "sixty days are nine weeks or ten"
    assert f'name="from" value="{long}"' in page


def test_several_boards_are_chosen_and_others_are_never_in_it(
    client: Client, at_work: Board, ana: User, sam: User
) -> None:
    hidden = create_board("Hidden", by=sam, key="HID", starter=False)
    create_card(hidden.columns.in_board_order()[1], "Secret", by=sam)
    second = create_board("Second", by=ana, key="SEC", starter=False)
    create_card(second.columns.in_board_order()[1], "Mine", by=ana)
    page = read(client, "/insight/?board=FLX&board=HID")
    assert "Secret" not in page
    assert "Hidden" not in page
    assert "Mine" not in page
    assert re.search(r'value="FLX" checked', page)
    assert not re.search(r'value="SEC" checked', page)
    assert "Mine" in read(client, "/insight/")
    stranger = Client()
    stranger.force_login(sam)
    read(stranger, "/b/FLX/insight/", 404)
    read(stranger, "/b/FLX/insight/?format=csv&figure=flow", 404)


def test_each_table_can_be_taken_away(client: Client, at_work: Board) -> None:
    page = read(client, "/b/FLX/insight/?cards=5")
    links = re.findall(r'href="(\?[^"]+figure=(\w+))" download', page)
    assert {name for _, name in links} >= {"flow", "throughput", "cycle", "lead", "ageing", "forecast"}
    for link, name in links:
        answer = client.get("/b/FLX/insight/" + link.replace("&amp;", "&"))
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert f"insight-{name}-" in answer.headers["Content-Disposition"]
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
    assert client.get("/b/FLX/insight/?format=csv&figure=nothing").status_code == 404


def test_a_title_is_no_formula_in_a_spreadsheet(client: Client, at_work: Board, ana: User) -> None:
    create_card(at_work.columns.in_board_order()[1], "=1+1", by=ana)
    text = client.get("/b/FLX/insight/?format=csv&figure=ageing").content.decode()
    assert "FLX-23 =1+1" in text, "the key stands before it"


def test_no_figure_is_of_a_person(client: Client, at_work: Board, ana: User, kenji: User) -> None:
    page = read(client, "/b/FLX/insight/")
    main = page.partition("<main")[2].partition("</main>")[0]
    for person in (ana, kenji):
        assert person.name not in main
        assert person.first_name not in main


def test_more_history_costs_no_more_statements(client: Client, at_work: Board, ana: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(client, "/b/FLX/insight/")
        return len(queries)

    cost()
    few = cost()
    waiting, work, done = at_work.columns.in_board_order()
    for number in range(12):
        card = create_card(waiting, f"More {number}", by=By(ana, now=ago(20)))
        move_card(card, to=work, by=By(ana, now=ago(10)))
        if number % 2:
            move_card(card, to=done, by=By(ana, now=ago(5)))
    assert cost() == few


def test_it_is_linked_from_the_board_s_menu_from_now_and_from_the_standup(
    client: Client, at_work: Board
) -> None:
    for page in ("/b/FLX/", "/b/FLX/now/", "/b/FLX/standup/"):
        assert 'href="/b/FLX/insight/"' in read(client, page)
    for page in ("/b/FLX/insight/", "/now/", "/standup/"):
        assert 'href="/insight/"' in read(client, page)


def test_a_viewer_and_a_guest_of_a_board_read_it(at_work: Board, priya: User, sam: User, ana: User) -> None:
    add_member(at_work, sam, Role.VIEWER, by=ana)
    for person in (priya, sam):
        client = Client()
        client.force_login(person)
        assert figures(read(client, "/b/FLX/insight/"))


def test_somebody_without_boards_is_told_so(sam: User) -> None:
    client = Client()
    client.force_login(sam)
    assert "There was no card in these days." in read(client, "/insight/")


def table_of(client: Client, figure: str, first: dt.datetime, last: dt.datetime) -> list[list[str]]:
    days = f"from={first:%Y-%m-%d}&to={last:%Y-%m-%d}"
    text = read(client, f"/b/FLX/insight/?{days}&format=csv&figure={figure}")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_where_a_card_has_gone_since_is_not_told(
    client: Client, at_work: Board, ana: User, kenji: User
) -> None:
    """Neither its key and title there, nor when it was freed there."""
    hidden = create_board("Deals", by=kenji, key="HID", starter=False)
    add_member(hidden, ana, Role.MEMBER, by=kenji)
    moved = at_work.cards.get(title="Card 3")
    block_card(moved, "No key", by=By(ana, now=ago(34)))
    unblock_card(moved, by=By(ana, now=ago(33)))
    gone = transfer_card(moved, to=hidden.columns.in_board_order()[0], by=By(ana, now=ago(20)))
    retitle_card(gone, "Acquire Acme", by=kenji)
    block_card(gone, "No key", by=By(kenji, now=ago(19)))
    unblock_card(gone, by=By(kenji, now=ago(3)))
    remove_member(hidden, ana, by=kenji)
    for figure in ("lead", "cycle"):
        names = [row[0] for row in table_of(client, figure, ago(41), ago(25))]
        assert "A card that has left" in names
        assert not any("HID" in name or "Acme" in name for name in names)
    assert "HID" not in read(client, "/b/FLX/insight/")
    scope = Scope([at_work], Days(ago(41).date(), NOW.date()), ana, timezone.now())
    assert len(ended_blocks(scope)) == 1


def test_a_column_is_no_formula_in_a_spreadsheet(client: Client, at_work: Board, ana: User) -> None:
    rename_column(at_work.columns.in_board_order()[0], "=HYPERLINK(A2)", by=ana)
    heading = table_of(client, "flow", ago(41), NOW)[0]
    assert not any(cell.startswith("=") for cell in heading)
    assert any("HYPERLINK" in cell for cell in heading)


def test_days_that_will_not_do_give_no_spreadsheet(client: Client, at_work: Board) -> None:
    read(client, "/b/FLX/insight/?from=2016-01-01&to=2026-01-01&format=csv&figure=throughput", 422)


def test_a_week_in_which_one_person_wrote_is_told_by_itself_to_nobody(
    client: Client, at_work: Board, ana: User, kenji: User, priya: User
) -> None:
    change_role(at_work, priya, Role.MEMBER, by=ana)
    card = at_work.cards.get(title="Card 21")
    for person in (ana, kenji, priya):
        post_comment(card, "Here.", by=By(person, now=ago(21)))
    for number in range(6):
        post_comment(card, f"And {number}.", by=By(kenji, now=ago(7)))
    rows = table_of(client, "after_hours", ago(28), NOW)[1:]
    assert "3" in [row[1] for row in rows], "three people wrote in one week"
    assert "6" not in [row[1] for row in rows], "and in another one alone"


def test_a_board_that_is_none_of_mine_is_named(client: Client, at_work: Board, sam: User) -> None:
    create_board("Hidden", by=sam, key="HID", starter=False)
    told = " ".join(read(client, "/insight/?board=FLX&board=HID&board=GONE").split())
    assert "No board of yours is called HID, GONE. The others are told of." in told
    told = " ".join(read(client, "/insight/?board=GONE").split())
    assert "No board of yours is called GONE. All of yours are told of." in told
    assert "No board of yours" not in read(client, "/insight/?board=FLX")


def test_the_bands_of_the_flow_are_told_apart_without_their_colours(client: Client, at_work: Board) -> None:
    page = read(client, "/b/FLX/insight/?figure=flow")
    marks = re.findall(r'<text class="chart__mark"[^>]*>(\d)</text>', page)
    legend = re.findall(r"<bdi>(\d)\. ([^<]+)</bdi>", page)
    assert [number for number, _ in legend] == [str(n) for n in range(len(legend), 0, -1)]
    assert len(legend) >= 2
    assert set(marks) <= {number for number, _ in legend}
    assert "1" in marks


def test_a_spreadsheet_asks_for_its_own_figure_alone(client: Client, at_work: Board) -> None:
    def statements(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    statements("/b/FLX/insight/")
    page = statements("/b/FLX/insight/")
    assert statements("/b/FLX/insight/?format=csv&figure=decisions") < page / 2


def test_work_in_a_column_that_was_put_away_since_still_counts(
    client: Client, at_work: Board, ana: User
) -> None:
    """A column between two of work is archived: the cards that began there keep their cycle times."""
    work = at_work.columns.in_board_order()[1]
    between = add_column(at_work, "Review", by=ana)
    last = add_column(at_work, "Test", by=ana)
    for column in (between, last):
        move_column(column, after=work, by=ana)
    work, test, review, done = at_work.columns.in_board_order()[1:5]
    scope = Scope([at_work], Days(ago(60).date(), NOW.date()), ana, NOW)
    assert scope.begun == {str(one.uid) for one in (work, test, review)}
    archive_column(test, by=ana)
    scope = Scope([at_work], Days(ago(60).date(), NOW.date()), ana, NOW)
    assert scope.begun == {str(one.uid) for one in (work, test, review)}
    assert str(done.uid) not in scope.begun
