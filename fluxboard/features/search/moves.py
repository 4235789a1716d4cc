"""Cards by their moves: `moved:review since:mon`, `from:doing to:done by:june`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from activity.feed.moves import Move, MovesAsked, moved_cards
from boards.models import Column
from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.accounts.models import User
from fluxboard.core.folding import fold
from fluxboard.features.search.days import since_day
from fluxboard.features.search.syntax import MOVE_OPERATORS, SearchQuery

_USUAL_DAYS = 90  # back from the last day, where nothing is said of the first
_MOST_DAYS = 366
_OFFERED = 12


@dataclass
class MovesFound:
    """The last fitting move of each card, the newest first, and who moved them."""

    moves: dict[int, Move]
    people: dict[int, User]

    def words(self, card: int) -> str:
        """`Doing → Done by June`."""
        move = self.moves[card]
        way = f"{move.was or 'Another board'} → {move.now or 'another board'}"
        person = self.people.get(move.by or 0)
        return f"{way} by {person.first_name}" if person else way


def find_moves(
    asked: SearchQuery, boards: Sequence[int], reader: Any, today: dt.date
) -> tuple[SearchQuery, MovesFound | None]:
    """Which cards of `boards` were moved as asked; four queries, one more where a column's name is nobody's.

    What names no column or person goes from what is asked, with a line on it. Without a column left the rest
    is no longer about moves: None.
    """
    asked, columns = _columns_called(asked, boards)
    if not asked.has_moves:
        return asked, None
    asked, by = _people_called(asked, reader)
    first, last = _days(asked, today)
    wanted = MovesAsked(
        midnight(first, reader.zone),
        midnight(last + DAY, reader.zone),
        by,
        columns.get("from"),
        columns.get("to"),
        columns.get("moved"),
    )
    moves = {move.card: move for move in moved_cards(boards, wanted)}
    return asked, MovesFound(moves, User.objects.in_bulk({move.by for move in moves.values() if move.by}))


def _days(asked: SearchQuery, today: dt.date) -> tuple[dt.date, dt.date]:
    last = min(asked.before - DAY, today) if asked.before else today
    since = since_day(asked.since, today) if asked.since else None
    first = max(filter(None, (asked.after, since)), default=last - _USUAL_DAYS * DAY)
    return max(first, last - _MOST_DAYS * DAY), last


def _columns_called(asked: SearchQuery, boards: Sequence[int]) -> tuple[SearchQuery, dict[str, set[str]]]:
    """The uids of the columns that `moved:`, `from:` and `to:` name, archived ones too."""
    here = Column.objects.filter(board__in=boards)
    typed = {value for name in MOVE_OPERATORS for value in asked.named.get(name, ())}
    called: dict[str, set[str]] = {value: set() for value in typed}
    for uid, name in here.filter(_any_of("name__folded__contains", typed)).values_list("uid", "name"):
        for value in typed:
            if fold(value) in fold(name):
                called[value].add(str(uid))
    found: dict[str, set[str]] = {}
    for name in MOVE_OPERATORS:
        uids = set().union(*(called[value] for value in asked.named.get(name, ())))
        if uids:
            found[name] = uids
    unknown = sorted(value for value in typed if not called[value])
    if unknown:
        names = here.current().order_by("name").values_list("name", flat=True).distinct()[: _OFFERED + 1]
        asked = _with_problem(asked, f"No column is called {_quoted(unknown)}. {_offered(list(names))}")
    named = {
        name: values for name, values in asked.named.items() if name not in MOVE_OPERATORS or name in found
    }
    return replace(asked, named=named), found


def _people_called(asked: SearchQuery, reader: Any) -> tuple[SearchQuery, set[int] | None]:
    """The ids of those whom `by:` names; None for anybody."""
    typed = [value.removeprefix("@") for value in asked.named.get("by", ())]
    if not typed:
        return asked, None
    found = {reader.pk} if "me" in map(str.lower, typed) else set()
    others = {value for value in typed if value.lower() != "me"}
    called = _any_of("handle__iexact", others) | _any_of("name__folded__contains", others)
    unknown = set(others)
    for person in User.objects.filter(called) if others else ():
        found.add(person.pk)
        unknown -= {v for v in unknown if v.lower() == person.handle or fold(v) in fold(person.name)}
    if unknown:
        asked = _with_problem(asked, f"Nobody is called {_quoted(sorted(unknown))}.")
    if not found:
        asked = replace(asked, named={name: to for name, to in asked.named.items() if name != "by"})
    return asked, found or None


def _any_of(way: str, values: Collection[str]) -> Q:
    found = Q(pk__in=[])
    for value in values:
        found |= Q(**{way: value})
    return found


def _with_problem(asked: SearchQuery, words: str) -> SearchQuery:
    return replace(asked, problems=(*asked.problems, words))


def _quoted(names: list[str]) -> str:
    return " or ".join(f"“{name}”" for name in names)


def _offered(names: list[str]) -> str:
    more = " and more" if len(names) > _OFFERED else ""
    return f"There are {', '.join(names[:_OFFERED])}{more}." if names else ""
