"""A meeting ends in writing: its agenda, its topics' outcomes, and the minutes that stand."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from activity.errors import Clash, Refused
from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.models import Board
from boards.undo.engine import undo_change
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.models import Comment, Decision
from comments.questions import ask_question, close_question
from fluxboard.features.verification.verify import verify
from fluxboard.meetings.actions.meetings import (
    call_off,
    cancel_meeting,
    change_meeting,
    close_meeting,
    plan_meeting,
    start_meeting,
)
from fluxboard.meetings.actions.outcomes import TopicOutcome, settle_topic
from fluxboard.meetings.actions.topics import TopicPlan, add_topic, drop_topic, note_topic
from fluxboard.meetings.agenda import suggestions
from fluxboard.meetings.models import Meeting, Topic
from tests.meetings.course import planned

pytestmark = pytest.mark.django_db


def argued(card, ana, kenji):
    """A thread of three rounds without an outcome."""
    thread = post_comment(card, "By offset?", by=ana)
    for person, text in ((kenji, "By cursor"), (ana, "Why?"), (kenji, "It is stable")):
        post_comment(card, text, by=person, parent=thread)
    return Comment.objects.get(pk=thread.pk)


def test_an_agenda_begins_with_what_waits_for_talk(board, card, ana, kenji):
    thread = argued(card, ana, kenji)
    question = ask_question(card, "Which page?", [kenji], by=ana)
    act.block_card(card, "Waits for the bank", by=ana)
    offered = suggestions(board, timezone.now())
    assert [(one.plan.kind, one.plan.about) for one in offered] == [
        ("thread", thread.uid),
        ("question", question.uid),
        ("blocked", card.uid),
    ]
    plan_meeting(board, "Talk", by=ana, starts_at=timezone.now(), minutes=9, topics=[offered[0].plan])
    assert [one.plan.kind for one in suggestions(board, timezone.now())] == ["question", "blocked"]


def test_a_decision_that_is_due_for_a_look_is_offered(board, card, ana):
    today = timezone.now().date()
    due = record_decision(card, "Net 30.", by=ana, review_on=today + dt.timedelta(days=9))
    record_decision(card, "In euros.", by=ana, review_on=today + dt.timedelta(days=30))
    assert suggestions(board, timezone.now()) == []
    (one,) = suggestions(board, timezone.now() + dt.timedelta(days=9))
    assert (one.plan.kind, one.plan.about, one.why) == ("decision", due.uid, "To be looked at again")


def test_what_is_settled_already_comes_on_no_agenda_and_nothing_comes_twice(board, card, ana, kenji):
    meeting = planned(board, ana)
    question = ask_question(card, "Which page?", [kenji], by=ana)
    first = add_topic(meeting, TopicPlan.about_thing(question), by=ana)
    assert add_topic(meeting, TopicPlan.about_thing(question), by=kenji) == first
    close_question(question, by=ana)
    drop_topic(first, by=ana)
    with pytest.raises(Refused, match="It needs no talk"):
        add_topic(meeting, TopicPlan.about_thing(question), by=ana)


def test_a_decision_on_a_thread_is_made_as_elsewhere_and_settles_it(board, card, ana, kenji):
    thread = argued(card, ana, kenji)
    meeting = plan_meeting(
        board,
        "Talk",
        by=ana,
        starts_at=timezone.now(),
        minutes=9,
        topics=[TopicPlan.about_thing(thread)],
    )
    start_meeting(meeting, by=ana)
    topic = settle_topic(
        meeting.topics.get(),
        TopicOutcome("decision", "By cursor.", decided_by=[ana, kenji]),
        by=By(kenji, request_id=uuid.uuid4()),
    )
    decision = Decision.objects.get(board=board)
    assert (topic.outcome, topic.made) == ("decision", decision.uid)
    assert (decision.how, decision.grew_from, set(decision.decided_by.all())) == (
        "meeting",
        thread,
        {ana, kenji},
    )
    thread.refresh_from_db()
    assert thread.state == "decided"
    told = Activity.objects.filter(board=board, actor=kenji, verb="topic.settled").get()
    assert told.after["made"] == {"id": str(decision.uid), "key": "D-1"}
    with pytest.raises(Refused, match="never taken back"):
        undo_change(board, told.seq, by=ana)


def test_an_action_item_has_an_owner_and_a_day_and_goes_with_its_undo(board, ana, kenji):
    meeting = planned(board, ana, "Prices")
    topic = meeting.topics.get()
    with pytest.raises(Refused, match="who does it"):
        settle_topic(topic, TopicOutcome("action", "Ask the bank"), by=ana)
    with pytest.raises(Refused, match="by when"):
        settle_topic(topic, TopicOutcome("action", "Ask the bank", owner=kenji), by=ana)
    day = dt.date(2026, 12, 9)
    by = By(ana, request_id=uuid.uuid4())
    settle_topic(topic, TopicOutcome("action", "Ask the bank", owner=kenji, due=day), by=by)
    card = board.cards.get(title="Ask the bank")
    assert (card.assignee, card.due) == (kenji, day)
    undo_change(board, Activity.objects.get(verb="topic.settled").seq, by=ana)
    card.refresh_from_db()
    topic.refresh_from_db()
    assert card.is_archived
    assert topic.outcome == ""
    assert verify(Board.objects.get(pk=board.pk)) == []


def test_words_get_a_card_of_their_own_for_what_is_decided_on_them(board, ana):
    meeting = planned(board, ana, "Names of our plans")
    settle_topic(meeting.topics.get(), TopicOutcome("decision", "Small and large."), by=ana)
    assert Decision.objects.get().card.title == "Names of our plans"


def test_nothing_to_decide_needs_a_reason_and_a_refusal_leaves_nothing(board, ana):
    meeting = planned(board, ana, "Prices")
    cards = board.cards.count()
    for kind in ("nothing", "decision", "question", "bogus"):
        with pytest.raises(Refused) as refused:
            settle_topic(meeting.topics.get(), TopicOutcome(kind), by=ana)
        assert refused.value.field == ("outcome" if kind == "bogus" else "text")
    with pytest.raises(Refused) as refused:
        settle_topic(meeting.topics.get(), TopicOutcome("question", "Who?"), by=ana)
    assert refused.value.field == "ask"
    assert board.cards.count() == cards
    assert settle_topic(meeting.topics.get(), TopicOutcome("nothing", "Clear."), by=ana).reason == "Clear."


def test_it_closes_only_when_each_topic_has_an_outcome(board, card, ana, kenji):
    question = ask_question(card, "Which page?", [kenji], by=ana)
    meeting = planned(board, ana, "Prices")
    asked = add_topic(meeting, TopicPlan.about_thing(question), by=ana)
    with pytest.raises(Refused, match="not begun"):
        close_meeting(meeting, by=ana)
    meeting = start_meeting(meeting, by=ana)
    assert meeting.at_hand == meeting.topics.get(text="Prices").uid
    with pytest.raises(Refused, match=r"Without an outcome yet: Prices, FLX-1\."):
        close_meeting(meeting, by=ana)
    settle_topic(meeting.topics.get(text="Prices"), TopicOutcome("nothing", "Clear."), by=ana)
    post_comment(card, "The first", by=kenji, parent=question)
    meeting = close_meeting(meeting, by=ana)
    asked.refresh_from_db()
    assert (asked.outcome, asked.reason) == ("written", "It was answered in writing.")
    with pytest.raises(Refused, match="closed"):
        note_topic(asked, "More", by=ana)
    with pytest.raises(Refused, match="closed"):
        cancel_meeting(meeting, by=ana)
    assert verify(Board.objects.get(pk=board.pk)) == []


def test_notes_of_several_are_merged_by_line(board, ana, kenji):
    topic = planned(board, ana, "Prices").topics.get()
    topic = note_topic(topic, "One\nTwo\nThree", by=ana)
    seen = topic.version
    note_topic(topic, "Eins\nTwo\nThree", by=kenji, seen=seen)
    topic = note_topic(topic, "One\nTwo\nDrei", by=ana, seen=seen)
    assert topic.notes == "Eins\nTwo\nDrei"
    with pytest.raises(Clash) as clash:
        note_topic(topic, "Uno\nTwo\nThree", by=ana, seen=seen)
    assert clash.value.differences[0].theirs == "Eins\nTwo\nDrei"


def test_lines_that_two_add_at_the_same_place_are_all_kept(board, ana, kenji):
    topic = planned(board, ana, "Prices").topics.get()
    seen = topic.version
    note_topic(topic, "Net 30, says the bank.", by=kenji, seen=seen)
    topic = note_topic(topic, "Euros first.\nThen pounds.", by=ana, seen=seen)
    assert topic.notes == "Net 30, says the bank.\nEuros first.\nThen pounds."


def test_two_who_change_a_meeting_meet_only_over_the_same_value(board, ana, kenji, priya):
    meeting = planned(board, ana, "Prices")
    seen = meeting.version
    same = {"starts_at": meeting.starts_at, "minutes": 30}
    change_meeting(meeting, by=kenji, seen=seen, title="Planning", invited=[kenji], **same)
    later = {"starts_at": meeting.starts_at, "minutes": 45}
    meeting = change_meeting(meeting, by=ana, seen=seen, title="Planning", invited=[priya], **later)
    assert (meeting.minutes, set(meeting.invited.all())) == (45, {ana, kenji, priya})
    with pytest.raises(Clash) as clash:
        change_meeting(meeting, by=kenji, seen=seen, minutes=60)
    assert [one.field for one in clash.value.differences] == ["minutes"]


def test_it_is_not_needed_when_all_is_settled_before_it_begins(board, card, ana, kenji):
    thread = argued(card, ana, kenji)
    meeting = planned(board, ana)
    now = timezone.now()
    assert call_off(meeting, now) is None, "nothing is on its agenda"
    topic = add_topic(meeting, TopicPlan.about_thing(thread), by=ana)
    assert call_off(meeting, now) is None
    record_decision(card, "By cursor.", by=kenji, parent=thread)
    assert call_off(meeting, meeting.starts_at) is None, "it has begun"
    meeting = call_off(meeting, now)
    assert meeting.state == Meeting.State.NOT_NEEDED
    topic.refresh_from_db()
    assert (topic.outcome, topic.reason) == ("written", "It was decided in writing.")
    row = Activity.objects.get(verb="meeting.not_needed")
    assert (row.via, row.actor) == ("schedule", ana)
    assert call_off(meeting, now).version == meeting.version
    assert Activity.objects.filter(verb="meeting.not_needed").count() == 1


def test_a_topic_whose_card_moved_away_tells_nothing_of_it(board, card, ana, client):
    act.block_card(card, "Waits", by=ana)
    meeting = planned(board, ana)
    add_topic(meeting, TopicPlan.about_thing(card), by=ana)
    other = act.create_board("Secret", by=ana, key="SEC")
    title = card.title
    act.transfer_card(card, to=other.columns.in_board_order()[0], by=ana)
    client.force_login(ana)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "not on this board any more" in page
    assert title not in page
    with pytest.raises(Refused) as refused:
        settle_topic(meeting.topics.get(), TopicOutcome("decision", "Yes."), by=ana)
    assert refused.value.field == "card"


def test_who_is_not_on_the_board_is_neither_invited_nor_owns_a_topic(board, ana, sam):
    with pytest.raises(Refused, match="not on this board"):
        planned(board, ana, invited=[sam])
    with pytest.raises(Refused, match="not on this board"):
        add_topic(planned(board, ana), TopicPlan(text="Prices", owner=sam), by=ana)
    assert Topic.objects.count() == 0
