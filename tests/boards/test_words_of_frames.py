"""A frame says what was done in the words of whoever gets it, so that no page has to take words apart."""

from __future__ import annotations

import re

from activity.log.verbs import VERBS
from activity.models import Frame
from boards import actions as act
from boards.models import Board, Card, Column
from boards.undo.engine import undo_change
from fluxboard.accounts.models import User


def newest(board: Board) -> dict[str, str]:
    """The attributes of the board's newest frame; one without a value is empty."""
    html = Frame.objects.filter(board=board).latest("seq").html
    tag = html[: html.index(">")]
    return {name: value or "" for name, value in re.findall(r' data-([a-z-]+)(?:="([^"]*)")?', tag)}


def told(board: Board) -> tuple[str, str, bool]:
    frame = newest(board)
    return frame["told"], frame["notice"], "undone" in frame


def test_a_card_is_named_where_the_words_have_a_place_for_it(
    board: Board, card: Card, doing: Column, ana: User
):
    act.move_card(card, to=doing, by=ana)
    assert told(board) == ("moved FLX-1 to In progress", "FLX-1 moved to In progress", False)
    assert newest(board)["words"] == "moved this"
    act.add_checklist(card, "Steps", by=ana)
    assert told(board) == ("added a checklist on FLX-1", "FLX-1: added a checklist", False)
    act.rename_board(board, "Till", by=ana)
    assert told(board) == ("renamed this board", "renamed this board", False)


def test_a_column_is_named_as_it_was_called_where_a_card_came_to_it_or_moved_within(
    board: Board, card: Card, doing: Column, ana: User
):
    other = act.create_card(card.column, "Another", by=ana)
    assert told(board)[:2] == (f"added FLX-2 to {card.column.name}", f"FLX-2 added to {card.column.name}")
    act.move_card(other, to=card.column, before=card, by=ana)
    assert told(board)[0] == f"moved FLX-2 in {card.column.name}"
    act.move_card(other, to=doing, by=ana)
    act.archive_card(other, by=ana)
    assert told(board)[0] == "archived FLX-2"
    act.rename_column(doing, "Doing <it>", by=ana)
    act.restore_card(other, by=ana)
    assert told(board)[0] == "restored FLX-2 to Doing &lt;it&gt;"


def test_an_undo_says_so_and_so_does_what_is_done_again(board: Board, card: Card, doing: Column, ana: User):
    act.move_card(card, to=doing, by=ana)
    (undone,) = undo_change(board, Frame.objects.filter(board=board).latest("seq").seq, by=ana)
    assert told(board) == ("undid: moved FLX-1 to Ready", "Undone: FLX-1 moved to Ready", True)
    undo_change(board, undone.seq, by=ana)
    assert told(board) == (
        "did again: moved FLX-1 to In progress",
        "Done again: FLX-1 moved to In progress",
        False,
    )


def test_no_place_for_a_card_is_left_in_what_a_verb_says():
    for verb in VERBS.values():
        said = (verb.words, verb.bare_words, verb.words_about("FLX-1"), verb.notice("FLX-1"))
        assert not re.search(r"[{}]|  |^ | $", "|".join(said)), verb.name
