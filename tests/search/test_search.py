"""What search finds, in which order, and that nothing which isn't the reader's is found."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boards import actions as act
from boards.models import Board, Card, Column
from comments.actions import post_comment, remove_comment
from comments.decisions import record_decision
from comments.questions import ask_question
from fluxboard.accounts.models import User
from fluxboard.features.search.results import Results, last_touched
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import parse_search
from tests.cast import person
from tests.search.test_syntax import OPERATORS

pytestmark = pytest.mark.django_db


def find(typed: str, reader: User, **options: Any) -> Results:
    return search(parse_search(typed), reader, **options)


def hits(results: Results) -> dict[str, list[str]]:
    """The keys of what was found, by group."""
    return {group.kind: [hit.key for hit in group.hits] for group in results.groups}


@pytest.fixture
def tax(ready: Column, ana: User) -> Card:
    return act.create_card(
        ready, "Show tax before the last step", by=ana, why="Customers were surprised", assignee=ana
    )


def test_every_kind_of_text_is_found(card: Card, tax: Card, ana: User, kenji: User) -> None:
    items = act.add_items(act.add_checklist(tax, "Steps", by=ana), "Ask about marmalade", by=ana)
    post_comment(card, "The marmalade is out", by=kenji)
    record_decision(card, "We keep the marmalade", by=ana)
    act.specify_card(tax, "constraints", "No marmalade on keyboards", by=ana, seen=None)
    found = find("marmalade", ana)
    assert [group.kind for group in found.groups] == ["decisions", "cards", "items", "comments"]
    assert hits(found) == {
        "decisions": ["FLX D-1"],
        "cards": [tax.key],
        "items": [tax.key],
        "comments": [card.key],
    }
    assert items[0].text == str(re.sub("</?mark>", "", found.groups[2].hits[0].title))


def test_a_half_typed_last_word_and_other_forms_of_a_word(tax: Card, ana: User) -> None:
    for typed in ("surpri", "custom", "customer surprise", "SURPRISES", "last ste"):
        assert hits(find(typed, ana)) == {"cards": [tax.key]}, typed


def test_a_longer_query_never_ends_in_nothing(card: Card, tax: Card, ana: User) -> None:
    assert find("tax step", ana).how == "all"
    loosened = find("tax rows surprised zebra", ana)
    assert loosened.how == "some"
    assert hits(loosened) == {"cards": [tax.key, card.key]}
    inside = find("urpris zebra", ana)
    assert (inside.how, hits(inside)) == ("inside", {"cards": [tax.key]})
    assert hits(find("zebra", ana)) == {}


def test_phrases_and_words_left_out(card: Card, tax: Card, ana: User) -> None:
    assert hits(find('"last step"', ana)) == {"cards": [tax.key]}
    assert hits(find('"step last" -zebra', ana)) == {}
    assert hits(find("step -tax", ana)) == {}
    assert hits(find("-tax", ana)) == {"cards": [card.key]}


def test_words_within_addresses_and_names(ready: Column, ana: User) -> None:
    card = act.create_card(ready, "See https://docs.example.com/tax-rates/eu_2026.html v1.2", by=ana)
    for typed in (
        "rates",
        "eu_2026",
        "2026",
        "docs.example.com",
        "https://docs.example.com/tax-rates/",
        "v1.2",
    ):
        assert hits(find(typed, ana)) == {"cards": [card.key]}, typed


def test_a_title_outranks_a_spec(card: Card, tax: Card, ana: User) -> None:
    act.specify_card(card, "what", "tax", by=ana, seen=None)
    assert hits(find("tax", ana)) == {"cards": [tax.key, card.key]}


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("決済画面の検索機能を改善する", ["検索機能", "検索", "改善", "画面", "索", "検索　改善"]),
        ("ログイン画面のバグ", ["ログイン", "バグ", "ﾊﾞｸﾞ", "ﾛｸﾞｲﾝ画面"]),
        ("修复登录页面的错误", ["登录", "页面", "错误", "登录 错误"]),
        ("Web検索のAPIを作る", ["web", "api", "検索", "Web検索", "APIを"]),
        ("결제 화면을 수정", ["화면", "결제", "수정"]),
        ("Crème brûlée für Zoë", ["creme", "brulee", "zoe", "FÜR"]),
    ],
)
def test_inside_text_of_any_script(ready: Column, ana: User, text: str, queries: list[str]) -> None:
    card = act.create_card(ready, text, by=ana)
    act.create_card(ready, "Something else, 別のこと", by=ana)
    for typed in queries:
        found = find(typed, ana)
        assert (found.how, hits(found)) == ("all", {"cards": [card.key]}), typed
        assert "<mark>" in found.groups[0].hits[0].title, typed


def test_operators(card: Card, tax: Card, doing: Column, board: Board, ana: User, kenji: User) -> None:
    label = act.create_label(board, "Urgent", 1, by=ana)
    act.label_card(card, label, by=ana)
    act.assign_card(card, kenji, by=ana)
    act.block_card(card, "Waiting for the bank", by=ana)
    act.move_card(tax, by=ana, to=doing)
    said = post_comment(tax, "Fine by the bank", by=kenji)
    expected: dict[str, dict[str, list[str]]] = {
        "label:urgent": {"cards": [card.key]},
        "is:blocked": {"cards": [card.key]},
        "is:mine": {"cards": [tax.key]},
        "is:unready": {"cards": [card.key]},
        f'column:"{doing.name}"': {"cards": [tax.key]},
        "by:kenji": {"cards": [card.key], "comments": [tax.key]},
        "bank by:kenji": {"cards": [card.key], "comments": [tax.key]},
        "bank by:me": {},
        "by:me": {"cards": [tax.key]},
        "bank in:flx": {"cards": [card.key], "comments": [tax.key]},
        "bank in:other": {},
        "before:2000 tax": {},
        "after:2000 tax": {"cards": [tax.key]},
    }
    for typed, result in expected.items():
        assert hits(find(typed, ana)) == result, typed
    assert f"#c-{said.pk}" in find("fine by:kenji", ana).groups[-1].hits[0].url


def test_a_date_begins_at_the_readers_midnight(tax: Card, ana: User, kenji: User) -> None:
    Card.objects.filter(pk=tax.pk).update(created_at=dt.datetime(2026, 9, 30, 20, tzinfo=dt.UTC))
    assert hits(find("after:2026-10 tax", kenji)) == {"cards": [tax.key]}
    assert hits(find("after:2026-10 tax", ana)) == {}


def test_questions_decisions_and_what_has_been_put_away(card: Card, ana: User, kenji: User) -> None:
    ask_question(card, "Which plum?", [kenji], by=ana)
    record_decision(card, "The green plum", by=ana)
    said = post_comment(card, "plum, plum", by=kenji)
    assert hits(find("plum is:question", ana)) == {"comments": [card.key]}
    assert find("is:question", ana).groups[0].hits[0].facts == ("Question", "Open")
    assert hits(find("plum is:decision", ana)) == {"decisions": ["FLX D-1"]}
    remove_comment(said, by=kenji)
    assert len(find("plum", ana).groups[-1].hits) == 1
    act.archive_card(card, by=ana)
    assert hits(find("is:archived", ana)) == {"cards": [card.key]}
    assert find("page 5", ana).groups[0].hits[0].facts == ("Archived",)


def test_jumps_by_key_and_by_name(card: Card, ana: User, kenji: User) -> None:
    record_decision(card, "Yes", by=ana)
    assert hits(find("flx-1", ana))["jump"] == [card.key]
    assert hits(find("D-1", ana))["jump"] == ["FLX D-1"]
    assert hits(find("FLX-99", ana)).get("jump") is None
    assert hits(find("FLX", ana))["boards"] == ["FLX"]
    assert hits(find("checkout re", ana))["boards"] == ["FLX"]
    assert hits(find("kenj", ana))["people"] == ["@kenji"]


def test_nothing_that_is_not_the_readers(card: Card, tax: Card, ana: User, kenji: User, sam: User) -> None:
    act.add_items(act.add_checklist(tax, "Steps", by=ana), "secret step", by=ana)
    act.block_card(card, "secret reason", by=ana)
    post_comment(card, "secret word", by=kenji)
    record_decision(card, "secret choice", by=ana)
    gone = person("gone", is_active=False)
    queries = [
        "secret",
        "flx-1",
        "FLX",
        "D-1",
        "checkout",
        "kenji",
        "is:blocked",
        "by:kenji",
        "in:flx",
        "-zebra",
    ]
    for typed in [*queries, "secret zebra", "ecre", "is:decision", "order history", "label:x"]:
        assert hits(find(typed, sam)) == {}, typed
        assert hits(find(typed, gone)) == {}, typed
    assert last_touched(sam) == []
    client = Client()
    client.force_login(sam)
    page = client.get("/search/", {"q": "secret"}).content.decode()
    assert "choice" not in page and "reason" not in page


def test_marks_are_escaped(ready: Column, ana: User) -> None:
    act.create_card(ready, '<script>alert("tax")</script> & tax', by=ana)
    title = find("tax", ana).groups[0].hits[0].title
    assert title == (
        "&lt;script&gt;alert(&quot;<mark>tax</mark>&quot;)&lt;/script&gt; &amp; <mark>tax</mark>"
    )


def test_the_longest_texts_can_be_kept_and_found(card: Card, tax: Card, ana: User) -> None:
    han = "".join(map(chr, range(0x4E00, 0x9F00)))[:19_000]
    words = " ".join(f"{number:x}" for number in range(4_000))
    for text in (han, words, "x" * 19_000, "é̈ 🙂 " * 3_000):
        post_comment(card, f"aardvark {text}", by=ana)
    for thing, longest in ((card, han), (tax, words)):
        for field in ("what", "why", "done_when", "constraints"):
            act.specify_card(thing, field, f"{field} {longest[::-1]} aardvark{field}", by=ana, seen=None)
    found = find("aardvark", ana)
    assert {group.kind: len(group.hits) for group in found.groups} == {"cards": 2, "comments": 4}
    assert all(len(hit.title) < 600 for group in found.groups for hit in group.hits)
    assert len(find("aardvarkconstraints", ana).groups[0].hits) == 2


def test_the_page_without_scripts(card: Card, tax: Card, ana: User) -> None:
    client = Client()
    client.force_login(ana)
    page = client.get("/search/", {"q": 'tax <b>"'}).content.decode()
    assert f'href="{tax.get_absolute_url()}"' in page
    assert "<b>" not in re.sub(r"<b>\d", "", page.split("<main")[1])
    assert "Last touched by you" in client.get("/search/").content.decode()
    part = client.get("/search/", {"q": "tax"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and tax.key in part
    assert "Nothing found" in client.get("/search/", {"q": "zebra"}).content.decode()


def test_one_kind_by_pages(ready: Column, ana: User) -> None:
    act.create_cards(ready, "\n".join(f"plum {number}" for number in range(60)), by=ana)
    client = Client()
    client.force_login(ana)
    first = client.get("/search/", {"q": "plum"}).content.decode()
    assert first.count('class="found ') == 12 and "only=cards" in first
    pages = [
        client.get("/search/", {"q": "plum", "only": "cards", "page": n}).content.decode() for n in (1, 2)
    ]
    assert [page.count('class="found ') for page in pages] == [50, 10]


def test_pages_go_on_where_the_last_one_ended(card: Card, ana: User) -> None:
    """Also past comments that say something else: each hit once, newest first among equals."""
    for number in range(9):
        post_comment(card, f"Marmalade, jar {number}", by=ana)
        post_comment(card, f"Butter, dish {number}", by=ana)
    pages = [find("marmalade", ana, most=3, only="comments", skip=skip).groups[0] for skip in (0, 3, 6)]
    shown = [re.sub("</?mark>", "", hit.title) for page in pages for hit in page.hits]
    assert shown == [f"Marmalade, jar {number}" for number in reversed(range(9))]
    assert [page.more for page in pages] == [True, True, False]


def test_a_fixed_number_of_queries(
    ready: Column, ana: User, kenji: User, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        made = act.create_card(ready, f"plum {number}", by=ana, assignee=kenji)
        post_comment(made, "plum jam", by=kenji)
    with django_assert_max_num_queries(12):
        find("plum", ana)
    with django_assert_max_num_queries(24):
        find("zebra quagga", ana)
    with django_assert_num_queries(2):
        last_touched(ana)


@pytest.mark.early
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(st.sampled_from([*OPERATORS, "検索", "tax", "'", "\\", "&|!():*<->"]), st.text(max_size=9))
    )
)
def test_nothing_that_can_be_typed_fails(tax: Card, ana: User, pieces: list[str]) -> None:
    for glue in ("", " "):
        find(glue.join(pieces), ana)
