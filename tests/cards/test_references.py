"""A card named in a text is a chip for whoever may see it, and shows where it was named."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from boards import actions
from boards.models import Card
from boards.rendering.card_links import fill_references, mentions_of
from comments.actions import edit_comment, post_comment, remove_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(ana: Any) -> Card:
    """A card on a board that only Ana is on."""
    board = actions.create_board("Salaries", by=ana, key="SAL", columns=["Next"], starter=False)
    return actions.create_card(board.columns.get(), "Raise for Kenji", by=ana)


@pytest.fixture
def other(card: Card, ana: Any) -> Card:
    return actions.create_card(card.column, "Round <b>taxes</b>", by=ana)


def page(reader: Any, card: Card) -> str:
    client = Client()
    client.force_login(reader)
    return client.get(card.get_absolute_url()).content.decode()


def test_a_key_and_a_pasted_address_become_chips(card: Card, other: Card, ana: Any, kenji: Any) -> None:
    said = post_comment(other, "Down, always", by=ana)
    address = f"http://testserver{other.get_absolute_url()}"
    text = f"See {other.key}, {address}?comments=all#c-{said.pk} and http://elsewhere.test/c/{other.key}/"
    post_comment(card, text, by=kenji)
    html = page(kenji, card)
    title = "<bdi>Round &lt;b&gt;taxes&lt;/b&gt;</bdi>"
    chip = f'<span class="key">{other.key}</span> {title} <span class="ref__state" dir="auto">'
    assert html.count(chip) == 2
    assert f"Ana Duarte on {chip}" in html
    assert f'#c-{said.pk}">Ana Duarte on' in html
    assert f">http://elsewhere.test/c/{other.key}/</a>" in html


def test_the_state_is_the_present_one(card: Card, other: Card, ana: Any) -> None:
    post_comment(card, other.key, by=ana)
    assert f'<span class="ref__state" dir="auto">{other.column.name}</span>' in page(ana, card)
    actions.block_card(other, "Waiting for the bank", by=ana)
    assert '<span class="ref__state" dir="auto">Blocked</span>' in page(ana, card)
    actions.unblock_card(other, by=ana)
    actions.archive_card(other, by=ana)
    assert '<span class="ref__state" dir="auto">Archived</span>' in page(ana, card)


def test_nobody_learns_of_a_card_that_they_may_not_see(
    card: Card, secret: Card, ana: Any, kenji: Any
) -> None:
    said = post_comment(secret, "Soon", by=ana)
    post_comment(card, f"{secret.key} http://testserver/c/{secret.key}/?comments=all#c-{said.pk}", by=ana)
    post_comment(secret, f"After {card.key}", by=ana)
    actions.specify_card(secret, "why", f"Follows {card.key}", by=ana, seen=None)
    assert "Raise for Kenji" in page(ana, card)
    assert [mention.card.pk for mention in mentions_of(card, ana)] == [secret.pk]
    html = page(kenji, card)
    assert "Raise for Kenji" not in html and "Salaries" not in html and "Ana Duarte on" not in html
    assert mentions_of(card, kenji) == []
    client = Client()
    client.force_login(kenji)
    parts = client.get(f"{card.get_absolute_url()}parts/?names=comments,mentions,history,spec")
    assert "Raise for Kenji" not in parts.content.decode()


def test_the_other_card_shows_where_it_was_named(card: Card, other: Card, ana: Any, kenji: Any) -> None:
    assert mentions_of(other, ana) == []
    said = post_comment(card, f"This is like {other.key}, isn't it", by=kenji)
    (mention,) = mentions_of(other, ana)
    assert (mention.card.pk, mention.by) == (card.pk, "Kenji Mori")
    assert mention.url.endswith(f"#c-{said.pk}")
    html = page(ana, other)
    assert "Mentioned in" in html and ", by Kenji Mori" in html
    edit_comment(said, "This is like something else", by=kenji, seen=None)
    assert mentions_of(other, ana) == []
    again = post_comment(card, f"http://testserver/c/{other.key}/#c-1", by=kenji)
    assert len(mentions_of(other, ana)) == 1
    remove_comment(again, by=kenji)
    assert mentions_of(other, ana) == []


def test_specs_and_checklists_name_cards_too(card: Card, other: Card, ana: Any) -> None:
    third = actions.create_card(card.column, "Third", by=ana)
    actions.specify_card(card, "why", f"Needs {third.key}", by=ana, seen=None)
    actions.add_items(actions.add_checklist(other, "Steps", by=ana), f"Wait for {third.key}", by=ana)
    assert {mention.card.pk for mention in mentions_of(third, ana)} == {card.pk, other.pk}


def test_only_a_key_names_a_card(card: Card, other: Card, ana: Any) -> None:
    post_comment(card, f"flx {other.number}, X{other.key}, {other.key}0 and {other.key}-b", by=ana)
    assert mentions_of(other, ana) == []


def test_a_former_key_still_names_it(card: Card, other: Card, board: Any, ana: Any) -> None:
    post_comment(card, f"See {other.key}", by=ana)
    actions.rekey_board(board, "NEW", by=ana)
    assert [mention.card.pk for mention in mentions_of(Card.objects.get(pk=other.pk), ana)] == [card.pk]


def test_a_page_without_keys_costs_nothing(ana: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        html = '<a href="/c/FLX-1/">Title</a> <a class="card__link" href="/c/FLX-2/">FLX-2</a>'
        assert fill_references(html, ana, "testserver") == html
