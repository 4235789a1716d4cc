"""What a card's front counts, out of a board's state: ticks, comments, decisions, what waits for someone."""

from __future__ import annotations

from activity.log.replay.state import State

COUNTED = (
    "items_total",
    "items_done",
    "comments_count",
    "decisions_count",
    "questions_open",
    "threads_escalated",
)
UNSETTLED = ("open", "escalated")


def counts_of(state: State) -> dict[str, dict[str, int]]:
    """The counts of every card of `state`, by its uid, under the names that the tables have for them."""
    counts = {uid: dict.fromkeys(COUNTED, 0) for uid in state.cards}
    for item in state.items.values():
        checklist = state.checklists.get(item["checklist"])
        if checklist is not None and checklist["card"] in counts:
            counts[checklist["card"]]["items_total"] += 1
            counts[checklist["card"]]["items_done"] += bool(item["checked"])
    for comment in state.comments.values():
        if comment["removed"] or comment["card"] not in counts:
            continue
        mine = counts[comment["card"]]
        mine["comments_count"] += 1
        mine["questions_open"] += comment["kind"] == "question" and comment["state"] in UNSETTLED
        mine["threads_escalated"] += comment["state"] == "escalated"
    for decision in state.decisions.values():
        if decision["card"] in counts:
            counts[decision["card"]]["decisions_count"] += decision["superseded_by"] is None
    return counts
