"""Cards named in texts: a chip for the reader where it is named, and a back-link on the card that is meant.

A text's HTML is the same for everyone and holds just the key. What the card is called is filled in when a
page is joined for one reader, so that nobody learns the title of a card that they may not see. Back-links are
found by the index of search rather than kept in a table: that is right after every edit, import, move to
another board and change of key without any action having to think of it, and it is each reader's own view.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from html import escape
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from boards.models import Board, Card, FormerCardKey, FormerKey, Item
from fluxboard.core.parsing import CARD_KEY
from fluxboard.core.postgres.statements import (
    PARAM_BOARD,
    PARAM_CARD,
    PARAM_USER,
    PARAM_WORD,
    PreparedQuery,
    PreparedValues,
)

# A link that Markdown has made, of a key or of a pasted address, as `boards.rendering.markdown` writes it.
LINK = re.compile(
    r'<a (?:class="ref" )?href="(?P<site>https?://[^/"<>]+)?'
    rf'/c/(?P<key>{CARD_KEY})/?(?P<rest>[?#][^"<>]*)?" rel="noopener nofollow">(?P<words>[^<]*)</a>'
)
_TALK = re.compile(r"#c-(?P<comment>[1-9][0-9]{0,17})$|#d-(?P<decision>[1-9][0-9]{0,8})$")
_MOST = 200
MOST_BACK = 30
SPECS = ("title", "what", "why", "done_when", "constraints", "blocked_reason")


# ---- chips ----------------------------------------------------------------------------------------------


def fill_references(html: str, reader: Any, host: str) -> str:
    """`html` with each link to a card that `reader` may see made a chip with its title and column.

    `host`: where the page is served, so that a pasted address of this installation is known. Two queries at
    most, none for a page that names no card. What the reader may not see stays as it was.
    """
    found = [link for link in LINK.finditer(html) if _is_ours(link, host)]
    if not found:
        return html
    cards = _cards_by_key({link["key"] for link in found[:_MOST]}, reader)
    authors = _authors(found[:_MOST], cards)

    def chip(link: re.Match[str]) -> str:
        card = cards.get(link["key"])
        return _chip(link, card, authors) if card is not None and _is_ours(link, host) else link[0]

    return LINK.sub(chip, html) if cards else html


def _is_ours(link: re.Match[str], host: str) -> bool:
    """A bare key, or a pasted address of this place that stands for itself; not words that someone chose."""
    if link["site"] is None:
        return bool(link["words"] == link["key"])
    return link["site"].partition("//")[2] == host and link["words"].startswith("http")


def _cards_by_key(keys: set[str], reader: Any) -> dict[str, Card]:
    numbers: dict[str, list[int]] = {}
    for key in keys:
        board, _, number = key.rpartition("-")
        numbers.setdefault(board, []).append(int(number))
    named = Q()
    for board, of_board in numbers.items():
        named |= Q(board__key=board, number__in=of_board)
    cards = Card.objects.visible_to(reader).filter(named).select_related("board", "column")
    return {
        card.key: card
        for card in cards.only(
            "title", "number", "archived_at", "is_blocked", "board__key", "column__name", "column__is_done"
        )
    }


def _authors(links: list[re.Match[str]], cards: dict[str, Card]) -> dict[tuple[int, int], str]:
    """Who wrote the comments that the links lead to, by card and comment; only of cards that may be seen."""
    wanted = Q()
    for link in links:
        spot = _TALK.search(link["rest"] or "")
        if spot and spot["comment"] and link["key"] in cards:
            wanted |= Q(card=cards[link["key"]], pk=int(spot["comment"]))
    if not wanted:
        return {}
    comments = apps.get_model("comments.Comment").objects.filter(wanted)
    rows = comments.values_list("card_id", "pk", "author__name")
    return {(card, pk): name for card, pk, name in rows}


def _chip(link: re.Match[str], card: Card, authors: dict[tuple[int, int], str]) -> str:
    spot = _TALK.search(link["rest"] or "")
    about = ""
    if spot and spot["decision"]:
        about = f"D-{spot['decision']} on "
    elif spot and (author := authors.get((card.pk, int(spot["comment"])))):
        about = f"{author} on "
    look, state = _state(card)
    address = f"/c/{link['key']}/{link['rest'] or ''}"
    return (
        f'<a class="ref ref--{look}" href="{address}">{escape(about)}<span class="key">{link["key"]}</span> '
        f'<bdi>{escape(card.title)}</bdi> <span class="ref__state" dir="auto">{escape(state)}</span></a>'
    )


def _state(card: Card) -> tuple[str, str]:
    if card.is_archived:
        return "gone", "Archived"
    if card.is_blocked:
        return "blocked", "Blocked"
    return ("done" if card.column.is_done else "open"), card.column.name


# ---- back-links -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mention:
    """Another card that names this one; `by` is who did, where it is in a comment, and `url` leads there."""

    card: Card
    url: str
    by: str = ""


def mentions_of(card: Card, reader: Any) -> list[Mention]:
    """Cards that `reader` may see whose texts name `card`, each once. Five queries."""
    keys = _keys_of(card)
    named = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, keys))})(?![\w-])")
    found: dict[int, Mention] = {}

    def note(other: Card, url: str, by: str, *texts: str) -> None:
        if other.pk not in found and any(named.search(text) for text in texts):
            found[other.pk] = Mention(other, url, by)

    here = {"words": _as_query(keys), "card": card.pk, "user": reader.pk}
    comments, others, items = _naming()
    for said in comments.all(**here):
        note(
            said.card, f"{said.card.get_absolute_url()}?comments=all#c-{said.pk}", said.author.name, said.text
        )
    for other in others.all(**here):
        note(other, other.get_absolute_url(), "", *(getattr(other, name) for name in SPECS))
    for item in items.all(**here):
        note(item.checklist.card, item.checklist.card.get_absolute_url(), "", item.text)
    return list(found.values())


def _keys_of(card: Card) -> list[str]:
    """The card's key and those that it has had. Two queries."""
    of_card, of_board = _former()
    keys = [card.key, *(f"{board}-{number}" for board, number in of_card.all(card=card.pk))]
    keys += [f"{key}-{card.number}" for (key,) in of_board.all(board=card.board_id)]
    return list(dict.fromkeys(keys))


@functools.cache
def _former() -> tuple[PreparedValues, PreparedValues]:
    of_card = FormerCardKey.objects.filter(card=PARAM_CARD).values_list("board__key", "number")
    of_board = FormerKey.objects.filter(board=PARAM_BOARD).values_list("key")
    return PreparedValues(of_card, {PARAM_CARD: "card"}), PreparedValues(of_board, {PARAM_BOARD: "board"})


def _as_query(keys: list[str]) -> str:
    """The keys, which have no other signs in them, as a text search: any of them, as words in a row."""
    return " | ".join(f"({key.replace('-', ' <-> ')})" for key in keys)


@functools.cache
def _naming() -> tuple[PreparedQuery[Any], PreparedQuery[Card], PreparedQuery[Item]]:
    """The latest comments, cards and items that have the words; whether as a key, the text tells."""
    boards = Board.objects.visible_to(get_user_model()(pk=PARAM_USER)).values("pk")
    comments = apps.get_model("comments.Comment").objects.filter(removed_at=None, card__board__in=boards)
    cards = Card.objects.filter(board__in=boards)
    items = Item.objects.filter(
        removed_at=None, checklist__removed_at=None, checklist__card__board__in=boards
    )
    return (
        _latest(comments.exclude(card=PARAM_CARD).select_related("card__board", "card__column", "author")),
        _latest(cards.exclude(pk=PARAM_CARD).select_related("board", "column")),
        _latest(
            items.exclude(checklist__card=PARAM_CARD).select_related(
                "checklist__card__board", "checklist__card__column"
            )
        ),
    )


def _latest(rows: QuerySet[Any]) -> PreparedQuery[Any]:
    table = rows.model._meta.db_table
    has = f'"{table}"."words" @@ to_tsquery(\'simple\', %s)'
    matches = RawSQL(has, [PARAM_WORD], output_field=BooleanField())  # noqa: S611
    names = {PARAM_WORD: "words", PARAM_CARD: "card", PARAM_USER: "user"}
    return PreparedQuery(rows.filter(matches).order_by("-pk")[:MOST_BACK], names)
