"""The labels of a board, and which of them are on which card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fluxboard.features.trello import values as v
from fluxboard.features.trello.findings import Findings
from fluxboard.features.trello.model import TrelloCard, TrelloLabel
from fluxboard.features.trello.shapes import named, things


def join_labels(
    root: dict[str, Any], cards: list[TrelloCard], on_cards: Mapping[str, list[Any]], problems: Findings
) -> list[TrelloLabel]:
    """The board's labels, those that stand only on cards, and in old files those told by colour alone.

    A card's labels are joined by id and, where they have none (2012 to 2014), by colour and name. `on_cards`:
    what the file says of the labels of each card, by the card's id.
    """
    labels = {id_: _label(id_, raw) for id_, raw in things(root, "labels", "label", problems)}
    looks = {(label.colour, label.name): label.id for label in reversed(labels.values())}
    names = {v.line(key): v.line(name) for key, name in v.mapping(root.get("labelNames")).items()}

    def known(label: TrelloLabel) -> str:
        """The id of the label of this colour and name, which is a new one where there is none."""
        if label.colour and not label.name:
            label.name = names.get(label.colour, "")
        id_ = looks.setdefault((label.colour, label.name), label.id)
        labels.setdefault(id_, label)
        return id_

    for card in cards:
        found = dict.fromkeys(card.labels)
        for raw in on_cards[card.id]:
            label = _label(v.identity(v.mapping(raw).get("id")), raw)
            if label.id:
                labels.setdefault(label.id, label)
                looks.setdefault((label.colour, label.name), label.id)
            elif label.colour or label.name:
                label.id = f"look {len(labels)}"
                label.id = known(label)
            if label.id:
                found[label.id] = None
        card.labels = list(found)
    for colour, name in names.items():
        if name:
            known(TrelloLabel(f"colour {colour}", name, colour))
    for card in cards:
        unknown = [id_ for id_ in card.labels if id_ not in labels]
        card.labels = [id_ for id_ in card.labels if id_ in labels]
        for _ in unknown:
            problems.add(
                "A label that the file does not describe was left out",
                "{n} labels that the file does not describe were left out",
                named(card),
            )
    return list(labels.values())


def _label(id_: str, raw: Any) -> TrelloLabel:
    """A label; of the oldest files just its colour is told, as a word."""
    if isinstance(raw, str):
        return TrelloLabel(id_, "", v.line(raw))
    raw = v.mapping(raw)
    return TrelloLabel(id_, v.line(raw.get("name")), v.line(raw.get("color")))
