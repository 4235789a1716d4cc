"""What a Trello export has more of than a board takes: nothing of it goes without a word."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from comments.models import Comment
from fluxboard.accounts.models import User
from fluxboard.core import limits, texts
from fluxboard.features.trello import read_json
from fluxboard.features.trello.importer import TrelloImport, import_trello_board
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.trello.read_json import ImportProblem
from fluxboard.features.verification.verify import verify
from tests.trello.files import encoded

AT = "2024-03-01T10:00:00.000Z"


def export(cards: list[dict[str, Any]], **more: Any) -> bytes:
    root = {"id": "b" * 24, "name": "Bakery", "lists": [{"id": "l" * 24, "name": "Doing", "pos": 1}]}
    named = [
        {"id": f"{at:024x}", "idList": "l" * 24, "idShort": at, "name": "A card", **card}
        for at, card in enumerate(cards, 1)
    ]
    return encoded(root | {"cards": named} | more)


def said(text: str, at: int = 1) -> dict[str, Any]:
    data = {"card": {"id": f"{1:024x}"}, "text": text}
    return {"id": f"{at + 100:024x}", "type": "commentCard", "date": AT, "data": data}


def brought_in(data: bytes, by: User) -> TrelloImport:
    return import_trello_board(parse_export(data, "board.json"), hashlib.sha256(data).digest(), by=by)


def long_text(length: int) -> str:
    lines = (f"{number}: bake the bread at 230 degrees\n" for number in range(length // 30))
    return "".join(lines)[:length].strip()


def joined(found: list[str]) -> str:
    """The texts again as one, without the lines that say that they go on."""
    return " ".join(" ".join(re.sub(r"\A\*Continued[^*]*\*", "", text) for text in found).split())


def test_a_long_description_goes_on_in_comments_and_the_report_says_so(ana: User):
    text = long_text(50_000)
    outcome = brought_in(export([{"desc": text}]), ana)
    card = outcome.board.cards.get()
    comments = list(card.comments.order_by("id").values_list("text", flat=True))
    assert len(card.what) <= limits.TEXT and all(len(one) <= limits.TEXT for one in comments)
    assert comments[0].startswith("*Continued from the description (2 of 3):*\n\n")
    assert joined([card.what, *comments]) == " ".join(text.split())
    assert card.comments_count == len(comments) == 2
    assert any("goes on in comments on the card: card 1" in line for line in outcome.report["notes"])
    assert outcome.report["comments"] == 0
    assert verify(outcome.board) == []


def test_a_long_comment_goes_on_in_the_comments_after_it(ana: User):
    text = long_text(45_000)
    outcome = brought_in(export([{}], actions=[said(text)]), ana)
    comments = list(Comment.objects.order_by("id").values_list("text", flat=True))
    assert len(comments) == 3 and comments[1].startswith("*Continued (2 of 3):*")
    assert joined(comments) == " ".join(text.split())
    assert any("goes on in the comments after it: card 1" in line for line in outcome.report["notes"])
    assert outcome.report["comments"] == 1


def test_a_text_of_the_greatest_length_stays_one(ana: User):
    outcome = brought_in(export([{"desc": "x" * limits.TEXT}]), ana)
    assert len(outcome.board.cards.get().what) == limits.TEXT and not Comment.objects.exists()


def test_a_long_name_of_a_checklist_is_whole_in_the_text(ana: User):
    name = "Everything that has to be baked before the sun is up " * 4
    checklists = [{"id": "c" * 24, "idCard": f"{1:024x}", "name": name, "checkItems": []}]
    outcome = brought_in(export([{}], checklists=checklists), ana)
    assert name.strip() in outcome.board.cards.get().what
    assert any("A checklist's name is cut" in line for line in outcome.report["problems"])


def test_accents_without_end_and_control_characters_are_named_in_the_report(ana: User, monkeypatch):
    real = texts.composed

    def composed(text: str) -> str:
        assert texts.marks_in_a_row(text) is None
        return real(text)

    monkeypatch.setattr(texts, "composed", composed)
    data = export([{"desc": "o" + "\u0301" * 140_000}, {"name": "Weir\x07lane\x0b3"}], actions=[said("a\0b")])
    outcome = brought_in(data, ana)
    lines = outcome.report["problems"]
    assert any("accents on one letter" in line and "card 1" in line for line in lines)
    assert any(
        "2 texts have control characters" in line and "card 2" in line and "card 1" in line for line in lines
    )
    assert outcome.board.cards.get(number=2).title == "Weir�lane 3"
    assert Comment.objects.get().text == "a�b"


@pytest.mark.parametrize("name", ["\u200b", "\u3164\u00ad", "\ufe0f"])
def test_a_name_that_cannot_be_seen_is_no_name(ana: User, name: str):
    board = brought_in(export([{"name": name}]), ana).board
    assert board.cards.get().title == "Untitled card"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("CARDS", export([{}, {}])),
        ("COLUMNS", export([{}], lists=[{"id": f"{n:024x}", "name": "A"} for n in range(2)])),
        ("LABELS", export([{}], labels=[{"id": f"{n:024x}", "name": "A"} for n in range(2)])),
        ("MEMBERS", export([{}], members=[{"id": f"{n:024x}", "fullName": "A"} for n in range(2)])),
        ("COMMENTS", export([{}], actions=[said("One", 1), said("Two", 2)])),
    ],
)
def test_more_of_anything_than_a_board_may_have_is_refused_in_one_line(name, data, monkeypatch):
    monkeypatch.setattr(limits, name, 1)
    with pytest.raises(ImportProblem, match="an import takes 1 at most"):
        parse_export(data, "board.json")


def test_cards_without_numbers_get_them_in_one_walk():
    found = parse_export(export([{"idShort": None} for _ in range(5_000)] + [{"idShort": 7}]), "board.json")
    assert sorted(card.number for card in found.cards) == [7, *range(8, 5_008)]


@pytest.mark.parametrize(
    "data", [b'{"id": "' + b'\\"' * 50_000, b'"' + b'\\"' * 50_001, b'["' + b"\\\\" * 50_000 + b"\\"]
)
def test_a_string_without_an_end_is_walked_once(data: bytes):
    """From each quote in it the end was looked for anew."""
    with pytest.raises(ImportProblem, match=r"cut off|not JSON"):
        parse_export(data, "board.json")
    *_, last = read_json._STRING.finditer(data.decode())
    assert last.end() == len(data.decode())


def test_brackets_that_only_close_are_not_walked_to_their_end():
    assert read_json._check_nesting("[]" + "]" * 1_000, "board.json") == -1
