"""What differs between a board then and a later moment: marks on cards, and the cards that are gone."""

from __future__ import annotations

from typing import Any

from activity.log.card_counts import counts_of
from activity.log.replay.state import State, in_full
from activity.log.snapshots import texts_named
from fluxboard.features.time_travel.board_at import CardsAt, ColumnThen

_MARKS = {"new": "New", "moved": "Moved", "changed": "Changed"}


def mark_changes(columns: list[ColumnThen], before: CardsAt, after: CardsAt) -> None:
    """Mark the fronts that are new, moved or changed in `after`, beside how the board stood `before`."""
    counts = counts_of(before.state), counts_of(after.state)
    stood = before.cards
    for column in columns:
        for front in column.fronts:
            front.mark = _mark(front.uid, stood, before.state, after.state, counts)
            front.mark_words = _MARKS.get(front.mark, "")
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


def gone(before: CardsAt, after: CardsAt) -> list[dict[str, str]]:
    """What stood on the board `before` and does not any more: key and title. One query."""
    left = [before.state.cards[uid] for uid in before.cards - after.cards]
    left.sort(key=lambda row: row["number"])
    texts = texts_named(row["title"] for row in left)
    key = before.state.board["key"]
    return [{"key": f"{key}-{row['number']}", "title": in_full(row["title"], texts)} for row in left]
