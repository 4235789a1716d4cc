"""A board out of its log, ready to be shown: columns, fronts and one card as they read at a moment.

What is drawn here comes from a replayed state; of the tables only faces, typed texts, where the cards are
today, and which comments have been removed since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from activity.log.card_counts import counts_of
from activity.log.replay.state import State, in_full
from activity.log.snapshots import texts_named
from boards.card_fields import Chip, chips
from boards.models import Board, Card
from boards.models.card import can_be_late, is_ready
from fluxboard.accounts import times
from fluxboard.accounts.models import User
from fluxboard.accounts.moments import moment_words

_AT_FIRST = 25


@dataclass(frozen=True)
class Moment:
    """The moment that is looked at, for a reader: after activity `seq`, which happened `at`."""

    seq: int
    at: dt.datetime
    reader: Any

    @property
    def today(self) -> dt.date:
        return times.today_of(self.reader, self.at)

    @property
    def words(self) -> str:
        return moment_words(self.at, self.reader)

    @property
    def typed(self) -> str:
        """As a field of a date and an hour holds it: on the reader's clock, the minute that ends it."""
        here = self.at.astimezone(times.ZoneInfo(self.reader.time_zone))
        if here.second or here.microsecond:
            here = here.replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
        return f"{here:%Y-%m-%dT%H:%M}"

    def age(self, since: str | None) -> str:
        """How long ago `since` (ISO) was then."""
        return times.age(dt.datetime.fromisoformat(since), self.at) if since else ""

    def is_stale(self, since: str | None, days: int) -> bool:
        return bool(since) and self.at - dt.datetime.fromisoformat(str(since)) >= dt.timedelta(days=days)


@dataclass
class PastFront:
    """A card's front as it read then; `now` is where it is today, where that is elsewhere."""

    uid: str
    key: str
    title: str
    url: str
    labels: list[dict[str, Any]]
    assignee: Any
    participants: list[Any]
    due: times.Due | None
    chips: list[Chip]
    blocked: dict[str, Any] | None
    counts: Mapping[str, int]
    age: str
    is_old: bool
    is_ready: bool
    is_done: bool
    now: str = ""
    mark: str = ""
    mark_words: str = ""

    @property
    def items_done(self) -> int:
        return self.counts["items_done"]

    @property
    def items_total(self) -> int:
        return self.counts["items_total"]


@dataclass
class ColumnThen:
    """A column with its first cards; `left` are those that are not on the page."""

    uid: str
    name: str
    count: int
    wip_limit: int | None
    fronts: list[PastFront] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.count - len(self.fronts)

    @property
    def is_full(self) -> bool:
        return self.wip_limit is not None and self.count >= self.wip_limit


class CardsAt:
    """The cards that stood on the board in a state, column by column, in order; archived ones left out."""

    def __init__(self, state: State) -> None:
        columns = [uid for uid, row in state.columns.items() if not row["archived"]]
        self.state = state
        self.columns = sorted(columns, key=lambda uid: state.columns[uid]["position"])
        self.by_column: dict[str, list[str]] = {uid: [] for uid in self.columns}
        for uid, card in state.cards.items():
            if not card["archived"] and card["column"] in self.by_column:
                self.by_column[card["column"]].append(uid)
        for cards in self.by_column.values():
            cards.sort(key=lambda uid: state.cards[uid]["position"])

    @property
    def cards(self) -> set[str]:
        return {uid for cards in self.by_column.values() for uid in cards}


def columns_then(
    board: Board, shown: CardsAt, moment: Moment, url: str, *, everything: bool = False
) -> list[ColumnThen]:
    """The columns with their fronts, of each column the first cards, or `everything`. Three queries.

    `url` is the address of this page, with `{}` for a card's number.
    """
    state = shown.state
    most = None if everything else _AT_FIRST
    drawn = {uid: cards[:most] for uid, cards in shown.by_column.items()}
    uids = [uid for cards in drawn.values() for uid in cards]
    rows = {uid: state.cards[uid] for uid in uids}
    texts = texts_named((row["title"], row["blocked"] and row["blocked"]["reason"]) for row in rows.values())
    faces = faces_of(person for row in rows.values() for person in people_at(row))
    waiting = [row["blocked"]["card"] for row in rows.values() if row["blocked"] and row["blocked"]["card"]]
    today = cards_today([*uids, *waiting])
    draw = Drawing(board, state, moment, url, texts, faces, today, counts_of(state))
    return [
        ColumnThen(
            uid=column,
            name=state.columns[column]["name"],
            count=len(shown.by_column[column]),
            wip_limit=state.columns[column]["wip_limit"],
            fronts=[draw.front(uid) for uid in drawn[column]],
        )
        for column in shown.columns
    ]


def faces_of(people: Iterable[str | None]) -> dict[str, Any]:
    """People by uid. One query."""
    found = User.objects.filter(uid__in={person for person in people if person})
    return {str(person.uid): person for person in found}


def away_then(state: State, moment: Moment) -> list[dict[str, Any]]:
    """The members who were away on their day of that moment, until when, who covered. One query, or none."""
    stretches = [one for one in state.away.values() if one["person"] in state.members]
    if not stretches:
        return []
    faces = faces_of(uid for one in stretches for uid in (one["person"], one["cover"]))
    found = []
    for one in stretches:
        person = faces.get(one["person"])
        if person is None:
            continue
        first, last = (dt.date.fromisoformat(one[name]) for name in ("first", "last"))
        if first <= times.today_of(person, moment.at) <= last:
            until = times.day_words(last, times.today_of(moment.reader, timezone.now()))
            found.append({"person": person, "until": until, "cover": faces.get(one["cover"] or "")})
    return sorted(found, key=lambda row: row["person"].name)


def cards_today(uids: Iterable[str]) -> dict[str, Card]:
    """Cards by uid as they are now, with their board and column. One query."""
    cards = Card.objects.filter(uid__in=list(uids)).select_related("board", "column")
    return {
        str(card.uid): card
        for card in cards.only("uid", "number", "archived_at", "board__key", "column__name", "column__uid")
    }


def people_at(row: Mapping[str, Any]) -> list[str | None]:
    return [row["assignee"], *row["participants"], row["blocked"] and row["blocked"]["person"]]


@dataclass
class Drawing:
    """All that the fronts of one page are made of."""

    board: Board
    state: State
    moment: Moment
    url: str
    texts: Mapping[str, str]
    faces: Mapping[str, Any]
    today: Mapping[str, Card]
    counts: Mapping[str, Mapping[str, int]]

    def front(self, uid: str) -> PastFront:
        row = self.state.cards[uid]
        is_done = self.state.columns[row["column"]]["is_done"]
        moved = self.state.moments.get(uid)
        stale = self.state.board["stale_after"]
        return PastFront(
            uid=uid,
            key=f"{self.state.board['key']}-{row['number']}",
            title=in_full(row["title"], self.texts),
            url=self.url.format(row["number"]),
            labels=labels_on(row, self.state),
            assignee=self.faces.get(row["assignee"]),
            participants=self._others(row),
            due=due_then(row, self.moment, is_done=is_done),
            chips=chips(self.state.board["card_fields"], lambda field: row[field.name]),
            blocked=self._blocked(uid, row),
            counts=self.counts[uid],
            age=self.moment.age(moved),
            is_old=not is_done and self.moment.is_stale(moved, stale),
            is_ready=is_ready(row["assignee"], row["why"], row["done_when"]),
            is_done=is_done,
            now=self._now(uid, row),
        )

    def _others(self, row: Mapping[str, Any]) -> list[Any]:
        others = (self.faces.get(person) for person in row["participants"] if person != row["assignee"])
        return sorted((person for person in others if person), key=lambda person: (person.name, person.pk))

    def _blocked(self, uid: str, row: Mapping[str, Any]) -> dict[str, Any] | None:
        block = row["blocked"]
        if block is None:
            return None
        card = self.today.get(block["card"] or "")
        return {
            "reason": in_full(block["reason"], self.texts),
            "person": self.faces.get(block["person"] or ""),
            "card": card.key if card else "",
            "age": self.moment.age(self.state.moments.get(f"blocked:{uid}")),
        }

    def _now(self, uid: str, row: Mapping[str, Any]) -> str:
        card = self.today.get(uid)
        if card is None or card.board_id != self.board.pk:
            return "Now on another board"
        if card.archived_at is not None:
            return "Now archived"
        return f"Now in {card.column.name}" if str(card.column.uid) != row["column"] else ""


def labels_on(row: Mapping[str, Any], state: State) -> list[dict[str, Any]]:
    """The card's labels by name; one that was removed meanwhile is on no card any more."""
    labels = [state.labels[uid] for uid in row["labels"] if uid in state.labels]
    return sorted(labels, key=lambda label: label["name"])


def due_then(row: Mapping[str, Any], moment: Moment, *, is_done: bool) -> times.Due | None:
    """A due date in words as of then."""
    if not row["due"]:
        return None
    day = dt.date.fromisoformat(row["due"])
    if can_be_late(is_done=is_done, is_archived=row["archived"]):
        return times.due_words(day, moment.today)
    return times.Due(times.day_words(day, moment.today), "")
