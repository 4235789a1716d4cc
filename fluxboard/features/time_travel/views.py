"""`/b/KEY/at/`: the board as it stood after any of its activities, read only; every position is an address.

`?seq=345` or `?time=2026-10-12T16:00` (on the reader's clock, also without the hour); `&since=300` marks and
lists what changed between the two; `&card=12` opens that card as it read then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse, QueryDict
from django.utils import timezone

from activity.feed.entry import Entry
from activity.feed.line import LineReader
from activity.feed.load import UNSHOWN, ToldActivity, tell_in_public, with_what_it_is_about
from activity.feed.progress import progress_of
from activity.feed.summary import fold_topics, unfold
from activity.log.snapshots import Broken, state_at
from activity.models import Activity, Reading
from boards import page_frame
from boards.http.doors import on_board
from boards.http.responses import only, show
from boards.imported_boards import people_here
from boards.models import Board
from fluxboard.accounts import times
from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.core import parsing
from fluxboard.features.time_travel.board_at import CardsAt, Moment, away_then, columns_then
from fluxboard.features.time_travel.card_at import card_then
from fluxboard.features.time_travel.compare import gone, mark_changes

MOST_TOLD = 300
_BROKEN = "The record of this board is broken: change {} {}. What stood here from then on cannot be shown."


class Nowhere(Exception):
    """There is no such moment: `status` 422 for what cannot be understood, 404 for what never was.

    `instead`: the seq to show, beside the field of the date in which that was typed.
    """

    def __init__(self, status: int, message: str, instead: int | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.instead = status, message, instead


@dataclass(frozen=True)
class TravelQuery:
    """What the address asks for, understood: after which seq, since which, which card, how much of it.

    `time`: the moment that was asked for instead of a seq, where it is not to come; it stays in the address.
    """

    seq: int
    since: int | None
    card: int | None
    everything: bool
    time: dt.datetime | None = None

    @classmethod
    def of(cls, query: QueryDict, board: Board, reader: Any) -> TravelQuery:
        """Raises `Nowhere`. A moment to come is now; two moments in the wrong order are turned round."""
        said = {name: query.get(name, "") for name in ("seq", "time", "since", "card")}
        time = None
        if said["seq"]:
            seq = _seq(said["seq"], board)
        else:
            time = _moment(said["time"], board, reader) if said["time"] else None
            seq = _seq_at(time, board) if time else board.seq
        since = _seq(said["since"], board) if said["since"] else None
        card = _number(said["card"], "a card's number") if said["card"] else None
        if since is not None and since > seq:
            seq, since, time = since, seq, None
        if time is not None and time > timezone.now():
            time = None
        return cls(seq, since, card, query.get("all") == "1", time)

    def url(self, **changed: Any) -> str:
        """The same page with something else in its address; None leaves it out."""
        time = self.time if "seq" not in changed else None
        values = {
            "seq": None if time else self.seq,
            "time": time.isoformat() if time else None,
            "since": self.since,
            "card": self.card,
            "all": int(self.everything) or None,
        }
        return f"?{urlencode({name: v for name, v in (values | changed).items() if v is not None})}"


def _number(typed: str, what: str) -> int:
    number = parsing.whole_number(typed)
    if number is None:
        raise Nowhere(422, f"“{typed[:40]}” is not {what}.")
    return number


def _seq(typed: str, board: Board) -> int:
    seq = _number(typed, "the number of a change")
    if seq < 1:
        raise Nowhere(404, "The first change of a board has the number 1. Before that there was no board.")
    return min(seq, board.seq)


def _moment(typed: str, board: Board, reader: Any) -> dt.datetime:
    """A moment as typed; without a zone it is on the reader's clock."""
    at = parsing.moment(typed, ZoneInfo(reader.time_zone))
    if at is None:
        words = f"“{typed[:40]}” is not a moment. Write it like 2026-10-12 or 2026-10-12T16:00."
        raise Nowhere(422, words, board.seq)
    return at


def _seq_at(at: dt.datetime, board: Board) -> int:
    """The last change up to a moment."""
    seq = _last_seq(board, at__lte=at)
    if seq is None:
        raise Nowhere(404, "This board was not there yet. Here is its first moment.", 1)
    return seq


def _last_seq(board: Board, **conditions: Any) -> int | None:
    rows = Activity.objects.filter(board=board, **conditions).order_by("-seq")
    return rows.values_list("seq", flat=True).first()


@on_board
def past(request: Any, board: Board) -> HttpResponse:
    """GET: the board at a moment; at its present one without any."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    context = page_frame.frame(request.user, board, request.role, "past") | {"can_change": False}
    status = 200
    try:
        asked = TravelQuery.of(request.GET, board, request.user)
    except Nowhere as nowhere:
        context, status = context | {"message": nowhere.message}, nowhere.status
        if nowhere.instead is None:
            return show(request, "boards/nowhere.html", context, status)
        asked = TravelQuery(nowhere.instead, None, None, everything=False)
        context["typed"] = request.GET.get("time", "")
    now = timezone.now()
    try:
        context |= past_page(board, request.user, request.role, asked, now)
    except Broken as broken:
        context |= {"message": _BROKEN.format(broken.seq, broken.why), "last": broken.seq - 1}
        return show(request, "boards/nowhere.html", context, 404)
    return show(request, "time_travel/time_travel.html", context, status)


def past_page(board: Board, reader: Any, role: Any, asked: TravelQuery, now: dt.datetime) -> dict[str, Any]:
    """All that the page shows, in a number of queries that depends on nothing but what is asked for.

    Raises `Broken` where the log itself was tampered with.
    """
    people = people_here(board)
    shown = CardsAt(state_at(board, asked.seq, people))
    told = _told(board, asked)
    here = told[-1]
    moment = Moment(asked.seq, asked.time or here.activity.at, reader)
    url = asked.url(card=None).replace("{", "%7B") + "&card={}"
    columns = columns_then(board, shown, moment, url, everything=asked.everything)
    context: dict[str, Any] = {
        "asked": asked,
        "moment": moment,
        "title": shown.state.board["name"],
        "columns": columns,
        "cards": sum(column.count for column in columns),
        "away": away_then(shown.state, moment),
        "steps": _steps(board, asked, moment),
        "more_url": asked.url(all=1),
        "change": None,
        "entries": [],
        "gone": [],
    }
    if asked.since is None:
        context["change"] = _change(here, reader, now)
        _point_out(columns, here)
    else:
        before = CardsAt(state_at(board, asked.since, people))
        mark_changes(columns, before, shown)
        context["gone"] = gone(before, shown)
        context["entries"] = _entries(told, reader, now)
        context["is_cut"] = asked.seq - asked.since > MOST_TOLD
        context["changes"] = asked.seq - asked.since
        context["since"] = _moment_at(board, asked.since, reader)
        context["most"] = MOST_TOLD
    if asked.card is not None:
        context["card"] = card_then(board, shown.state, asked.card, moment, role)
        context["close_url"] = asked.url(card=None)
    return context


def _moment_at(board: Board, seq: int, reader: Any) -> Moment:
    at = Activity.objects.values_list("at", flat=True).get(board=board, seq=seq)
    return Moment(seq, at, reader)


def _told(board: Board, asked: TravelQuery) -> list[ToldActivity]:
    """The activities to tell: the one at this position, or those since the other one, the newest of them."""
    after = asked.seq - 1 if asked.since is None else max(asked.since, asked.seq - MOST_TOLD)
    after = min(after, asked.seq - 1)
    rows = Activity.objects.filter(board=board, seq__gt=after, seq__lte=asked.seq).order_by("seq")
    return tell_in_public(with_what_it_is_about(rows.defer(*UNSHOWN), [board]))


def _change(told: ToldActivity, reader: Any, now: dt.datetime) -> Entry:
    """The change at this position, in words."""
    activity = told.activity
    lines = unfold([told], LineReader.of(reader, now))
    return Entry(
        activity.actor, activity.board, activity.card, lines, activity.pk, 1, _is_hidden(told, reader)
    )


def _is_hidden(told: ToldActivity, reader: Any) -> bool:
    card = told.activity.card
    if card is None or card.board_id == told.activity.board_id:
        return False
    return not Board.objects.visible_to(reader).filter(pk=card.board_id).exists()


def _point_out(columns: list[Any], told: ToldActivity) -> None:
    """Mark the card that was just changed with who did it."""
    activity = told.activity
    uid = str(activity.card.uid) if activity.card is not None else ""
    for front in (front for column in columns for front in column.fronts if front.uid == uid):
        front.mark = "here"
        front.mark_words = activity.actor.first_name if activity.actor else "Changed"


def _entries(told: list[ToldActivity], reader: Any, now: dt.datetime) -> list[Entry]:
    """What changed, folded as in the standup: an entry for each person and card, the newest first."""
    runs: dict[tuple[Any, Any], list[ToldActivity]] = {}
    for one in told:
        runs.setdefault((one.activity.actor_id, one.activity.card_id), []).append(one)
    visible = set(Board.objects.visible_to(reader).values_list("pk", flat=True))
    progress, to_whom = progress_of(told), LineReader.of(reader, now)
    entries = []
    for about in runs.values():
        lines = fold_topics(about, to_whom, progress)
        last = about[-1].activity
        hidden = last.card is not None and last.card.board_id not in visible
        if lines:
            entries.append(Entry(last.actor, last.board, last.card, lines, last.pk, len(about), hidden))
    return sorted(entries, key=lambda entry: -entry.top)


def _steps(board: Board, asked: TravelQuery, moment: Moment) -> dict[str, Any]:
    """Where one can go from here: addresses, empty where there is nowhere to go. Five queries at most."""
    zone = ZoneInfo(moment.reader.time_zone)
    day = moment.today
    yesterday = _last_seq(board, seq__lt=asked.seq, at__lt=midnight(day, zone))
    later = _first(board, seq__gt=asked.seq, at__gte=midnight(day + DAY, zone))
    tomorrow = None
    if later is not None:
        ends = midnight(times.today_of(moment.reader, later[1]) + DAY, zone)
        beyond = _first(board, seq__gt=later[0], at__gte=ends)
        tomorrow = beyond[0] - 1 if beyond else board.seq
    week = _last_seq(board, seq__lt=asked.seq, at__lt=moment.at - 7 * DAY)
    read = Reading.objects.filter(board=board, user=moment.reader).values_list("seq", flat=True).first()
    since = {"The day before": yesterday, "A week before": week, "Where I have read to": read, "The first": 1}
    return {
        "first": asked.url(seq=1) if asked.seq > 1 else "",
        "previous_day": _to(asked, yesterday),
        "previous": _to(asked, asked.seq - 1 or None),
        "next": _to(asked, asked.seq + 1 if asked.seq < board.seq else None),
        "next_day": _to(asked, tomorrow),
        "last": asked.url(seq=board.seq) if asked.seq < board.seq else "",
        "compare": _comparisons(asked, since, board.seq),
        "single": asked.url(since=None) if asked.since is not None else "",
    }


def _first(board: Board, **conditions: Any) -> tuple[int, dt.datetime] | None:
    rows = Activity.objects.filter(board=board, **conditions).order_by("seq")
    return rows.values_list("seq", "at").first()


def _to(asked: TravelQuery, seq: int | None) -> str:
    return asked.url(seq=seq) if seq else ""


def _comparisons(asked: TravelQuery, since: Mapping[str, int | None], head: int) -> list[tuple[str, str]]:
    """What this moment can be held against: words and addresses, each moment once."""
    choices, seen = [], set()
    for words, seq in since.items():
        if seq and seq < asked.seq and seq not in seen:
            seen.add(seq)
            choices.append((words, asked.url(since=seq)))
    if asked.seq < head:
        choices.append(("Now", asked.url(seq=head, since=asked.seq)))
    return choices
