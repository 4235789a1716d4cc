"""Whether what changes of a card come to is what is different about it, by the replayed log."""

from __future__ import annotations

from typing import Any

from activity.feed.load import ToldActivity
from activity.feed.net_effect import SINGLE, Key, Net, bare, net_effect
from activity.log.replay.state import State, replay
from activity.log.snapshots import events_of
from activity.models import Activity
from boards.models import Board


def standing(state: State, uid: str) -> dict[Key, Any]:
    """All that the card `uid` has in a replayed state, under the names of `net_effect`."""
    card = state.cards.get(uid)
    if card is None:
        return {}
    found: dict[Key, Any] = {("card", ""): True} | {(name, ""): card[name] for name in SINGLE}
    block = card["blocked"]
    found["blocked", ""] = block if block and any(block.values()) else None
    for name, field in (("label", "labels"), ("participant", "participants")):
        found |= {(name, one): one for one in card[field]}
    lists = {key for key, row in state.checklists.items() if row["card"] == uid}
    for key in lists:
        found["checklist", key] = state.checklists[key]["name"]
    for key, row in state.items.items():
        if row["checklist"] in lists:
            found["item", key], found["ticked", key] = row["text"], row["checked"]
            found["promoted", key] = row["promoted_to"]
    for key, row in state.comments.items():
        if row["card"] == uid:
            found["comment", key] = None if row["removed"] else row["text"]
            found["state", key] = row["state"]
            found["asked", key] = row["asks"]
    for key, row in state.decisions.items():
        if row["card"] == uid:
            found["decision", key], found["superseded", key] = row["number"], row["superseded_by"]
            found["review", key] = row["review_on"]
            found |= {(f"agreed {key}", person): person for person in row["agreed_by"]}
            found |= {(f"confirmed {key}", f"{day} {person}"): person for day, person in row["confirmed"]}
    return said(found)


def said(values: dict[Key, Any]) -> dict[Key, Any]:
    """Without what is as if it were not there: nothing, an open state, nobody asked."""
    shown = {key: bare(value) for key, value in values.items()}
    return {
        key: value
        for key, value in shown.items()
        if value not in (None, []) and not (key[0] == "state" and value == "open")
    }


def applied(before: dict[Key, Any], net: Net, after: State) -> dict[Key, Any]:
    """`before` with `net` done to it. Items of a list that is gone have gone with it, unsaid."""
    found = before | {key: change.now for key, change in net.items() if key[0] not in ("board", "promoted")}
    found = {key: value for key, value in found.items() if key[0] != "promoted"}
    gone = {key for key, row in after.items.items() if row["checklist"] not in after.checklists}
    return {
        key: value
        for key, value in said(found).items()
        if not (key[0] in ("item", "ticked") and key[1] in gone)
    }


def assert_adds_up(board: Board, *places: int) -> None:
    """For every card, from each of `places` (seqs) on: state at the place + net effect = state at the end."""
    events = list(events_of(board))
    end = replay(events)
    rows = list(Activity.objects.filter(board=board).select_related("card").order_by("seq"))
    if any(event.verb == "member.claimed" for event in events):
        return
    by_card: dict[str, list[ToldActivity]] = {}
    for event, row in zip(events, rows, strict=True):
        if event.card is not None:
            by_card.setdefault(event.card, []).append(ToldActivity(row, row.before, row.after))
    for place in places:
        start = replay(event for event in events if event.seq <= place)
        for uid, told in by_card.items():
            then = [one for one in told if one.activity.seq > place]
            expected = {key: value for key, value in standing(end, uid).items() if key[0] != "promoted"}
            assert applied(standing(start, uid), net_effect(then), end) == expected, (uid, place)
