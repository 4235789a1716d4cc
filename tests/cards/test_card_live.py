"""A card's page that lived through every verb shows what a fresh page shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from activity.models import Frame
from boards.models import Card
from tests.contracts.markup import Node, parse
from tests.contracts.test_frames import Day

PARTS = (
    "head",
    "waiting",
    "decisions",
    "actions",
    "props",
    "blocks",
    "spec",
    "checklists",
    "comments",
    "composer",
    "comments-count",
)
# What other cards and people do shows here when the page is opened again: places, counts, whom to choose.
NOT_LIVE = re.compile(r"-f-(move|transfer|assign|join|block|ask|decide|hand-on)$")


def shown(node: Node) -> str:
    """A part as text, without what differs from one drawing to the next."""
    if node.tag == "input" and node.attrs.get("name") in {"csrfmiddlewaretoken", "request_id", "version"}:
        return ""
    if node.has_class("hint"):
        return ""  # when somebody is at work
    if NOT_LIVE.search(node.attrs.get("id", "")):
        return f"<{node.attrs['id']}>"
    if node.tag == "time":
        return node.html
    attrs = {name: value for name, value in node.attrs.items() if name != "data-version"}
    inner = "".join(" ".join(c.split()) if isinstance(c, str) else shown(c) for c in node.children)
    return f"<{node.tag} {sorted(attrs.items())}>{inner}</{node.tag}>"


class OpenCard:
    """`client` looks at a card's page, which gets the frames of its board."""

    def __init__(self, client: Client, card: Card) -> None:
        self.client, self.card_id = client, card.pk
        self.board_id = card.board_id
        self.seq, self.parts = self.fresh()

    def fresh(self) -> tuple[int, dict[str, str]]:
        card = Card.objects.select_related("board").get(pk=self.card_id)
        page = parse(self.client.get(card.get_absolute_url()).content.decode())
        (root,) = page.all(id=f"card-{card.pk}-detail")
        return int(root.attrs["data-seq"]), self.read(root)

    def read(self, root: Node) -> dict[str, str]:
        ids = {f"card-{self.card_id}-{name}": name for name in PARTS}
        return {ids[node.attrs["id"]]: shown(node) for node in root if node.attrs.get("id") in ids}

    def catch_up(self) -> None:
        names: set[str] = set()
        for seq, html in (
            Frame.objects.filter(board=self.board_id, seq__gt=self.seq)
            .order_by("seq")
            .values_list("seq", "html")
        ):
            self.seq = seq
            for template in parse(html).all("template"):
                if "data-refetch" in template.attrs:
                    names |= set(PARTS)
                if template.attrs.get("data-part") == f"card-{self.card_id}":
                    names |= set(template.attrs["data-names"].split(","))
        if names:
            card = Card.objects.select_related("board").get(pk=self.card_id)
            answer = self.client.get(f"{card.get_absolute_url()}parts/?names={','.join(names)}")
            self.parts |= self.read(parse(answer.content.decode()))


@pytest.fixture
def day(db: Any) -> Day:
    return Day()


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def assert_like_a_fresh_page(opened: OpenCard) -> None:
    opened.catch_up()
    _, fresh = opened.fresh()
    assert opened.parts.keys() == fresh.keys()
    for name, part in fresh.items():
        assert opened.parts[name] == part, name


@pytest.mark.early
def test_an_open_card_is_a_fresh_one_all_day_long(day: Day) -> None:
    opened: OpenCard | None = None
    for number, _ in enumerate(day.steps()):
        card = Card.objects.filter(board=day.board, number=1).first()
        if opened is None and card is not None:
            opened = OpenCard(client_of(day.ana), card)
        elif opened is not None and number % 3 == 0:
            assert_like_a_fresh_page(opened)
    assert opened is not None and opened.seq > 50


def test_a_viewers_card_catches_up_at_once(day: Day) -> None:
    steps = day.steps()
    next(steps)
    opened = OpenCard(client_of(day.priya), Card.objects.get(board=day.board, number=1))
    for _ in steps:
        pass
    assert_like_a_fresh_page(opened)
