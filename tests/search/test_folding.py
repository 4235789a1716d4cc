"""What people leave out or type another way makes no difference to search, nor where the index is made."""

from __future__ import annotations

import csv
import sys
import unicodedata
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from boards import actions as act
from boards.models import Board, Card, Column
from comments.actions import post_comment
from comments.decisions import record_decision
from fluxboard.accounts.models import User
from fluxboard.core.folding import fold
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import parse_search

pytestmark = pytest.mark.django_db


def in_the_database(texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fluxboard_fold(one) FROM unnest(%s::text[]) WITH ORDINALITY AS t (one, n) ORDER BY n",
            [texts],
        )
        return [folded for (folded,) in cursor.fetchall()]


def test_the_database_folds_every_character_as_queries_do() -> None:
    known = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    differing = {
        f"U+{ord(one):04X}": (fold(one), there)
        for one, there in zip(known, in_the_database(known), strict=True)
        if fold(one) != there
    }
    assert not differing
    assert len(known) > 140_000


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Fußweg STRASSE ẞ", "fussweg strasse ss"),
        ("Łódź, Đà Nẵng, Ærø, Œuvre, Þórr, İzmir, ığdır", "lodz, da nang, aero, oeuvre, thorr, izmir, igdir"),
        ("soft\u00adhyphen zero\u200bwidth join\u200der \ufefffirst", "softhyphen zerowidth joiner first"),
        ("كِتَابٌ مُحَمَّد", "كتاب محمد"),
        ("كتـــاب على مدرسة", "كتاب علي مدرسه"),
        ("شָׁלוֹם".replace("ش", "ש"), "שלום"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        ("don’t — ‘so’", "don't - 'so'"),
        ("Hawaiʻi", "hawaii"),
        ("ガ ｶﾞ 각", "ガ ガ 각"),
        ("कि किताब", "कि किताब"),
    ],
)
def test_a_folded_text(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert in_the_database([text]) == [folded]


CASES = Path(__file__).parents[1] / "data" / "search_cases.tsv"


def cases() -> list[tuple[str, str]]:
    with CASES.open(newline="") as lines:
        return [(row["title"], row["query"]) for row in csv.DictReader(lines, delimiter="\t")]


@pytest.mark.parametrize(("title", "query"), cases())
def test_a_card_is_found_and_its_word_marked(ready: Column, ana: User, title: str, query: str) -> None:
    card = act.create_card(ready, title, by=ana)
    act.create_card(ready, "Something else", by=ana)
    found = search(parse_search(query), ana)
    assert [[hit.key for hit in group.hits] for group in found.groups] == [[card.key]]
    assert found.how == "all"
    assert "<mark>" in found.groups[0].hits[0].title


def test_names_are_found_without_what_people_do_not_type(
    board: Board, card: Card, ana: User, kenji: User
) -> None:
    act.rename_column(card.column, "Prüfstraße", by=ana)
    act.label_card(card, act.create_label(board, "Größe", 1, by=ana), by=ana)
    User.objects.filter(pk=kenji.pk).update(name="Łukasz Ørsted")
    act.assign_card(card, User.objects.get(pk=kenji.pk), by=ana)
    for typed in ("column:prufstrasse", "label:grosse", "by:lukasz", "by:orsted"):
        assert [[hit.key for hit in group.hits] for group in search(parse_search(typed), ana).groups] == [
            [card.key]
        ], typed
    assert [group.kind for group in search(parse_search("lukasz orsted"), ana).groups] == ["people"]


def test_filters_and_lists_fold_alike(card: Card, ana: User) -> None:
    act.retitle_card(card, "Smørrebrød planen", by=ana, seen=None)
    post_comment(card, "Wie groß?", by=ana)
    record_decision(card, "Łosoś bleibt", by=ana)
    client = Client()
    client.force_login(ana)
    assert f'data-card="{card.key}"' in client.get("/b/FLX/?q=smorrebrod").content.decode()
    assert f'data-card="{card.key}"' not in client.get("/b/FLX/?q=smorgas").content.decode()
    assert "Łosoś" in client.get("/decisions/?q=losos").content.decode()
