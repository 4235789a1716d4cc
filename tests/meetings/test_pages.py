"""The pages of meetings without a script: planning, the agenda, what comes back with its message."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from comments.actions import post_comment
from comments.questions import ask_question
from fluxboard.accounts.working_hours import local
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import parse_search
from fluxboard.meetings.actions.meetings import close_meeting, start_meeting
from fluxboard.meetings.actions.outcomes import TopicOutcome, settle_topic
from fluxboard.meetings.actions.topics import TopicPlan, add_topic, note_topic
from fluxboard.meetings.models import Meeting
from tests.meetings.course import planned
from tests.meetings.test_meetings import argued

pytestmark = pytest.mark.django_db
LIST = "/b/FLX/meetings/"


@pytest.fixture
def signed_in(client, ana):
    client.force_login(ana)
    return client


def form(**more):
    day = (timezone.now() + dt.timedelta(days=2)).date()
    return {"title": "Planning", "day": day.isoformat(), "time": "10:30", "minutes": "30"} | more


def test_a_meeting_is_planned_on_the_planner_s_own_clock(signed_in, board, card, ana, kenji):
    question = ask_question(card, "Which page?", [kenji], by=ana)
    page = signed_in.get(f"{LIST}new/").content.decode()
    assert f'value="question:{question.uid}"' in page
    sent = form(topics=f"question:{question.uid}", more=f"Names\n{card.key}\n", invited=[kenji.pk])
    answer = signed_in.post(f"{LIST}new/", sent)
    assert (answer.status_code, answer["Location"]) == (303, f"{LIST}1/")
    meeting = Meeting.objects.get()
    assert f"{local(meeting.starts_at, ana.time_zone):%H:%M}" == "10:30"
    assert set(meeting.invited.all()) == {ana, kenji}
    assert [topic.kind for topic in meeting.topics.all()] == ["question", "text", "card"]
    page = signed_in.get(f"{LIST}1/").content.decode()
    assert "Which page?" in page
    assert "Could be answered in writing by" in page
    assert "Planning" in signed_in.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": " "}, "The title can’t be empty|The title can&#x27;t be empty"),
        ({"title": "x" * 121}, "120"),
        ({"day": "2026-02-31"}, "Choose a day."),
        ({"day": "9999-12-31"}, "Choose a day within two years."),
        ({"day": "1000-01-01"}, "That is over."),
        ({"time": "25:00"}, "Choose a time."),
        ({"minutes": "0"}, "1"),
        ({"minutes": "99999999999999999999"}, "480"),
        ({"invited": ["999999999999999999999"]}, "not on this board"),
        ({"topics": ["nonsense"]}, "nonsense"),
        ({"more": "x" * 501}, "500"),
    ],
)
def test_what_will_not_do_comes_back_with_its_line(signed_in, board, wrong, words):
    answer = signed_in.post(f"{LIST}new/", form(**wrong))
    page = answer.content.decode()
    assert answer.status_code == 422, page[-3000:]
    assert any(one in page for one in words.split("|"))
    assert Meeting.objects.count() == 0


def test_notes_that_clash_show_both_and_keep_what_was_typed(signed_in, board, ana, kenji):
    topic = note_topic(planned(board, ana, "Prices").topics.get(), "Pound", by=ana)
    seen = topic.version
    note_topic(topic, "Euro", by=kenji, seen=seen)
    path = f"{LIST}1/topics/{topic.pk}/do/noted/"
    answer = signed_in.post(path, {"notes": "Yen", "version": seen})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Euro" in page
    assert "Yen" in page
    topic.refresh_from_db()
    settled = {"pick-notes": "yours", "yours-notes": "Yen", "theirs-notes": "Euro", "version": topic.version}
    assert signed_in.post(path, settled).status_code == 303
    topic.refresh_from_db()
    assert topic.notes == "Yen"


def test_notes_that_save_themselves_get_the_merged_text_and_its_version(signed_in, board, ana, kenji):
    topic = note_topic(planned(board, ana, "Prices").topics.get(), "One\nTwo\nThree", by=ana)
    note_topic(topic, "Eins\nTwo\nThree", by=kenji)
    sent = {"notes": "One\nTwo\nDrei", "version": topic.version}
    answer = signed_in.post(f"{LIST}1/topics/{topic.pk}/do/noted/", sent, headers={"HX-Request": "true"})
    topic.refresh_from_db()
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Eins\nTwo\nDrei</textarea>" in page
    assert f'name="version" value="{topic.version}"' in page


def test_the_part_is_asked_for_again_only_when_something_happened(signed_in, board, ana):
    meeting = planned(board, ana, "Prices")
    meeting.board.refresh_from_db()
    path = f"{LIST}1/?upto={meeting.board.seq}"
    assert signed_in.get(path, headers={"HX-Request": "true"}).status_code == 204
    add_topic(meeting, TopicPlan(text="Names"), by=ana)
    answer = signed_in.get(path, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Names" in answer.content.decode()


def test_the_minutes_name_the_row_that_proves_them(signed_in, board, card, ana, kenji):
    meeting = planned(board, ana, "Prices")
    start_meeting(meeting, by=ana)
    topic = meeting.topics.get()
    note_topic(topic, "- **Euro** first", by=kenji)
    settle_topic(topic, TopicOutcome("question", "Which bank?", card=card, asked=[kenji]), by=ana)
    closed = close_meeting(meeting, by=ana)
    page = signed_in.get(f"{LIST}1/").content.decode()
    row = board.activities.get(verb="meeting.closed")
    assert row.seq == closed.version
    assert bytes(row.hash).hex() in page
    for words in ("<strong>Euro</strong> first", "Which bank?", "answer by", "Kenji"):
        assert words in page
    assert "<form" not in page.partition('id="meeting"')[2].partition("</main>")[0]


def test_a_page_takes_as_many_queries_for_many_topics(
    signed_in, board, card, ana, kenji, django_assert_max_num_queries
):
    meeting = planned(board, ana, *[f"Topic {n}" for n in range(20)])
    for n in range(10):
        thread = post_comment(card, f"Thread {n}", by=kenji)
        add_topic(meeting, TopicPlan.about_thing(thread), by=ana)
    start_meeting(meeting, by=ana)
    with django_assert_max_num_queries(45):
        signed_in.get(f"{LIST}1/")


def test_a_thread_that_goes_round_is_put_on_the_next_agenda(signed_in, board, card, ana, kenji):
    thread = argued(card, ana, kenji)
    page = signed_in.get(card.get_absolute_url()).content.decode()
    way = f"{LIST}next/?about={thread.uid}"
    assert f'href="{way}"' in page
    assert "No meeting is planned" in signed_in.get(way).content.decode()
    plan = signed_in.get(f"{LIST}new/?about={thread.uid}").content.decode()
    assert f'value="thread:{thread.uid}"' in plan
    meeting = planned(board, ana)
    assert "Put it there" in signed_in.get(way).content.decode()
    sent = {"about": str(thread.uid), "minutes": "5", "text": ""}
    assert signed_in.post(f"{LIST}1/do/topic-added/", sent).status_code == 303
    assert meeting.topics.get().about == thread.uid
    page = signed_in.get(card.get_absolute_url()).content.decode()
    assert f'href="{LIST}1/"' in page, "the card leads to its meetings"
    for nonsense in ("", "x", "00000000-0000-4000-8000-000000000000"):
        assert signed_in.get(f"{LIST}next/?about={nonsense}").status_code == 404
        assert signed_in.get(f"{LIST}new/?about={nonsense}").status_code == 200


def test_meetings_are_found_by_what_was_said_in_them(board, ana, kenji, sam):
    meeting = planned(board, ana, "Prices of the plans", title="Quarterly")
    note_topic(meeting.topics.get(), "We keep the *Zahlung* in euro", by=kenji)

    def found(words, reader):
        groups = search(parse_search(words), reader).groups
        return [hit for group in groups if group.kind == "meetings" for hit in group.hits]

    for words in ("quarterly", "zahlung", "quarterly prices", "plans euro"):
        (hit,) = found(words, kenji)
        assert hit.url == meeting.get_absolute_url()
    assert "<mark>Zahlung</mark>" in found("zahlung", ana)[0].text
    assert found("quarterly yen", ana) == []
    assert found("quarterly", sam) == []
