"""What a link shows of a week: plain words, cut to what its owner ticked, and no way into the board."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from boards.models import WeeklyLink
from fluxboard.accounts import times
from fluxboard.core.parsing import CARD_KEY
from fluxboard.features.weekly.report import Week, WeeklyPart, load_weekly

_KEY = re.compile(rf"\b{CARD_KEY}\b")


@dataclass(frozen=True)
class PublicRow:
    """`key` and `title` of a card (or of a decision), and beside it what may be said."""

    key: str
    title: str
    beside: str = ""


@dataclass(frozen=True)
class PublicPart:
    heading: str
    rows: list[PublicRow]
    more: int
    is_now: bool = False


def public_report(link: WeeklyLink, week: Week, now: dt.datetime) -> list[PublicPart]:
    """The parts that were ticked and have something, told as to the one who made the link."""
    board, reader = link.board, link.made_by
    report = load_weekly(board, week, reader, now, board.members.all())
    is_last = week == Week.last_whole(times.today_of(reader, now))
    parts: list[PublicPart] = []
    if link.shows("finished"):
        parts.append(_of_items(link, report.finished))
    if link.shows("decided"):
        rows = [
            PublicRow(f"D-{one.number}", one.text, "superseded since" if one.is_superseded else "")
            for one in report.decided.items
        ]
        parts.append(PublicPart("Decided", rows, report.decided.more))
    if link.shows("outcomes"):
        parts += [_of_items(link, part) for part in report.outcomes]
    if is_last and link.shows("still"):
        parts += [_of_rows(link, part, now) for part in report.still]
    if is_last and link.shows("next"):
        parts += [_of_rows(link, part, now) for part in report.next]
    return [part for part in parts if part.rows]


def _of_items(link: WeeklyLink, part: WeeklyPart) -> PublicPart:
    rows = [
        PublicRow(
            item.card.key,
            item.card.title,
            _beside(link, [item.who, item.words], item.said),
        )
        for item in part.items
    ]
    return PublicPart(part.heading, rows, part.more)


def _of_rows(link: WeeklyLink, part: WeeklyPart, now: dt.datetime) -> PublicPart:
    """Rows of Now: what it says of a card names people, so that without names it is the date alone."""
    rows = [
        PublicRow(
            row.card.key,
            row.card.title,
            _beside(link, [row.owner, row.words], row.said, row.moment_words(link.made_by, now)),
        )
        for row in part.items
    ]
    return PublicPart(part.heading, rows, part.more, is_now=True)


def _beside(link: WeeklyLink, named: list[str], said: str, moment: str = "") -> str:
    """`Ana · waits on Sam since Thu 3 Dec · “The bank does not answer”`, as far as it may be said."""
    owner, how = named if link.shows("names") else ("", "")
    how = _KEY.sub(lambda key: key[0] if key[0].startswith(f"{link.board.key}-") else "a card elsewhere", how)
    parts = [owner, f"{how} {moment}".strip(), f"“{said}”" if said and link.shows("words") else ""]
    return " · ".join(filter(None, parts))
