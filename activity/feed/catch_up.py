"""The catch-up: a path through what is new to someone, what matters most first, and what it comes to.

It goes by the log's sequence, board by board: from where the person has read to where the path began, so what
happens meanwhile is the next path's.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from activity.feed.line import Line, LineReader
from activity.feed.load import ToldActivity, tell_in_public, those, with_what_it_is_about
from activity.feed.progress import ChecklistProgress
from activity.feed.read_marker import WORDS_A_MINUTE
from activity.feed.summary import fold_topics, without_undone
from activity.models import Later

TAG = re.compile(r"<[^>]+>")

# What a step is for, in the order of the path.
_KINDS = {
    "question": "A question to you",
    "block": "Somebody waits for you",
    "decision": "A decision",
    "mine": "Your card changed",
    "watched": "You watch this card",
    "moved": "Moved meanwhile",
    "rest": "The rest, in numbers",
}


@dataclass
class Part:
    """What one person did to the step's card."""

    person: Any
    lines: list[Line]

    @property
    def last(self) -> Line:
        return max(self.lines, key=lambda line: line.last.pk)


@dataclass
class CatchUpStep:
    """One step: a card with what is new on it; or, without one, several cards in short."""

    kind: str
    card: Any = None
    parts: list[Part] = field(default_factory=list)
    cards: list[CatchUpStep] = field(default_factory=list)
    first: int = 0

    @property
    def name(self) -> str:
        """`card:17`, `moved` or `rest`: how a form names it."""
        return f"card:{self.card.pk}" if self.card is not None else self.kind

    @property
    def title(self) -> str:
        return _KINDS[self.kind]

    @property
    def lines(self) -> list[Line]:
        return [line for part in self.parts for line in part.lines]

    @property
    def words(self) -> int:
        """How many words there are to read on it."""
        own = 0
        if self.card is not None:
            own = len(str(self.card.title).split())
        texts = (
            f"{x.words} {x.was} {x.now} {x.before} {x.after} {TAG.sub(' ', x.diff)} {x.said}"
            for x in self.lines
        )
        return own + sum(len(text.split()) for text in texts) + sum(step.words for step in self.cards)

    @property
    def changes(self) -> int:
        return sum(len(line.told) for line in self.lines)


@dataclass(frozen=True)
class Concern:
    """What concerns a reader: cards, by id, that ask them, wait for them, are theirs, or are watched."""

    asked: Collection[int]
    blocking: Collection[int]
    mine: Collection[int]
    watched: Collection[int]


def minutes_for(words: int) -> int:
    """How long reading takes, in whole minutes, at least one."""
    return max(1, math.ceil(words / WORDS_A_MINUTE))


def path(
    told: Iterable[ToldActivity],
    reader: LineReader,
    concern: Concern,
    progress: ChecklistProgress | None = None,
) -> list[CatchUpStep]:
    """The steps through `told` (oldest first), each with the net effect for its card."""
    by_card: dict[Any, list[ToldActivity]] = {}
    boards: dict[Any, list[ToldActivity]] = {}
    for one in told:
        if one.activity.card is None:
            boards.setdefault(one.activity.board_id, []).append(one)
        else:
            by_card.setdefault(one.activity.card_id, []).append(one)
    steps: list[CatchUpStep] = []
    moved, rest = CatchUpStep("moved"), CatchUpStep("rest")
    for about in by_card.values():
        step = _step(about, reader, concern, progress)
        if step is not None:
            {"moved": moved.cards, "rest": rest.cards}.get(step.kind, steps).append(step)
    rest.cards += [CatchUpStep("rest", None, _parts(about, reader, progress)) for about in boards.values()]
    order = list(_KINDS)
    steps.sort(key=lambda step: (order.index(step.kind), step.first))
    return steps + [step for step in (moved, rest) if any(card.lines for card in step.cards)]


def _step(
    about: list[ToldActivity], reader: LineReader, concern: Concern, progress: ChecklistProgress | None
) -> CatchUpStep | None:
    parts = _parts(about, reader, progress)
    if not parts:
        return None
    card: Any = about[0].activity.card
    topics = {line.topic for part in parts for line in part.lines}
    asks = {"question"} <= topics and card.pk in concern.asked
    kinds = [
        ("question", asks),
        ("block", card.pk in concern.blocking and "block" in topics),
        ("decision", "decision" in topics),
        ("mine", card.pk in concern.mine),
        ("watched", card.pk in concern.watched),
        ("moved", bool(topics & {"moved", "transferred"})),
        ("rest", True),
    ]
    kind = next(kind for kind, is_so in kinds if is_so)
    return CatchUpStep(kind, card, parts, first=about[0].activity.pk)


def _parts(about: list[ToldActivity], reader: LineReader, progress: ChecklistProgress | None) -> list[Part]:
    """Who did what, whoever began first. What one did and another undid comes to nothing."""
    people: dict[Any, list[ToldActivity]] = {}
    for one in _without_undone(about):
        people.setdefault(one.activity.actor_id, []).append(one)
    folded = [
        (mine[0].activity.actor, fold_topics(mine, reader, progress, lambda _: True))
        for mine in people.values()
    ]
    return [Part(person, lines) for person, lines in folded if lines]


def _without_undone(about: list[ToldActivity]) -> list[ToldActivity]:
    """Without what was undone, and the moves of a card that ends in the column where it began, by anyone."""
    about = without_undone(about)
    moves = [one for one in about if one.activity.effect == "card.moved"]
    if len(moves) < 2:
        return about
    began, ended = ((moves[0].before.get("column") or {}), (moves[-1].after.get("column") or {}))
    if began.get("id") != ended.get("id"):
        return about
    return [one for one in about if one.activity.effect != "card.moved"]


# ---- what was put off -------------------------------------------------------------------------------------


def put_off_card(person: Any, card: Any, since: int) -> None:
    """Leave `card` for another time, from `since` on; put off twice, from the first time on."""
    Later.objects.get_or_create(user=person, card=card, defaults={"since": since})


def taken_up(person: Any, card: Any) -> None:
    """What was left for later on `card` has been read."""
    Later.objects.filter(user=person, card=card).delete()


def put_off_by(person: Any, boards: Iterable[int]) -> dict[int, int]:
    """The cards of `boards` (ids) that the person put off, with the seq from which on. One query."""
    rows = Later.objects.filter(user=person, card__board__in=list(boards))
    return dict(rows.values_list("card_id", "since"))


def happened_on(cards: Mapping[int, int], reader: Any, upto: Mapping[int, int]) -> list[ToldActivity]:
    """What others did on `cards` (ids) after a seq of each, up to their board's in `upto`, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id FROM unnest(%s::bigint[], %s::bigint[]) AS c(id, low)
            JOIN activity_activity a ON a.card_id = c.id AND a.seq > c.low
            JOIN unnest(%s::bigint[], %s::bigint[]) AS b(id, high) ON b.id = a.board_id AND a.seq <= b.high
            WHERE a.source_at IS NULL AND a.actor_id <> %s
            """,
            [list(cards), list(cards.values()), list(upto), list(upto.values()), reader.pk],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return tell_in_public(with_what_it_is_about(those(ids)))


@dataclass
class CatchUpPath:
    """Where someone is on their path, as their session keeps it."""

    upto: dict[str, int]
    done: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    begun: str = ""

    @classmethod
    def of(cls, kept: Any) -> CatchUpPath | None:
        """The walk that a session kept; None for none, or for something else."""
        try:
            return cls(dict(kept["upto"]), list(kept["done"]), list(kept["later"]), str(kept["begun"]))
        except (KeyError, TypeError, ValueError):
            return None

    @classmethod
    def from_here(cls, boards: Iterable[Any], now: dt.datetime) -> CatchUpPath:
        return cls({board.key: board.seq for board in boards}, begun=now.isoformat())

    def kept(self) -> dict[str, Any]:
        return {"upto": self.upto, "done": self.done, "later": self.later, "begun": self.begun}

    @property
    def behind(self) -> set[str]:
        """The names of the steps that are done with, for now."""
        return {*self.done, *self.later}
