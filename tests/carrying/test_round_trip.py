"""Out and back in: the same board, the same lines, and a record that is still true."""

from __future__ import annotations

import json

import pytest

from boards import actions as act
from boards.models import Board
from comments.actions import edit_comment, post_comment, remove_comment
from comments.decisions import agree, record_decision
from comments.questions import ask_question
from fluxboard.accounts.models import User
from fluxboard.verification import verify
from tests import cast
from tests.carrying.files import brought_in, exported, lines_of, taken_back


def busy(board, ready, doing, ana, kenji) -> None:
    one, two, three = act.create_cards(ready, "Zahlungen — 支払い 💳\nSecond\nThird", by=ana)
    act.specify_card(one, "why", "Because.\nAnd so on.", by=kenji)
    label = act.create_label(board, "bug", 1, by=ana)
    act.label_card(one, label, by=kenji)
    act.join_card(one, kenji, by=ana)
    act.move_card(one, to=doing, by=kenji)
    act.block_card(two, "Waits", by=ana, card_in_the_way=three)
    checklist = act.add_checklist(two, "Steps", by=ana)
    first, second = act.add_items(checklist, "one\ntwo", by=kenji)
    act.check_item(first, by=kenji)
    act.promote_item(second, by=ana)
    comment = post_comment(one, "Hello @kenji", by=ana)
    edit_comment(post_comment(one, "A reply", by=kenji, parent=comment), "Another reply", by=kenji)
    remove_comment(post_comment(two, "Gone", by=kenji), by=kenji)
    older = record_decision(one, "Blue.", by=ana)
    newer = record_decision(one, "Green.", by=ana, supersedes=older)
    agree(newer, by=kenji)
    ask_question(two, "Which colour?", by=ana, people=[kenji])
    act.archive_card(three, by=ana)
    act.rekey_board(board, "FLY", by=ana)


@pytest.mark.django_db
def test_a_board_comes_back_as_it_was():
    with taken_back():
        ana, kenji, priya = cast.person("ana"), cast.person("kenji"), cast.person("priya")
        board = cast.team_board(ana, kenji, priya)
        ready, doing, _ = board.columns.in_board_order()
        busy(board, ready, doing, ana, kenji)
        board.refresh_from_db()
        packed = exported(board)
        assert verify(board) == []
    assert not Board.objects.exists() and not User.objects.exists()
    ana = cast.person("ana", uid=json.loads(lines_of(packed)["members.jsonl"].splitlines()[0])["user"])
    outcome = brought_in(packed, ana)
    assert outcome.is_new
    assert verify(outcome.board) == []
    assert lines_of(exported(outcome.board)) == lines_of(packed)
