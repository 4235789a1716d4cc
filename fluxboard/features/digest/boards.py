"""What a digest says of each board, on one screen: the reader's cards, what people did, and how things stand.

It is the standup's page by mail: outcomes of the time since the last digest, and Now, each in few rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from activity.feed.catch_up_steps import CatchUpStep, Concern, steps_for
from activity.feed.line import LineReader
from activity.feed.load import ToldActivity
from activity.feed.progress import progress_of
from activity.models import Via
from boards.models import Board
from comments.models import Comment
from comments.waiting import Wait
from fluxboard.accounts.models import User
from fluxboard.core.plain_text import cut
from fluxboard.features.digest.addresses import absolute
from fluxboard.features.digest.meetings import ENDS, MOST_MEETINGS, ended_meetings, outcome_words
from fluxboard.features.digest.scope import DigestScope
from fluxboard.features.now.groups import SHORTLY, NowGroup, NowRow
from fluxboard.features.now.load import load_now
from fluxboard.features.standup.outcomes import Outcome, Outcomes, Places, outcomes_of, rest_words
from fluxboard.meetings.models import Meeting

MOST_CARDS = 6
MOST_OUTCOMES = 12
MOST_NOW = 6
_SHORT = 140


@dataclass(frozen=True)
class DigestItem:
    """One card with what is to be said of it: `words`, and what somebody `said`. `url` is the exact place."""

    key: str
    title: str
    url: str
    words: str = ""
    said: str = ""


@dataclass(frozen=True)
class DigestRows:
    """A few items under a heading; `more` were left out."""

    heading: str
    items: list[DigestItem]
    more: int = 0


@dataclass(frozen=True)
class Doings:
    """What one person brought about: lines of outcomes, and the rest in numbers."""

    name: str
    lines: list[DigestRows]
    rest: str


@dataclass
class BoardLetter:
    """One board on one screen: `cards` of the reader's, what `people` did, how things stand `now`.

    `about`: what changed about the board itself; `minutes`: of the meetings that came to their end. `more`
    outcomes were left out; `decisions` and `changed` cards (ids) are counted. `begins`: since when it is
    told, where more happened than is looked at.
    """

    board: Any
    url: str
    cards: DigestRows | None = None
    people: list[Doings] = field(default_factory=list)
    now: list[DigestRows] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    minutes: DigestRows | None = None
    more: int = 0
    decisions: int = 0
    changed: frozenset[int] = frozenset()
    begins: str = ""

    @property
    def is_news(self) -> bool:
        """Whether anything happened: how things stand alone is no news."""
        return bool(self.is_told or self.changed)

    @property
    def is_told(self) -> bool:
        """Whether any of what happened stands here, rather than just how many cards changed."""
        return bool(self.cards or self.people or self.about or self.minutes)


def board_letters(
    person: User,
    scope: DigestScope,
    told: list[ToldActivity],
    concern: Concern,
    waits: list[Wait],
    now: dt.datetime,
) -> list[BoardLetter]:
    """A letter for each board of `scope` on which something happened, of `told`, the oldest first.

    `concern` is what concerns the person, `waits` what waits on them. A fixed number of queries.
    """
    steps = steps_for(told, LineReader.of(person, now), concern, progress_of(told))
    whole = [board for board in scope.boards if board.pk in scope.whole]
    people = {one.pk: one for one in User.objects.filter(boards__in=whole).distinct()}
    places = Places.of(whole)
    standing = load_now(whole, person, now, waits=waits, soon=SHORTLY).for_standup().groups
    addresses, ended = _addresses(told), ended_meetings(told)
    letters = []
    for board in scope.boards:
        here = [one for one in told if one.activity.board_id == board.pk]
        letter = BoardLetter(board, absolute(reverse("boards:standup", args=[board.key])))
        new = [one for one in _each(steps) if one.card is not None and one.card.board_id == board.pk]
        letter.cards = _cards(new)
        letter.decisions = sum(said.kind == "decision" for step in new for said in step.said)
        letter.changed = frozenset(step.card.pk for step in new)
        if board in whole:
            _tell_outcomes(letter, here, places, people, addresses)
            letter.now = _standing(standing, board, person, now)
            letter.about = _about(steps, board)
            letter.minutes = _minutes(ended.get(board.pk, []))
        if letter.is_news:
            letters.append(letter)
    return letters


def _each(steps: Iterable[CatchUpStep]) -> Iterable[CatchUpStep]:
    return (one for step in steps for one in (step.cards or [step]))


def _about(steps: Iterable[CatchUpStep], board: Board) -> list[str]:
    """What changed about the board itself: `Kenji: Added the column Review`."""
    parts = [part for step in _each(steps) if step.board == board for part in step.parts]
    parts = [part for part in parts if part.last.effect not in ENDS]  # whose minutes are told
    return [f"{_first(part.person)}: {part.plain}" for part in parts]


def _minutes(ended: list[Meeting]) -> DigestRows | None:
    """Each meeting that was held or not needed, with what came out of it."""
    items = [
        DigestItem("", meeting.title, absolute(meeting.get_absolute_url()), outcome_words(meeting))
        for meeting in ended[:MOST_MEETINGS]
    ]
    return DigestRows("Minutes", items, len(ended) - len(items)) if items else None


def _cards(steps: Iterable[CatchUpStep]) -> DigestRows | None:
    """What is new on cards that concern the reader."""
    mine = [step for step in steps if step.is_theirs]
    items = [
        DigestItem(step.card.key, step.card.title, absolute(step.card.get_absolute_url()), _in_short(step))
        for step in mine[:MOST_CARDS]
    ]
    return DigestRows("Your cards, and those you watch", items, len(mine) - len(items)) if items else None


def _in_short(step: CatchUpStep) -> str:
    """`Kenji wrote “A word”; Kenji: Ready → In progress`, the first of each."""
    said = [f"{_first(one.person)} {one.words}: “{cut(one.text, _SHORT)}”" for one in step.said]
    said += [f"{_first(part.person)}: {part.plain}" for part in step.parts]
    return "; ".join(said[:3]) + (f"; {len(said) - 3} more" if len(said) > 3 else "")


def _first(person: Any) -> str:
    return str(person.first_name) if person is not None else "Somebody"


# ---- outcomes ---------------------------------------------------------------------------------------------


def _tell_outcomes(
    letter: BoardLetter,
    told: list[ToldActivity],
    places: Places,
    people: Mapping[int | None, Any],
    addresses: Mapping[str, str],
) -> None:
    found = outcomes_of(told, places, people, lambda _: False)
    actors = {**people, **{one.activity.actor_id: one.activity.actor for one in told}}
    left = MOST_OUTCOMES
    for who, outcomes in sorted(found.items(), key=lambda one: -_size(one[1])):
        lines = []
        for line in outcomes.lines:
            shown = line.items[: max(left, 0)]
            left -= len(line.items)
            letter.more += len(line.items) - len(shown)
            if shown:
                lines.append(DigestRows(line.heading, [_outcome(one, addresses) for one in shown]))
        named = {one.card.pk for line in outcomes.lines for one in line.items}
        made = _added(told, who, named)
        if added := made[: max(left, 0)]:
            lines.append(DigestRows("Added", added))
        left -= len(made)
        letter.more += len(made) - len(added)
        rest = rest_words({kind: count for kind, count in outcomes.counts.items() if kind != "card"})
        if lines or rest:
            letter.people.append(Doings(_name(actors[who]), lines, rest))


def _added(told: list[ToldActivity], who: int | None, named: Collection[int]) -> list[DigestItem]:
    """The cards that someone made and that are still there, without those that are `named` already.

    Not those that the calendar opened: they are nobody's doing.
    """
    made = [
        one.activity
        for one in told
        if one.activity.effect == "card.created" and one.activity.via != Via.SCHEDULE
    ]
    cards = [one.card for one in made if one.actor_id == who and one.card and one.card_id not in named]
    return [
        DigestItem(card.key, card.title, absolute(card.get_absolute_url()))
        for card in cards
        if card.archived_at is None
    ]


def _size(outcomes: Outcomes) -> int:
    return sum(len(line.items) for line in outcomes.lines)


def _name(person: Any) -> str:
    return str(person.name) if person is not None else "Somebody"


def _outcome(one: Outcome, addresses: Mapping[str, str]) -> DigestItem:
    url = addresses.get(str(one.activity.subject)) or absolute(one.card.get_absolute_url())
    return DigestItem(one.card.key, one.card.title, url, one.words, cut(one.said, _SHORT))


def _addresses(told: list[ToldActivity]) -> dict[str, str]:
    """The exact places of the decisions and questions that are told, by uid. One query."""
    decided = {
        str(one.activity.subject): absolute(
            reverse("boards:decision", args=[one.activity.board.key, one.after["number"]])
        )
        for one in told
        if one.activity.effect == "decision.recorded"
    }
    asked = {one.activity.subject for one in told if one.activity.effect.startswith("question.")}
    comments = Comment.objects.filter(uid__in=asked).select_related("card__board")
    return decided | {
        str(one.uid): absolute(f"{one.card.get_absolute_url()}?comments=all#c-{one.pk}") for one in comments
    }


# ---- how things stand -------------------------------------------------------------------------------------


def _standing(groups: list[NowGroup], board: Board, reader: User, now: dt.datetime) -> list[DigestRows]:
    """The first rows of each group, without what waits on the reader, which stands above."""
    found, left = [], MOST_NOW
    for group in groups:
        rows = [row for row in group.rows if row.card.board_id == board.pk]
        if group.name == "waiting" or not rows:
            continue
        shown = rows[: max(left, 0)]
        left -= len(shown)
        found.append(
            DigestRows(group.heading, [_row(row, reader, now) for row in shown], len(rows) - len(shown))
        )
    return found


def _row(row: NowRow, reader: User, now: dt.datetime) -> DigestItem:
    words = row.in_words(reader, now)
    return DigestItem(row.card.key, row.card.title, absolute(row.url), words, row.said)
