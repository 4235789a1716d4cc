"""What happened, loaded for reading: the log's rows with the texts and people that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from activity.models import Activity, ActivityContent

AT_ONCE = 50


@dataclass(frozen=True)
class Told:
    """One activity with its facts resolved: a text's digest replaced by the text, None where it was erased.

    `is_withheld`: it speaks of a removed comment, and the reader may not see what that said.
    """

    activity: Activity
    before: dict[str, Any]
    after: dict[str, Any]
    is_withheld: bool = False


@dataclass(frozen=True)
class History:
    """A page of a card's history, newest first; `earlier` is the id to go on from, None at the end."""

    told: list[Told]
    earlier: int | None


def card_history(
    card: Any, *, before: int | None = None, with_removed: bool = False, limit: int = AT_ONCE
) -> History:
    """What happened to `card`, newest first, from before the activity with id `before`. Three queries.

    `with_removed`: also what removed comments said, which only a board's owners may read.
    """
    rows = Activity.objects.filter(card=card).select_related("actor", "board").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    page = list(rows[: limit + 1])
    told = tell(page[:limit], withheld=set() if with_removed else removed_comments(card))
    return History(told, page[limit - 1].pk if len(page) > limit else None)


def removed_comments(card: Any) -> set[Any]:
    """The uids of the comments that were taken off `card`."""
    removed = Activity.objects.filter(card=card, verb="comment.removed")
    return set(removed.values_list("subject", flat=True))


def tell(activities: Iterable[Activity], withheld: set[Any]) -> list[Told]:
    """`activities` with their texts, which are fetched in one query."""
    activities = list(activities)
    texts = texts_of(activities)
    return [
        Told(
            activity,
            resolved(activity.before, texts),
            resolved(activity.after, texts),
            is_withheld=activity.subject in withheld,
        )
        for activity in activities
    ]


def texts_of(activities: Iterable[Activity]) -> dict[str, str]:
    """The texts that `activities` name by digest."""
    digests = {
        digest
        for activity in activities
        for facts in (activity.before, activity.after)
        for digest in _digests(facts)
    }
    if not digests:
        return {}
    return dict(ActivityContent.objects.filter(digest__in=digests).values_list("digest", "text"))


def resolved(facts: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """`facts` with texts in place of their digests; None for one that was erased."""
    return {name: texts.get(value["text"]) if _is_text(value) else value for name, value in facts.items()}


def _digests(facts: dict[str, Any]) -> Iterator[str]:
    return (value["text"] for value in facts.values() if _is_text(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"text"}
