"""What a run of changes comes to: three ticks are one line, there and back again is none.

Pure functions over the activities of one person (or several) on one card, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from activity.feed.line import Line, LineReader
from activity.feed.load import ToldActivity
from activity.feed.progress import ChecklistProgress
from activity.feed.topics import FOLDERS, NAMED, others, single, value_set
from activity.log.verbs import VERBS
from activity.models import Activity

# In which order the lines of a card stand; what is not here comes last, as it happened.
_ORDER = (
    "created",
    "moved",
    "transferred",
    "question",
    "escalated",
    "decision",
    "block",
    "comment",
    "title",
    "spec",
    "ticks",
    "items",
)


def fold_topics(
    told: Iterable[ToldActivity],
    reader: LineReader,
    progress: ChecklistProgress | None = None,
    is_news: Callable[[Activity], bool] = lambda activity: False,
) -> list[Line]:
    """The lines that `told` (one card's, oldest first) comes to; what cancels itself out is left out."""
    topics: dict[tuple[str, Any], list[ToldActivity]] = {}
    for one in without_undone(told):
        topics.setdefault(_topic(one), []).append(one)
    is_new = ("created", None) in topics
    lines = []
    for (topic, _), about in topics.items():
        if is_new and topic == "title":
            continue
        line = FOLDERS.get(topic, others)(topic, about, reader, progress or ChecklistProgress({}, ()))
        if line is not None:
            lines.append(replace(line, is_news=any(is_news(one.activity) for one in about)))
    return sorted(lines, key=lambda line: _ORDER.index(line.topic) if line.topic in _ORDER else len(_ORDER))


def without_undone(told: Iterable[ToldActivity]) -> list[ToldActivity]:
    """`told` (oldest first) without what was undone within it, and without those undos."""
    told = list(told)
    places = {(one.activity.board_id, one.activity.seq): one for one in told}
    for one in reversed(told):
        here = (one.activity.board_id, one.activity.seq)
        undoes = one.activity.undoes
        undone = (one.activity.board_id, undoes["seq"]) if undoes else None
        if here in places and undone in places:
            del places[here], places[undone]
    return list(places.values())


def unfold(
    told: Iterable[ToldActivity],
    reader: LineReader,
    is_news: Callable[[Activity], bool] = lambda activity: False,
) -> list[Line]:
    """A line for each activity, as it happened."""
    return [replace(single(_topic(one)[0], one, reader), is_news=is_news(one.activity)) for one in told]


def _topic(told: ToldActivity) -> tuple[str, Any]:
    """What an activity is about: those of one topic fold into one line."""
    verb, subject = told.activity.effect, told.activity.subject
    match verb:
        case "card.created":
            return ("created", None)
        case "card.moved":
            return ("moved", None)
        case "card.transferred":
            return ("transferred", None)
        case "card.retitled":
            return ("title", None)
        case "card.specified":
            return ("spec", value_set(told))
        case "card.blocked" | "card.unblocked":
            return ("block", None)
        case "card.labelled" | "card.unlabelled":
            return ("labels", None)
        case "card.joined" | "card.left":
            return ("people", None)
        case "card.archived" | "card.restored" | "column.archived" | "column.restored":
            return ("archive", subject)
        case "item.checked" | "item.unchecked":
            return ("ticks", None)
        case "item.added" | "item.removed" | "item.restored" | "item.reworded" | "item.moved":
            return ("items", None)
        case "comment.posted" | "comment.edited" | "comment.removed" | "comment.restored":
            return ("comment", None)
        case "question.asked":
            return ("question", subject)
        case "question.answered" | "question.handed_on":
            return ("answered", subject)
        case "decision.recorded":
            return ("decision", subject)
        case "decision.superseded" | "thread.settled":
            return ("follows", subject)
        case "thread.escalated":
            return ("escalated", subject)
    if verb in NAMED:
        return ("named", verb)
    if VERBS[verb].noun == "card" and VERBS[verb].sets:
        return ("value", verb)
    return ("other", verb if verb.startswith("checklist.") else (verb, subject))


# ---- the topics -------------------------------------------------------------------------------------------
