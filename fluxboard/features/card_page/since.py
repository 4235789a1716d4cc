"""Since a moment that the reader chooses, in one line on the card: what it comes to."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from activity.feed.card_changes import Since, changes_since
from activity.feed.net_words import NetFact, net_facts
from activity.models import Activity
from boards.models import Card
from fluxboard.accounts import times
from fluxboard.accounts.calendar import last_working_day, midnight
from fluxboard.core import parsing

_VISIT = re.compile(r"visit(?:-([0-9]{1,15}))?")
_NO_DAY = "Choose a day up to today, such as {}."


@dataclass(frozen=True)
class SinceMoment:
    """Since when: `name` is how an address calls it, `start` a moment or a seq of the board.

    `words` go before `at` (a moment) or `day` (one of the reader's), of which one is there.
    """

    name: str
    start: dt.datetime | int
    words: str = ""
    at: dt.datetime | None = None
    day: dt.date | None = None

    @property
    def kind(self) -> str:
        """`visit`, `workday` or a day."""
        return self.name.partition("-")[0] if self.name.startswith("visit") else self.name


@dataclass(frozen=True)
class SinceLine:
    """The line on a card: the `moment`, what is different since, and the other moments to choose from.

    `came`: what made the card or brought it to the board meanwhile, `came_from` which one. `cut_at` as
    in `Since`. `error` is about the day that was typed.
    """

    moment: SinceMoment
    facts: list[NetFact]
    choices: list[SinceMoment]
    address: str
    today: str
    came: Activity | None = None
    cut_at: dt.datetime | None = None
    typed: str = ""
    error: str = ""
    came_from: str = ""

    @property
    def has_changes(self) -> bool:
        return bool(self.facts or self.came)


def since_line(card: Card, reader: Any, now: dt.datetime, asked: str = "") -> SinceLine:
    """What became of `card` since the moment that `asked` names, `visit`, `workday` or a day.

    `visit-345` is the visit up to which the reader had read seq 345; what cannot be understood counts as not
    asked for, and is said. Without a choice: the last visit, for who has none the last working day. At most
    four queries.
    """
    today = times.today_of(reader, now)
    choices = _moments(card, reader, today, asked)
    typed = "" if any(asked in (one.name, one.kind) for one in choices) or _VISIT.fullmatch(asked) else asked
    chosen = _day(typed, reader, today) if typed else None
    error = _NO_DAY.format(today.isoformat()) if typed and chosen is None else ""
    moment = chosen or next((one for one in choices if one.kind == asked), choices[0])
    found = changes_since(card, moment.start)
    return SinceLine(
        moment=moment,
        facts=net_facts(found.net, (card.items_done, card.items_total), today),
        choices=choices,
        address=reverse("boards:card_since", args=[card.key]),
        today=today.isoformat(),
        came=found.came,
        cut_at=found.cut_at,
        typed=typed,
        error=error,
        came_from=_came_from(found),
    )


def _moments(card: Card, reader: Any, today: dt.date, asked: str) -> list[SinceMoment]:
    """Those that are there to choose from without typing: the last visit, if any, and the working day."""
    found = []
    reading = reader.readings.filter(board=card.board_id).values_list("seq", "at").first()
    if reading is not None:
        seq, at = reading
        kept = _VISIT.fullmatch(asked)
        line = parsing.whole_number(kept[1] or "") if kept else None
        if line is not None and line != seq:
            seen = Activity.objects.filter(board=card.board_id, seq=line).values_list("at", flat=True).first()
            seq, at = (line, seen) if seen is not None else (seq, at)
        found.append(SinceMoment(f"visit-{seq}", seq, "your last visit", at=at))
    day = last_working_day(reader, today)
    found.append(SinceMoment("workday", midnight(day, reader.zone), "your last working day", day=day))
    return found


def _day(typed: str, reader: Any, today: dt.date) -> SinceMoment | None:
    day = parsing.day(typed)
    if day is None or day.year <= 1970 or day > today:
        return None
    return SinceMoment(day.isoformat(), midnight(day, reader.zone), day=day)


def _came_from(found: Since) -> str:
    """The board from which the card was brought; empty where it was made here."""
    if found.came is None or found.came.effect != "card.transferred":
        return ""
    return str((found.came.before.get("board") or {}).get("name", ""))
