"""The standup: what the team did, for one reader."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.log.record import By
from activity.models import Activity, Reading
from boards import actions as act
from boards.actions.base import writing
from boards.models import Role
from comments.actions import post_comment
from comments.outcomes import record_answer
from comments.questions import ask_question

DAY = dt.timedelta(days=1)
WEDNESDAY = 2


@pytest.fixture
def page(client):
    """`page(person, address)`: the standup as text, without its options."""

    def page(person, address="/standup/"):
        client.force_login(person)
        answer = client.get(address)
        assert answer.status_code == 200
        html = re.sub(r"<form.*?</form>", "", answer.content.decode(), flags=re.S)
        html = html[html.index('id="standup"') :]
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))

    return page


def marked_read(person, board):
    Reading.objects.filter(user=person, board=board).update(seq=Activity.objects.on(board).latest("seq").seq)


def test_it_tells_by_person_what_they_did_to_which_card(page, card, doing, ana, kenji):
    act.move_card(card, to=doing, by=kenji)
    text = page(ana)
    assert "Kenji Mori" in text
    assert f"FLX-1 {card.title}" in text
    assert re.search(r"Moved\s+Ready\s+became\s*In progress", text)


def test_a_stranger_sees_nothing_of_it(client, page, board, card, kenji, sam):
    post_comment(card, "between us", by=kenji)
    assert "between us" not in page(sam)
    assert client.get("/b/FLX/standup/").status_code == 404
    assert client.post("/standup/read/", {"upto": "FLX:3"}).status_code == 303
    assert not Reading.objects.filter(user=sam).exists()


def test_a_viewer_reads_it_and_marks_it(client, page, board, card, kenji, priya):
    post_comment(card, "Hello", by=kenji)
    assert "Hello" in page(priya, "/b/FLX/standup/")
    seq = Activity.objects.on(board).latest("seq").seq
    client.post("/standup/read/", {"upto": f"FLX:{seq}"})
    assert Reading.objects.get(user=priya, board=board).seq == seq


def test_signed_out_one_is_asked_to_sign_in(client, db):
    for address in ("/standup/", "/standup/news/"):
        assert client.get(address).status_code == 302


def test_what_a_card_is_called_on_a_board_that_is_not_mine_stays_there(page, board, card, ana, kenji, priya):
    secret = act.create_board("Salaries", by=ana, key="PAY", starter=False)
    card = act.transfer_card(card, to=secret.columns.first(), by=ana)
    act.retitle_card(card, "Raise for Sam", by=ana)
    assert "Raise for Sam" not in page(kenji)
    assert "A card that has gone to another board" in page(kenji)
    assert "Raise for Sam" in page(ana)


def test_imported_history_stays_out(page, card, ana, kenji):
    with writing(card.board, By(ana, via="import")) as log:
        log.record(
            "history.imported",
            card,
            card=card,
            after={"type": "x", "sentence": "dragged this"},
            source_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        )
    assert "dragged this" not in page(kenji, "/standup/?all=1")


def test_older_changes_come_with_their_days(page, card, ana, kenji):
    with time_machine.travel(timezone.now() + 2 * DAY):
        post_comment(card, "long ago", by=kenji)
    with time_machine.travel(timezone.now() + 12 * DAY):
        post_comment(card, "just now", by=kenji)
        text = page(ana)
        assert "long ago" not in text and "just now" in text
        assert "long ago" in page(ana, f"/standup/?all=1&from={(timezone.now() - 11 * DAY).date()}")
        last = (timezone.now() - 9 * DAY).date()
        text = page(ana, f"/standup/?all=1&from={(timezone.now() - 11 * DAY).date()}&to={last}")
        assert "long ago" in text and "just now" not in text


def test_the_filters_leave_what_they_name(page, board, card, ready, ana, kenji):
    label = act.create_label(board, "bug & co", 1, by=ana)
    other = act.create_card(ready, "Another", by=ana)
    act.label_card(other, label, by=ana)
    post_comment(card, "on the first", by=kenji)
    post_comment(other, "on the second", by=ana)
    assert "on the second" not in page(ana, f"/standup/?person={kenji.pk}")
    assert "on the first" not in page(ana, "/standup/?label=bug+%26+co")
    assert "on the second" in page(ana, "/standup/?label=bug+%26+co")
    moved = page(ana, "/standup/?kind=moved")
    assert "on the first" not in moved and "Nothing that fits this filter." in moved
    assert "on the first" in page(ana, "/standup/?kind=comments")


@pytest.mark.parametrize(
    "query",
    ["?person=x", "?before=-1", "?from=2026-13-40", "?by=%00", "?label=%00", "?before=99999999999999999"],
)
def test_an_address_that_makes_no_sense_still_shows_a_page(client, board, ana, query):
    client.force_login(ana)
    assert client.get(f"/standup/{query}").status_code == 200


def test_it_pages_by_a_real_address_and_tells_everything_once(client, board, card, ana, kenji):
    for number in range(230):
        post_comment(card, f"word{number}.", by=kenji)
    client.force_login(ana)
    address, seen = "/b/FLX/standup/?by=time&all=1", []
    while address:
        html = client.get(address).content.decode()
        seen += re.findall(r'data-activity="FLX:(\d+)"', html)
        link = re.search(r'id="feed-earlier" href="([^"]+)"', html)
        address = f"/b/FLX/standup/{unescape(link[1])}" if link else ""
    count = Activity.objects.on(board).count()
    assert sorted(map(int, seen)) == list(range(1, count + 1))


def test_the_line_stands_between_what_is_new_and_what_was_read(page, board, card, doing, ana, kenji, priya):
    act.join_card(card, ana, by=ana)
    marked_read(ana, board)
    post_comment(card, "Good morning", by=kenji)
    text = page(ana)
    assert text.index("Kenji Mori") < text.index("Read below") < text.index("Ana Duarte")


def test_looking_does_not_move_the_line_and_marking_does(client, page, board, card, ana, kenji):
    marked_read(ana, board)
    post_comment(card, "Good morning", by=kenji)
    assert (
        " New " in page(ana).replace("New changes", "") or "New" in client.get("/standup/").content.decode()
    )
    assert 'aria-label="New"' in client.get("/standup/").content.decode()
    board.refresh_from_db()
    client.post("/standup/read/", {"upto": f"FLX:{board.seq}", "next": "/standup/"})
    assert 'aria-label="New"' not in client.get("/standup/").content.decode()


def test_what_came_after_the_page_stays_new(client, board, card, ana, kenji):
    client.force_login(ana)
    html = client.get("/standup/").content.decode()
    upto = re.search(r'name="upto" value="([^"]+)"', html)[1]
    post_comment(card, "meanwhile", by=kenji)
    client.post("/standup/read/", {"upto": upto})
    assert 'aria-label="New"' in client.get("/standup/").content.decode()


def test_the_line_never_goes_back_or_beyond(client, board, card, ana):
    client.force_login(ana)
    board.refresh_from_db()
    client.post("/standup/read/", {"upto": "FLX:999999"})
    assert Reading.objects.get(user=ana, board=board).seq == board.seq
    client.post("/standup/read/", {"upto": "FLX:1"})
    assert Reading.objects.get(user=ana, board=board).seq == board.seq


def test_after_reading_one_goes_back_to_ones_own_pages_only(client, board, ana):
    client.force_login(ana)
    for to in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = client.post("/standup/read/", {"upto": "FLX:1", "next": to})
        assert answer["Location"] == "/standup/"


def test_the_pill_counts_what_others_did_since(client, board, card, ana, kenji):
    client.force_login(ana)
    board.refresh_from_db()
    address = f"/standup/news/?upto=FLX:{board.seq}"
    post_comment(card, "mine", by=ana)
    assert "Show" not in client.get(address).content.decode()
    for text in ("one", "two", "three"):
        post_comment(card, text, by=kenji)
    assert "3 new changes. Show" in client.get(address).content.decode()


def test_those_without_activity_stand_in_one_line(page, board, card, ana, kenji, priya):
    post_comment(card, "Hello", by=kenji)
    text = page(ana)
    assert re.search(r"No board activity:\s+Priya Nair", text)
    assert len(re.findall("No board activity", text)) == 1


def test_each_ends_with_what_they_are_on(page, board, card, doing, ana, kenji):
    act.assign_card(card, kenji, by=kenji)
    act.move_card(card, to=doing, by=kenji)
    act.date_card(card, By.of(kenji).now.date() + 3 * DAY, by=kenji)
    ask_question(card, "May I?", [ana], by=kenji)
    text = page(ana)
    on = r"On now\s+In progress\s*:\s+FLX-1\s+"
    assert re.search(on + r"since just now, due \w{3} \d+ \w{3}, asks Ana", text)
    assert re.search(rf"Waiting on you 1\s+FLX-1\s+{card.title}\s+Kenji asks", text)
    act.block_card(card, "No API", by=kenji)
    assert re.search(on + "blocked since just now", page(ana))


def test_two_zones_read_the_same_events_with_their_own_hours(client, board, card, doing, ana, kenji, sam):
    act.add_member(board, sam, Role.MEMBER, by=ana)
    night = timezone.now().replace(hour=0, minute=52, second=0) + 7 * DAY
    night += (WEDNESDAY - night.weekday()) % 7 * DAY  # so that what is now is no last working day of anyone
    pages = {}
    with time_machine.travel(night):
        post_comment(card, "Land on the nearest order?", by=kenji)
    with time_machine.travel(night + dt.timedelta(hours=7)):
        for person in (kenji, sam):
            client.force_login(person)
            pages[person] = client.get("/standup/?by=time").content.decode()
    event = re.compile(r'data-activity="(FLX:\d+)"')
    assert event.findall(pages[kenji]) == event.findall(pages[sam])
    time = re.compile(r'<time datetime="[^"]*T00:52:[^"]*"[^>]*>([^<]*)<')
    assert time.search(pages[kenji])[1].endswith("09:52")
    assert time.search(pages[sam])[1].endswith(f"{night.astimezone(sam.zone):%H:%M}")
    assert "Tokyo time." in pages[kenji] and "New York time." in pages[sam]


def test_the_feed_is_a_valid_one(client, board, card, ana, kenji):
    marked_read(ana, board)
    post_comment(card, "Hello", by=kenji)
    client.force_login(ana)
    html = client.get("/standup/").content.decode()
    feed = html[html.index('role="feed"') : html.index("</aside>")]
    places = [int(n) for n in re.findall(r'aria-posinset="(\d+)"', feed)]
    assert places == list(range(1, len(places) + 1))
    assert set(re.findall(r'aria-setsize="(-?\d+)"', feed)) == {str(len(places))}


def test_it_needs_as_many_queries_for_much_as_for_little(client, board, card, ready, ana, kenji):
    client.force_login(ana)
    post_comment(card, "One", by=kenji)
    client.get("/standup/")
    with CaptureQueriesContext(connection) as few:
        client.get("/standup/")
    for number in range(12):
        more = act.create_card(ready, f"Card {number}", by=kenji, assignee=ana)
        post_comment(more, "Two", by=kenji)
        [item] = act.add_items(act.add_checklist(more, "Steps", by=kenji), "a", by=kenji)
        act.check_item(item, by=kenji)
    with CaptureQueriesContext(connection) as many:
        client.get("/standup/")
    assert len(many) <= len(few) + 1  # progress, once anything was ticked
    assert len(many) < 42


def test_it_shows_a_thread_that_goes_back_and_forth(page, card, ana, kenji, priya):
    top = post_comment(card, "Red?", by=ana)
    for who, text in ((kenji, "Green."), (ana, "Red!"), (kenji, "Green!")):
        post_comment(card, text, by=who, parent=top)
    assert "three rounds in a thread without an outcome" in page(priya).casefold()
    assert re.search(r"Threads without an outcome 1\s+FLX-1", page(priya))
    record_answer(top, "Blue.", by=ana)
    assert "Threads without an outcome" not in page(priya)


def test_what_was_drawn_before_shows_the_names_and_rights_of_now(page, card, doing, ana, kenji, priya):
    addresses = ("/standup/", "/standup/?by=cards", "/standup/?by=time")
    act.move_card(card, to=doing, by=kenji)
    assert "Undo" in page(kenji, "/standup/?by=time")
    assert "Undo" not in page(priya, "/standup/?by=time")
    kenji.name = "Kenji Sato"
    kenji.save()
    for address in addresses[1:]:
        assert re.search(r"Kenji Sato (FLX-1 \w|Moved)", page(priya, address))
    act.retitle_card(card, "Another title", by=ana)
    for address in addresses:
        assert "FLX-1 Another title" in page(priya, address)


def test_a_line_that_is_read_loses_its_mark(client, board, card, doing, ana, kenji):
    act.move_card(card, to=doing, by=kenji)
    client.force_login(ana)
    new = b'data-upto="FLX:%d" data-news' % Activity.objects.on(board).latest("seq").seq
    assert new in client.get("/standup/").content
    marked_read(ana, board)
    assert b" data-news " not in client.get("/standup/").content


def test_each_event_of_a_stretch_has_its_own_time_and_leads_to_the_board_then(
    client, board, card, doing, ana, kenji
):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        clock.shift(dt.timedelta(hours=1))
        post_comment(card, "First", by=kenji)
        clock.shift(dt.timedelta(hours=1))
        post_comment(card, "Last", by=kenji)
        clock.shift(dt.timedelta(hours=1))
        act.move_card(card, to=doing, by=kenji)
        clock.shift(dt.timedelta(hours=1))
        client.force_login(ana)
        html = client.get("/standup/").content.decode()
    entry = html[html.index('<details class="rest">') :]
    first, last, moved = Activity.objects.filter(actor=kenji).order_by("seq")
    for one, verb in ((moved, "card.moved"), (last, "comment.posted")):
        line = re.search(rf'<li class="event[^>]*data-verb="{verb}".*?</li>', entry, re.S)[0]
        assert re.search(
            rf'href="/b/FLX/at/\?seq={one.seq}"[^>]*><time datetime="{one.at:%Y-%m-%dT%H:%M}', line
        )
    assert f'href="/b/FLX/at/?seq={first.seq}"' in entry
    text = " ".join(re.sub(r"<[^>]+>", " ", entry).split())
    assert re.search(r"2 comments: Last \S.* to \S", text)


def test_over_all_boards_it_leads_to_each_as_it_was_at_the_start(client, board, card, ana):
    client.force_login(ana)
    html = client.get("/standup/?from=2026-03-10").content.decode()
    assert "/b/FLX/at/?time=2026-03-10T00%3A00%3A00%2B00%3A00" in html
