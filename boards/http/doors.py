"""Who comes in: sign-in, the board by its key, the least role."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from boards.board_page.viewer import board_and_role
from boards.http.responses import is_scripted
from boards.models import Board, FormerKey, Role
from fluxboard.accounts.middleware import page_of


def signed_in[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Send the anonymous to sign in; a script gets a 401 with the way there."""

    @functools.wraps(view)
    def known(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request: Any = args[0]
        if request.user.is_authenticated:
            return view(*args, **kwargs)
        if is_scripted(request):
            context = {"login": reverse(settings.LOGIN_URL), "page": page_of(request)}
            return HttpResponse(
                render_to_string("_signed_out.html", context, request),
                status=401,
            )
        return redirect_to_login(request.get_full_path())

    known.login_required = False  # type: ignore[attr-defined]
    return known


def on_board(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Find the board by its key through the person; a former key leads on, what isn't theirs is a 404.

    The method is kept, so that a form sent to a former key is not lost.

    The view gets `request` and `board`; `request.role` is the person's `Role` there.
    """

    @functools.wraps(view)
    @signed_in
    def found(request: Any, key: str, *args: Any, **kwargs: Any) -> HttpResponse:
        board, role = board_and_role(request.user, key)
        if board is None:
            return moved(request, key)
        note_place(request, key, board, role)
        return view(request, board, *args, **kwargs)

    return found


def note_place(request: Any, key: str, board: Board, role: Role | None) -> None:
    """Note where a request is: the person's `role`, and its address without a key, which may change."""
    request.role = role
    request.place = request.path.replace(f"/{key}/", f"/board {board.pk}/", 1)


def moved(request: HttpRequest, key: str) -> HttpResponse:
    """The way to the board that had this key before; raises Http404 where the person sees none."""
    former = FormerKey.objects.select_related("board").filter(key=key).first()
    if former is None:
        raise Http404
    if not Board.objects.visible_to(request.user).filter(pk=former.board_id).exists():
        raise Http404
    address = request.get_full_path().replace(f"/{key}/", f"/{former.board.key}/", 1)
    response = HttpResponse(status=301 if request.method in ("GET", "HEAD") else 307)
    response["Location"] = address
    response["Cache-Control"] = "no-store"
    return response


def require(request: Any, role: str) -> None:
    """Refuse with a 403 whoever has less than `role` on the board that they see."""
    if request.role is None or not Role(request.role).covers(role):
        raise PermissionDenied("Your role on this board does not allow that.")
