"""A board as it stood after any of its activities; snapshots only make it quicker."""

from __future__ import annotations

import datetime as dt
import json
import sys
import zlib

import pytest
from django.core.exceptions import ImproperlyConfigured

from activity.log import snapshots, upcasting
from activity.log.replay import state as replay
from activity.log.replay.state import State
from activity.log.snapshots import events_of, log_rows, state_at, state_in_full
from activity.log.verbs import VERBS, Verb
from activity.models import Activity, Snapshot
from boards import actions
from fluxboard.features.verification.tables import state_of_tables
from fluxboard.features.verification.verify import state_of_log, verdict


@pytest.fixture
def long_board(board, ready, doing, ana, kenji, monkeypatch):
    """A board with a snapshot every ten rows, and what its tables held after each of its changes."""
    monkeypatch.setattr(snapshots, "SNAPSHOT_EVERY", 10)
    saved = {}

    def save():
        board.refresh_from_db()
        saved[board.seq] = state_of_tables(board).tables()

    card = actions.create_card(ready, "Secret plans", by=ana, why="because")
    save()
    for number in range(12):
        actions.retitle_card(card, f"Secret plans {number}", by=kenji)
        save()
        actions.move_card(card, to=(doing, ready)[number % 2], by=ana)
        save()
    board.saved = saved
    return board


def test_each_state_is_what_the_tables_held_then(long_board):
    for seq, held in long_board.saved.items():
        assert state_in_full(state_at(long_board, seq)).tables() == held


def test_a_long_way_leaves_a_snapshot_that_holds_no_typed_text(long_board):
    first = state_at(long_board, long_board.seq)
    (snapshot,) = Snapshot.objects.all()
    assert snapshot.seq == long_board.seq - long_board.seq % 10
    text = zlib.decompress(bytes(snapshot.state)).decode()
    assert "Secret" not in text
    assert state_at(long_board, long_board.seq) == first


def test_a_very_long_way_leaves_milestones(long_board, monkeypatch):
    monkeypatch.setattr(snapshots, "SNAPSHOT_EVERY", 2)
    state_at(long_board, long_board.seq)
    kept = sorted(Snapshot.objects.values_list("seq", flat=True))
    assert kept == sorted({*range(10, long_board.seq + 1, 10), long_board.seq - long_board.seq % 2})
    for seq in (15, 25):
        assert state_in_full(state_at(long_board, seq)).tables() == long_board.saved[seq]


def test_looking_back_again_folds_only_from_the_snapshot(long_board, django_assert_num_queries, monkeypatch):
    state_at(long_board, long_board.seq)
    folded = []
    monkeypatch.setattr(snapshots, "replay", lambda events, state: folded.extend(events) or state)
    with django_assert_num_queries(3):
        state_at(long_board, long_board.seq)
    assert 0 < len(folded) < 10


@pytest.mark.parametrize(
    "spoil",
    [
        {"hash": bytes(32)},
        {"checksum": bytes(32)},
        {"state": zlib.compress(json.dumps(vars(State())).encode())},
        {"folds": "0" * 64},
    ],
    ids=["another log", "another sum", "another state", "other folds"],
)
def test_a_snapshot_that_does_not_fit_is_not_believed(long_board, spoil):
    true = state_at(long_board, long_board.seq)
    assert Snapshot.objects.update(**spoil) == 1
    assert state_at(long_board, long_board.seq) == true


def test_verifying_begins_at_the_first_row_unless_it_is_to_be_quick(long_board):
    state_at(long_board, long_board.seq)
    assert verdict(long_board).began == 0
    quick = verdict(long_board, quick=True)
    assert quick.began == Snapshot.objects.get().seq
    assert quick.faults == []
    assert quick.head == verdict(long_board).head
    long_board.cards.update(title="Never said")
    assert any("title: the log says" in fault for fault in verdict(long_board, quick=True).faults)


def test_a_state_that_is_folded_on_leaves_its_copy_as_it_was(long_board):
    events = list(events_of(long_board))
    half = replay.replay(events[: len(events) // 2])
    copy = half.copy()
    replay.replay(events[len(events) // 2 :], half)
    assert copy != half
    assert copy == replay.replay(events[: len(events) // 2])


# ---- verbs and descriptions -------------------------------------------------------------------------------


def test_a_verb_without_a_fold_stops_the_program(monkeypatch):
    monkeypatch.setitem(VERBS, "card.painted", Verb("card.painted", "edit", "painted this"))
    with pytest.raises(ImproperlyConfigured, match="no fold for card"):
        replay.complete()


def test_a_fold_is_given_once_and_to_a_verb_that_there_is():
    with pytest.raises(ValueError, match="twice"):
        replay.folds("card.moved")(lambda state, event: None)
    with pytest.raises(LookupError, match="no verb"):
        replay.folds("card.painted")(lambda state, event: None)


@pytest.fixture
def newer(monkeypatch):
    """A program of description 3, in which a due date has become an object, and then has an hour."""
    monkeypatch.setattr(upcasting, "UPCASTERS", {})

    @upcasting.upcasts("card.dated", 1)
    def _(before, after):
        return before, {"due": {"day": after["due"]}}

    @upcasting.upcasts("card.dated", 2)
    def _(before, after):
        return before, {"due": after["due"] | {"hour": 17}}

    return lambda schema, facts: upcasting.upcast("card.dated", schema, {}, facts, newest=3)[1]


def test_an_older_row_is_brought_up_step_by_step(newer):
    assert newer(1, {"due": "2026-10-15"}) == {"due": {"day": "2026-10-15", "hour": 17}}
    assert newer(2, {"due": {"day": "2026-10-15"}}) == {"due": {"day": "2026-10-15", "hour": 17}}
    assert newer(3, {"due": {"day": "2026-10-15", "hour": 9}}) == {"due": {"day": "2026-10-15", "hour": 9}}


def test_a_row_of_a_newer_program_is_not_guessed_at():
    with pytest.raises(upcasting.TooNew, match="description 2"):
        upcasting.upcast("card.dated", 2, {}, {"due": None})


def test_old_rows_fold_as_ever_after_the_facts_of_their_verb_have_changed(board, card, ana, monkeypatch):
    """The row stays, hash and all; only its facts are read anew."""
    actions.date_card(card, dt.date(2026, 10, 15), by=ana)
    monkeypatch.setattr(upcasting, "SCHEMA", 2)
    monkeypatch.setattr(upcasting, "UPCASTERS", {})
    upcasting.upcasts("card.dated", 1)(lambda before, after: (before, {"due": f"{after['due']}T17"}))
    assert state_of_log(board).cards[str(card.uid)]["due"] == "2026-10-15T17"
    row = list(log_rows(board))[-1]
    assert row.after == {"due": "2026-10-15"}
    assert bytes(row.hash) == bytes(Activity.objects.latest("id").hash)


def test_a_snapshot_goes_when_the_module_of_any_fold_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever room the fold of a verb stands in."""
    before = snapshots.folds_in_use.__wrapped__()
    source_of = snapshots.inspect.getsource
    for name in {fold.__module__ for fold in replay.FOLDS.values()}:
        changed = sys.modules[name]
        monkeypatch.setattr(
            snapshots.inspect, "getsource", lambda one, it=changed: source_of(one) + "#" * (one is it)
        )
        assert snapshots.folds_in_use.__wrapped__() != before, name
