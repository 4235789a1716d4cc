"""Undo and redo of one change, hundreds of times: what is in effect is told right, every page answers."""

from __future__ import annotations

import pytest
from django.test import Client

from activity.log.undone import undone
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card
from boards.undo.engine import undo_change
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify

TIMES = 450


@pytest.fixture
def toggled(board: Board, card: Card, ana: User) -> int:
    """The seq of a change that was undone, redone, and so on, `TIMES` times in all: it is in effect."""
    act.retitle_card(card, "Another title", by=ana)
    board.refresh_from_db()
    first = last = board.seq
    for _ in range(TIMES):
        (made,) = undo_change(board, last, by=ana)
        last = made.seq
    return first


def test_a_change_that_is_undone_and_redone_hundreds_of_times_is_told_right(
    toggled: int, board: Board, card: Card, ana: User
):
    rows = {row.seq: row for row in Activity.objects.filter(board=board, seq__gte=toggled)}
    assert len(rows) == TIMES + 1
    over = {seq for _, seq in undone(rows.values())}
    # The last one is in effect, so what it undid is not, and so on down to the first.
    assert over == {seq for seq in rows if (seq - toggled) % 2 != TIMES % 2}
    card.refresh_from_db()
    assert card.title == "Another title"
    assert verify(board) == []

    client = Client()
    client.force_login(ana)
    last = toggled + TIMES
    for path in (
        "/c/FLX-1/?tab=history",
        "/c/FLX-1/history/",
        f"/b/FLX/undo/{toggled}/",
        f"/b/FLX/undo/{last}/",
        "/b/FLX/standup/",
        "/b/FLX/catch-up/",
        f"/b/FLX/at/?seq={last}&since=1&card=1",
    ):
        assert client.get(path).status_code == 200, path
    refused = client.post(f"/b/FLX/undo/{last - 1}/")
    assert refused.status_code == 422 and "undone already" in refused.text
    assert client.post(f"/b/FLX/undo/{last}/").status_code == 303
    card.refresh_from_db()
    assert card.title != "Another title"
