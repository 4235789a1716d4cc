"""What a file says of itself is compared with what it holds: Trello leaves old actions out of an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from fluxboard.features.trello import values as v
from fluxboard.features.trello.findings import Findings
from fluxboard.features.trello.keys import VOTE
from fluxboard.features.trello.model import TrelloCard, TrelloComment
from fluxboard.features.trello.shapes import named

ACTIONS = 1_000  # that Trello writes into an export at most
LOST_COMMENTS = (
    "Comments of a card are not in the file, {total} in all: Trello exports the last 1,000 actions only",
    "Comments of {n} cards are not in the file, {total} in all: Trello exports the last 1,000 actions only",
)
LOST_ITEMS = (
    "Checklist items of a card are not in the file, {total} in all",
    "Checklist items of {n} cards are not in the file, {total} in all",
)
LOST_ATTACHMENTS = (
    "Attachments of a card are not in the file, {total} in all",
    "Attachments of {n} cards are not in the file, {total} in all",
)


def tell_missing(
    root: dict[str, Any], cards: dict[str, TrelloCard], comments: Iterable[TrelloComment], problems: Findings
) -> None:
    """Compare what came in with what each card's badges say."""
    counts = Counter(comment.card for comment in comments)
    for raw in map(v.mapping, v.sequence(root.get("cards"))):
        card = cards.get(v.identity(raw.get("id")))
        if card is None:
            continue
        badges = v.mapping(raw.get("badges"))
        items = sum(len(checklist.items) for checklist in card.checklists)
        votes = len(v.sequence(raw.get("idMembersVoted")) or v.sequence(raw.get("membersVoted")))
        for key, had, one, several in (
            ("comments", counts[card.id], *LOST_COMMENTS),
            ("checkItems", items, *LOST_ITEMS),
            ("attachments", len(card.attachments), *LOST_ATTACHMENTS),
            ("votes", votes, VOTE.one, VOTE.several),
        ):
            promised = v.whole(badges.get(key), 0, 10**6) or 0
            if promised > had:
                lost = promised - had
                times = lost if key == "votes" else 1
                problems.add(
                    one, several, f"{named(card)} ({lost:,} of {promised:,})", amount=lost, times=times
                )


def tell_strangers(root: dict[str, Any], people: Collection[str], problems: Findings) -> None:
    """Name the members of the board who are not among the file's people."""
    for membership in map(v.mapping, v.sequence(root.get("memberships"))):
        id_ = v.identity(membership.get("idMember"))
        if id_ and id_ not in people:
            problems.add(
                "A member whom the file does not describe was left out",
                "{n} members whom the file does not describe were left out",
                id_,
            )


def tell_short_history(root: dict[str, Any], notes: Findings) -> None:
    """Say so when there are as many actions as Trello exports at most."""
    actions = len(v.sequence(root.get("actions")))
    if actions >= ACTIONS:
        words = (
            f"The file holds {actions:,} entries of history: Trello leaves all but the last {ACTIONS:,} out "
            "of an export, so that older ones may be missing"
        )
        notes.add(words, words)
