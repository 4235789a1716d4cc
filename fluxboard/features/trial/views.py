"""`/b/KEY/trial/`: the trial of working without a standup, its report, and the question of each Friday."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activity.errors import Refused
from boards import page_frame
from boards.http.doors import on_board
from boards.http.responses import next_of, only, see_other, show
from boards.models import Board, Trial, TrialAnswer
from boards.models.trial import TrialQuerySet
from boards.views.change_forms import change
from fluxboard.accounts import times
from fluxboard.accounts.rate_limits import limited
from fluxboard.core import limits, parsing
from fluxboard.core.recurrence import WEEKDAYS
from fluxboard.features.trial import forms as trial_forms
from fluxboard.features.trial.question import answer, has_answered
from fluxboard.features.trial.report import days_left, load_report


@on_board
@require_safe
@limited("insight")
def trial(request: Any, board: Board) -> HttpResponse:
    """GET: the trial that runs, or the newest that was decided; else what a trial is, and how it begins."""
    there = _trials(board).order_by("-stops", "-pk")
    return _page(request, board, there.undecided().first() or there.first())


@on_board
@require_safe
@limited("insight")
def report(request: Any, board: Board, pk: int) -> HttpResponse:
    """GET: one trial."""
    return _page(request, board, _trial(board, pk))


def _trials(board: Board) -> TrialQuerySet:
    return Trial.objects.current().filter(board=board)


def _trial(board: Board, pk: int) -> Trial:
    """404 for one that was called off, as for one that is not there."""
    if pk > parsing.LARGEST_ID:
        raise Http404
    found: Trial = get_object_or_404(_trials(board), pk=pk)
    found.board = board
    return found


def _page(request: Any, board: Board, found: Trial | None) -> HttpResponse:
    now, reader = timezone.now(), request.user
    today = times.today_of(reader, now)
    context = page_frame.frame(reader, board, request.role, "insight")
    may = context["is_owner"] and not board.is_archived
    others = [one for one in _trials(board).order_by("-stops")[: limits.TRIALS] if one != found]
    context |= {"trial": found, "others": others, "may": may, "has_open": _runs(others)}
    if found is None:
        return show(request, "trial/trial.html", context)
    found.board = board
    is_over = found.is_over(today)
    context |= {
        "report": load_report(found, board, reader, now),
        "is_over": is_over,
        "is_ahead": today < found.stops,
        "days_left": days_left(found, today),
        "weekdays": _days(found.weekdays),
        "asks": _asks(found, reader, now),
        "answers": TrialAnswer.Answer.choices,
        "longest": limits.TRIAL_ANSWER,
        "decide": trial_forms.DecideTrial(found) if may and is_over and not found.choice else None,
        "call_off": trial_forms.RemoveTrial(found) if may and not found.choice else None,
        "reopen": trial_forms.ReopenTrial(found) if may and found.choice and not _runs(others) else None,
    }
    return show(request, "trial/trial.html", context)


def _days(codes: list[str]) -> str:
    """`Monday to Friday`, `Monday, Thursday`."""
    names = [WEEKDAYS[code] for code in codes]
    places = [[*WEEKDAYS].index(code) for code in codes]
    if len(places) > 2 and places[-1] - places[0] == len(places) - 1:
        return f"{names[0]} to {names[-1]}"
    return ", ".join(names)


def _runs(trials: list[Trial]) -> bool:
    return any(not one.choice for one in trials)


def _asks(found: Trial, reader: Any, now: Any) -> bool:
    """Whether this week's question waits for the reader's answer."""
    return (
        not found.choice
        and found.friday_of(reader, times.today_of(reader, now)) is not None
        and not has_answered(found, reader, now)
    )


@on_board
def new(request: Any, board: Board) -> HttpResponse:
    """GET: the form. POST: say when the standup stops."""
    return change(request, "trial.started", board)


@on_board
def do(request: Any, board: Board, pk: int, part: str) -> HttpResponse:
    """GET: the form of one verb. POST: do it to the trial."""
    return change(request, f"trial.{part}", _trial(board, pk))


@on_board
def question(request: Any, board: Board, pk: int) -> HttpResponse:
    """GET: this week's question, `?answer=yes` chosen. POST `answer`, `text`: one's answer, by nobody."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    found, now = _trial(board, pk), timezone.now()
    here = reverse("boards:trial_report", args=[board.key, found.pk])
    asked = request.POST if request.method == "POST" else request.GET
    context = page_frame.frame(request.user, board, request.role, "insight") | {
        "trial": found,
        "asks": _asks(found, request.user, now),
        "answers": TrialAnswer.Answer.choices,
        "chosen": asked.get("answer", ""),
        "text": asked.get("text", ""),
        "longest": limits.TRIAL_ANSWER,
    }
    if request.method != "POST":
        return show(request, "trial/question.html", context)
    try:
        answer(found, request.user, asked.get("answer", ""), asked.get("text", ""), now)
    except Refused as problem:
        if not problem.field:
            messages.info(request, problem.message)
            return see_other(next_of(request) or here)
        return show(
            request, "trial/question.html", context | {"errors": {problem.field: problem.message}}, 422
        )
    messages.success(request, "Thank you. Your answer is kept without your name.")
    return see_other(next_of(request) or here)
