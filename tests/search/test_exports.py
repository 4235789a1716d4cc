"""Search on two real boards, one in Japanese and one in English, against looking through all by hand."""

from __future__ import annotations

import hashlib
import re

import pytest

from boards.models import Board
from comments.models import Comment
from fluxboard.accounts.models import User
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import fold, parse_search
from fluxboard.features.trello.importer import import_trello_board
from fluxboard.features.trello.parse import parse_export
from tests.trello.files import real

WORDS = ["記事", "検索", "タグ 検索", "プロフィール", "画像", "公認 一覧", "エラー", "自動", "ﾌﾞｯｸﾏｰｸ", "URL"]

pytestmark = pytest.mark.django_db


def imported(name: str, by: User) -> Board:
    data = real(name).read_bytes()
    return import_trello_board(parse_export(data, name), hashlib.sha256(data).digest(), by=by).board


def by_hand(board: Board, words: list[str], before: str = "") -> set[str]:
    """The keys of the cards whose texts contain all of these, each after the pattern `before`."""
    found = set()
    for card in board.cards.select_related("board"):
        text = fold("\n".join([card.title, card.what, card.why, card.done_when, card.constraints]))
        if all(re.search(before + fold(word), text) for word in words):
            found.add(card.key)
    return found


def by_search(typed: str, reader: User) -> set[str]:
    groups = search(parse_search(typed), reader, most=500).groups
    return {hit.key for group in groups if group.kind == "cards" for hit in group.hits}


def test_inside_japanese(ana: User) -> None:
    board = imported("trello-japanese-backlog.json", ana)
    for typed in (
        "記事",
        "検索",
        "タグ 検索",
        "プロフィール",
        "画像",
        "公認 一覧",
        "エラー",
        "自動",
        "ﾌﾞｯｸﾏｰｸ",
        "URL",
    ):
        expected = by_hand(board, typed.split())
        assert expected, typed
        assert by_search(typed, ana) == expected, typed
    longer = search(parse_search("記事 検索 冷蔵庫"), ana)
    assert longer.how == "some" and longer.count
    assert search(parse_search("冷蔵庫"), ana).count == 0


def test_every_title_leads_to_its_card(ana: User) -> None:
    for name in ("trello-japanese-backlog.json", "trello-student-project.json"):
        board = imported(name, ana)
        for card in board.cards.select_related("board"):
            if any(character.isalnum() for character in card.title):
                assert card.key in by_search(card.title.replace('"', " "), ana), card.title


def test_english_words_and_their_beginnings(ana: User) -> None:
    board = imported("trello-student-project.json", ana)
    for typed in ("documentation", "server documentation", "restaur"):
        expected = by_hand(board, typed.split(), r"\b")
        assert expected and by_search(typed, ana) >= expected, typed
    said = Comment.objects.filter(card__board=board).exclude(text="").first()
    assert said is not None
    word = max(said.text.split(), key=lambda word: len(word) if word.isalpha() else 0)
    assert "comments" in {group.kind for group in search(parse_search(word), ana).groups}
