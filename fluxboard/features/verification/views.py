"""`/b/KEY/settings/record/`: is it true what this board says? Owners have it checked; everyone may read."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from activity.models import Activity, Verification
from boards import page_frame
from boards.http.doors import on_board, require
from boards.http.responses import only, show
from boards.models import Board, Role
from fluxboard.accounts.moments import moment_words
from fluxboard.accounts.rate_limits import limited
from fluxboard.features.verification.verify import verify_now


@on_board
@limited("verify", "POST")
def record(request: Any, board: Board) -> HttpResponse:
    """GET: what the last look found. POST, owners: look again; leads back here."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    if request.method == "POST":
        require(request, Role.OWNER)
        verify_now(board, request.user, timezone.now())
        response = HttpResponse(status=303)
        response["Location"] = reverse("boards:settings_record", args=[board.key])
        return response
    found = Verification.objects.filter(board=board).select_related("by").first()
    is_owner = request.role == Role.OWNER
    context = page_frame.frame(request.user, board, request.role, "settings") | {
        "tab": "record",
        "found": found,
        "faults": found.faults if found and is_owner else [],
        "found_at": moment_words(found.at, request.user) if found else "",
        "head": _hash_at(board, board.seq),
        "since": board.seq - found.seq if found else 0,
        "is_rewritten": found is not None and not found.count and _hash_at(board, found.seq) != found.head,
    }
    return show(request, "verification/verification.html", context)


def _hash_at(board: Board, seq: int) -> str:
    """The first twelve digits of the log's hash at `seq`; empty where no row stands there."""
    row = Activity.objects.filter(board=board, seq=seq).values_list("hash", flat=True).first()
    return bytes(row).hex()[:12] if row is not None else ""
