"""The words of a standup page: its period, its ranges, its filters, and what it says of nothing."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
from typing import Any

from activity.feed.period import Period
from boards.models import Board, Label
from fluxboard.accounts import times
from fluxboard.accounts.team_hours import city_of
from fluxboard.core.postgres import statements
from fluxboard.core.postgres.statements import PARAM_BOARD
from fluxboard.features.search.saved import Saved, Shelf
from fluxboard.features.standup.articles import Feed
from fluxboard.features.standup.query import STANDUP_KINDS, StandupQuery


def glance(feed: Feed, asked: StandupQuery) -> list[dict[str, Any]]:
    """The four numbers of a page that shows all of its time.

    Each is the filter that shows what it counts, and takes itself off again.
    """
    words = {"comments": ("comment", "comments"), "decisions": ("decision", "decisions")}
    return [
        {
            "kind": kind,
            "number": number,
            "is_some": number > 0,
            "words": words[kind][number != 1] if kind in words else kind,
            "url": asked.url(kind="" if asked.kind == kind else kind),
            "is_on": asked.kind == kind,
        }
        for kind, number in feed.numbers.items()
    ]


def filter_words(
    boards: list[Board], people: list[Any], asked: StandupQuery, lists: list[Shelf], search: Saved | None
) -> dict[str, Any]:
    """What the filter form offers: `lists` of saved searches; `search` is the one that is chosen."""
    labels = _labels().all(boards=[board.pk for board in boards])
    kept = ("by", "from", "to")
    return {
        "people": people,
        "labels": list(dict.fromkeys(name for (name,) in labels)),
        "kinds": STANDUP_KINDS.items(),
        "kept": [(name, asked.query[name]) for name in kept if name in asked.query],
        "count": sum(map(bool, (asked.person, asked.label, asked.kind, search, asked.is_unfolded))),
        "clear": asked.url(person="", label="", kind="", search="", all=""),
        "lists": [one for one in lists if one.searches],
        "search": search,
    }


@functools.cache
def _labels() -> statements.PreparedValues:
    labels = Label.objects.filter(board__in=[PARAM_BOARD], removed_at=None).order_by("name", "pk")
    return statements.PreparedValues(labels.values_list("name"), {PARAM_BOARD: "boards"})


def long_day(day: dt.date) -> str:
    """`Thursday 15 October`."""
    return f"{calendar.day_name[day.weekday()]} {day.day} {calendar.month_name[day.month]}"


def window_words(period: Period, reader: Any, today: dt.date) -> str:
    """`Wed 14 Oct 00:00 to now, Lisbon time.`"""
    end = "now" if period.is_open else f"{times.day_words(period.last, today)} 24:00"
    first = times.day_words(period.first, today)
    return f"{first} 00:00 to {end}, {city_of(reader)} time."


def ranges(asked: StandupQuery, today: dt.date) -> dict[str, Any]:
    period = asked.period
    offered = [("Last working day", ""), ("Today", today.isoformat())]
    offered += [(f"Last {days} days", (today - dt.timedelta(days=days)).isoformat()) for days in (7, 14)]
    choices = [
        {
            "words": words,
            "url": asked.url(**{"from": first, "to": ""}),
            "is_on": period.is_usual if not first else period.is_open and period.first.isoformat() == first,
        }
        for words, first in offered
    ]
    here = next((choice["words"] for choice in choices if choice["is_on"]), "")
    if not here:
        first, last = (times.day_words(day, today) for day in (period.first, period.last))
        here = first if first == last else f"{first} to {'now' if period.is_open else last}"
    kept = ("by", "person", "label", "kind", "search", "all")
    return {
        "choices": choices,
        "here": here,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "today": today.isoformat(),
        "kept": [(name, asked.query[name]) for name in kept if name in asked.query],
    }


def nothing_words(asked: StandupQuery) -> str:
    if asked.is_filtered:
        return "Nothing that fits this filter."
    return "Nothing happened on the board in this time." if asked.before is None else "Nothing earlier."
