"""Kinds of meetings: the topics with which each begins, and what the board says beside them by itself."""

from __future__ import annotations

from boards.models import Card
from fluxboard.meetings.actions.topics import TopicPlan
from fluxboard.meetings.models import Meeting, Topic

_K, _P = Meeting.Kind, Topic.Prompt
# The topics of each kind: words, minutes, and what stands beside them.
TOPICS: dict[str, tuple[tuple[str, int, str], ...]] = {
    _K.REVIEW: (
        ("What did we finish, and did it help?", 15, _P.FINISHED),
        ("What did we decide?", 10, _P.DECIDED),
        ("What is under way, and what changes about it?", 10, _P.UNDER_WAY),
    ),
    _K.RETRO: (
        ("What went well?", 10, _P.FINISHED),
        ("What held us up?", 10, _P.BLOCKED),
        ("Which questions waited too long?", 10, _P.LATE),
        ("What did we have to take up again?", 5, _P.TAKEN_BACK),
        ("What do we do differently from now on?", 10, ""),
    ),
    _K.PLANNING: (
        ("Who takes what has no owner?", 10, _P.NO_OWNER),
        ("What do we do about what is overdue or stands still?", 10, _P.STUCK),
        ("Where is too much under way at once?", 10, _P.LIMITS),
    ),
    _K.ONE_TO_ONE: (
        ("What do we still owe each other?", 10, _P.BETWEEN),
        ("How is it going with what each of us is on?", 10, _P.ON),
        ("What else?", 10, ""),
    ),
    _K.INCIDENT: (
        ("What happened?", 15, _P.TIMELINE),
        ("What helped, and what made it worse?", 10, ""),
        ("What do we change, so that it does not happen again?", 15, ""),
    ),
}
# What is out of the log of a meeting's days, so that it is the same in the minutes; the rest is how things
# stand, and shows until the meeting is over.
OF_THE_PAST = {_P.FINISHED, _P.DECIDED, _P.BLOCKED, _P.LATE, _P.TAKEN_BACK, _P.TIMELINE}


def topics_of_kind(kind: str, card: Card | None) -> list[TopicPlan]:
    """The topics that a meeting of `kind` begins with; an incident review asks about `card` first."""
    plans = []
    for words, minutes, prompt in TOPICS.get(kind, ()):
        if prompt == _P.TIMELINE and card is not None:
            plans.append(
                TopicPlan(Topic.Kind.CARD, about=card.uid, text=words, minutes=minutes, prompt=prompt)
            )
        else:
            plans.append(TopicPlan(text=words, minutes=minutes, prompt=prompt))
    return plans


def asks_about(kind: str) -> str:
    """The topics of a kind in one line, for whoever chooses it."""
    return " ".join(words for words, _, _ in TOPICS[kind])
