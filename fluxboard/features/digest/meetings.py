"""What a digest says of meetings that came to their end: what came out of each, and where its minutes are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from activity.feed.load import ToldActivity
from fluxboard.core.counting import counted
from fluxboard.meetings.models import Meeting, Topic

MOST_MEETINGS = 5
ENDS = ("meeting.closed", "meeting.not_needed")
_OUTCOMES = (
    ((Topic.Outcome.DECISION,), "decision"),
    ((Topic.Outcome.ACTION, Topic.Outcome.ITEM), "action item"),
    ((Topic.Outcome.QUESTION,), "question"),
)


def ended_meetings(told: Iterable[ToldActivity]) -> dict[int, list[Meeting]]:
    """By board id, the meetings that `told` says have ended, the newest first, and still are. Two queries."""
    uids = {one.activity.subject for one in told if one.activity.effect in ENDS}
    found: dict[int, list[Meeting]] = {}
    if uids:
        over = (Meeting.State.CLOSED, Meeting.State.NOT_NEEDED)
        rows = Meeting.objects.filter(uid__in=uids, state__in=over)
        for meeting in rows.select_related("board").prefetch_related("topics").order_by("-ended_at", "-pk"):
            found.setdefault(meeting.board_id, []).append(meeting)
    return found


def outcome_words(meeting: Meeting) -> str:
    """`2 decisions, 1 action item`, `not needed, 3 topics settled in writing`."""
    topics = [topic for topic in meeting.topics.all() if topic.dropped_at is None]
    if meeting.state == Meeting.State.NOT_NEEDED:
        return f"not needed, {counted(len(topics), 'topic')} settled in writing"
    counts = Counter(topic.outcome for topic in topics)
    told = [(sum(counts[outcome] for outcome in outcomes), words) for outcomes, words in _OUTCOMES]
    words = [counted(number, one) for number, one in told if number]
    return ", ".join(words) or "nothing had to be decided"
