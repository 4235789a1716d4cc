"""Whether what a topic is about is settled by itself, without a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from boards.models import Board
from comments.models import Comment
from fluxboard.meetings.models import Topic
from fluxboard.meetings.things import cards_of, comments_of, decisions_of

_ENDS = {
    Comment.Settled.ANSWERED: "It was answered in writing.",
    Comment.Settled.CLOSED: "Whoever asked closed it.",
    Comment.Settled.DECIDED: "It was decided in writing.",
}


@dataclass(frozen=True)
class Things:
    """What the topics of one board's agendas are about, by uid; loaded in at most three queries."""

    cards: dict[Any, Any] = field(default_factory=dict)
    comments: dict[Any, Any] = field(default_factory=dict)
    decisions: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, board: Board, topics: Iterable[Topic]) -> Things:
        topics = list(topics)

        def about(*kinds: str) -> set[Any]:
            return {topic.about for topic in topics if topic.kind in kinds and topic.about}

        cards, comments, decisions = (
            about(Topic.Kind.CARD, Topic.Kind.BLOCKED),
            about(Topic.Kind.QUESTION, Topic.Kind.THREAD),
            about(Topic.Kind.DECISION),
        )
        return cls(
            cards_of(board, cards) if cards else {},
            comments_of(board, comments) if comments else {},
            decisions_of(board, decisions) if decisions else {},
        )

    def about(self, topic: Topic) -> Any:
        """The card, comment or decision of a topic; None for words, and for what is not on the board."""
        if topic.kind == Topic.Kind.DECISION:
            return self.decisions.get(topic.about)
        if topic.kind in (Topic.Kind.QUESTION, Topic.Kind.THREAD):
            return self.comments.get(topic.about)
        return self.cards.get(topic.about)

    def card(self, topic: Topic) -> Any:
        """The card on which a topic is, if it is still on the board."""
        thing = self.about(topic)
        return thing if thing is None or topic.kind in (Topic.Kind.CARD, Topic.Kind.BLOCKED) else thing.card

    def is_settled(self, topic: Topic) -> bool:
        """Whether a topic needs no talk: it has an outcome, or what it is about has ended."""
        return bool(topic.outcome) or self.written(topic) != ""

    def written(self, topic: Topic) -> str:
        """How the thing that a topic is about came to its end by itself, in words; empty while it is open."""
        thing = self.about(topic)
        if thing is None:
            return ""
        match topic.kind:
            case Topic.Kind.BLOCKED if thing.is_archived:
                return "The card was archived."
            case Topic.Kind.BLOCKED if not thing.is_blocked:
                return "The card is no longer blocked."
            case Topic.Kind.QUESTION if thing.removed_at is not None:
                return "The question was removed."
            case Topic.Kind.QUESTION | Topic.Kind.THREAD if thing.is_settled:
                return _ENDS[Comment.Settled(thing.settled_how)]
            case Topic.Kind.DECISION if thing.superseded_by_id is not None:
                return "A newer decision took its place."
        return ""
