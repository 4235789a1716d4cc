"""`/now/` and `/b/KEY/now/`: how things stand, instead of asking around."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from activity.feed.read_marker import places_as_text
from boards import page_frame
from boards.http.doors import on_board, signed_in
from boards.http.responses import is_scripted, only, show
from boards.models import Board
from fluxboard.accounts.models import User
from fluxboard.accounts.team_hours import team_clock
from fluxboard.features.check_in.due import due_check_ins
from fluxboard.features.now.load import load_now
from fluxboard.features.now.query import MOST_STILL, NowQuery
from fluxboard.features.trial.question import open_questions


@signed_in
def now(request: Any) -> HttpResponse:
    """GET: over all my boards, or `?board=KEY`; `?person=ID` is one person's part.

    `?still=7` lists what has not moved for seven days, whatever the boards say.
    """
    if refused := only(request, "GET", "HEAD"):
        return refused
    boards = list(Board.objects.of(request.user).current().order_by("name"))
    return _page(request, boards, page_frame.frame(request.user, None, None, "now", boards))


@on_board
def board_now(request: Any, board: Board) -> HttpResponse:
    """GET: of one board."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    return _page(request, [board], page_frame.frame(request.user, board, request.role, "now"))


def _page(request: Any, boards: list[Board], frame: dict[str, Any]) -> HttpResponse:
    """The page; for htmx its state, or 204 where nothing has happened since `?upto=FLX:345 MOB:23 HOUR`.

    A new hour counts as something: by then a card may be overdue, or an answer late. It is one on the
    reader's own clock, so that their day begins with it, also where that is half an hour from UTC's.
    """
    reader, asked, at = request.user, NowQuery.of(request.GET), timezone.now()
    upto = f"{places_as_text(boards)} {at.astimezone(reader.zone):%Y-%m-%dT%H}"
    if is_scripted(request) and request.GET.get("upto") == upto:
        return HttpResponse(status=204)
    people = list(User.objects.filter(boards__in=boards, is_active=True).distinct().order_by("name", "pk"))
    subject = asked.subject(people)
    chosen = asked.boards(boards)
    context = frame | {
        "now": load_now(chosen, reader, at, subject, still=asked.still),
        "check_ins_due": due_check_ins(chosen, reader, at),
        "trial_questions": open_questions(chosen, reader, at),
        "clock": team_clock([person for person in people if person.is_claimed], reader, at),
        "people": people,
        "still": asked.still,
        "most_still": MOST_STILL,
        "again": asked.address(upto),
        "streams": " ".join(
            f"{one.get_absolute_url()}live/?ids=1&lastEventId={one.channel}:{one.seq}" for one in chosen
        ),
        "choices": boards if frame["board"] is None and len(boards) > 1 else [],
        "chosen": chosen[0].key if len(chosen) < len(boards) else "",
    }
    return show(request, "now/_state.html" if is_scripted(request) else "now/now.html", context)
