"""A card as it stood at a moment of its board's log, with its checklists, threads and decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from activity.log.card_counts import counts_of
from activity.log.replay.state import ERASED, State, in_full
from activity.log.snapshots import texts_named
from boards.models import SPEC_FIELDS, Board, Card, Role
from boards.rendering.markdown import Names, Page, as_typed, render
from comments.models import Comment, How
from fluxboard.features.time_travel.board_at import (
    Drawing,
    Moment,
    PastFront,
    cards_today,
    faces_of,
    people_at,
)


@dataclass
class CardThen:
    """A whole card as it read then."""

    front: PastFront
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
    drawing = Drawing(board, state, moment, "{}", texts, faces, today, counts_of(state))
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
    people = people_at(row)
    people += [item["checked_by"] for item in items.values()]
    for comment in comments.values():
        people += [comment["author"], *comment["asks"]]
    for decision in decisions.values():
        people += [*decision["decided_by"], *decision["agreed_by"]]
        people += [person for _, person in decision["confirmed"]]
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
            "review_on": dt.date.fromisoformat(one["review_on"]) if one["review_on"] else None,
            "said": _who_said(one["confirmed"], faces),
        }
        for uid, one in sorted(decisions.items(), key=lambda pair: pair[1]["number"])
    ]


def _who_said(confirmed: Sequence[Sequence[str]], faces: Any) -> list[Any]:
    """Who said, when the decision was last looked at, that it is still true."""
    last = max((day for day, _ in confirmed), default="")
    return [faces[person] for day, person in confirmed if day == last and person in faces]


def _moment(state: State, uid: str) -> dt.datetime | None:
    at = state.moments.get(uid)
    return dt.datetime.fromisoformat(at) if at else None
