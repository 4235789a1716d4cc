"""Check-ins as the standup shows them, on top of each person's outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from activity.feed.period import Period
from boards.addresses import address
from boards.models import Board, CheckIn
from fluxboard.features.check_in.facts import heading_of

_MOST = 500


@dataclass(frozen=True)
class GivenFact:
    """A card in a check-in, with what else is said of it."""

    key: str
    url: str
    words: str


@dataclass(frozen=True)
class GivenCheckIn:
    """One check-in: `lines` are its facts by their headings."""

    check_in: CheckIn
    lines: list[tuple[str, list[GivenFact]]]

    @property
    def person(self) -> Any:
        return self.check_in.person

    @property
    def board(self) -> Board:
        return self.check_in.board


def check_ins_in(boards: Iterable[Board], period: Period, person: int | None) -> list[GivenCheckIn]:
    """Those given on `boards` within the period, the oldest first; by `person` (id) only. One query."""
    by_id = {board.pk: board for board in boards}
    there = CheckIn.objects.filter(
        board__in=by_id, at__gte=period.start, at__lt=period.end, removed_at=None
    ).select_related("person")
    if person is not None:
        there = there.filter(person=person)
    found = list(there.order_by("-at", "-pk")[:_MOST])
    for one in found:
        one.board = by_id[one.board_id]
    return [GivenCheckIn(one, _lines(one.shown)) for one in reversed(found)]


def _lines(shown: list[dict[str, Any]]) -> list[tuple[str, list[GivenFact]]]:
    lines: dict[str, list[GivenFact]] = {}
    for fact in shown:
        key = str(fact["card"]["key"])
        given = GivenFact(key, address("boards:card", key), str(fact.get("words", "")))
        lines.setdefault(heading_of(str(fact["kind"])), []).append(given)
    return list(lines.items())
