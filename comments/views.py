"""Comments, questions and decisions from their forms: new ones on the card's address, others on their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from activity.errors import Refused
from activity.log.record import By
from boards import page_frame
from boards.http.changes import FormProblem, TypedValues, chosen, perform
from boards.http.doors import on_board, require
from boards.http.on_card import on_card
from boards.http.responses import is_scripted, next_of, only, say_restored, show
from boards.models import Board, Card, Column, Role
from boards.person_changes import nameable
from boards.rendering.markdown import Names
from boards.views.cards import back_to, show_again, show_form, whole_number
from comments import actions, decisions, outcomes, questions, reuse, reviews
from comments.answerers import answerers
from comments.decision_register import decision_shown
from comments.models import Comment, Decision, How
from comments.pages import prepare
from fluxboard.accounts.models import User
from fluxboard.core import parsing

_KINDS = {
    Comment.Kind.COMMENT: ("comment.posted", "comments/forms/again.html", "Comment"),
    Comment.Kind.QUESTION: ("question.asked", "comments/forms/ask.html", "Ask a question"),
    Comment.Kind.DECISION: ("decision.recorded", "comments/forms/decide.html", "Record a decision"),
}
# What can be done to a comment: its verb, the form that comes back, its heading.
DEEDS = {
    "edited": ("comment.edited", "comments/forms/edit.html", "Comment"),
    "removed": ("comment.removed", "comments/forms/remove.html", "Comment"),
    "restored": ("comment.restored", "comments/forms/restore.html", "Restore the comment"),
    "recorded": ("decision.recorded", "comments/forms/decide_this.html", "Record as decision"),
    "answered": ("question.answered", "comments/forms/answered.html", "This answers the question"),
    "linked": ("question.answered", "answers/linked.html", "This answers it"),
    "closed": ("question.closed", "comments/forms/close.html", "Close the question"),
    "handed-on": ("question.handed_on", "comments/forms/hand_on.html", "Hand the question on"),
    "settled": ("thread.settled", "comments/forms/settle.html", "Record the outcome"),
}
ON_DECISION = {
    "agreed": ("decision.agreed", "comments/forms/agree.html", "Agree"),
    "superseded": ("decision.superseded", "comments/forms/supersede.html", "Supersede"),
    "review-set": ("decision.review_set", "comments/forms/review.html", "When to look at it again"),
    "confirmed": ("decision.confirmed", "comments/forms/confirm.html", "Still true?"),
}


def _parent(card: Card, typed: str) -> Comment | None:
    if not typed:
        return None
    pk = whole_number(typed, "The comment that this replies to has gone.", "parent")
    parent = Comment.objects.filter(pk=pk, card=card).first()
    if parent is None:
        raise Refused("The comment that this replies to has gone.", "parent")
    return parent


def _people(board: Board, by: By, typed: QueryDict, field: str) -> list[Any]:
    """The people whom a form names, in its order; `Refused` beside `field` for one who is nobody here."""
    asked = [whole_number(value, "Choose a person.", field) for value in typed.getlist(field) if value]
    found = nameable(board, by.user).in_bulk(asked)
    if len(found) < len(set(asked)):
        raise Refused("Choose a person.", field)
    return [found[pk] for pk in asked]


def picked(typed: QueryDict | TypedValues, field: str) -> list[int]:
    """The people whom a form had chosen, for the form that comes back; what is no number is left out."""
    return [pk for value in typed.getlist(field) if (pk := parsing.whole_number(value)) is not None]


def _review_day(typed: QueryDict) -> dt.date | None:
    """The day on which a form wants a decision looked at again; `Refused` for what is none."""
    words = typed.get("review_on", "").strip()
    day = parsing.day(words)
    if words and (day is None or day.year < parsing.EARLIEST_YEAR):
        raise Refused("Write the date as in 2026-10-31.", "review_on")
    return day


def write(card: Card, typed: QueryDict, kind: str, by: By) -> Any:
    """Say, ask or decide what a form says; returns the comment or the decision."""
    text, parent = typed.get("text", ""), _parent(card, typed.get("parent", ""))
    if kind == Comment.Kind.QUESTION:
        known = typed.get("answered_by", "")
        fact = reuse.answer_fact(reuse.answer_called(known, by.user)) if known else None
        asked = _people(card.board, by, typed, "ask")
        return questions.ask_question(card, text, asked, by=by, parent=parent, known=fact)
    if kind == Comment.Kind.DECISION:
        return decisions.record_decision(
            card,
            text,
            by=by,
            parent=parent,
            decided_by=_people(card.board, by, typed, "decided_by"),
            how=typed.get("how", How.HERE),
            review_on=_review_day(typed),
        )
    if kind != Comment.Kind.COMMENT:
        raise Refused("Choose a comment, a question or a decision.", "kind")
    return actions.post_comment(card, text, by=by, parent=parent)


@on_card
def post(request: Any, card: Card, kind: str = Comment.Kind.COMMENT) -> HttpResponse:
    """POST only: a comment, question or decision on the card, or with `parent` in a thread."""
    if refused := only(request, "POST"):
        return refused
    require(request, Role.MEMBER)
    typed = chosen(request.POST)
    kind = typed.get("kind") or kind
    verb, form, title = _KINDS[Comment.Kind(kind if kind in _KINDS else Comment.Kind.COMMENT)]

    def act(by: By, seen: int | None) -> Any:
        return write(card, typed, kind, by)

    def again(problem: FormProblem) -> HttpResponse:
        context = _form_context(request, card) | {"parent": typed.get("parent", "")}
        context["picked"] = picked(typed, "ask")
        return show_again(request, card, verb, form, title, problem, context)

    return perform(request, act, back=lambda done: back(request, card, done), again=again)


def _form_context(request: Any, card: Card) -> dict[str, Any]:
    return {
        "answerers": answerers(card.board, request.user, timezone.now()),
        "live": is_scripted(request),
    }


def back(request: Any, card: Card, done: Any) -> str:
    """Where a form says that it came from, else the card at what was written."""
    if to := next_of(request):
        return to
    anchor = ""
    if done is not None:
        anchor = f"#d-{done.number}" if isinstance(done, Decision) else f"#c-{done.pk}"
    return back_to(request, card, anchor)


@on_card
@require_safe
def ask(request: Any, card: Card) -> HttpResponse:
    """GET: the form of a question on a page of its own."""
    require(request, Role.MEMBER)
    context = _form_context(request, card)
    return show_form(request, card, "comments/forms/ask.html", "Ask a question", context)


@on_card
@require_safe
def decide(request: Any, card: Card) -> HttpResponse:
    """GET: the form of a decision on a page of its own."""
    require(request, Role.MEMBER)
    return show_form(
        request, card, "comments/forms/decide.html", "Record a decision", _form_context(request, card)
    )


def _edited(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.edit_comment(comment, typed.get("text", ""), by=by, seen=seen)


def _removed(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.remove_comment(comment, by=by)


def _restored(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.restore_comment(comment, by=by)


def _recorded(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    return decisions.decide_by_comment(
        comment, by=by, decided_by=_people(comment.card.board, by, typed, "decided_by")
    )


def _closed(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    return questions.close_question(comment, by=by)


def _handed_on(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    people = _people(comment.card.board, by, typed, "ask")
    if len(people) != 1:
        raise Refused("Choose whom to hand it on to.", "ask")
    return questions.hand_on(comment, people[0], by=by, instead_of=_asked_before(comment, typed))


def _asked_before(comment: Comment, typed: QueryDict) -> User | None:
    """Whom the question waits for, where the form says that somebody else hands it on."""
    if not typed.get("for"):
        return None
    pk = whole_number(typed.get("for", ""), "Choose who was asked.", "for")
    person = User.objects.filter(pk=pk, asks__comment=comment).first()
    if person is None:
        raise Refused("Choose who was asked.", "for")
    return person


def _answered(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    pk = whole_number(typed.get("answer", ""), "Choose a comment of yours.", "answer")
    answer = Comment.objects.filter(pk=pk, card=comment.card).first()
    if answer is None:
        raise Refused("Choose a comment of yours.", "answer")
    return questions.answer_question(comment, answer, by=by)


def _linked(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    answer = reuse.answer_called(typed.get("answered_by", ""), by.user)
    return reuse.answer_by_known(comment, answer, by=by)


def _settled(comment: Comment, typed: QueryDict, by: By, seen: int | None) -> Any:
    text, how = typed.get("text", ""), typed.get("how", How.HERE)
    if comment.thread.is_settled:
        raise Refused("This thread is settled already.")
    if typed.get("kind", Comment.Kind.DECISION) == Comment.Kind.DECISION:
        return decisions.record_decision(comment.card, text, by=by, parent=comment, how=how)
    return outcomes.record_answer(comment, text, by=by, how=how)


ACTS: dict[str, Callable[[Comment, QueryDict, By, int | None], Any]] = {
    "edited": _edited,
    "removed": _removed,
    "restored": _restored,
    "recorded": _recorded,
    "answered": _answered,
    "linked": _linked,
    "closed": _closed,
    "handed-on": _handed_on,
    "settled": _settled,
}


@on_card
def do(request: Any, card: Card, pk: int, part: str) -> HttpResponse:
    """POST only: one of `DEEDS` to one comment of the card."""
    if part not in DEEDS:
        raise Http404
    if refused := only(request, "POST"):
        return refused
    require(request, Role.MEMBER)
    comment = get_object_or_404(Comment.objects.select_related("author"), pk=pk, card=card)
    comment.card = card
    typed = chosen(request.POST)
    verb, form, title = DEEDS[part]

    def act(by: By, seen: int | None) -> Any:
        return ACTS[part](comment, typed, by, seen)

    def again(problem: FormProblem) -> HttpResponse:
        shown = prepare(comment, card, request.user, request.role, timezone.now(), Names())
        context = _form_context(request, card) | {"comment": shown, "next": typed.get("next", "")}
        return show_again(request, card, verb, form, title, problem, context)

    def back_from(done: Any) -> str:
        say_restored(request, verb)
        return back(request, card, done if isinstance(done, Decision) else comment)

    return perform(request, act, back=back_from, again=again)


@on_card
def do_decision(request: Any, card: Card, pk: int, part: str) -> HttpResponse:
    """POST only: one of `ON_DECISION`, such as to agree, or to record the decision that takes its place."""
    if part not in ON_DECISION:
        raise Http404
    if refused := only(request, "POST"):
        return refused
    require(request, Role.MEMBER)
    decision = get_object_or_404(Decision.objects.select_related("board"), pk=pk, card=card)
    decision.card = card
    typed = chosen(request.POST)
    verb, form, title = ON_DECISION[part]

    def act(by: By, seen: int | None) -> Any:
        if part == "agreed":
            return decisions.agree(decision, by=by)
        if part == "review-set":
            return reviews.set_review(decision, _review_day(typed), by=by, seen=seen)
        if part == "confirmed":
            next_on = _review_day(typed) if "review_on" in typed else reviews.AS_NAMED
            return reviews.confirm(decision, by=by, next_on=next_on)
        return decisions.record_decision(
            card,
            typed.get("text", ""),
            by=by,
            decided_by=_people(card.board, by, typed, "decided_by"),
            how=typed.get("how", How.HERE),
            supersedes=decision,
            review_on=_review_day(typed),
        )

    def again(problem: FormProblem) -> HttpResponse:
        context = {"decision": decision, "next": typed.get("next", "")}
        return show_again(request, card, verb, form, title, problem, context)

    return perform(request, act, back=lambda done: back(request, card, done or decision), again=again)


# --- the outcome of a meeting ---------------------------------------------------------------------------


@on_card
def outcome(request: Any, card: Card) -> HttpResponse:
    """GET: the form of a meeting's outcome on a card. POST: its decisions and action items, at once."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    return _outcome(request, card.board, card)


@on_board
def board_outcome(request: Any, board: Board) -> HttpResponse:
    """The same on a new card for the meeting."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    return _outcome(request, board, None)


def _outcome(request: Any, board: Board, card: Card | None) -> HttpResponse:
    if request.method != "POST":
        return _show_outcome(request, board, card)
    typed = request.POST

    def act(by: By, seen: int | None) -> Any:
        column = (
            _column(board, typed.get("column", "")) if card is None or typed.get("as") == "cards" else None
        )
        came = outcomes.MeetingOutcome(
            typed.get("decisions", ""),
            typed.get("items", ""),
            typed.get("how", How.MEETING),
            column if typed.get("as") == "cards" else None,
        )
        people = _people(board, by, typed, "decided_by")
        if card is not None:
            return outcomes.record_outcome(card, came, by=by, decided_by=people)
        assert column is not None
        return outcomes.record_meeting(column, typed.get("title", ""), came, by=by, decided_by=people)

    def back(done: Any) -> str:
        on = done if isinstance(done, Card) else card
        return on.get_absolute_url() if on is not None else board.get_absolute_url()

    return perform(
        request, act, back=back, again=lambda problem: _show_outcome(request, board, card, problem)
    )


def _column(board: Board, typed: str) -> Column:
    pk = whole_number(typed, "Choose a column.", "column")
    column = board.columns.current().filter(pk=pk).first()
    if column is None:
        raise Refused("Choose a column.", "column")
    column.board = board
    return column


def _show_outcome(
    request: Any, board: Board, card: Card | None, problem: FormProblem | None = None
) -> HttpResponse:
    context = page_frame.frame(request.user, board, request.role, "form") | {
        "card": card,
        "problem": problem,
        "picked": picked(problem.typed, "decided_by") if problem else [request.user.pk],
        "answerers": answerers(board, request.user, timezone.now()),
        "columns": list(board.columns.current().in_board_order()),
        "hows": How.choices,
        "how": problem.typed.get("how") if problem else How.MEETING,
        "action": request.path,
    }
    template = "decisions/_outcome.html" if is_scripted(request) else "decisions/outcome.html"
    return show(request, template, context, problem.status if problem else 200)


@on_board
@require_safe
def decision(request: Any, board: Board, number: int) -> HttpResponse:
    """GET: one decision by its number, with what it took the place of and what took its own."""
    found = get_object_or_404(Decision.objects.select_related("card__board"), board=board, number=number)
    context = page_frame.frame(request.user, board, request.role, "decisions")
    context |= {"card": found.card, "shown": decision_shown(found, request.user, timezone.now())}
    context["may_review"] = found.is_standing and request.role.covers(Role.MEMBER) and not board.is_archived
    return show(request, "decisions/decision.html", context)
