"""What came out: of a thread, as an answer that ends it; of a meeting, as decisions and action items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, fresh_card, writing
from boards.actions.cards.create import write_card
from boards.actions.cards.limits import card_rows, clean_title, refuse_full
from boards.actions.checklists import write_checklist, write_items
from boards.actions.clean import LONG_TEXT, cleaned
from boards.actions.columns import fresh_column
from boards.actions.lines import titles_in
from boards.models import Card, Checklist, Column
from comments.escalation import settle
from comments.models import Comment, How
from fluxboard.core.ordering import positions_between

ACTION_ITEMS = "Action items"
_MOST_AT_ONCE = 50


@action
def record_answer(thread: Comment, text: str, *, by: Any, how: str = How.HERE) -> Comment:
    """Write what came out of a thread as its last word, and settle it. Returns the new reply.

    Raises `Refused` for an empty text, an unknown `how` and a thread that is settled already.
    """
    from comments.actions import write_comment
    from comments.questions import answer_when_asked
    from comments.threads import top_of

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


@dataclass(frozen=True)
class MeetingOutcome:
    """What came out of a meeting: a decision a line, and action items a line.

    Items go on the card's checklist "Action items"; with `column` they become cards there.
    """

    decisions: str
    items: str = ""
    how: str = How.MEETING
    column: Column | None = None


@action
def record_outcome(card: Card, outcome: MeetingOutcome, *, by: Any, decided_by: Iterable[Any] = ()) -> Card:
    """Write a meeting's outcome on a card, all of it or none. Returns the card.

    Raises `Refused` without a decision, for too many lines and for a column that is full or elsewhere.
    """
    with writing(card.board, by) as log:
        return _write(log, fresh_card(log, card), outcome, list(decided_by))


@action
def record_meeting(
    column: Column, title: str, outcome: MeetingOutcome, *, by: Any, decided_by: Iterable[Any] = ()
) -> Card:
    """The same on a new card for the meeting, at the end of `column`."""
    with writing(column.board, by) as log:
        column = fresh_column(log, column)
        title = clean_title(title)
        refuse_full(log, column)
        (position,) = positions_between(card_rows(column), 1)
        card = write_card(log, column, position, title=title)
        return _write(log, card, outcome, list(decided_by))


def _write(log: Log, card: Card, outcome: MeetingOutcome, deciders: list[Any]) -> Card:
    from comments.decisions import write_decision

    decided, items = titles_in(outcome.decisions), titles_in(outcome.items)
    if not decided:
        raise Refused("Write at least one decision.", "decisions")
    for lines, field in ((decided, "decisions"), (items, "items")):
        if len(lines) > _MOST_AT_ONCE:
            raise Refused(f"At most {_MOST_AT_ONCE} at once; this has {len(lines)} lines.", field)
    for text in decided:
        write_decision(log, card, text, decided_by=deciders, how=outcome.how, field="decisions")
    if items and outcome.column is not None:
        column = fresh_column(log, outcome.column)
        refuse_full(log, column, coming=len(items))
        for position, title in zip(positions_between(card_rows(column), len(items)), items, strict=True):
            write_card(log, column, position, title=clean_title(title, "items"))
    elif items:
        checklist = Checklist.objects.filter(card=card, name=ACTION_ITEMS, removed_at=None).first()
        if checklist is None:
            checklist = write_checklist(log, card, ACTION_ITEMS)
        checklist.card = card
        write_items(log, card, checklist, outcome.items, "items")
    return card
