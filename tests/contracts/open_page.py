"""A board page that somebody has open: it gets the frames of the stream and becomes what a fresh page is."""

from __future__ import annotations

from typing import Any

from activity.models import Frame
from boards.models import Board
from tests.contracts.markup import Node, parse


class OpenPage:
    """`client` looks at `board`. `catch_up` applies what came since; `shown` is what stands on the page."""

    def __init__(self, client: Any, board: Board) -> None:
        self.client, self.board_id = client, board.pk
        self.refetched = 0
        self.load()

    def load(self) -> None:
        """The whole board, as after `data-refetch`, or in a new tab."""
        key = Board.objects.values_list("key", flat=True).get(pk=self.board_id)
        response = self.client.get(f"/b/{key}/", {"part": "board"})
        assert response.status_code == 200, response.status_code
        (main,) = parse(response.content.decode()).all("main", id="board")
        self.seq = int(main.attrs["data-seq"])
        self.structure = [
            (column.attrs["id"], column.attrs["data-position"], column.attrs.get("data-limit"))
            for column in main.all("section", data_column=None)
        ]
        self.parts = {
            node.attrs["id"]: node.html for node in main.all("span", id=None) if "-count" in node.attrs["id"]
        }
        self.cards: dict[str, Node] = {card.attrs["id"]: card for card in main.all("li", data_card=None)}
        self.lists = {
            column.attrs["data-column"]: [card.attrs["id"] for card in column.all("li", data_card=None)]
            for column in main.all("section", data_column=None)
        }

    def catch_up(self) -> None:
        """Apply every frame since, in order, as the page's script does."""
        rows = Frame.objects.filter(board=self.board_id, seq__gt=self.seq).order_by("seq")
        needs_all = False
        for seq, html in rows.values_list("seq", "html"):
            assert seq == self.seq + 1, "the stream has a gap"
            self.seq = seq
            (frame,) = parse(html).all("flux-change")
            assert frame.attrs["data-seq"] == str(seq)
            for template in frame.all("template"):
                needs_all |= self._apply(template)
        if needs_all:
            self.refetched += 1
            self.load()

    def _apply(self, template: Node) -> bool:
        attrs = template.attrs
        if "data-refetch" in attrs:
            return True
        if "data-upsert" in attrs:
            (card,) = template.all("li", data_card=None)
            self._put(card)
        elif "data-remove" in attrs:
            self.cards.pop(attrs["data-remove"], None)
        elif "data-replace" in attrs and attrs["data-replace"] in self.parts:
            (fresh,) = template.all(id=attrs["data-replace"])
            self.parts[attrs["data-replace"]] = fresh.html
        return False

    def _put(self, card: Node) -> None:
        old = self.cards.get(card.attrs["id"])
        if old is None or int(old.attrs["data-version"]) <= int(card.attrs["data-version"]):
            self.cards[card.attrs["id"]] = card

    @property
    def shown(self) -> dict[str, Any]:
        """Columns, the cards of each in order with their markup, and the counts."""
        columns: dict[str, list[tuple[str, int, str]]] = {key: [] for key in self.lists}
        for name, card in self.cards.items():
            place = card.attrs["data-position"], int(name.removeprefix("card-")), card.html
            columns[card.attrs["data-column-id"]].append(place)
        return {
            "structure": self.structure,
            "parts": self.parts,
            "columns": {key: sorted(cards) for key, cards in columns.items()},
        }


def assert_like_a_fresh_page(page: OpenPage) -> None:
    """What frames made of the page is what a new tab shows, in the same order."""
    page.catch_up()
    fresh = OpenPage(page.client, Board(pk=page.board_id))
    assert page.seq == fresh.seq
    assert page.shown == fresh.shown
    for column, cards in fresh.shown["columns"].items():
        assert [f"card-{pk}" for _, pk, _ in cards] == fresh.lists[column], "the page's own order"
