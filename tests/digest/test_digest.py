"""The digest: at each person's own hour, once a working day, with what is new to them and nothing else."""

from __future__ import annotations

import datetime as dt
import re
import smtplib
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from activity.feed import digest_schedule
from activity.models import Activity, Digest
from boards import actions as act
from boards.watching import watch
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.models import Ask, Comment
from comments.questions import ask_question
from fluxboard.accounts import working_hours
from fluxboard.core import mail_delivery as mailing
from fluxboard.features.digest import send as sending
from fluxboard.features.digest.addresses import base_url
from fluxboard.features.digest.content import letter_for
from fluxboard.features.digest.send import send_due

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
ZONES = ["Europe/Lisbon", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]


def somebody(zone="Europe/Lisbon", at=dt.time(9), days=(1, 2, 3, 4, 5), off=()):
    return SimpleNamespace(
        time_zone=zone, digest_at=at, work_days=list(days), days_off=list(off), away=[], digest_on=True
    )


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


# ---- when it is due ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-10-15T07:59", None),  # 08:59 in Lisbon
        ("2026-10-15T08:00", "2026-10-15"),
        ("2026-10-15T19:59", "2026-10-15"),
        ("2026-10-15T20:00", None),  # twelve hours late is too late
        ("2026-10-17T08:00", None),  # Saturday
        ("2026-10-26T08:30", None),  # the clock went back the night before: 08:30
        ("2026-10-26T09:00", "2026-10-26"),
    ],
)
def test_it_is_due_at_the_persons_own_hour(now, day):
    assert digest_schedule.due_day(somebody(), utc(now)) == (dt.date.fromisoformat(day) if day else None)


def test_an_hour_that_the_clock_skips_or_shows_twice_comes_once():
    spring = somebody("America/New_York", dt.time(2, 30), days=(7,))
    assert digest_schedule.due_day(spring, utc("2026-03-08T06:59")) is None
    assert digest_schedule.due_day(spring, utc("2026-03-08T07:30")) == dt.date(2026, 3, 8)
    autumn = somebody("America/New_York", dt.time(1, 30), days=(7,))
    assert digest_schedule.due_day(autumn, utc("2026-11-01T05:29")) is None
    for at in ("2026-11-01T05:30", "2026-11-01T06:30"):
        assert digest_schedule.due_day(autumn, utc(at)) == dt.date(2026, 11, 1)


def test_a_late_hour_still_belongs_to_its_day_and_a_day_off_has_none():
    owl = somebody("UTC", dt.time(23, 59), days=(4,))
    assert digest_schedule.due_day(owl, utc("2026-10-16T00:05")) == dt.date(2026, 10, 15)
    away = somebody("UTC", off=[dt.date(2026, 10, 15)])
    assert digest_schedule.due_day(away, utc("2026-10-15T10:00")) is None
    assert digest_schedule.next_digest(away, utc("2026-10-15T08:00")) == utc("2026-10-16T09:00")
    assert digest_schedule.next_digest(somebody("UTC", days=()), utc("2026-10-15T08:00")) is None


@given(
    zone=st.sampled_from(ZONES),
    minute=st.integers(0, 24 * 60 - 1),
    days=st.sets(st.integers(1, 7)),
    start=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 1)),
)
def test_every_working_day_has_one_and_no_other_day_has_any(zone, minute, days, start):
    person = somebody(zone, dt.time(minute // 60, minute % 60), days)
    begin = start.replace(tzinfo=dt.UTC)
    seen = [digest_schedule.due_day(person, begin + step * HOUR / 2) for step in range(2 * 24 * 9)]
    found = {day for day in seen if day}
    first = begin.astimezone(ZoneInfo(zone)).date()
    for day in (first + ahead * DAY for ahead in range(1, 8)):
        assert (day in found) == (day.isoweekday() in days)
    in_order = [day for day in seen if day]
    assert in_order == sorted(in_order)


# ---- what it says -----------------------------------------------------------------------------------------


def waits_for_digest(person, now, **fields):
    """Have the person's hour be an hour ago, whatever the day."""
    person.work_days = [1, 2, 3, 4, 5, 6, 7]
    person.digest_at = working_hours.local(now - HOUR, person.time_zone).time().replace(microsecond=0)
    person.joined_at = now - 9 * DAY
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def reader(ana, kenji, priya, now):
    """Ana gets a digest now; the others get none."""
    waits_for_digest(ana, now)
    for person in (kenji, priya):
        person.digest_on = False
        person.save()
    return ana


@pytest.fixture
def eventful(reader, board, card, ready, doing, kenji):
    cards = {
        name: act.create_card(ready, f"The {name} one", by=reader)
        for name in ("moved", "watched", "mine", "decided", "block", "asked")
    }
    watch(cards["watched"], reader)
    act.assign_card(cards["mine"], reader, by=reader)
    act.create_card(doing, "Nobody's", by=kenji)
    act.move_card(cards["moved"], to=doing, by=kenji)
    post_comment(cards["watched"], "A word <b>", by=kenji)
    act.retitle_card(cards["mine"], "The mine 2", by=kenji)
    record_decision(cards["decided"], "Page by cursor.", by=kenji)
    act.block_card(cards["block"], "Needs your key", person=reader, by=kenji)
    ask_question(cards["asked"], "Page 1, or the nearest?", [reader], by=kenji)
    return cards


def send(now):
    mail.outbox.clear()
    done = send_due(lambda: now)
    return done, mail.outbox


def test_it_says_what_waits_what_was_decided_and_what_changed(eventful, board, reader, now):
    done, (message,) = send(now)
    assert (done.sent, done.failed) == (1, 0)
    assert message.to == ["ana@example.com"]
    assert "2 wait on you, 1 decision" in message.subject
    text = message.body
    order = ["WAITING ON YOU", "CHECKOUT REBUILD", "Your cards, and those you watch", "Kenji Mori\n", "Now\n"]
    assert [text.index(word) for word in order] == sorted(text.index(word) for word in order)
    question = Comment.objects.get(kind="question")
    asked, decided = eventful["asked"], eventful["decided"]
    assert f"{base_url()}/c/{asked.key}/?comments=all#c-{question.pk}" in text
    assert "Kenji Mori asked you on" in text
    assert "Answer by" in text
    assert f"{base_url()}/b/FLX/decisions/1/" in text
    assert decided.key in text
    assert f"{eventful['watched'].key} The watched one: Kenji wrote: “A word <b>”" in text
    assert f"* Decided: {decided.key} The decided one, FLX D-1 “Page by cursor.”" in text
    assert f"* Began: {eventful['moved'].key} The moved one, In progress" in text
    assert f"* Blocked: {eventful['block'].key} The block one, waits on Ana since" in text
    board.refresh_from_db()
    head = Activity.objects.get(board=board, seq=board.seq)
    assert f"FLX {board.seq} {bytes(head.hash).hex()}" in text
    assert "<" not in text.replace("A word <b>", "")


def test_the_html_says_the_same_in_the_same_look_without_anything_from_elsewhere(eventful, reader, now):
    _, (message,) = send(now)
    (html,) = [str(part.content) for part in message.alternatives]
    assert message.alternatives[0].mimetype == "text/html"
    assert "A word &lt;b&gt;" in html
    assert 'style="' in html
    assert "border-left: 3px solid #6d41a1" in html
    assert not re.search(r"<(img|script|link|iframe)", html)
    addresses = re.findall(r'href="([^"]+)"', html)
    assert addresses
    assert all(address.startswith(base_url()) for address in addresses)
    for title in ("Waiting on you", "Checkout rebuild"):
        assert f">{title}</h2>" in html
    for said in ("Your cards, and those you watch", "Kenji Mori", "Now"):
        assert f">{said}</p>" in html


def test_what_i_did_myself_and_what_is_not_mine_is_no_news(reader, board, card, sam, ready, now):
    other = act.create_board("Secret", by=sam, key="SEC")
    act.create_card(other.columns.first(), "Nothing for Ana", by=sam)
    act.create_card(ready, "By myself", by=reader)
    done, outbox = send(now)
    assert (done.sent, done.empty, outbox) == (0, 1, [])
    row = Digest.objects.get(user=reader)
    assert row.is_empty
    assert row.heads[str(board.pk)]["seq"] == Activity.objects.on(board).count()


def test_a_watched_card_elsewhere_is_told_and_its_neighbours_are_not(reader, sam, now):
    other = act.create_board("Open house", by=sam, key="OPN")
    act.open_board(other, "viewer", by=sam)
    column = other.columns.in_board_order()[0]
    mine, theirs = (act.create_card(column, title, by=sam) for title in ("Seen", "Unseen"))
    watch(mine, reader)
    for one in (mine, theirs):
        post_comment(one, "Hello", by=sam)
    _, (message,) = send(now)
    assert "Seen" in message.body
    assert "Unseen" not in message.body


def test_the_next_one_tells_what_came_after_the_last(eventful, reader, board, ready, kenji, now):
    send(now)
    done, outbox = send(now)
    assert (done.sent, done.empty, outbox) == (0, 0, []), "one a day"
    act.create_card(ready, "Since then", by=kenji)
    _, (message,) = send(now + DAY)
    assert "Since then" in message.body
    assert "A word" not in message.body
    assert "Decided" not in message.body
    assert "WAITING ON YOU" in message.body, "what waits is said again"
    send(now + 2 * DAY)  # by now the answer is late, which is news
    assert send(now + 3 * DAY)[1] == []


def test_a_message_names_its_day_and_can_be_ended_with_one_click(eventful, reader, now):
    _, (message,) = send(now)
    day = working_hours.local(now - HOUR, reader.time_zone).date()
    headers = message.message()
    assert headers["Message-ID"] == f"<digest.{day.isoformat()}.{reader.uid}@localhost>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>").removeprefix(base_url())
    visitor = Client(enforce_csrf_checks=True)
    assert b"Stop the digest" in visitor.get(address).content
    reader.refresh_from_db()
    assert reader.digest_on, "opening the address is no click"
    assert visitor.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    reader.refresh_from_db()
    assert not reader.digest_on
    assert reader.nudge_on is False
    assert send(now + DAY)[1] == []
    assert visitor.post(address[:-3] + "xx/").status_code == 410


def test_it_takes_as_many_queries_for_much_as_for_little(
    eventful, reader, ready, kenji, django_assert_max_num_queries, now
):
    with django_assert_max_num_queries(60) as few:
        letter_for(reader, now)
    for number in range(12):
        one = act.create_card(ready, f"More {number}", by=kenji, assignee=reader)
        post_comment(one, "Hello", by=kenji)
        record_decision(one, "Yes.", by=kenji)
    with django_assert_max_num_queries(len(few.captured_queries)):
        letter_for(reader, now)


def test_the_page_of_what_waits_says_when_the_next_one_comes(reader, client):
    client.force_login(reader)
    assert "Nothing waits on you. Your next digest comes " in client.get("/waiting/").content.decode()
    reader.digest_on = False
    reader.save()
    assert "Your next digest" not in client.get("/waiting/").content.decode()


# ---- once ------------------------------------------------------------------------------------------------


def test_only_one_may_claim_and_a_claim_ends(reader, now):
    day = dt.date(2026, 10, 15)
    first = digest_schedule.claim(reader, day, now)
    assert first is not None
    assert digest_schedule.claim(reader, day, now) is None
    assert digest_schedule.claim(reader, day, now + digest_schedule.LEASE) is None
    second = digest_schedule.claim(reader, day, now + digest_schedule.LEASE + dt.timedelta(seconds=1))
    assert second is not None
    assert not digest_schedule.begin(first, now), "too late: it is somebody else's"
    assert digest_schedule.begin(second, now)
    assert not digest_schedule.begin(second, now)
    assert digest_schedule.claim(reader, day, now + DAY) is None, "what may have arrived is not sent again"


class Server:
    """A mail server that says what it is told to say."""

    def __init__(self, problem=None, when="send"):
        self.problem, self.when, self.taken = problem, when, []

    def open(self):
        if self.problem and self.when == "open":
            raise self.problem

    def send_messages(self, messages):
        if self.problem:
            raise self.problem
        self.taken += messages

    def close(self):
        pass


def through(monkeypatch, server):
    monkeypatch.setattr(mailing, "mailers", {"default": server})
    return server


@pytest.mark.parametrize(
    ("problem", "when"),
    [
        (smtplib.SMTPDataError(451, b"later"), "send"),
        (smtplib.SMTPRecipientsRefused({}), "send"),
        (ConnectionRefusedError(), "open"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "open"),
    ],
)
def test_a_mail_that_was_not_taken_is_sent_later(problem, when, eventful, reader, monkeypatch, now):
    through(monkeypatch, Server(problem, when))
    assert send_due(lambda: now).failed == 1
    server = through(monkeypatch, Server())
    assert send_due(lambda: now).sent == 0, "not before the lease is over"
    assert send_due(lambda: now + digest_schedule.LEASE + HOUR).sent == 1
    assert len(server.taken) == 1


def test_a_mail_that_may_have_arrived_is_not_sent_again_and_nothing_is_lost(
    eventful, reader, monkeypatch, now
):
    through(monkeypatch, Server(smtplib.SMTPServerDisconnected("gone")))
    assert send_due(lambda: now).failed == 1
    server = through(monkeypatch, Server())
    assert send_due(lambda: now + 2 * HOUR).sent == 0
    assert len(sending.unconfirmed(reader)) == 1
    assert send_due(lambda: now + DAY).sent == 1
    assert "Page by cursor." in server.taken[0].body, "the next one tells all of it"


def test_one_letter_that_cannot_be_made_keeps_no_other_back(eventful, reader, kenji, monkeypatch, now):
    waits_for_digest(kenji, now, digest_on=True)
    post_comment(eventful["mine"], "For Kenji", by=reader)
    real = sending.letter_for

    def sometimes(person, at):
        if person == reader:
            raise KeyError("broken")
        return real(person, at)

    monkeypatch.setattr(sending, "letter_for", sometimes)
    done, outbox = send(now)
    assert (done.sent, done.failed) == (1, 1)
    assert outbox[0].to == ["kenji@example.com"]


def test_who_joined_after_their_hour_gets_the_first_one_the_next_day(eventful, reader, now):
    reader.joined_at = now - HOUR / 2
    reader.save()
    assert send(now)[1] == []
    assert len(send(now + DAY)[1]) == 1


# ---- the nudge -------------------------------------------------------------------------------------------


@pytest.fixture
def asked(reader, card, kenji, now):
    """A question to Ana that is due in half an hour; she works all day, and wants to be told."""
    reader.nudge_on, reader.digest_on = True, False
    reader.work_start, reader.work_end = dt.time(0, 0), dt.time(23, 59)
    reader.save()
    ask_question(card, "Which one?", [reader], by=kenji)
    Ask.objects.update(answer_by=now + HOUR / 2)
    return Ask.objects.get()


def test_a_nudge_comes_once_within_my_hours(asked, reader, now):
    if not working_hours.is_at_work(reader, now):
        pytest.skip("the one minute of the day that is nobody's")
    done, (message,) = send(now)
    assert done.nudged == 1
    assert "due soon" in message.subject
    assert f"#c-{asked.comment_id}" in message.body
    assert "digest/off/" in message.extra_headers["List-Unsubscribe"]
    assert send(now)[1] == []


@pytest.mark.parametrize("why", ["not wanted", "not at work", "not soon", "past", "answered"])
def test_no_nudge_otherwise(why, asked, reader, now):
    if why == "not wanted":
        reader.nudge_on = False
    if why == "not at work":
        reader.work_days = []
    reader.save()
    if why in ("not soon", "past"):
        Ask.objects.update(answer_by=now + (3 * HOUR if why == "not soon" else -HOUR))
    if why == "answered":
        post_comment(asked.comment.card, "That one.", by=reader, parent=asked.comment)
    assert send(now)[1] == []
