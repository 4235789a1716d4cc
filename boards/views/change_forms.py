"""The one view behind the forms of `boards.forms`: show it, do it, show it again with what is wrong."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from boards.forms import ChangeForm, change_form, with_choices
from boards.http.changes import FormProblem, chosen, perform
from boards.http.doors import require
from boards.http.responses import is_scripted, next_of, only, show
from boards.models import Board
from boards.page_frame import frame


def change(request: Any, verb: str, thing: Any = None, **initial: Any) -> HttpResponse:
    """GET: the form of `verb` on `thing` (a part for a script, else a small page). POST: do it and answer."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    form_class = change_form(verb, thing)
    if thing is not None:
        require(request, form_class.least)
    if request.method != "POST":
        return _show_form(request, form_class(thing, **initial))
    form = form_class(thing, chosen(request.POST))
    if not form.is_valid():
        return _show_form(request, form, status=422)

    def back(done: Any) -> str:
        if form.said:
            messages.success(request, form.said)
        return next_of(request) or form.back(done)

    return perform(
        request, form.perform, back=back, again=lambda problem: _show_again(request, form, problem)
    )


def _show_form(request: HttpRequest, form: ChangeForm, status: int = 200) -> HttpResponse:
    """The form alone for a script, else on a page of its own."""
    with_choices(form)
    form.about_to_show(request.user)
    if is_scripted(request):
        return show(request, form.part, {"form": form, **form.part_context()}, status)
    return show(request, "boards/form.html", {"form": form, **frame_of(request, form, "form")}, status)


def _show_again(request: HttpRequest, form: ChangeForm, problem: FormProblem) -> HttpResponse:
    """422: the form with its messages. 409: base, theirs and yours to choose from."""
    for name, words in problem.errors.items():
        form.add_error(name if name in form.fields else None, words)
    if problem.status != 409:
        return _show_form(request, form, status=problem.status)
    context = {
        "problem": problem,
        "verb": form.verb,
        "action": form.action,
        "form": form,
        "back": form.back(None),
    }
    if is_scripted(request):
        return show(request, "boards/_conflict.html", context, status=409)
    return show(request, "boards/conflict.html", {**frame_of(request, form, "form"), **context}, status=409)


def frame_of(request: Any, form: ChangeForm, view: str) -> dict[str, Any]:
    """The bars around a form's page; a new board has none of its own yet."""
    board: Board | None = form.board if form.thing is not None else None
    return frame(request.user, board, getattr(request, "role", None), view)
