"""Answers that were there before: a decision or an answered question that answers another question too."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from activity.errors import Forbidden, Refused
from boards.actions.base import action, writing
from boards.models import Board, Role
from comments.escalation import settle
from comments.models import Ask, Comment, Decision
from comments.questions import fresh_question
from fluxboard.core import parsing

ANSWERED = (Comment.Settled.ANSWERED, Comment.Settled.DECIDED)
_CALLED = re.compile(r"(?P<kind>decision|question)-(?P<pk>[0-9]{1,19})")
_GONE = "Choose an answer that is still there."


@dataclass(frozen=True)
class AnswerShown:
    """What answered a question: `FLX D-4` or `FLX-12`, and where it stands."""

    key: str
    url: str


def answer_called(typed: str, reader: Any) -> Decision | Comment:
    """What a form names as `decision-12` or `question-7`.

    Raises `Refused` for what `reader` does not see, and for what is no answer any more: a decision that was
    superseded, a question that was removed or is open.
    """
    named = _CALLED.fullmatch(typed)
    pk = parsing.whole_number(named["pk"]) if named else None
    seen = {"pk": pk, "card__board__in": Board.objects.visible_to(reader)}
    found: Decision | Comment | None = None
    if named and pk is not None and named["kind"] == "decision":
        found = Decision.objects.filter(**seen, superseded_by=None).select_related("board").first()
    elif named and pk is not None:
        answered = Comment.objects.filter(**seen, kind=Comment.Kind.QUESTION, removed_at=None)
        found = answered.filter(settled_how__in=ANSWERED).select_related("card__board").first()
    if found is None:
        raise Refused(_GONE, "answered_by")
    return found


def answer_fact(answer: Decision | Comment) -> dict[str, str]:
    """An answer as the log names it: by uid, with its key of that day and none of its words."""
    return {"id": str(answer.uid), "key": key_of(answer)}


def key_of(answer: Decision | Comment) -> str:
    if isinstance(answer, Decision):
        return f"{answer.board.key} {answer.key}"
    return str(answer.card.key)


@action
def answer_by_known(question: Comment, answer: Decision | Comment, *, by: Any) -> Comment:
    """Say that a decision, or a question that was answered before, answers an open question, and close it.

    For whoever asked, who is asked, and owners; raises `Forbidden` for others, `Refused` for a question that
    is not open any more or is named as its own answer.
    """
    with writing(question.card.board, by) as log:
        question = fresh_question(log, question)
        person = log.by.user
        is_asked = Ask.objects.filter(comment=question, person=person, handed_to=None).exists()
        if not (is_asked or question.author_id == person.pk or log.opening.role == Role.OWNER):
            raise Forbidden("Only who asked, who is asked and the board's owners can say what answers this.")
        if answer.uid == question.uid:
            raise Refused(_GONE, "answered_by")
        settle(
            log,
            question.card,
            question,
            Comment.Settled.ANSWERED,
            "question.answered",
            answer=None,
            answered_by=answer_fact(answer),
        )
        return question


def answers_of(questions: Iterable[Comment], reader: Any) -> dict[UUID, AnswerShown]:
    """What answered each of `questions` that an older answer has closed, by the answer's uid.

    Only what `reader` sees. Three queries, none where no question was answered so.
    """
    uids = {one.answered_by for one in questions if one.answered_by is not None}
    if not uids:
        return {}
    boards = list(Board.objects.visible_to(reader).values_list("pk", flat=True))
    decisions = Decision.objects.filter(uid__in=uids, board__in=boards).select_related("board")
    found = {one.uid: AnswerShown(key_of(one), one.get_absolute_url()) for one in decisions}
    questions_here = Comment.objects.filter(uid__in=uids - found.keys(), card__board__in=boards)
    for one in questions_here.filter(removed_at=None).select_related("card__board"):
        url = f"{one.card.get_absolute_url()}?comments=all#c-{one.pk}"
        found[one.uid] = AnswerShown(key_of(one), url)
    return found


def times_reused(answers: Collection[UUID], reader: Any) -> dict[UUID, int]:
    """How many questions each of these has answered besides its own, on boards that `reader` sees."""
    if not answers:
        return {}
    rows = Comment.objects.filter(
        answered_by__in=answers, removed_at=None, card__board__in=Board.objects.visible_to(reader)
    )
    return dict(rows.order_by().values_list("answered_by").annotate(Count("pk")))


def reuses_between(boards: Collection[Board], first: dt.datetime, last: dt.datetime) -> int:
    """How many questions on `boards` were answered from `first` to before `last` by what was there already.

    What was undone does not count. One query.
    """
    rows = Comment.objects.filter(card__board__in=boards, removed_at=None, answered_by__isnull=False)
    return rows.filter(settled_at__gte=first, settled_at__lt=last).count()
