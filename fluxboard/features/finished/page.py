"""What the page of finished cards shows: its days, its numbers, its rows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.http import QueryDict

from boards.models import Board
from fluxboard.accounts import times
from fluxboard.accounts.away import days_words
from fluxboard.core import parsing
from fluxboard.features.finished.load import Days, Finished, load_finished

NOT_DAYS = "“{}” are no days. Write them like 2026-11-16..2026-11-27, or 2026-11."
TOO_LONG = "A year at most."


def finished_page(
    query: QueryDict, boards: list[Board], people: list[Any], reader: Any, now: dt.datetime
) -> tuple[dict[str, Any], int]:
    """The page of `?finished=FROM..TO` (as a form sends it: `finished=FROM&to=TO`), and its status.

    422 with a message beside the fields, and the last seven days, for days that will not do.
    """
    today = times.today_of(reader, now)
    typed = query.get("finished", "")
    if ".." not in typed and query.get("to"):
        typed = f"{typed}..{query['to']}"
    days, error = Days.of(typed), ""
    if days is None:
        error = NOT_DAYS.format(typed[:40])
    elif days.is_too_long:
        error = TOO_LONG
    if days is None or error:
        days = Days(today - dt.timedelta(6), today)
    chosen = parsing.whole_number(query.get("person", ""))
    found = load_finished(boards, days, reader, chosen)
    context: dict[str, Any] = {
        "days": days,
        "title": f"Finished {_in_words(days, today)}",
        "error": error,
        "found": found,
        "names": {person.pk: person for person in people},
        "chosen": chosen,
        "by_person": _by_person(found, query, days),
        "by_board": _by_board(found) if len(boards) > 1 else [],
        "people": people,
        "ranges": _ranges(query, today),
        "everyone": _url(query, days, person=""),
    }
    for rows in (found.done, found.taken_back):
        for row in rows:
            row.mover = context["names"].get(row.by) if row.by != row.card.assignee_id else None
    return context, 422 if error else 200


def _in_words(days: Days, today: dt.date) -> str:
    joined = days_words(days.first, days.last, today)
    return f"on {joined}" if days.first == days.last else joined


def _by_person(found: Finished, query: QueryDict, days: Days) -> list[tuple[str, int, str]]:
    """Owners with how many, the most first, and the address of theirs alone; cards of nobody last."""
    counts = Counter(row.card.assignee for row in found.done)
    rows = [
        (
            person.name if person else "Nobody",
            number,
            _url(query, days, person=str(person.pk)) if person else "",
        )
        for person, number in counts.items()
    ]
    return sorted(rows, key=lambda row: (not row[2], -row[1], row[0]))


def _by_board(found: Finished) -> list[tuple[Board, int]]:
    return Counter(row.card.board for row in found.done).most_common()


def _ranges(query: QueryDict, today: dt.date) -> list[tuple[str, str]]:
    monday = today - dt.timedelta(today.weekday())
    offered = {
        "This week": Days(monday, today),
        "Last week": Days(monday - dt.timedelta(7), monday - dt.timedelta(1)),
        "Last 14 days": Days(today - dt.timedelta(13), today),
        "This month": Days(today.replace(day=1), today),
    }
    return [(words, _url(query, days)) for words, days in offered.items()]


def _url(query: QueryDict, days: Days, **changed: str) -> str:
    kept = query.copy()
    kept.pop("to", None)
    for name, value in {**changed, "finished": f"{days.first}..{days.last}"}.items():
        kept.pop(name, None)
        if value:
            kept[name] = value
    return f"?{kept.urlencode(safe='.')}"
