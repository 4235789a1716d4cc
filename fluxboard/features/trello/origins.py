"""Trello's actions that tell how the things on a board came to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fluxboard.features.trello import values as v
from fluxboard.features.trello.model import TrelloEvent


class Origins:
    """Trello's actions that tell who made a thing and when; each is taken by that thing once."""

    def __init__(self, events: Iterable[TrelloEvent]) -> None:
        self._events: dict[tuple[str, ...], TrelloEvent] = {}
        self.taken: set[str] = set()
        self.moved: dict[str, dt.datetime] = {}
        for event in events:
            key = self._key(event)
            if key is not None and not (key[0] == "card" and key in self._events):
                self._events[key] = event
            if event.at and event.card and "idList" in v.mapping(event.data.get("old")):
                self.moved[event.card] = event.at

    def _key(self, event: TrelloEvent) -> tuple[str, ...] | None:
        def id_of(name: str) -> str:
            return v.identity(v.mapping(event.data.get(name)).get("id"))

        match event.type:
            case "createList":
                return "column", id_of("list")
            case "createCard":
                return "card", event.card
            case "addChecklistToCard":
                return "checklist", id_of("checklist")
            case "updateCheckItemStateOnCard":
                done = v.mapping(event.data.get("checkItem")).get("state") == "complete"
                return ("item", id_of("checkItem")) if done else None
            case "addLabelToCard":
                return "label", event.card, id_of("label")
            case "addMemberToCard":
                return "member", event.card, v.identity(event.data.get("idMember"))
            case "updateCard" if v.mapping(event.data.get("old")).keys() == {"closed"}:
                closed = v.yes(v.mapping(event.data.get("card")).get("closed"))
                return ("archived", event.card) if closed else None
        return None

    def take(self, *key: str) -> TrelloEvent | None:
        event = self._events.pop(key, None)
        if event is not None:
            self.taken.add(event.id)
        return event
