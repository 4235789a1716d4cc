"""Kinds of meetings: the topics that they bring, and the facts of their days beside them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from activity.errors import Refused
from activity.log.record import By
from boards import actions as act
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.models import Ask
from comments.questions import ask_question
from fluxboard.features.meetings.load import tell_facts, topic_rows
from fluxboard.meetings.actions.meetings import change_meeting, close_meeting, start_meeting
from fluxboard.meetings.actions.outcomes import TopicOutcome, settle_topic
from fluxboard.meetings.kinds import TOPICS
from fluxboard.meetings.models import Meeting
from tests.meetings.course import planned

pytestmark = pytest.mark.django_db
LIST = "/b/FLX/meetings/"


def facts(meeting, reader, prompt):
    """What stands beside the topic with this prompt: key (or title) and words of each line."""
    meeting.refresh_from_db()
    now = timezone.now()
    rows = topic_rows(meeting, now)
    tell_facts(meeting, rows, reader, now)
    (row,) = [row for row in rows if row.topic.prompt == prompt]
    return [(fact.key or fact.title, fact.words) for fact in row.facts.rows] if row.facts else None


def held(meeting, by):
    """The meeting, begun and closed with nothing to decide."""
    start_meeting(meeting, by=by)
    for topic in meeting.topics.all():
        settle_topic(topic, TopicOutcome("nothing", "Said."), by=by)
    return close_meeting(meeting, by=by)


def sent(kind, **more):
    day = (timezone.now() + dt.timedelta(days=2)).date()
    return {"kind": kind, "title": "", "day": day.isoformat(), "time": "10:30", "minutes": "30"} | more


@pytest.mark.parametrize("kind", sorted(TOPICS))
def test_each_kind_brings_its_topics_and_a_page_that_tells_their_facts(client, board, card, ana, kenji, kind):
    client.force_login(ana)
    page = client.get(LIST).content.decode()
    assert f'href="{LIST}new/?kind={kind}"' in page
    form = client.get(f"{LIST}new/?kind={kind}").content.decode()
    assert f'value="{Meeting.Kind(kind).label}"' in form
    answer = client.post(f"{LIST}new/", sent(kind, invited=[kenji.pk], card=card.key.lower()))
    assert answer.status_code == 303, answer.content.decode()
    meeting = Meeting.objects.get()
    assert (meeting.kind, meeting.title) == (kind, Meeting.Kind(kind).label)
    assert [topic.text for topic in meeting.topics.all()] == [words for words, _, _ in TOPICS[kind]]
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "of the two weeks from" in page
    for topic in meeting.topics.exclude(prompt=""):
        assert str(topic.get_prompt_display()) in page


def test_a_plain_meeting_brings_none_and_says_nothing_of_days(client, board, ana):
    client.force_login(ana)
    assert client.post(f"{LIST}new/", sent("", title="Talk")).status_code == 303
    assert Meeting.objects.get().topics.count() == 0
    assert "own facts" not in client.get(f"{LIST}1/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "nonsense"}, "Choose what kind of meeting it is."),
        ({"kind": "incident"}, "Name the card of the incident."),
        ({"kind": "incident", "card": "FLX-99999"}, "There is no card FLX-99999 on this board."),
        ({"kind": "one_to_one"}, "A 1:1 is of two"),
    ],
)
def test_what_a_kind_lacks_is_said_beside_its_field(client, board, ana, wrong, words):
    client.force_login(ana)
    answer = client.post(f"{LIST}new/", sent("review", title="Kept words") | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Kept words" in page
    assert Meeting.objects.count() == 0


def test_an_odd_kind_in_the_address_counts_as_none(client, board, ana):
    client.force_login(ana)
    for odd in ("nonsense", "%00", "٣", "kind" * 500):
        assert client.get(f"{LIST}new/?kind={odd}").status_code == 200


def test_a_review_tells_what_was_finished_and_decided_since_the_last_one(board, card, ana, kenji):
    done = board.columns.get(is_done=True)
    act.move_card(card, to=done, by=kenji)
    record_decision(card, "By cursor.", by=kenji)
    first = planned(board, ana, kind="review", title="Review")
    assert [key for key, _ in facts(first, ana, "finished")] == [card.key]
    assert facts(first, ana, "decided") == [("D-1", f"on {card.key},")]
    held(first, ana)
    later = planned(board, ana, kind="review", title="Review", starts_at=first.starts_at + dt.timedelta(7))
    assert facts(later, ana, "finished") == []
    assert facts(later, ana, "decided") == []
    act.move_card(card, to=board.columns.in_board_order()[0], by=ana)
    act.move_card(card, to=done, by=ana)
    assert [key for key, _ in facts(first, ana, "finished")] == [card.key], "the minutes stay as they are"
    other = planned(board, ana, kind="retro", title="Retro", starts_at=first.starts_at + dt.timedelta(8))
    assert [key for key, _ in facts(other, ana, "finished")] == [card.key], "of its own kind"


def test_a_retro_tells_what_was_blocked_late_and_taken_back(board, card, ana, kenji):
    ready, doing, done = board.columns.in_board_order()
    other = act.create_card(ready, "Other", by=ana)
    days_ago = timezone.now() - dt.timedelta(days=3)
    act.block_card(card, "Waits", by=By(ana, now=days_ago))
    act.unblock_card(card, by=By(ana, now=days_ago + dt.timedelta(days=1)))
    act.block_card(other, "Waits", by=By(ana, now=days_ago))
    act.move_card(card, to=done, by=ana)
    act.move_card(card, to=doing, by=ana)
    question = ask_question(card, "Which bank?", [kenji], by=ana)
    Ask.objects.update(answer_by=timezone.now() - dt.timedelta(days=1, minutes=1))
    retro = planned(board, ana, kind="retro", title="Retro")
    assert facts(retro, ana, "blocked") == [
        (other.key, "blocked for 3.0 days so far"),
        (card.key, "blocked for 1.0 days"),
    ]
    assert facts(retro, ana, "late") == [(card.key, "1.0 days late by now, waits for Kenji")]
    assert [key for key, _ in facts(retro, ana, "taken_back")] == [card.key]
    assert facts(retro, ana, "finished") == []
    held(retro, ana)
    act.unblock_card(other, by=ana)
    post_comment(card, "The one in Porto.", parent=question, by=kenji)
    assert facts(retro, ana, "blocked") == [
        (other.key, "blocked for 3.0 days by then"),
        (card.key, "blocked for 1.0 days"),
    ], "the minutes tell how it was when the meeting ended"
    assert facts(retro, ana, "late") == [(card.key, "1.0 days late by then, waited for Kenji")]


def test_planning_tells_what_nobody_has_what_is_late_and_where_it_is_full(board, card, ana, kenji):
    doing = board.columns.in_board_order()[1]
    act.limit_column(doing, 1, by=ana)
    act.move_card(card, to=doing, by=ana)
    act.date_card(card, (timezone.now() - dt.timedelta(days=3)).date(), by=ana)
    meeting = planned(board, ana, kind="planning")
    assert (card.key, doing.name) in facts(meeting, ana, "no_owner")
    assert facts(meeting, ana, "stuck") == [(card.key, "nobody’s, was due")]
    assert (doing.name, "1 of 1 card, full") in facts(meeting, ana, "limits")
    held(meeting, ana)
    assert facts(meeting, ana, "stuck") is None, "how things stood then is not known any more"


def test_a_1_to_1_tells_what_the_two_ask_and_looks_back_to_their_last(board, card, ana, kenji, priya):
    act.move_card(card, to=board.columns.in_board_order()[1], by=ana)
    act.assign_card(card, kenji, by=ana)
    ask_question(card, "Which bank?", [kenji], by=ana)
    kinds = {"kind": "one_to_one", "title": "1:1"}
    with pytest.raises(Refused, match="of two"):
        planned(board, ana, invited=[kenji, priya], **kinds)
    meeting = planned(board, ana, invited=[kenji], **kinds)
    assert facts(meeting, ana, "between") == [(card.key, "Ana asked Kenji, answer by")]
    assert [key for key, _ in facts(meeting, ana, "on")] == [card.key]
    held(meeting, ana)
    now, ahead = timezone.now(), meeting.starts_at + dt.timedelta(7)
    for other, last in ((kenji, meeting), (priya, None)):
        later = planned(board, ana, invited=[other], starts_at=ahead, **kinds)
        assert tell_facts(later, topic_rows(later, now), ana, now).last == last


def test_an_incident_s_course_is_told_in_order_and_only_on_its_board(client, board, card, ana, kenji):
    act.block_card(card, "The bank is down", by=kenji)
    meeting = planned(board, ana, kind="incident", card=card, title="That outage")
    said = [words for _, words in facts(meeting, ana, "timeline")]
    assert said[0].startswith("Ana ")
    assert said[-1].startswith("Kenji ")
    assert "The bank is down" in said[-1]
    client.force_login(ana)
    assert card.title in client.get(card.get_absolute_url()).content.decode()
    other = act.create_board("Secret", by=ana, key="SEC")
    act.transfer_card(card, to=other.columns.in_board_order()[0], by=ana)
    assert facts(meeting, ana, "timeline") == []


def test_facts_take_as_many_queries_for_many_cards(client, board, ana, kenji, django_assert_max_num_queries):
    ready, _, done = board.columns.in_board_order()
    for n in range(20):
        one = act.create_card(ready, f"Card {n}", by=ana)
        act.block_card(one, "Waits", by=ana)
        if n % 2:
            act.unblock_card(one, by=ana)
            act.move_card(one, to=done, by=ana)
    meeting = planned(board, ana, kind="retro", title="Retro")
    client.force_login(ana)
    with django_assert_max_num_queries(45):
        page = client.get(meeting.get_absolute_url()).content.decode()
    assert "There is more; these come first." in page


def test_a_third_person_does_not_join_a_1_1(board, ana, kenji, priya):
    meeting = planned(board, ana, kind="one_to_one", invited=[kenji])
    with pytest.raises(Refused, match="A 1:1 is of two"):
        change_meeting(meeting, by=ana, invited=[kenji, priya])
    change_meeting(meeting, by=ana, invited=[priya])
    assert set(meeting.invited.all()) == {ana, priya}
