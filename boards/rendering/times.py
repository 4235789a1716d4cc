"""Times in parts that are shared by readers: placeholders, filled on each reader's clock."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.utils.html import escape

from fluxboard.accounts import times

TIME = re.compile(
    r'<time datetime="([^"]+)" data-as="(age|when|exact|due|day)"(?: data-stale="(\d+)")?></time>'
)


def fill_times(html: str, reader: Any, now: dt.datetime) -> str:
    """`html` with the words of every empty `<time>` filled in, on the reader's clock, in one pass.

    `data-as="age"` (with `data-stale`, days after which it is `is-old`), `when`, `exact` (always with the
    day and the hour), or `due` (a date: `is-due` today and tomorrow, `is-late` afterwards), or `day` (a date
    that nobody is late for any more). A reader without a zone reads UTC.
    """
    clock = reader if getattr(reader, "time_zone", None) else _Utc
    today = times.today_of(clock, now)

    def fill(match: re.Match[str]) -> str:
        value, kind, stale = match.groups()
        if kind == "due":
            words, weight = times.due_words(dt.date.fromisoformat(value), today)
            return _time(value, kind, words, f"is-{weight}" if weight else "", stale)
        if kind == "day":
            return _time(value, kind, times.day_words(dt.date.fromisoformat(value), today), "", stale)
        at = dt.datetime.fromisoformat(value)
        if kind in ("when", "exact"):
            words = times.when(at, clock, now) if kind == "when" else times.exact(at, clock, now)
            return _time(value, kind, words, "", stale, _in_full(at, clock))
        is_old = stale is not None and now - at >= dt.timedelta(days=int(stale))
        return _time(value, kind, times.age(at, now), "is-old" if is_old else "", stale, _in_full(at, clock))

    return TIME.sub(fill, html)


def next_change(html: str, reader: Any, now: dt.datetime) -> dt.datetime:
    """The first moment after `now` when `fill_times` would say something else in `html`; a day at most."""
    clock = reader if getattr(reader, "time_zone", None) else _Utc
    zone = times.ZoneInfo(clock.time_zone)
    tomorrow = times.today_of(clock, now) + dt.timedelta(days=1)
    midnight = dt.datetime.combine(tomorrow, dt.time(), zone).astimezone(dt.UTC)
    first = now + dt.timedelta(days=1)
    for match in TIME.finditer(html):
        value, kind, _ = match.groups()
        moment = times.age_ends(dt.datetime.fromisoformat(value), now) if kind == "age" else midnight
        first = min(first, moment)
    return first


class _Utc:
    time_zone = "UTC"


def _in_full(at: dt.datetime, reader: Any) -> str:
    return f"{at.astimezone(times.ZoneInfo(reader.time_zone)):%Y-%m-%d %H:%M}"


def _time(value: str, kind: str, words: str, weight: str, stale: str | None, title: str = "") -> str:
    more: Iterable[tuple[str, str | None]] = (("data-stale", stale), ("class", weight), ("title", title))
    extra = "".join(f' {name}="{escape(text)}"' for name, text in more if text)
    return f'<time datetime="{value}" data-as="{kind}"{extra}>{escape(words)}</time>'
