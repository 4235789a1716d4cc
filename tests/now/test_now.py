"""Now: how things stand, for one reader, without asking anybody."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards import actions as act
from boards.models import Board, Card, Column, Role
from comments.actions import post_comment
from comments.outcomes import record_answer
from comments.questions import ask_question, hand_on
from comments.waiting import put_off, waiting_on
from fluxboard.features.now.load import load_now

DAY = dt.timedelta(days=1)


@pytest.fixture
def rows(ana: Any, board: Board) -> Any:
    """`rows(name)`: the keys in that group of Now, and all that it says; for Ana, or another reader."""

    def rows(name: str, reader: Any = None, subject: Any = None, boards: Any = None) -> list[str]:
        now = load_now(boards or [Board.objects.get(pk=board.pk)], reader or ana, timezone.now(), subject)
        return [
            f"{row.card.key} {row.words}".strip()
            for group in now.groups
            if group.name == name
            for row in group.rows
        ]

    return rows


@pytest.fixture
def page(client):
    """`page(person, address)`: Now as text."""

    def page(person, address="/now/"):
        client.force_login(person)
        answer = client.get(address)
        assert answer.status_code == 200
        html = answer.content.decode()
        html = html[html.index('id="now"') : html.index("</main>")]
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))

    page.client = client
    return page


def today_of(person):
    return timezone.now().astimezone(person.zone).date()


def test_a_fresh_board_has_nothing_to_say_but_that(page, board, card, ana, kenji, sam):
    """Each group that is empty by its name, in one line; and that no question is with somebody else now."""
    act.block_card(card, "so", by=ana)
    text = page(ana)
    assert "Waiting on you 0 Overdue 0 Due in the next 7 days 0 Not moved for 5 days 0 " in text
    assert "Blocked 0" not in text
    assert "Questions to others 0 Threads without an outcome 0 Decisions to look at again 0 " in text
    assert "No open question was handed on" in text
    act.add_member(board, sam, Role.MEMBER, by=ana)
    hand_on(ask_question(card, "Which?", [kenji], by=ana), sam, by=kenji)
    assert "Open questions handed on 1" in page(ana)
    assert "No open question was handed on" in page(ana, f"/now/?person={kenji.pk}")
    assert 'href="/search/?q=is:handed-on"' in page.client.get("/now/").content.decode()


def test_a_blocked_card_says_by_whom_since_when_and_why(page, card, ana, kenji):
    act.assign_card(card, ana, by=ana)
    act.block_card(card, "The reserve API is not up", by=ana, person=kenji)
    text = page(ana)
    assert "Blocked 1" in text
    assert re.search(
        rf"FLX-1 {card.title} Ana waits on Kenji since \d\d:\d\d The reserve API is not up", text
    )


def test_since_when_something_is_so_leads_to_the_board_then(client, card, doing, ana, kenji):
    act.block_card(card, "No key", by=kenji)
    act.date_card(card, today_of(ana) + DAY, by=ana)
    ask_question(card, "When?", [ana], by=kenji)
    client.force_login(ana)
    html = client.get("/now/").content.decode()
    card.refresh_from_db()
    at = card.blocked_at.isoformat().replace(":", "%3A").replace("+", "%2B")
    assert re.search(rf'<a class="event__then" href="/b/FLX/at/\?time={at}"[^>]*><time ', html)
    assert html.count("/b/FLX/at/") == 1, "a date to come has no board to be seen"


def test_what_waits_on_me_comes_by_its_answer_by(rows, ready, card, ana, kenji):
    other = act.create_card(ready, "Another", by=ana)
    with time_machine.travel(timezone.now() - 3 * DAY, tick=False):
        act.block_card(other, "waits", by=kenji, person=ana)
    ask_question(card, "Which of the two?", [ana], by=kenji)
    assert rows("waiting") == ["FLX-1 Kenji asks; answer by", "FLX-2 blocked since"]
    assert rows("waiting", reader=kenji) == []


def test_overdue_is_what_is_not_done(rows, card, ready, board, ana):
    done = board.columns.get(is_done=True)
    late, kept = act.create_card(ready, "Late", by=ana), act.create_card(ready, "Kept", by=ana)
    for one, days in ((card, -1), (late, -2), (kept, -2)):
        act.date_card(one, today_of(ana) + days * DAY, by=ana)
    act.move_card(kept, to=done, by=ana)
    assert rows("overdue") == ["FLX-2 was due", "FLX-1 was due"]
    assert rows("due") == []


@pytest.mark.parametrize(("days", "is_there"), [(0, True), (1, True), (7, True), (8, False)])
def test_due_next_reaches_a_week(rows, card, ana, days, is_there):
    act.date_card(card, today_of(ana) + days * DAY, by=ana)
    assert bool(rows("due")) is is_there


def test_late_is_by_the_readers_own_date(rows, card, ana, kenji):
    """Tokyo is a day ahead of Lisbon in the evening."""
    with time_machine.travel(dt.datetime(2026, 10, 15, 20, 0, tzinfo=dt.UTC), tick=False):
        act.date_card(card, dt.date(2026, 10, 15), by=ana)
        assert rows("overdue", reader=ana) == []
        assert rows("overdue", reader=kenji) == ["FLX-1 was due"]


def test_what_somebody_has_put_off_still_waits_on_them_for_others(rows, card, ana, kenji):
    ask_question(card, "May I?", [kenji], by=ana)
    (wait,) = waiting_on(kenji, timezone.now())
    put_off(kenji, wait, timezone.now())
    assert rows("waiting", reader=kenji) == []
    assert rows("waiting", reader=ana, subject=kenji) == ["FLX-1 You ask; answer by"]


def test_stuck_is_begun_and_longer_unmoved_than_the_board_allows(page, rows, card, doing, ready, board, ana):
    waiting = act.create_card(ready, "Not begun", by=ana)
    act.move_card(card, to=doing, by=ana)
    days = board.stale_after
    Card.objects.update(moved_at=timezone.now() - days * DAY + dt.timedelta(minutes=1))
    assert rows("stuck") == []
    Card.objects.update(moved_at=timezone.now() - days * DAY)
    assert rows("stuck") == [f"FLX-1 {doing.name} for", f"{waiting.key} {ready.name} for"]
    assert "Not moved for 5 days 1 FLX-1" in page(ana), "what nobody has begun is folded, and does not count"
    standup = page.client.get("/standup/").content.decode()
    assert waiting.key not in standup.partition('id="feed"')[0]


def test_what_has_stood_still_is_asked_for_by_days(page, client, rows, card, doing, ready, board, ana):
    """Without a number by what the boards say; with one for all of them, also what nobody has begun."""
    other = act.create_board("Mobile", by=ana, key="MOB", starter=False)
    act.configure_board(other, by=ana, stale_after=9)
    act.create_card(ready, "Not begun", by=ana)
    act.move_card(card, to=doing, by=ana)
    Card.objects.update(moved_at=timezone.now() - 7 * DAY)
    assert "Not moved for 5 days (9 on Mobile) 1" in page(ana)
    assert "Not moved for 5 days 1" in page(ana, "/b/FLX/now/")
    text = page(ana, "/now/?still=7")
    assert re.search(
        rf"Not moved for 7 days 2 FLX-1 {card.title} {doing.name} for 7 d 1 not begun FLX-2", text
    )
    assert "Not moved for 8 days 0" in page(ana, "/now/?still=8")
    assert "Not moved for 1 day 2" in page(ana, "/now/?still=1")
    for words in ("", "0", "-1", "x", "1000", "9" * 30):
        assert "Not moved for 5 days (9 on Mobile) 1" in page(ana, f"/now/?still={words}")
    html = client.get("/now/?still=7").content.decode()
    assert 'name="still" min="1" max="999" placeholder="By board" value="7"' in html
    assert "still=7&amp;upto=" in html, "an open page asks for the same again"


def test_work_begins_at_the_first_limit(board, ready, doing, ana):
    assert Column.objects.begun([board]) == {doing.pk}
    act.limit_column(ready, 3, by=ana)
    assert Column.objects.begun([board]) == {ready.pk, doing.pk}


def test_what_stands_right_of_done_is_put_aside(board, doing, ana):
    later = act.add_column(board, "Later", by=ana)
    assert later.position > board.columns.get(is_done=True).position
    assert Column.objects.begun([board]) == {doing.pk}


def test_no_owner_tells_the_begun_from_the_others(page, card, doing, ready, ana):
    act.create_card(ready, "Some day", by=ana)
    act.move_card(card, to=doing, by=ana)
    text = page(ana)
    assert "No owner 2" in text
    assert text.index("FLX-1", text.index("No owner 2 ")) < text.index("1 not begun") < text.index("FLX-2")


def test_a_definition_of_done_is_missed_only_of_what_is_begun(rows, card, doing, ana):
    assert rows("no-done-when") == []
    act.move_card(card, to=doing, by=ana)
    assert rows("no-done-when") == [f"FLX-1 {doing.name}"]
    act.specify_card(card, "done_when", "It is so", by=ana)
    assert rows("no-done-when") == []


def test_open_questions_say_who_asked_whom_and_whether_it_is_past(rows, card, board, ana, kenji, sam):
    act.add_member(board, sam, Role.MEMBER, by=ana)
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        question = ask_question(card, "Which?", [kenji], by=ana)
    assert rows("questions") == ["FLX-1 Ana to Kenji, was due"]
    hand_on(question, sam, by=kenji)
    assert rows("questions") == ["FLX-1 Ana to Sam (handed on by Kenji), by"]
    assert rows("questions", reader=sam) == []
    record_answer(question, "The second", by=sam)
    assert rows("questions") == []


def test_a_thread_that_went_round_stands_until_it_has_an_outcome(rows, card, ana, kenji):
    thread = post_comment(card, "A", by=ana)
    for person in (kenji, ana, kenji):
        post_comment(card, "No", by=person, parent=thread)
    assert rows("threads") == ["FLX-1 since"]
    record_answer(thread, "B", by=ana)
    assert rows("threads") == []


def test_one_persons_part(rows, card, doing, ready, ana, kenji):
    """What they are on and since when, what comes next, what they are in the way of."""
    mine = act.create_card(ready, "Comes next", by=ana)
    other = act.create_card(ready, "Ana's", by=ana)
    for one, person in ((card, kenji), (mine, kenji), (other, ana)):
        act.assign_card(one, person, by=ana)
    act.move_card(card, to=doing, by=kenji)
    act.block_card(other, "until then", by=ana, person=kenji)
    assert rows("on", subject=kenji) == [f"FLX-1 {doing.name},"]
    assert rows("next", subject=kenji) == [f"FLX-2 {ready.name}"]
    assert rows("blocked", subject=kenji) == ["FLX-3 waits on Kenji since"]
    assert rows("waiting", subject=kenji) == ["FLX-3 blocked since"]
    assert rows("next", subject=ana) == [f"FLX-3 {ready.name}"]
    assert rows("on") == rows("next") == []


def test_a_person_or_board_that_is_not_there_counts_as_not_asked_for(page, card, ana, sam):
    act.block_card(card, "so", by=ana)
    for words in ("?person=x", f"?person={sam.pk}", "?board=NOPE", "?person=%00&board=%00"):
        assert "Blocked 1" in page(ana, f"/now/{words}")


def test_boards_can_be_chosen(page, card, ana):
    other = act.create_board("Mobile", by=ana, key="MOB", starter=False)
    there = act.create_card(other.columns.in_board_order()[0], "Elsewhere", by=ana)
    act.block_card(there, "so", by=ana)
    act.block_card(card, "so", by=ana)
    assert "Blocked 2" in page(ana)
    assert "MOB-1" not in page(ana, "/now/?board=FLX")
    assert "MOB-1" not in page(ana, "/b/FLX/now/")
    assert "FLX-1" not in page(ana, "/b/MOB/now/")


def test_a_stranger_sees_nothing_of_it(client, page, card, ana, sam):
    act.block_card(card, "between us", by=ana)
    assert "between us" not in page(sam)
    assert client.get("/b/FLX/now/").status_code == 404


def test_archived_cards_columns_and_boards_are_not_there(rows, page, card, ready, board, ana):
    act.block_card(card, "so", by=ana)
    act.archive_card(card, by=ana)
    assert rows("blocked") == []
    act.restore_card(card, by=ana)
    assert rows("blocked") == ["FLX-1 blocked since"]
    act.archive_board(board, by=ana)
    assert "FLX-1" not in page(ana)


def test_it_costs_as_many_queries_with_many_cards_as_with_one(client, board, ready, ana, kenji, sam):
    def cost() -> int:
        client.force_login(ana)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/now/")
        return len(queries)

    def fill(number: int) -> None:
        for at in range(number):
            one = act.create_card(ready, f"Card {at}", by=ana)
            act.date_card(one, today_of(ana), by=ana)
            act.block_card(one, "so", by=ana, person=kenji)
            hand_on(ask_question(one, "Well?", [kenji], by=ana), sam, by=kenji)
            ask_question(one, "And?", [kenji], by=ana)

    act.add_member(board, sam, Role.MEMBER, by=ana)
    fill(1)
    cost()
    few = cost()
    fill(5)
    assert cost() == few


def test_more_than_a_page_holds_is_counted(page, ready, ana):
    for _ in range(3):
        act.create_cards(ready, "\n".join(f"Card {at}" for at in range(20)), by=ana)
    text = page(ana)
    assert "No owner 60" in text
    assert "10 more" in text


def test_an_open_page_asks_again_and_is_told_only_what_happened(client, card, ana, kenji):
    """By the address in its own markup; nothing happened is 204, and then its state alone comes."""
    client.force_login(ana)
    page = client.get("/now/").content.decode()
    address = "/now/" + unescape(re.search(r'hx-get="([^"]+)" hx-trigger="news', page)[1])
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 204
    act.block_card(card, "Needs the reserve API", by=kenji)
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Needs the reserve API" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_an_open_page_is_told_of_a_new_hour_of_the_readers_own(client, card, ana):
    """Kolkata is half an hour from UTC: its day begins in the middle of an hour there."""
    ana.time_zone = "Asia/Kolkata"
    ana.save()
    client.force_login(ana)
    with time_machine.travel(dt.datetime(2026, 10, 15, 18, 20, tzinfo=dt.UTC), tick=False) as clock:
        page = client.get("/now/").content.decode()
        address = "/now/" + unescape(re.search(r'hx-get="([^"]+)" hx-trigger="news', page)[1])
        for minutes, status in ((9, 204), (1, 200)):
            clock.shift(minutes * 60)
            assert client.get(address, headers={"HX-Request": "true"}).status_code == status


def test_what_is_due_soon_is_counted_beyond_what_is_shown(page, client, board, ready, ana):
    """The standup looks two days ahead; more are due by then than it has room for."""
    act.create_cards(ready, "\n".join(f"Card {at}" for at in range(60)), by=ana)
    Card.objects.update(due=today_of(ana) + DAY)
    client.force_login(ana)
    html = client.get("/standup/").content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "Due soon 60 " in text and "10 more" in text


def test_whose_card_it_is_stands_beside_it_unless_the_words_begin_so(card, board, ana, kenji):
    """By who it is: the column may well be called like the owner."""
    act.assign_card(card, kenji, by=ana)
    ask_question(card, "Which?", [ana], by=kenji)
    act.move_card(
        card, to=act.rename_column(board.columns.in_board_order()[1], "Kenji is on it", by=ana), by=ana
    )
    [here] = [Board.objects.get(pk=board.pk)]
    groups = {one.name: one.rows[0] for one in load_now([here], ana, timezone.now()).groups}
    assert (groups["waiting"].words, groups["waiting"].owner) == ("Kenji asks; answer by", "")
    assert (groups["no-done-when"].words, groups["no-done-when"].owner) == ("Kenji is on it", "Kenji")


def test_home_begins_with_how_things_stand(client, card, ana, kenji):
    act.block_card(card, "so", by=kenji)
    client.force_login(ana)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/").content.decode()))
    assert "Blocked 1" in text
    assert 'href="/now/#now-blocked"' in client.get("/").content.decode()
