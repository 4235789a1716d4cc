"""Each verb there and back: after an undo the board is as it was, and its log says so."""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from activity.log.record import By
from activity.log.verbs import UNDONE, VERBS
from activity.models import Activity
from boards import actions as act
from boards.card_fields import CARD_FIELDS
from boards.models import Board, Role
from boards.undo.engine import undo_change
from boards.undo.registry import INVERSES
from comments.actions import edit_comment, post_comment, remove_comment, restore_comment
from comments.decisions import agree, record_decision
from comments.outcomes import record_answer
from comments.questions import ask_question, close_question, hand_on
from comments.reviews import confirm, set_review
from fluxboard.accounts.models import User
from fluxboard.features.verification.tables import state_of_tables
from fluxboard.features.verification.verify import verify
from fluxboard.meetings.actions.meetings import (
    cancel_meeting,
    change_meeting,
    mark_not_needed,
    plan_meeting,
    reopen_meeting,
    start_meeting,
    turn_to,
)
from fluxboard.meetings.actions.outcomes import TopicOutcome, settle_topic
from fluxboard.meetings.actions.topics import (
    TopicPlan,
    add_topic,
    change_topic,
    drop_topic,
    move_topic,
    note_topic,
    reopen_topic,
    restore_topic,
)
from tests import cast

# What a creation leaves behind when it is undone: the thing, put away.
PUT_AWAY = {"archived": True, "removed": True, "text": ""}


class World:
    """Two boards with something of everything, and one change of each verb."""

    def __init__(self) -> None:
        self.ana, self.kenji, self.priya = (cast.person(name) for name in ("ana", "kenji", "priya"))
        self.board = cast.team_board(self.ana, self.kenji, self.priya)
        self.sam = cast.person("sam")
        act.add_member(self.board, self.sam, Role.MEMBER, by=self.ana)
        self.other = act.create_board("Mobile app", by=self.ana, key="MOB", starter=False)
        self.ready, self.doing, self.done = self.board.columns.in_board_order()
        ana = self.ana
        self.one, self.two, self.three = act.create_cards(self.ready, "One\nTwo\nThree", by=ana)
        self.bug = act.create_label(self.board, "bug", 1, by=ana)
        self.late = act.create_label(self.board, "late", 2, by=ana)
        act.label_card(self.one, self.bug, by=ana)
        act.join_card(self.one, self.kenji, by=ana)
        act.assign_card(self.one, self.kenji, by=ana)
        act.date_card(self.one, dt.date(2026, 10, 20), by=ana)
        act.configure_board(self.board, by=ana, card_fields=["size"])
        act.block_card(self.two, "Waits for the bank", by=ana, person=self.kenji, card_in_the_way=self.one)
        self.steps = act.add_checklist(self.one, "Steps", by=ana)
        self.more = act.add_checklist(self.one, "More", by=ana)
        self.first, self.second = act.add_items(self.steps, "first\nsecond", by=ana)
        act.check_item(self.second, by=self.kenji)
        (self.dropped,) = act.add_items(self.steps, "dropped", by=ana)
        act.remove_item(self.dropped, by=ana)
        self.old = act.add_checklist(self.one, "Old", by=ana)
        act.add_items(self.old, "a\nb", by=ana)
        act.remove_checklist(self.old, by=self.by(ana))
        self.gone = act.create_label(self.board, "gone", 4, by=ana)
        act.label_card(self.two, self.gone, by=ana)
        act.remove_label(self.gone, by=self.by(ana))
        self.search = act.save_search(self.board, "Bugs", "label:bug", by=ana)
        self.old_search = act.save_search(self.board, "Old", "is:stuck", by=ana)
        act.remove_search(self.old_search, by=ana)
        self.template = act.save_template(
            self.board, "Bug", by=ana, steps="Reproduce", assignee=self.kenji, labels=[self.bug]
        )
        self.old_template = act.save_template(self.board, "Old", by=ana, why="Who is hit?")
        act.remove_template(self.old_template, by=ana)
        soon = {"column": self.ready, "first": timezone.now().date() + dt.timedelta(5)}
        self.schedule = act.save_schedule(self.template, "FREQ=DAILY", by=ana, **soon)
        self.paused = act.save_schedule(self.template, "FREQ=WEEKLY;BYDAY=MO", by=ana, **soon)
        act.pause_schedule(self.paused, by=ana)
        self.off = act.save_schedule(self.template, "FREQ=MONTHLY;BYMONTHDAY=1", by=ana, **soon)
        act.remove_schedule(self.off, by=ana)
        act.configure_board(self.board, by=ana, check_ins="daily")
        yesterday = timezone.now() - dt.timedelta(1)
        long_ago = By(ana, now=timezone.now() - dt.timedelta(40))
        days = {"minutes": 15, "team": 5, "weekdays": ["MO"]}
        self.called_off = act.start_trial(self.board, long_ago.now.date(), **days, by=long_ago)
        act.remove_trial(self.called_off, by=ana)
        self.decided = act.start_trial(self.board, long_ago.now.date(), **days, by=long_ago)
        act.decide_trial(self.decided, "adapt", "Shorter.", {"standups": 2}, by=ana)
        self.trial = act.start_trial(self.other, long_ago.now.date(), **days, by=long_ago)
        self.given = act.give_check_in(self.board, "Busy.", [], by=By(ana, now=yesterday))
        self.away = act.create_card(self.doing, "Away", by=ana)
        act.archive_card(self.away, by=ana)
        self.hidden = act.add_column(self.board, "Hidden", by=ana)
        act.create_card(self.hidden, "Within", by=ana)
        act.archive_column(self.hidden, by=self.by(ana))
        self.soon = timezone.now().date() + dt.timedelta(20)
        act.say_away(self.kenji, self.soon, self.soon, by=ana)
        self.stretch = self.kenji.away[0].id
        self.comment = post_comment(self.one, "Hello", by=ana)
        self.silent = post_comment(self.one, "Never mind", by=ana)
        remove_comment(self.silent, by=ana)
        self.question = ask_question(self.one, "Which?", [self.kenji], by=ana)
        then = timezone.now() - dt.timedelta(days=90)
        self.decision = record_decision(
            self.one, "Blue.", by=By(ana, now=then), review_on=self.soon - dt.timedelta(40)
        )
        self.plan_meetings()

    def plan_meetings(self) -> None:
        """One ahead, one that runs, one that is called off, and one that is not needed."""
        ana, at = self.ana, timezone.now() + dt.timedelta(days=3)

        def planned(title: str, *texts: str) -> Any:
            plans = [TopicPlan(text=text) for text in texts]
            meeting = plan_meeting(self.board, title, by=ana, starts_at=at, minutes=30, topics=plans)
            return meeting, list(meeting.topics.all())

        self.ahead, (self.topic, self.topic_after) = planned("Planning", "Prices", "Names")
        self.off_topic = drop_topic(add_topic(self.ahead, TopicPlan(text="Old"), by=ana), by=ana)
        settled = add_topic(self.ahead, TopicPlan(text="Settled"), by=ana)
        self.settled = settle_topic(settled, TopicOutcome("nothing", "It is clear."), by=ana)
        self.running, topics = planned("Review", "What went well", "What did not")
        start_meeting(self.running, by=ana)
        self.later_topic = topics[1]
        meeting, _ = planned("Called off", "Anything")
        self.called_off = cancel_meeting(meeting, "Nobody can come", by=ana)
        self.unneeded, (topic,) = planned("Needless", "Small thing")
        settle_topic(topic, TopicOutcome("nothing", "Done by mail."), by=ana)

    def by(self, person: Any) -> By:
        """As from a form: with a request id, so that all that one request does belongs together."""
        return By(person, request_id=uuid.uuid4())


def a_fact(card: Any) -> dict[str, Any]:
    """One outcome as a check-in keeps it."""
    card = {"id": str(card.uid), "key": card.key}
    return {"code": "finished-1", "kind": "finished", "card": card, "words": "for Kenji"}


CHANGES: dict[str, Callable[[World, By], Any]] = {
    "board.renamed": lambda w, by: act.rename_board(w.board, "Till", by=by),
    "board.rekeyed": lambda w, by: act.rekey_board(w.board, "TIL", by=by),
    "board.described": lambda w, by: act.describe_board(w.board, "Why", by=by),
    "board.configured": lambda w, by: act.configure_board(w.board, by=by, wip_rule="refuse", stale_after=9),
    "board.opened": lambda w, by: act.open_board(w.board, Role.VIEWER, by=by),
    "board.archived": lambda w, by: act.archive_board(w.board, by=by),
    "member.added": lambda w, by: act.add_member(w.board, cast.person("lena"), Role.VIEWER, by=by),
    "member.role_changed": lambda w, by: act.change_role(w.board, w.priya, Role.MEMBER, by=by),
    "member.removed": lambda w, by: act.remove_member(w.board, w.priya, by=by),
    "member.away": lambda w, by: act.say_away(w.sam, w.soon, w.soon, by=by, reason="Leave", cover=w.kenji),
    "member.away_changed": lambda w, by: act.change_absence(
        w.kenji, w.stretch, w.soon, w.soon + dt.timedelta(3), by=by, cover=w.ana
    ),
    "member.back": lambda w, by: act.come_back(w.kenji, w.stretch, by=by),
    "column.added": lambda w, by: act.add_column(w.board, "Later", by=by),
    "column.renamed": lambda w, by: act.rename_column(w.ready, "Next", by=by),
    "column.moved": lambda w, by: act.move_column(w.ready, by=by),
    "column.limited": lambda w, by: act.limit_column(w.ready, 9, by=by),
    "column.marked_done": lambda w, by: act.mark_done_column(w.ready, True, by=by),
    "column.archived": lambda w, by: act.archive_column(w.ready, by=by),
    "column.restored": lambda w, by: act.restore_column(w.hidden, by=by),
    "label.created": lambda w, by: act.create_label(w.board, "new", 3, by=by),
    "label.renamed": lambda w, by: act.rename_label(w.bug, "defect", by=by),
    "label.recoloured": lambda w, by: act.recolour_label(w.bug, 7, by=by),
    "label.removed": lambda w, by: act.remove_label(w.bug, by=by),
    "label.restored": lambda w, by: act.restore_label(w.gone, by=by),
    "checkin.given": lambda w, by: act.give_check_in(w.board, "Hello.", [], by=by),
    "checkin.changed": lambda w, by: act.change_check_in(w.given, by=by, text="", shown=[a_fact(w.one)]),
    "checkin.removed": lambda w, by: act.remove_check_in(w.given, by=by),
    "trial.started": lambda w, by: act.start_trial(
        w.board, w.soon, minutes=10, team=3, weekdays=["TU", "FR"], by=by
    ),
    "trial.changed": lambda w, by: act.change_trial(w.trial, by=by, minutes=20, team=9, weekdays=["SU"]),
    "trial.removed": lambda w, by: act.remove_trial(w.trial, by=by),
    "trial.decided": lambda w, by: act.decide_trial(w.trial, "keep", "It reads well.", {}, by=by),
    "trial.reopened": lambda w, by: act.reopen_trial(w.decided, by=by),
    "schedule.saved": lambda w, by: act.save_schedule(
        w.template, "FREQ=YEARLY", by=by, column=w.doing, first=w.soon
    ),
    "schedule.changed": lambda w, by: act.change_schedule(
        w.schedule,
        by=by,
        rule="FREQ=DAILY;INTERVAL=3",
        time=dt.time(7, 30),
        zone="Asia/Tokyo",
        column=w.doing,
        rota=[w.kenji, w.ana],
    ),
    "schedule.paused": lambda w, by: act.pause_schedule(w.schedule, by=by),
    "schedule.resumed": lambda w, by: act.resume_schedule(w.paused, by=by),
    "schedule.skipped": lambda w, by: act.skip_card(w.schedule, w.schedule.next_days(1)[0], by=by),
    "schedule.removed": lambda w, by: act.remove_schedule(w.schedule, by=by),
    "schedule.restored": lambda w, by: act.restore_schedule(w.off, by=by),
    "template.saved": lambda w, by: act.save_template(w.board, "New", by=by, labels=[w.bug], title="{week}"),
    "template.changed": lambda w, by: act.change_template(
        w.template, by=by, name="Defect", steps="", labels=[], assignee=None, why="Who?"
    ),
    "template.made_default": lambda w, by: act.make_default(w.template, True, by=by),
    "template.removed": lambda w, by: act.remove_template(w.template, by=by),
    "template.restored": lambda w, by: act.restore_template(w.old_template, by=by),
    "search.saved": lambda w, by: act.save_search(w.board, "New", "is:late", by=by),
    "search.renamed": lambda w, by: act.rename_search(w.search, "All bugs", by=by),
    "search.removed": lambda w, by: act.remove_search(w.search, by=by),
    "search.restored": lambda w, by: act.restore_search(w.old_search, by=by),
    "card.created": lambda w, by: act.create_cards(w.ready, "Four\nFive", by=by, before=w.two),
    "card.retitled": lambda w, by: act.retitle_card(w.one, "Uno", by=by),
    "card.specified": lambda w, by: act.specify_card(w.one, "why", "Because", by=by),
    "card.moved": lambda w, by: act.move_card(w.two, to=w.doing, by=by),
    "card.transferred": lambda w, by: act.transfer_card(w.one, to=w.other.columns.in_board_order()[0], by=by),
    "card.assigned": lambda w, by: act.assign_card(w.one, None, by=by),
    "card.joined": lambda w, by: act.join_card(w.one, w.priya, by=by),
    "card.left": lambda w, by: act.leave_card(w.one, w.kenji, by=by),
    "card.labelled": lambda w, by: act.label_card(w.one, w.late, by=by),
    "card.unlabelled": lambda w, by: act.unlabel_card(w.one, w.bug, by=by),
    "card.dated": lambda w, by: act.date_card(w.one, None, by=by),
    "card.sized": lambda w, by: act.set_value(w.one, CARD_FIELDS["size"], "large", by=by),
    "card.blocked": lambda w, by: act.block_card(w.two, "Another bank", by=by),
    "card.unblocked": lambda w, by: act.unblock_card(w.two, by=by),
    "card.archived": lambda w, by: act.archive_card(w.one, by=by),
    "card.restored": lambda w, by: act.restore_card(w.away, by=by),
    "checklist.added": lambda w, by: act.add_checklist(w.two, "Way", by=by),
    "checklist.renamed": lambda w, by: act.rename_checklist(w.steps, "Way", by=by),
    "checklist.removed": lambda w, by: act.remove_checklist(w.steps, by=by),
    "checklist.restored": lambda w, by: act.restore_checklist(w.old, by=by),
    "item.added": lambda w, by: act.add_items(w.steps, "third\nfourth", by=by),
    "item.removed": lambda w, by: act.remove_item(w.second, by=by),
    "item.restored": lambda w, by: act.restore_item(w.dropped, by=by),
    "item.reworded": lambda w, by: act.reword_item(w.first, "erstens", by=by),
    "item.checked": lambda w, by: act.check_item(w.first, by=by),
    "item.unchecked": lambda w, by: act.uncheck_item(w.second, by=by),
    "item.moved": lambda w, by: act.move_item(w.first, to=w.more, by=by),
    "item.promoted": lambda w, by: act.promote_item(w.first, by=by),
    "comment.posted": lambda w, by: post_comment(w.one, "Hi @kenji", by=by),
    "comment.edited": lambda w, by: edit_comment(w.comment, "Good morning", by=by),
    "comment.removed": lambda w, by: remove_comment(w.comment, by=by),
    "comment.restored": lambda w, by: restore_comment(w.silent, by=by),
    "question.asked": lambda w, by: ask_question(w.one, "When?", [w.kenji], by=by),
    "question.answered": lambda w, by: post_comment(w.one, "This.", parent=w.question, by=w.by(w.kenji)),
    "question.handed_on": lambda w, by: hand_on(w.question, w.sam, by=w.by(w.kenji)),
    "question.closed": lambda w, by: close_question(w.question, by=by),
    "thread.settled": lambda w, by: record_answer(w.comment, "Done.", by=by),
    "decision.agreed": lambda w, by: agree(w.decision, by=by),
    "decision.review_set": lambda w, by: set_review(w.decision, w.soon, by=by),
    "decision.confirmed": lambda w, by: confirm(w.decision, by=by, next_on=w.soon),
    "meeting.planned": lambda w, by: plan_meeting(
        w.board, "New", by=by, starts_at=timezone.now() + dt.timedelta(1), minutes=20, invited=[w.kenji]
    ),
    "meeting.changed": lambda w, by: change_meeting(
        w.ahead,
        by=by,
        title="Prices",
        minutes=15,
        starts_at=timezone.now() + dt.timedelta(9),
        invited=[w.sam],
    ),
    "meeting.started": lambda w, by: start_meeting(w.ahead, by=by),
    "meeting.turned": lambda w, by: turn_to(w.running, w.later_topic, by=by),
    "meeting.cancelled": lambda w, by: cancel_meeting(w.ahead, by=by),
    "meeting.not_needed": lambda w, by: mark_not_needed(w.unneeded, by=by),
    "meeting.reopened": lambda w, by: reopen_meeting(w.called_off, by=by),
    "topic.added": lambda w, by: add_topic(w.ahead, TopicPlan.about_thing(w.two), by=by),
    "topic.changed": lambda w, by: change_topic(w.topic, by=by, text="All", minutes=9, owner=w.kenji),
    "topic.moved": lambda w, by: move_topic(w.topic_after, by=by, before=w.topic),
    "topic.noted": lambda w, by: note_topic(w.topic, "Euro\nYen", by=by),
    "topic.settled": lambda w, by: settle_topic(
        w.topic, TopicOutcome("action", "Do", owner=w.kenji, due=dt.date(2026, 12, 9)), by=by
    ),
    "topic.reopened": lambda w, by: reopen_topic(w.settled, by=by),
    "topic.dropped": lambda w, by: drop_topic(w.topic, by=by),
    "topic.restored": lambda w, by: restore_topic(w.off_topic, by=by),
}
# What only ever happens by an undo; its way back is shown by the redo of that undo.
ONLY_BY_UNDO = {
    "question.reopened",
    "thread.reopened",
    "decision.agreement_withdrawn",
    "decision.confirmation_withdrawn",
}


def state(*boards: Board) -> list[dict[str, Any]]:
    """What the boards' tables hold, and when their people are away."""
    people = User.objects.filter(handle__in=("kenji", "sam"))
    away = {person.handle: person.away for person in people}
    return [*(asdict(state_of_tables(board)) for board in boards), {"away": away}]


def as_before(now: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
    """Equal, but for things that are new and put away."""
    for here, was in zip(now, before, strict=True):
        for table, rows in was.items():
            new = here[table].keys() - rows.keys()
            assert {key: here[table][key] for key in rows} == rows, table
            for key in new:
                assert is_put_away(here[table][key]), (table, key)


def is_put_away(row: dict[str, Any]) -> bool:
    return bool(row.get("archived") or row.get("removed") or row.get("state") == "cancelled")


def newest(verb: str) -> Activity:
    return Activity.objects.filter(verb=verb).latest("id")


@pytest.fixture(scope="module")
def untouched(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once: each test's changes are taken back by its own transaction inside this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(untouched: World, db: None) -> World:
    return copy.deepcopy(untouched)


@pytest.mark.parametrize("verb", sorted(CHANGES))
def test_an_undo_brings_back_what_was_and_a_redo_what_came(world, verb):
    before = state(world.board, world.other)
    CHANGES[verb](world, world.by(world.ana))
    activity = newest(verb)
    after = state(world.board, world.other)
    assert after != before
    undos = undo_change(activity.board, activity.seq, by=world.by(activity.actor))
    as_before(state(world.board, world.other), before)
    assert {undo.verb for undo in undos} == {UNDONE}
    assert {undo.undoes["seq"] for undo in undos if undo.board_id == activity.board_id} >= {activity.seq}
    assert verify(Board.objects.get(pk=world.board.pk)) == []
    redone = undo_change(activity.board, undos[0].seq, by=world.by(activity.actor)) if undos else []
    assert {redo.undoes["verb"] for redo in redone} == {UNDONE}
    assert state(world.board, world.other) == after
    assert verify(Board.objects.get(pk=world.board.pk)) == verify(Board.objects.get(pk=world.other.pk)) == []


def test_a_removed_label_comes_back_onto_archived_cards_too(world):
    act.archive_card(world.one, by=world.ana)
    before = state(world.board)
    act.remove_label(world.bug, by=world.by(world.ana))
    undo_change(world.board, newest("label.removed").seq, by=world.by(world.ana))
    assert state(world.board) == before
    undo_change(world.board, newest("change.undone").seq, by=world.by(world.ana))
    undo_change(world.board, newest("change.undone").seq, by=world.by(world.ana))
    assert state(world.board) == before


def test_every_verb_can_be_undone_or_says_why_not():
    final = {name for name, verb in VERBS.items() if verb.final}
    assert INVERSES.keys() | final | {UNDONE} == VERBS.keys()
    assert not INVERSES.keys() & final
    assert (
        CHANGES.keys()
        | ONLY_BY_UNDO
        # A board that was made: tests/boards/test_board_templates.py.
        | {"board.created", "board.closed", "board.restored", "thread.escalated"}
        >= INVERSES.keys()
    )
