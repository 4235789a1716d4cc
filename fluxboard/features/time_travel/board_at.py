"""A board out of its log, ready to be shown: columns, fronts and one card as they read at a moment.

What is drawn here comes from a replayed state; of the tables only faces, typed texts, where the cards are
today, and which comments have been removed since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.safestring import SafeString

from activity.log.card_counts import counts_of
from activity.log.replay.state import ERASED, State, in_full
from activity.log.snapshots import texts_named
from boards.models import SPEC_FIELDS, Board, Card, Role
from boards.rendering.markdown import Names, Page, as_typed, render
from comments.models import Comment, How
from fluxboard.accounts import times
from fluxboard.accounts.models import User

AT_FIRST = 25
MARKS = {"new": "New", "moved": "Moved", "changed": "Changed"}


def moment_words(at: dt.datetime, reader: Any) -> str:
    """`Mon 12 Oct, 16:00` on the reader's clock, with the year where it is not the present one."""
    here = at.astimezone(times.ZoneInfo(reader.time_zone))
    today = times.today_of(reader, timezone.now())
    return f"{times.day_words(here.date(), today)}, {here:%H:%M}"


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

    def age(self, since: str | None) -> str:
        """How long ago `since` (ISO) was then."""
        return times.age(dt.datetime.fromisoformat(since), self.at) if since else ""

    def is_stale(self, since: str | None, days: int) -> bool:
        return bool(since) and self.at - dt.datetime.fromisoformat(str(since)) >= dt.timedelta(days=days)


@dataclass
class Front:
    """A card's front as it read then; `now` is where it is today, where that is elsewhere."""

    uid: str
    key: str
    title: str
    url: str
    labels: list[dict[str, Any]]
    assignee: Any
    participants: list[Any]
    due: times.Due | None
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
    fronts: list[Front] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.count - len(self.fronts)

    @property
    def is_full(self) -> bool:
        return self.wip_limit is not None and self.count >= self.wip_limit


class Shown:
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
    board: Board, shown: Shown, moment: Moment, url: str, *, everything: bool = False
) -> list[ColumnThen]:
    """The columns with their fronts, of each column the first cards, or `everything`. Three queries.

    `url` is the address of this page, with `{}` for a card's number.
    """
    state = shown.state
    most = None if everything else AT_FIRST
    drawn = {uid: cards[:most] for uid, cards in shown.by_column.items()}
    uids = [uid for cards in drawn.values() for uid in cards]
    rows = {uid: state.cards[uid] for uid in uids}
    texts = texts_named((row["title"], row["blocked"] and row["blocked"]["reason"]) for row in rows.values())
    faces = faces_of(person for row in rows.values() for person in _people_on(row))
    waiting = [row["blocked"]["card"] for row in rows.values() if row["blocked"] and row["blocked"]["card"]]
    today = cards_today([*uids, *waiting])
    draw = _Drawing(board, state, moment, url, texts, faces, today, counts_of(state))
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


def cards_today(uids: Iterable[str]) -> dict[str, Card]:
    """Cards by uid as they are now, with their board and column. One query."""
    cards = Card.objects.filter(uid__in=list(uids)).select_related("board", "column")
    return {
        str(card.uid): card
        for card in cards.only("uid", "number", "archived_at", "board__key", "column__name", "column__uid")
    }


def _people_on(row: Mapping[str, Any]) -> list[str | None]:
    return [row["assignee"], *row["participants"], row["blocked"] and row["blocked"]["person"]]


@dataclass
class _Drawing:
    """All that the fronts of one page are made of."""

    board: Board
    state: State
    moment: Moment
    url: str
    texts: Mapping[str, str]
    faces: Mapping[str, Any]
    today: Mapping[str, Card]
    counts: Mapping[str, Mapping[str, int]]

    def front(self, uid: str) -> Front:
        row = self.state.cards[uid]
        is_done = self.state.columns[row["column"]]["is_done"]
        moved = self.state.moments.get(uid)
        stale = self.state.board["stale_after"]
        return Front(
            uid=uid,
            key=f"{self.state.board['key']}-{row['number']}",
            title=in_full(row["title"], self.texts),
            url=self.url.format(row["number"]),
            labels=labels_on(row, self.state),
            assignee=self.faces.get(row["assignee"]),
            participants=self._others(row),
            due=due_then(row, self.moment, is_over=is_done),
            blocked=self._blocked(uid, row),
            counts=self.counts[uid],
            age=self.moment.age(moved),
            is_old=not is_done and self.moment.is_stale(moved, stale),
            is_ready=bool(row["assignee"] and (row["why"] or row["done_when"])),
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


def due_then(row: Mapping[str, Any], moment: Moment, *, is_over: bool) -> times.Due | None:
    """A due date in words as of then; `is_over`: of a card that was done or put away, so never late."""
    if not row["due"]:
        return None
    day = dt.date.fromisoformat(row["due"])
    return (
        times.Due(times.day_words(day, moment.today), "") if is_over else times.due_words(day, moment.today)
    )


# ---- two moments ------------------------------------------------------------------------------------------


def mark_changes(columns: list[ColumnThen], before: Shown, after: Shown) -> None:
    """Mark the fronts that are new, moved or changed in `after`, beside how the board stood `before`."""
    counts = counts_of(before.state), counts_of(after.state)
    stood = before.cards
    for column in columns:
        for front in column.fronts:
            front.mark = _mark(front.uid, stood, before.state, after.state, counts)
            front.mark_words = MARKS.get(front.mark, "")
            if front.mark == "moved":
                was = before.state.cards[front.uid]["column"]
                name = before.state.columns[was]["name"]
                front.mark_words = f"Moved within {name}" if was == column.uid else f"Moved from {name}"


def _mark(uid: str, stood: set[str], before: State, after: State, counts: Any) -> str:
    if uid not in stood:
        return "new"
    was, now = before.cards[uid], after.cards[uid]
    if (was["column"], was["position"]) != (now["column"], now["position"]):
        return "moved"
    return "changed" if was != now or counts[0][uid] != counts[1][uid] else ""


def gone(before: Shown, after: Shown) -> list[dict[str, str]]:
    """What stood on the board `before` and does not any more: key and title. One query."""
    left = [before.state.cards[uid] for uid in before.cards - after.cards]
    left.sort(key=lambda row: row["number"])
    texts = texts_named(row["title"] for row in left)
    key = before.state.board["key"]
    return [{"key": f"{key}-{row['number']}", "title": in_full(row["title"], texts)} for row in left]


# ---- one card ---------------------------------------------------------------------------------------------


@dataclass
class CardThen:
    """A whole card as it read then."""

    front: Front
    column: str
    people: list[Any]
    spec: list[tuple[str, SafeString]]
    checklists: list[dict[str, Any]]
    threads: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    today: Card | None
    is_archived: bool


def card_then(board: Board, state: State, number: int, moment: Moment, role: Role) -> CardThen | None:
    """The card that had this number, with all that hung on it; None where none had. Seven queries at most.

    What comments said that have been removed since is told to owners only.
    """
    uid = next((uid for uid, row in state.cards.items() if row["number"] == number), None)
    if uid is None:
        return None
    row = state.cards[uid]
    lists = {key: one for key, one in state.checklists.items() if one["card"] == uid}
    items = {key: one for key, one in state.items.items() if one["checklist"] in lists}
    comments = {key: one for key, one in state.comments.items() if one["card"] == uid}
    decisions = {key: one for key, one in state.decisions.items() if one["card"] == uid}
    tables = (row, lists, items, comments, decisions)
    texts = texts_named(tables)
    faces = faces_of(_people_of(row, items, comments, decisions))
    promoted = [one["promoted_to"] for one in items.values() if one["promoted_to"]]
    blocker = [row["blocked"]["card"]] if row["blocked"] and row["blocked"]["card"] else []
    today = cards_today([uid, *promoted, *blocker])
    drawing = _Drawing(board, state, moment, "{}", texts, faces, today, counts_of(state))
    front = drawing.front(uid)
    names = Names.on(board)
    return CardThen(
        front=front,
        column=state.columns[row["column"]]["name"],
        people=front.participants,
        spec=_spec(row, texts, names),
        checklists=_checklists(lists, items, texts, faces, today),
        threads=_threads(state, comments, texts, faces, names, _removed_since(comments, role)),
        decisions=_decisions(state, decisions, texts, faces, names),
        today=today.get(uid),
        is_archived=row["archived"],
    )


def _people_of(row: Any, items: Any, comments: Any, decisions: Any) -> list[str | None]:
    people = _people_on(row)
    people += [item["checked_by"] for item in items.values()]
    for comment in comments.values():
        people += [comment["author"], *comment["asks"]]
    for decision in decisions.values():
        people += [*decision["decided_by"], *decision["agreed_by"]]
    return people


def _spec(row: Any, texts: Mapping[str, str], names: Names) -> list[tuple[str, SafeString]]:
    return [
        (label, render(in_full(row[name], texts), names)) for name, label in SPEC_FIELDS.items() if row[name]
    ]


def _checklists(lists: Any, items: Any, texts: Any, faces: Any, today: Any) -> list[dict[str, Any]]:
    shown = []
    for uid, one in sorted(lists.items(), key=lambda pair: pair[1]["position"]):
        mine = sorted(
            (item for item in items.values() if item["checklist"] == uid), key=lambda item: item["position"]
        )
        shown.append(
            {
                "name": in_full(one["name"], texts),
                "done": sum(item["checked"] for item in mine),
                "total": len(mine),
                "items": [
                    {
                        "text": in_full(item["text"], texts),
                        "checked": item["checked"],
                        "by": faces.get(item["checked_by"] or ""),
                        "card": today.get(item["promoted_to"] or ""),
                    }
                    for item in mine
                ],
            }
        )
    return shown


def _removed_since(comments: Mapping[str, Any], role: Role) -> set[str]:
    """Whose words are kept back: those of comments that are removed by now, from all but owners."""
    if role.covers(Role.OWNER):
        return set()
    removed = Comment.objects.filter(uid__in=[UUID(uid) for uid in comments]).exclude(removed_at=None)
    return {str(uid) for uid in removed.values_list("uid", flat=True)}


def _threads(
    state: State, comments: Mapping[str, Any], texts: Any, faces: Any, names: Names, withheld: set[str]
) -> list[dict[str, Any]]:
    """The comments in the order in which they were said, each with its `replies`, one level of them.

    Here a reply is to the thread's first comment. A file from elsewhere can have replies to replies, as deep
    as it likes; they stand in their thread as well.
    """
    shown: dict[str, dict[str, Any]] = {}
    top: dict[str, str] = {}
    said = {uid: in_full(comment["text"], texts) for uid, comment in comments.items()}
    page = Page()
    laid_out = {uid for uid in reversed(said) if page.takes(said[uid])}
    for uid, comment in comments.items():
        text = said[uid]
        draw = render if uid in laid_out else lambda text, _: as_typed(text)
        one = {
            "author": faces.get(comment["author"]),
            "at": _moment(state, uid),
            "kind": comment["kind"],
            "state": comment["state"],
            "asks": [faces[person] for person in comment["asks"] if person in faces],
            "is_removed": comment["removed"],
            "is_withheld": not comment["removed"] and uid in withheld,
            "is_erased": text == ERASED,
            "html": "" if comment["removed"] or uid in withheld else draw(text, names),
            "replies": [],
        }
        top[uid] = top.get(comment["parent"], uid)
        if top[uid] != uid:
            shown[top[uid]]["replies"].append(one)
        shown[uid] = one
    return [one for uid, one in shown.items() if top[uid] == uid]


def _decisions(
    state: State, decisions: Mapping[str, Any], texts: Any, faces: Any, names: Names
) -> list[dict[str, Any]]:
    said = {uid: in_full(one["text"], texts) for uid, one in decisions.items()}
    page = Page()
    newest_first = sorted(decisions, key=lambda uid: -int(decisions[uid]["number"]))
    html = {uid: page.draw(said[uid], names) for uid in newest_first}
    return [
        {
            "key": f"D-{one['number']}",
            "number": one["number"],
            "html": html[uid],
            "by": [faces[person] for person in one["decided_by"] if person in faces],
            "agreed": [faces[person] for person in one["agreed_by"] if person in faces],
            "how": How(one["how"]).label if one["how"] else "",
            "at": _moment(state, uid),
            "is_superseded": one["superseded_by"] is not None,
        }
        for uid, one in sorted(decisions.items(), key=lambda pair: pair[1]["number"])
    ]


def _moment(state: State, uid: str) -> dt.datetime | None:
    at = state.moments.get(uid)
    return dt.datetime.fromisoformat(at) if at else None
