"""`/catch-up/` and `/b/KEY/catch-up/`: since I was last here, one step at a time; every step is a page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from activity.errors import Refused
from activity.feed.catch_up import CatchUpProgress, minutes_for, put_off_by, put_off_card, taken_up
from activity.feed.catch_up_steps import CatchUpStep, steps_for
from activity.feed.line import LineReader
from activity.feed.news_since import NewsSince, happened_on, happened_since
from activity.feed.progress import progress_of
from activity.feed.read_marker import mark_read, places_in, readings_of
from activity.log.record import By
from boards import page_frame
from boards.http.changes import FormProblem, TypedValues, perform
from boards.http.doors import on_board, signed_in
from boards.http.responses import only, see_other, show
from boards.models import Board, Card, Role
from boards.rendering.markdown import render
from comments.actions import post_comment
from comments.models import Ask, Comment
from fluxboard.core import parsing
from fluxboard.core.plain_text import plain_lines
from fluxboard.features.catch_up.concern import concern_of, still_here

_MOST = 1000


@dataclass
class CatchUpScope:
    """What a catch-up goes over: one board, or all of mine; and where its pages are."""

    boards: list[Board]
    url: str
    kept_as: str
    frame: dict[str, Any]


@dataclass(frozen=True)
class Cut:
    """A board on which more happened since `read_at` than is looked at: told is what did `at` and later."""

    board: Board
    at: dt.datetime
    read_at: dt.datetime | None


@dataclass(frozen=True)
class CatchUp:
    """The steps of a catch-up, and where they do not tell all."""

    steps: list[CatchUpStep] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)


def _everywhere(request: Any) -> CatchUpScope:
    boards = list(Board.objects.of(request.user).current().order_by("name"))
    frame = page_frame.frame(request.user, None, None, "catch-up")
    return CatchUpScope(boards, reverse("catch_up"), "catch_up", frame)


def _of_board(request: Any, board: Board) -> CatchUpScope:
    frame = page_frame.frame(request.user, board, request.role, "catch-up")
    return CatchUpScope([board], reverse("boards:catch_up", args=[board.key]), f"catch_up {board.key}", frame)


@signed_in
def catch_up(request: Any) -> HttpResponse:
    """GET: the next step over all my boards. POST `step`, `upto` and `act`: done with it.

    `act` is `read`, `later`, or `answer` with the `text` for `question`. An answer that will not do, or one
    that was typed and not sent, comes back beside its field with 422.
    """
    return _answer(request, _everywhere(request))


@on_board
def board_catch_up(request: Any, board: Board) -> HttpResponse:
    """The same over one board."""
    return _answer(request, _of_board(request, board))


def _answer(request: Any, scope: CatchUpScope) -> HttpResponse:
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    if request.method != "POST":
        return _page(request, scope)
    if request.POST.get("act") == "answer":
        return _reply(request, scope)
    if request.POST.get("text", "").strip():
        error = "Send your answer first, or empty the field."
        return _page(request, scope, FormProblem(422, TypedValues(request.POST), {"text": [error]}))
    return _go_on(request, scope)


def _progress(request: Any, scope: CatchUpScope) -> CatchUpProgress:
    return CatchUpProgress.of(request.session.get(scope.kept_as)) or CatchUpProgress.from_here(scope.boards)


def _page(request: Any, scope: CatchUpScope, problem: FormProblem | None = None) -> HttpResponse:
    """The next step; with a `problem` the same one as before, as long as nothing was done with it."""
    now = timezone.now()
    progress = _progress(request, scope)
    is_end = request.GET.get("done") == "1"
    found = CatchUp() if is_end else catch_up_of(request.user, scope.boards, progress, now)
    left = [step for step in found.steps if step.name not in progress.behind]
    step = left[0] if left else None
    context = scope.frame | {
        "step": step,
        "question": (question := _question_of(step, request.user) if step else None),
        "question_html": _in_full(question, step) if question is not None else "",
        "number": len(progress.behind) + 1,
        "total": len(progress.behind) + len(left),
        "minutes": minutes_for(sum(one.words for one in left)),
        "ahead": left[1:],
        "cuts": found.cuts,
        "upto": " ".join(f"{key}:{seq}" for key, seq in progress.upto.items()),
        "here": now.astimezone(request.user.zone),
        "address": scope.url,
        "later": len(put_off_by(request.user, [board.pk for board in scope.boards])),
        "problem": problem,
    }
    return show(request, "catch_up/catch_up.html", context, problem.status if problem else 200)


def catch_up_of(reader: Any, boards: list[Board], progress: CatchUpProgress, now: dt.datetime) -> CatchUp:
    """All that `reader` has to catch up with, up to where `progress` began, in a fixed number of queries."""
    upto = {board.pk: progress.upto[board.key] for board in boards if board.key in progress.upto}
    readings = readings_of(reader, boards)
    seqs = {board.pk: readings.seq.get(board.pk, board.seq) for board in boards}
    news = happened_since(seqs, upto, reader, _MOST)
    put_off = put_off_by(reader, upto).items()
    if later := {card: seq for card, seq in put_off if f"card:{card}" not in progress.later}:
        news = _together(news, happened_on(later, reader, upto, _MOST))
    done = {one for one in progress.done if one.startswith("card:")}
    told = [one for one in still_here(news.told, reader) if f"card:{one.activity.card_id}" not in done]
    steps = steps_for(told, LineReader.of(reader, now), concern_of(reader, told), progress_of(told))
    cuts = [
        Cut(board, news.cut_at[board.pk], readings.times.get(board.pk))
        for board in boards
        if board.pk in news.cut_at
    ]
    return CatchUp(steps, cuts)


def _together(news: NewsSince, more: NewsSince) -> NewsSince:
    every = {one.activity.pk: one for one in (*news.told, *more.told)}
    return NewsSince([every[pk] for pk in sorted(every)], more.cut_at | news.cut_at)


def _question_of(step: CatchUpStep, reader: Any) -> Any:
    """The oldest question on the step's card that waits for the reader, to be answered on the spot."""
    if step.kind != "question":
        return None
    asks = Ask.objects.open().filter(person=reader, comment__card=step.card)
    ask = asks.select_related("comment__author", "comment__card__board").order_by("comment").first()
    if ask is None:
        return None
    role = ask.comment.card.board.role_of(reader)
    return ask.comment if role is not None and role.covers(Role.MEMBER) else None


def _in_full(question: Comment, step: CatchUpStep | None) -> str:
    """All of `question`, to be read before it is answered; empty where the step says just that, uncut."""
    asked = [one for one in step.said if one.kind in ("question", "passed")] if step else []
    words = " ".join(plain_lines(question.text).split())
    if [(one.activity.subject, one.text) for one in asked] == [(question.uid, words)]:
        return ""
    return render(question.text, question.card.board)


def _reply(request: Any, scope: CatchUpScope) -> HttpResponse:
    """An answer to a question on the step, which is done with when no other one there waits for the reader.

    To a question that was closed or handed on meanwhile it is a reply.
    """
    asked = Ask.objects.filter(person=request.user, comment__card__board__in=scope.boards)
    pk = parsing.whole_number(request.POST.get("question", ""))
    ask = asked.select_related("comment__card__board").filter(comment=pk).first() if pk is not None else None

    def act(by: By, seen: int | None) -> Comment:
        if ask is None:
            raise Refused("This question was not put to you.", "text")
        return post_comment(ask.comment.card, request.POST.get("text", ""), by=by, parent=ask.comment)

    def back(done: Comment | None) -> str:
        waiting = Ask.objects.open().filter(person=request.user)
        if done is None or waiting.filter(comment__card=done.card_id).exists():
            return scope.url
        return str(_go_on(request, scope, answered=done.card)["Location"])

    return perform(request, act, back=back, again=lambda problem: _page(request, scope, problem))


def _go_on(request: Any, scope: CatchUpScope, answered: Card | None = None) -> HttpResponse:
    """Done with the step that the form names, or with the card of which the last question is `answered`."""
    now = timezone.now()
    progress = _progress(request, scope)
    asked = {key: seq for key, seq in places_in(request.POST.get("upto", "")).items() if key in progress.upto}
    if not progress.behind:
        progress.upto |= {key: min(seq, progress.upto[key]) for key, seq in asked.items()}
    if answered is not None:
        progress.done.append(f"card:{answered.pk}")
        taken_up(request.user, answered)
    steps = catch_up_of(request.user, scope.boards, progress, now).steps
    step = next((one for one in steps if one.name == request.POST.get("step")), None)
    if step is not None and step.name not in progress.behind:
        _done_with(request, scope, progress, step)
    if all(one.name in progress.behind for one in steps):
        places = {board: progress.upto[board.key] for board in scope.boards if board.key in progress.upto}
        mark_read(request.user, places, now)
        request.session.pop(scope.kept_as, None)
        return see_other(f"{scope.url}?done=1")
    request.session[scope.kept_as] = progress.kept()
    return see_other(scope.url)


def _done_with(request: Any, scope: CatchUpScope, progress: CatchUpProgress, step: CatchUpStep) -> None:
    if step.card is None or request.POST.get("act") != "later":
        progress.done.append(step.name)
        if step.card is not None:
            taken_up(request.user, step.card)
        return
    progress.later.append(step.name)
    line = readings_of(request.user, scope.boards).seq.get(step.card.board_id, 0)
    put_off_card(request.user, step.card, line)
