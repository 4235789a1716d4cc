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


def told(board: Board) -> tuple[str, str, bool, bool]:
    frame = newest(board)
    return frame["told"], frame["notice"], "placed" in frame, "undone" in frame


def test_a_card_is_named_where_the_words_have_a_place_for_it(
    board: Board, card: Card, doing: Column, ana: User
):
    act.move_card(card, to=doing, by=ana)
    assert told(board) == ("moved FLX-1", "FLX-1 moved", True, False)
    assert newest(board)["words"] == "moved this"
    act.add_checklist(card, "Steps", by=ana)
    assert told(board) == ("added a checklist on FLX-1", "FLX-1: added a checklist", False, False)
    act.rename_board(board, "Till", by=ana)
    assert told(board) == ("renamed this board", "renamed this board", False, False)


def test_an_undo_says_so_and_so_does_what_is_done_again(board: Board, card: Card, doing: Column, ana: User):
    act.move_card(card, to=doing, by=ana)
    (undone,) = undo_change(board, Frame.objects.filter(board=board).latest("seq").seq, by=ana)
    assert told(board) == ("undid: moved FLX-1", "Undone: FLX-1 moved", True, True)
    undo_change(board, undone.seq, by=ana)
    assert told(board) == ("did again: moved FLX-1", "Done again: FLX-1 moved", True, False)


def test_no_place_for_a_card_is_left_in_what_a_verb_says():
    for verb in VERBS.values():
        said = (verb.words, verb.bare_words, verb.words_about("FLX-1"), verb.notice("FLX-1"))
        assert not re.search(r"[{}]|  |^ | $", "|".join(said)), verb.name
