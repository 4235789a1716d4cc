"""Watching: what someone follows besides their own cards. Theirs alone: no board changes, never logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from boards.models import Board, Card, Watch


@dataclass(frozen=True)
class Watching:
    """How many watch something, and whether the reader does."""

    count: int
    is_mine: bool

    @property
    def words(self) -> str:
        """` watching, you too`, what stands after the number."""
        if not self.count:
            return "Nobody is watching"
        return " watching, you too" if self.is_mine else " watching"


def watch(thing: Board | Card, person: Any) -> None:
    """Have `person` watch a board or a card. Doing it again changes nothing."""
    Watch.objects.get_or_create(user=person, **_what(thing))


def unwatch(thing: Board | Card, person: Any) -> None:
    """End it. Nothing happens to somebody who does not watch it."""
    Watch.objects.filter(user=person, **_what(thing)).delete()


def watching(thing: Board | Card, reader: Any) -> Watching:
    """Who watches `thing`, of those who can sign in at all. One query."""
    counted = Watch.objects.filter(user__is_active=True, **_what(thing)).aggregate(
        everyone=Count("pk"), mine=Count("pk", filter=Q(user=reader))
    )
    return Watching(counted["everyone"], bool(counted["mine"]))


def _what(thing: Board | Card) -> dict[str, Any]:
    return {"card": thing} if isinstance(thing, Card) else {"board": thing}
