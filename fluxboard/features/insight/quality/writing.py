"""What counts as written: a reason for what happened to a card, and any change of its words."""

from __future__ import annotations

# Words for others to read; an undo of their removal does not say anything new.
REASONS = ("comment.posted", "question.asked", "decision.recorded", "card.blocked")
# Words at all, also those of the card itself.
WRITTEN = (
    *REASONS,
    "card.created",
    "card.specified",
    "card.retitled",
    "comment.edited",
    "item.added",
    "item.reworded",
)
