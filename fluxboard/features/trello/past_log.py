"""The log of an imported board tells what was so in Trello: then, and by whom it was done there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.log.record import Log
from activity.models import Activity
from boards.models import Board
from fluxboard.features.trello.model import TrelloEvent
from fluxboard.features.trello.origins import Origins


class PastLog:
    """Records in `log` what happened before the import, by `people` (by Trello's id)."""

    def __init__(self, log: Log, people: dict[str, Any], origins: Origins) -> None:
        self.log, self.people, self.origins = log, people, origins
        self.board: Board = log.board
        self.owner = log.by.user
        self.now = log.now

    def doer(self, event: TrelloEvent | None) -> Any:
        """Who did what `event` tells; None where the file does not say."""
        return self.people.get(event.person) if event else None

    def tell(self, verb: str, thing: Any, actor: Any, at: dt.datetime, **facts: Any) -> Activity:
        """Record what was so in Trello at `at`. The log names its doer, or nobody; never the importer."""
        activity = self.log.record(verb, thing, actor=actor, source_at=at, **facts)
        activity.actor = actor
        return activity

    def then(self, at: dt.datetime | None) -> dt.datetime:
        """`at`, always earlier than the import; just before it when the file does not tell.

        What is archived at the very moment of the import are the lists that came archived, with the cards
        in them: these come back together, and a card that was archived by itself does not.
        """
        latest = self.now - dt.timedelta(milliseconds=1)
        return min(at, latest) if at else latest
