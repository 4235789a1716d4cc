"""How a thread comes to its end without a decision: with an answer that says how people came to it."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from boards.actions.writing import LONG_TEXT, action, cleaned, fresh_card, writing
from comments.escalation import settle
from comments.models import Comment, How


@action
def record_answer(thread: Comment, text: str, *, by: Any, how: str = How.HERE) -> Comment:
    """Write what came out of a thread as its last word, and settle it. Returns the new reply.

    Raises `Refused` for an empty text, an unknown `how` and a thread that is settled already.
    """
    from comments.actions import top_of, write_comment
    from comments.questions import answer_when_asked

    with writing(thread.card.board, by) as log:
        card = fresh_card(log, thread.card)
        text = cleaned(text, field="text", what="An outcome", longest=LONG_TEXT, lines=True)
        if how not in How.values:
            raise Refused("Choose how you talked.", "how")
        top = top_of(card, thread)
        if top is None or top.is_settled:
            raise Refused("This thread is settled already.")
        answer = write_comment(log, card, text, parent=top)
        answer_when_asked(log, card, top, answer)
        top.refresh_from_db()
        settle(log, card, top, Comment.Settled.ANSWERED, answer=str(answer.uid), how=str(how))
        return answer
