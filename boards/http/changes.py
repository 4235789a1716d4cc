"""What every changing view does: find through the person, perform, answer.

A view hands `perform` what to do and how to show the form again; the answers are the contract's: 303 to a
page (200 with the parts to redraw for a script), 422 with the form and its messages, 409 with both texts,
403, 404, and 503 with Retry-After.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    QueryDict,
)
from django.template.loader import render_to_string
from django.utils import timezone

from activity.errors import Busy, Clash, Difference, Forbidden, Refused, Repeated
from activity.log.record import By, Done
from activity.models import Frame, Request
from boards.http.responses import answer, is_scripted, see_other
from fluxboard.accounts.unsaved_form import unsaved
from fluxboard.core import parsing

NOT_PART_OF_THE_BODY = {"csrfmiddlewaretoken", "request_id"}


@dataclass(frozen=True)
class TypedValues:
    """What a form sent, for the form that comes back: a field that was not sent is empty.

    Not a mapping. A template looks a name up as a key and then as an attribute, so that a field called
    `items` of a dict would be the method of that name wherever it was left out.
    """

    sent: QueryDict

    def __getitem__(self, name: str) -> str:
        return self.get(name)

    def get(self, name: str, otherwise: str = "") -> str:
        return self.sent.get(name) or otherwise

    def getlist(self, name: str) -> list[str]:
        return self.sent.getlist(name)

    def lists(self) -> Iterable[tuple[str, list[str]]]:
        return self.sent.lists()


@dataclass(frozen=True)
class FormProblem:
    """Why a change was not made, for the form that comes back with status 422 or 409.

    `errors` maps a field's name (empty: the whole form) to its messages; `typed` is what was sent;
    `version` is what a form that chooses has to stand on.
    """

    status: int
    typed: TypedValues
    errors: dict[str, list[str]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    version: int = 0

    @property
    def messages(self) -> list[str]:
        """Every message of every field. Templates read these, never `errors.items`, which may be a field."""
        return [message for messages in self.errors.values() for message in messages]


def request_by(request: HttpRequest) -> By:
    """Who asks, with the id and the fingerprint that make asking twice harmless."""
    return By(
        request.user,
        now=timezone.now(),
        request_id=_request_id(request.POST.get("request_id", "")),
        fingerprint=fingerprint(request),
    )


def _request_id(typed: str) -> uuid.UUID | None:
    if not typed:
        return None
    known = parsing.identifier(typed)
    if known is None:
        raise Refused("This form is damaged. Reload the page and try again.")
    return known


def fingerprint(request: HttpRequest) -> bytes:
    """32 bytes over where a form went and what it said, without its token and its id.

    `place` names the board or card by its row, so that a form sent again after a change of key is known.
    """
    said = hashlib.sha256(getattr(request, "place", request.path).encode())
    for name in sorted(request.POST.keys() - NOT_PART_OF_THE_BODY):
        for value in request.POST.getlist(name):
            said.update(repr((name, value)).encode())
    return said.digest()


def _seen(request: HttpRequest) -> int | None:
    """The version that the form stands on; None when it stands on none."""
    typed = request.POST.get("version", "")
    if not typed:
        return None
    version = parsing.whole_number(typed)
    if version is None:
        raise Refused("This form is damaged. Reload the page and try again.")
    return version


def chosen(typed: QueryDict) -> QueryDict:
    """What a conflict form sends, with each pick resolved: `pick-title=theirs` makes `title` theirs."""
    picks = {name.removeprefix("pick-"): typed[name] for name in typed if name.startswith("pick-")}
    if not picks:
        return typed
    settled = typed.copy()
    for name, pick in picks.items():
        settled[name] = typed.get(f"{pick}-{name}", typed.get(name, ""))
    return settled


def perform(
    request: HttpRequest,
    act: Callable[[By, int | None], Any],
    *,
    back: Callable[[Any], str] | str,
    again: Callable[[FormProblem], HttpResponse],
    parts: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """Do `act(by, seen)` and answer.

    `back(thing)` is the page that shows it, `parts(thing)` the HTML that a script redraws (default: the
    frames that every open page gets); `thing` is what `act` returned, or None when this very request was
    done before. `again(problem)` shows the form again with the problem's status.
    """
    typed = chosen(request.POST)
    done = Done()
    try:
        by = request_by(request)
        done = by.done
        thing = act(by, _seen(request))
    except Repeated:
        thing = None
    except Forbidden as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refused as refusal:
        return again(FormProblem(422, TypedValues(typed), errors={refusal.field: [refusal.message]}))
    except Clash as clash:
        return again(
            FormProblem(409, TypedValues(typed), differences=clash.differences, version=clash.version)
        )
    except Busy as busy:
        return later(request, busy)
    if not is_scripted(request):
        return see_other(back if isinstance(back, str) else back(thing))
    if not done.last_seq:
        done = _done_before(request)
    response = answer(request, parts(thing) if parts else "".join(done.frames))
    response["X-Flux-Seq"] = str(done.last_seq or getattr(thing, "version", 0) or 0)
    return response


def _done_before(request: Any) -> Done:
    """What this very request did when it came first, by its id; nothing when it carries none."""
    typed = request.POST.get("request_id", "")
    known = Request.objects.filter(actor=request.user, request_id=typed).first() if typed else None
    if known is None:
        return Done()
    rows = Frame.objects.filter(board=known.board_id, seq__range=(known.first_seq, known.last_seq))
    return Done(known.last_seq, list(rows.order_by("seq").values_list("html", flat=True)))


def later(request: HttpRequest, busy: Busy) -> HttpResponse:
    """503, and the form with all that was typed, under its own `request_id`: sent again it is done once."""
    page = render_to_string("503_database.html", {"message": busy.message, **unsaved(request)})
    response = HttpResponse(page, status=503)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = "2"
    return response
