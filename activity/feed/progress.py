"""What a stretch of changes comes to in numbers: cards moved on, checklist items ticked, comments."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from activity.feed.load import ToldActivity
from activity.models import Activity
from fluxboard.core.postgres.statements import PARAM_BOARD, PARAM_USER, PreparedQuery

# What changes how many items there are, or are done.
COUNTING = ("item.checked", "item.unchecked", "item.added", "item.removed", "item.restored")


class ChecklistProgress:
    """How many items of a card were done at any moment of a page, counted back from what it has now."""

    def __init__(
        self, now: Mapping[int, tuple[int, int]], later: Iterable[tuple[int, int, str, Any]]
    ) -> None:
        """`now`: items done and in all by card id. `later`: card id, id, verb and facts of activities.

        The facts are those before, of a restored item those after.
        """
        self._now = dict(now)
        self._steps: dict[int, list[tuple[int, int, int]]] = {}
        for card, pk, verb, facts in later:
            self._steps.setdefault(card, []).append((pk, *_counts(verb, facts)))

    def after(self, activity: Activity) -> tuple[int, int] | None:
        """Items done and in all on the activity's card right after it; None where that is not known."""
        if activity.card_id not in self._now:
            return None
        done, total = self._now[activity.card_id]
        for pk, more_done, more in self._steps.get(activity.card_id, ()):
            if pk > activity.pk:
                done, total = done - more_done, total - more
        return (done, total) if 0 <= done <= total else None


def _counts(verb: str, facts: Any) -> tuple[int, int]:
    match verb:
        case "item.checked":
            return 1, 0
        case "item.unchecked":
            return -1, 0
        case "item.added":
            return 0, 1
        case "item.removed":
            return -int(bool(facts.get("checked"))), -1
        case "item.restored":
            return int(bool(facts.get("checked"))), 1
    return 0, 0


def progress_of(told: Iterable[ToldActivity]) -> ChecklistProgress:
    """The progress of the cards on which items were ticked, came or went. One query, none without such."""
    counted = [one.activity for one in told if one.activity.effect in COUNTING]
    cards: dict[int, Any] = {a.card_id: a.card for a in counted if a.card_id is not None}
    if not cards:
        return ChecklistProgress({}, ())
    later = _counting().all(cards=list(cards), after=min(activity.pk for activity in counted))
    steps = [
        (row.card_id, row.pk, row.effect, row.after if row.effect == "item.restored" else row.before)
        for row in later
        if row.card_id is not None
    ]
    return ChecklistProgress({pk: (card.items_done, card.items_total) for pk, card in cards.items()}, steps)


@functools.cache
def _counting() -> PreparedQuery[Activity]:
    later = Activity.objects.filter(card__in=[PARAM_USER], id__gt=PARAM_BOARD).doing(*COUNTING)
    return PreparedQuery(
        later.only("card", "verb", "before", "after"), {PARAM_USER: "cards", PARAM_BOARD: "after"}
    )
