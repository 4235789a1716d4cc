"""The boards, columns, labels and people that a search names, for what looks them up before it asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q

from boards.models import Board, Column, Label
from boards.person_changes import people_met
from fluxboard.core.folding import fold
from fluxboard.features.search.syntax import SearchQuery

_OFFERED = 12


def unknown_names(asked: SearchQuery, reader: Any, boards: Sequence[int]) -> tuple[str, ...]:
    """Lines on the boards, columns, labels and people that `boards` have not; a query for each operator.

    Of a search for moves without those that `find_moves` looks up.
    """

    def typed(name: str) -> list[str]:
        return [*asked.named.get(name, ()), *asked.not_named.get(name, ())]

    lines = [columns_named(columns, boards)[1]] if (columns := typed("column")) else []
    if labels := typed("label"):
        there = Label.objects.filter(_any_of("name__folded__contains", labels), removed_at=None)
        names = list(there.filter(board__in=boards).values_list("name", flat=True))
        unknown = sorted({value for value in labels if not any(fold(value) in fold(one) for one in names)})
        lines.append(f"No label is called {_quoted(unknown)}." if unknown else "")
    lines.append(_boards_named(named, boards) if (named := typed("in")) else "")
    people = [*typed("owner"), *([] if asked.has_moves else typed("by"))]
    lines.append(people_named(people, reader, boards)[1] if people else "")
    return tuple(filter(None, lines))


def _boards_named(typed: Collection[str], boards: Sequence[int]) -> str:
    """A line on those of `typed` that are neither key of one of `boards` nor in its name; empty for none."""
    named = _any_of("key__iexact", typed) | _any_of("name__folded__contains", typed)
    there = list(Board.objects.filter(named, pk__in=boards).values_list("key", "name"))
    unknown = sorted(
        value
        for value in set(typed)
        if not any(value.lower() == key.lower() or fold(value) in fold(name) for key, name in there)
    )
    return f"No board of yours is called {_quoted(unknown)}." if unknown else ""


def columns_named(typed: Collection[str], boards: Sequence[int]) -> tuple[dict[str, set[str]], str]:
    """The uids of the columns of `boards` that each of `typed` names, archived ones too; nobody's has none.

    And a line on those that are nobody's, with what there is. One query, two where there are such.
    """
    found: dict[str, set[str]] = {value: set() for value in typed}
    here = Column.objects.filter(board__in=boards)
    for uid, name in here.filter(_any_of("name__folded__contains", typed)).values_list("uid", "name"):
        for value in typed:
            if fold(value) in fold(name):
                found[value].add(str(uid))
    unknown = sorted(value for value in typed if not found[value])
    if not unknown:
        return found, ""
    names = here.current().order_by("name").values_list("name", flat=True).distinct()[: _OFFERED + 1]
    return found, f"No column is called {_quoted(unknown)}. {_offered(list(names))}".strip()


def people_named(typed: Collection[str], reader: Any, boards: Collection[int]) -> tuple[set[int], str]:
    """The ids of those whom `typed` names, among the people that `reader` knows by `boards`.

    And a line on the names that are nobody's there; it is the same whether or not somebody elsewhere has
    such a name. One query, none for `me` alone.
    """
    others = {value for value in typed if value.lower() != "me"}
    found = {reader.pk} if len(others) < len(set(typed)) else set()
    unknown = set(others)
    called = _any_of("handle__iexact", others) | _any_of("name__folded__contains", others)
    for person in people_met(reader, boards).filter(called) if others else ():
        found.add(person.pk)
        unknown -= {v for v in unknown if v.lower() == person.handle.lower() or fold(v) in fold(person.name)}
    return found, f"Nobody on your boards is called {_quoted(sorted(unknown))}." if unknown else ""


def _any_of(way: str, values: Collection[str]) -> Q:
    found = Q(pk__in=[])
    for value in values:
        found |= Q(**{way: value})
    return found


def _quoted(names: list[str]) -> str:
    return " or ".join(f"“{name}”" for name in names)


def _offered(names: list[str]) -> str:
    more = " and more" if len(names) > _OFFERED else ""
    return f"There are {', '.join(names[:_OFFERED])}{more}." if names else ""
