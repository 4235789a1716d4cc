"""Each field that takes a text says what it cannot keep, beside itself, and keeps what was typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from activity.errors import Refused
from boards.actions import (
    add_checklist,
    add_column,
    add_items,
    create_board,
    create_card,
    create_cards,
    create_label,
    promote_item,
    rename_board,
    specify_card,
)
from boards.models import Card
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.questions import ask_question
from fluxboard.core import limits, texts

pytestmark = pytest.mark.django_db

MARKS = "a" + "\u0301" * 140_000


@pytest.fixture
def doors(board: Any, card: Any, ana: Any, kenji: Any) -> dict[str, Any]:
    """Every action that takes a text, as a function of that text."""
    column = board.columns.first()
    checklist = add_checklist(card, "Steps", by=ana)
    return {
        "board": lambda text: create_board(text, by=ana),
        "board's description": lambda text: create_board("A board", by=ana, description=text),
        "board's name": lambda text: rename_board(board, text, by=ana),
        "column": lambda text: add_column(board, text, by=ana),
        "label": lambda text: create_label(board, text, 1, by=ana),
        "card": lambda text: create_card(column, text, by=ana),
        "cards": lambda text: create_cards(column, text, by=ana),
        "why": lambda text: specify_card(card, "why", text, by=ana),
        "checklist": lambda text: add_checklist(card, text, by=ana),
        "item": lambda text: add_items(checklist, text, by=ana),
        "comment": lambda text: post_comment(card, text, by=ana),
        "question": lambda text: ask_question(card, text, [kenji], by=ana),
        "decision": lambda text: record_decision(card, text, by=ana),
    }


def test_no_door_composes_a_text_that_is_too_long_or_has_too_many_marks(doors, monkeypatch):
    def composed(text: str) -> str:
        assert texts.marks_in_a_row(text) is None
        return text

    monkeypatch.setattr(texts, "composed", composed)
    for text in (MARKS, "a" + "\u0301\u0316" * 20, "\u0301" * 19_000):
        for name, door in doors.items():
            with pytest.raises(Refused) as refused:
                door(text)
            assert refused.value.field, name


def test_every_door_refuses_control_characters_and_says_where(doors):
    for name, door in doors.items():
        with pytest.raises(Refused, match="U\\+0007") as refused:
            door("Weir\x07lane")
        assert refused.value.field, name


def test_what_is_needed_is_not_there_when_nothing_can_be_seen(doors):
    for name in doors.keys() - {"board's description", "why"}:
        with pytest.raises(Refused, match="empty"):
            doors[name]("\u200b\u3164")


def test_a_part_of_the_specification_that_cannot_be_seen_is_empty(card, ana):
    assert specify_card(card, "done_when", "\u200b", by=ana).done_when == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Weir lane 3\x0bBremen\fNorthGate", "Weir lane 3\nBremen\nNorthGate"), ("    code\n", "    code")],
)
def test_words_stay_apart_and_the_indent_stays(card, board, ana, typed, kept):
    assert specify_card(card, "what", typed, by=ana).what == kept
    client = Client()
    client.force_login(ana)
    sent = {"title": "New", "column": board.columns.first().pk, "what": typed}
    assert client.post("/b/FLX/cards/new/", sent).status_code == 303
    assert Card.objects.get(title="New").what == kept


def test_a_refused_text_comes_back_beside_its_field(board, ana):
    client = Client()
    client.force_login(ana)
    sent = {"title": "Bake\x07the bread", "column": board.columns.first().pk}
    answer = client.post("/b/FLX/cards/new/", sent)
    assert answer.status_code == 422
    assert "The title can&#x27;t hold a control character (U+0007) after “Bake”" in answer.content.decode()
    assert "the bread" in answer.content.decode()


def test_a_promoted_item_that_is_too_long_for_a_title_is_whole_on_the_card(card, ana):
    text = "word " * 150
    (item,) = add_items(add_checklist(card, "Steps", by=ana), text, by=ana)
    made = promote_item(item, by=ana)
    assert len(made.title) <= limits.TITLE and made.what == text.strip()


def test_there_is_a_limit_to_how_many_there_are(board, card, ana, monkeypatch):
    checklist = add_checklist(card, "Steps", by=ana)
    add_items(checklist, "One", by=ana)
    for name in ("CHECKLISTS", "ITEMS", "COLUMNS", "LABELS", "CARDS", "COMMENTS"):
        monkeypatch.setattr(limits, name, 0 if name in ("LABELS", "COMMENTS") else 1)
    for door in (
        lambda: add_checklist(card, "More", by=ana),
        lambda: add_items(checklist, "Two", by=ana),
        lambda: add_column(board, "More", by=ana),
        lambda: create_label(board, "More", 1, by=ana),
        lambda: create_card(board.columns.first(), "More", by=ana),
        lambda: post_comment(card, "More", by=ana),
    ):
        with pytest.raises(Refused, match=" can have "):
            door()
