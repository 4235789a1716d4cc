"""Calendar entries go out once, are changed and withdrawn, and say no more than their reader may know."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from icalendar import Calendar

from boards import actions as act
from comments.decisions import record_decision
from fluxboard.features.meetings.run import call_off_unneeded, send_entries
from fluxboard.meetings.actions.meetings import (
    cancel_meeting,
    change_meeting,
    close_meeting,
    reopen_meeting,
    start_meeting,
)
from fluxboard.meetings.actions.outcomes import TopicOutcome, settle_topic
from fluxboard.meetings.actions.topics import TopicPlan, add_topic
from fluxboard.meetings.models import Meeting, MeetingMail
from tests.meetings.course import planned
from tests.meetings.test_meetings import argued

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def proved(ana, kenji, priya):
    """Kenji has proved his address, and so has Ana; Priya has only typed hers."""
    for person in (ana, kenji):
        EmailAddress.objects.update_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
    EmailAddress.objects.filter(user=priya).delete()


def sent() -> dict[str, tuple[Calendar, str]]:
    """By address, the entry and the words of the mails of one round."""
    mail.outbox.clear()
    send_entries(timezone.now)
    found = {}
    for one in mail.outbox:
        part = next(part for part in one.message().walk() if part.get_content_type() == "text/calendar")
        entry = Calendar.from_ical(part.get_content())
        assert part.get_param("method") == str(entry["METHOD"])
        found[one.to[0]] = (entry, one.body)
    return found


def event(entry: Calendar):
    (found,) = entry.walk("VEVENT")
    return found


def test_those_invited_get_it_once_and_again_when_it_changes(board, ana, kenji, priya):
    meeting = planned(board, ana, "Prices", invited=[kenji, priya])
    first = sent()
    assert first.keys() == {ana.email, kenji.email}, "only to addresses that somebody has proved"
    entry, words = first[kenji.email]
    assert str(entry["METHOD"]) == "REQUEST"
    asked = event(entry)
    assert asked["DTSTART"].dt == meeting.starts_at
    assert asked["DTEND"].dt - asked["DTSTART"].dt == dt.timedelta(minutes=30)
    assert {str(one) for one in asked["ATTENDEE"]} == {f"mailto:{ana.email}", f"mailto:{kenji.email}"}
    assert "1. Prices" in words
    assert sent() == {}
    change_meeting(meeting, by=kenji, minutes=60)
    again = event(sent()[kenji.email][0])
    assert again["UID"] == asked["UID"]
    assert int(again["SEQUENCE"]) > int(asked["SEQUENCE"])
    assert sent() == {}


def test_who_is_not_invited_any_more_has_it_withdrawn(board, ana, kenji):
    meeting = planned(board, ana, "Prices", invited=[kenji])
    sent()
    change_meeting(meeting, by=ana, invited=[])
    told = sent()
    assert str(told[kenji.email][0]["METHOD"]) == "CANCEL"
    assert str(told[ana.email][0]["METHOD"]) == "REQUEST"
    assert sent() == {}
    change_meeting(meeting, by=ana, invited=[kenji])
    assert str(sent()[kenji.email][0]["METHOD"]) == "REQUEST"


def test_a_cancelled_meeting_is_withdrawn_from_those_who_were_asked(board, ana, kenji):
    meeting = planned(board, ana, "Prices", invited=[kenji])
    cancel_meeting(meeting, by=ana)
    assert sent() == {}, "nobody has heard of it"
    reopen_meeting(meeting, by=ana)
    sent()
    cancel_meeting(meeting, "Nobody can come", by=ana)
    entry, words = sent()[kenji.email]
    assert (str(entry["METHOD"]), str(event(entry)["STATUS"])) == ("CANCEL", "CANCELLED")
    assert "Nobody can come" in words
    assert sent() == {}


def test_a_meeting_that_is_not_needed_tells_what_was_decided(board, card, ana, kenji):
    thread = argued(card, ana, kenji)
    meeting = planned(board, ana, invited=[kenji])
    add_topic(meeting, TopicPlan.about_thing(thread), by=ana)
    words = add_topic(meeting, TopicPlan(text="Prices"), by=ana)
    sent()
    record_decision(card, "By cursor.", by=kenji, parent=thread)
    assert call_off_unneeded(timezone.now) == 0
    settle_topic(words, TopicOutcome("decision", "Ten euro.", card=card), by=kenji)
    assert call_off_unneeded(timezone.now) == 1
    assert call_off_unneeded(timezone.now) == 0
    entry, told = sent()[kenji.email]
    assert str(entry["METHOD"]) == "CANCEL"
    assert "settled in writing" in told
    assert "D-2: Ten euro." in told
    assert "It was decided in writing." in told
    assert sent() == {}


def test_a_meeting_that_has_begun_sends_nothing(board, ana, kenji):
    meeting = planned(board, ana, "Prices", invited=[kenji])
    sent()
    start_meeting(meeting, by=ana)
    settle_topic(meeting.topics.get(), TopicOutcome("nothing", "Clear."), by=ana)
    close_meeting(meeting, by=ana)
    assert sent() == {}


def test_two_rounds_at_once_send_one_mail(board, ana, kenji, monkeypatch):
    planned(board, ana, "Prices", invited=[kenji])
    real = MeetingMail.objects.get_or_create
    inner: list[int] = []

    def meanwhile(**named):
        if not inner:
            inner.append(1)
            send_entries(timezone.now)
        return real(**named)

    monkeypatch.setattr(MeetingMail.objects, "get_or_create", meanwhile)
    mail.outbox.clear()
    send_entries(timezone.now)
    assert sorted(one.to[0] for one in mail.outbox) == sorted([ana.email, kenji.email])


def test_the_worker_does_both(board, ana, kenji):
    meeting = planned(board, ana, "Prices", invited=[kenji])
    said = io.StringIO()
    call_command("work", stdout=said)
    assert "2 calendar entries sent" in said.getvalue()
    settle_topic(meeting.topics.get(), TopicOutcome("nothing", "Clear."), by=ana)
    call_command("work", "--no-mail", stdout=said)
    assert "1 meeting called off" in said.getvalue()
    assert Meeting.objects.get().state == Meeting.State.NOT_NEEDED


def test_the_file_names_others_addresses_only_to_those_invited(client, board, ana, kenji, priya):
    meeting = planned(board, ana, "Prices", invited=[kenji])
    path = f"{meeting.get_absolute_url()}meeting.ics"
    client.force_login(priya)
    answer = client.get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert kenji.email not in answer.content.decode()
    assert ana.email not in answer.content.decode()
    client.force_login(kenji)
    entry = Calendar.from_ical(client.get(path).content)
    assert str(entry["METHOD"]) == "REQUEST"
    assert f"mailto:{ana.email}" in {str(one) for one in event(entry)["ATTENDEE"]}
    act.remove_member(board, kenji, by=ana)
    assert client.get(path).status_code == 404
