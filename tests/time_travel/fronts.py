"""What a board's page and a page of its past both draw, in a form in which the two can be compared."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from html import unescape

from activity.log.replay.state import ERASED

COLUMN = re.compile(r'<section class="column".*?</section>', re.S)
NAME = re.compile(r'class="column__name"[^>]*>([^<]*)')
FRONT = re.compile(r'<li class="card.*?</li>', re.S)
KEY = re.compile(r'<span class="card__key">([^<]*)</span>')
TITLE = re.compile(r'class="card__link"[^>]*>([^<]*)</a>')
LABEL = re.compile(r'<span class="label (l\d+)">([^<]*)</span>')
COUNT = re.compile(r'\d+/\d+|\d+<span class="vh"> (?:comments?|waiting|decisions?)')
PERSON = re.compile(r'<span class="avatar[^>]*title="([^"]*)"')


@dataclass(frozen=True)
class Front:
    """A card's front, without what depends on the hour: ages, and how a due date is worded."""

    key: str
    title: str
    labels: tuple[tuple[str, str], ...]
    counts: tuple[str, ...]
    people: tuple[str, ...]
    is_done: bool
    is_ready: bool
    is_blocked: bool
    is_escalated: bool
    is_dated: bool


@dataclass(frozen=True)
class Drawn:
    """A column with its first cards."""

    name: str
    fronts: tuple[Front, ...]
    has_more: bool


def drawn(html: str) -> list[Drawn]:
    """The columns of a board's page, of today or of its past."""
    return [_column(column) for column in COLUMN.findall(html)]


def with_mark(columns: list[Drawn], erased: AbstractSet[str]) -> list[Drawn]:
    """As it reads today: with the mark in place of the titles of these cards (keys of then)."""

    def marked(front: Front) -> Front:
        return replace(front, title=ERASED) if front.key in erased else front

    return [replace(column, fronts=tuple(map(marked, column.fronts))) for column in columns]


def _found(pattern: re.Pattern[str], html: str) -> str:
    found = pattern.search(html)
    assert found, html
    return unescape(found[1])


def _column(html: str) -> Drawn:
    fronts = tuple(map(_front, FRONT.findall(html)))
    return Drawn(_found(NAME, html), fronts, "column__more" in html)


def _front(html: str) -> Front:
    foot = html.partition('class="card__foot"')[2]
    return Front(
        key=_found(KEY, html),
        title=_found(TITLE, html),
        labels=tuple(LABEL.findall(html)),
        counts=tuple(COUNT.findall(foot)),
        people=tuple(sorted(PERSON.findall(foot))),
        is_done="card--done" in html,
        is_ready="card__unready" not in html,
        is_blocked="card__blocked" in html,
        is_escalated="Escalated" in foot,
        is_dated='<span class="vh">Due ' in foot,
    )
