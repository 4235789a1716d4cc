"""`/standup/` and `/b/KEY/standup/`: what the team did, read instead of held as a meeting.

It speaks of the log, of boards and of questions, so it is composed here.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone

from activity.feed.load import Told, active_people, count_since, happened
from activity.feed.period import Period, period_of
from activity.feed.read_marker import Readings, mark_read, places_as_text, places_in, readings_of
from activity.feed.summary import Line, Progress, Reader, fold, progress_of, unfold
from boards.board_page import context as board_page
from boards.http.changes import is_scripted, on_board, only, show, signed_in
from boards.models import Board, Card, Label, Membership, Role
from boards.undo.engine import undoable
from fluxboard.accounts import times
from fluxboard.accounts.models import User
from fluxboard.accounts.safe_redirect import way_on
from fluxboard.accounts.team_hours import city_of, team_clock, where_words
from fluxboard.core import parsing
from fluxboard.core.postgres import statements
from fluxboard.core.postgres.statements import SOME_BOARD, SOMEONE
from fluxboard.features.standup.current_work import NowLine, now_lines

GROUPS = {"": "People", "cards": "Cards", "time": "Timeline"}
KINDS = {"moved": "moved", "comments": "comments", "decisions": "decisions", "blocked": "blocked"}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(frozen=True)
class Asked:
    """What the address asks for: how it is grouped, the days, the filters, and where the page begins."""

    query: QueryDict
    by: str
    period: Period
    person: int | None
    label: str
    kind: str
    is_unfolded: bool
    before: int | None

    @classmethod
    def of(cls, query: QueryDict, reader: Any, now: dt.datetime) -> Asked:
        """Whatever is not understood counts as not asked for."""
        return cls(
            query=query,
            by=query.get("by", "") if query.get("by") in GROUPS else "",
            period=period_of(reader, now, query.get("from", ""), query.get("to", "")),
            person=parsing.whole_number(query.get("person", "")),
            label=query.get("label", "")[:80].replace("\x00", ""),
            kind=query.get("kind", "") if query.get("kind") in KINDS else "",
            is_unfolded=query.get("all") == "1",
            before=parsing.whole_number(query.get("before", "")),
        )

    def url(self, **changed: str) -> str:
        """The same page with other words in its address (empty: without), from its top unless `before`."""
        query = self.query.copy()
        for name in ("before", *changed):
            query.pop(name, None)
        for name, value in changed.items():
            if value:
                query[name] = value
        return f"?{query.urlencode()}" if query else "?"

    @property
    def is_filtered(self) -> bool:
        return bool(self.person or self.label or self.kind)


@dataclass
class Entry:
    """What one person did to one card (or to a board itself), folded into lines."""

    person: Any
    board: Any
    card: Any
    lines: list[Line]
    top: int
    changes: int
    is_hidden: bool = False

    @property
    def is_news(self) -> bool:
        return any(line.is_news for line in self.lines)

    @property
    def key(self) -> str:
        return f"{self.board.key}-{self.card.number}" if self.card is not None else self.board.key

    @property
    def title(self) -> str:
        if self.card is None:
            return str(self.board.name)
        return "A card that has gone to another board" if self.is_hidden else str(self.card.title)

    @property
    def url(self) -> str:
        if self.card is None:
            return str(self.board.get_absolute_url())
        return "" if self.is_hidden else str(self.card.get_absolute_url())

    @property
    def last(self) -> Line:
        """The newest of its lines."""
        return max(self.lines, key=lambda line: line.last.pk)

    @property
    def look(self) -> tuple[Any, ...]:
        """All that it shows: what was done never changes, the names around it might."""
        last, person = self.last, self.person
        return (
            (self.top, self.is_news, last.key, last.at, last.last.pk),
            (self.key, self.title, self.url),
            (person.name, person.initials, person.hue) if person is not None else (),
            tuple(line.look for line in self.lines),
        )


@dataclass
class Group:
    """One article of the feed: a person, a card, or one entry of the timeline."""

    kind: str
    entries: list[Entry]
    person: Any = None
    where: str = ""
    is_at_work: bool = False
    now_line: NowLine | None = None

    @property
    def top(self) -> int:
        return max(entry.top for entry in self.entries)

    @property
    def is_news(self) -> bool:
        return any(entry.is_news for entry in self.entries)

    @property
    def changes(self) -> int:
        return sum(entry.changes for entry in self.entries)

    @property
    def cards(self) -> int:
        return len({entry.card.pk for entry in self.entries if entry.card is not None})

    @property
    def head(self) -> Entry:
        return self.entries[0]


@dataclass
class Article:
    """A group of the feed, or (`group` None) the line between what is new and what has been read."""

    group: Group | None
    place: int


@dataclass
class Feed:
    """The page's articles in order, the numbers at a glance, and where the page goes on."""

    articles: list[Article] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    earlier: int | None = None
    quiet: list[dict[str, Any]] = field(default_factory=list)
    has_news: bool = False

    @property
    def size(self) -> int:
        """How many articles there are in all; -1 when the page has more behind it."""
        return -1 if self.earlier else len(self.articles) + bool(self.quiet)


@signed_in
def standup(request: Any) -> HttpResponse:
    """GET: over all my boards."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    boards: list[Any] = _boards_of().all(user=request.user.pk)
    roles = {board.pk: board.best_role(board.given) for board in boards}
    return _page(request, boards, roles, board_page.frame(request.user, None, None, "standup", boards))


@on_board
def board_standup(request: Any, board: Board) -> HttpResponse:
    """GET: of one board."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    frame = board_page.frame(request.user, board, request.role, "standup")
    return _page(request, [board], {board.pk: request.role}, frame)


@functools.cache
def _boards_of() -> statements.Asked[Board]:
    boards = Board.objects.of(User(pk=SOMEONE)).current().annotate(given=F("memberships__role"))
    return statements.Asked(boards.order_by("name"), {SOMEONE: "user"})


def _page(
    request: Any, boards: list[Board], roles: Mapping[int, Role | None], frame: dict[str, Any]
) -> HttpResponse:
    """`boards` carry the seq at which they were read, before everything else: what comes later is news."""
    now = timezone.now()
    reader = request.user
    asked = Asked.of(request.GET, reader, now)
    readings = readings_of(reader, boards)
    people = _people(boards)
    feed = load(boards, roles, asked, reader, readings, people, now)
    today = times.today_of(reader, now)
    context = frame | {
        "feed": feed,
        "asked": asked,
        "title": f"Standup, {_long(today)}",
        "window": _window(asked.period, reader, today),
        "read_upto": times.when(readings.at, reader, now) if readings.at else "",
        "groups": [(name, asked.url(by=by), by == asked.by) for by, name in GROUPS.items()],
        "ranges": _ranges(asked, today),
        "glance": _glance(feed, asked),
        "clock": team_clock([person for person in people if person.is_claimed], reader, now),
        "filter": _filter(boards, people, asked),
        "upto": places_as_text(boards),
        "here": request.get_full_path(),
        "is_over_all": frame["board"] is None,
        "nothing": _nothing(asked),
        "earlier_url": asked.url(before=str(feed.earlier)) if feed.earlier else "",
    }
    return show(request, "activity/standup.html", context)


def load(
    boards: list[Board],
    roles: Mapping[int, Role | None],
    asked: Asked,
    reader: Any,
    readings: Readings,
    people: list[Any],
    now: dt.datetime,
) -> Feed:
    """One page of the feed, in a number of queries that depends on nothing."""
    keys = [board.pk for board in boards]
    cards = _cards_labelled(boards, asked.label) if asked.label else None
    page = happened(
        keys,
        asked.period,
        before=asked.before,
        person=asked.person,
        cards=cards,
        known=boards,
        people=people,
    )
    entries = _entries(page.told, asked, boards, reader, readings, now)
    _offer_undo(entries, page.told, boards, reader, roles)
    groups = _groups(entries, asked)
    if asked.kind:
        groups = _only(groups, asked.kind)
    feed = Feed(earlier=page.earlier, numbers=_numbers(entries))
    feed.articles = _articles(groups, asked, readings)
    feed.has_news = any(group.is_news for group in groups)
    if asked.by == "":
        _complete(groups, boards, reader, now)
        if not asked.is_filtered and asked.before is None:
            shown = {group.person.pk for group in groups}
            feed.quiet = _quiet(people, shown, page.told, keys, asked.period, now)
    return feed


def _entries(
    told: list[Told], asked: Asked, known: list[Board], reader: Any, readings: Readings, now: dt.datetime
) -> list[Entry]:
    """What the page tells, newest first: an entry for each person and card, in the timeline for each run."""
    runs: dict[tuple[Any, ...], list[Told]] = {}
    run, before = 0, None
    for one in told:
        place = (one.activity.actor_id, one.activity.board_id, one.activity.card_id)
        if asked.by == "time" and place != before:
            run += 1
        before = place
        runs.setdefault((run, *place), []).append(one)
    progress = Progress({}, ()) if asked.is_unfolded else progress_of(told)
    hidden = _hidden(told, known, reader)
    to_whom = Reader.of(reader, now)
    entries = []
    for about in runs.values():
        about.reverse()
        if asked.is_unfolded:
            lines = unfold(about, to_whom, readings.is_news)
        else:
            lines = fold(about, to_whom, progress, readings.is_news)
        if not lines:
            continue
        last = about[-1].activity
        is_hidden = last.card is not None and last.card.board_id in hidden
        entries.append(Entry(last.actor, last.board, last.card, lines, last.pk, len(about), is_hidden))
    return entries


def _hidden(told: list[Told], boards: list[Board], reader: Any) -> set[int]:
    """Where cards have gone that the reader may not follow. One query, and none when no card has gone."""
    stand = {one.activity.card.board_id for one in told if one.activity.card is not None}
    away = stand - {board.pk for board in boards}
    if not away:
        return set()
    return away - set(Board.objects.visible_to(reader).filter(pk__in=away).values_list("pk", flat=True))


def _offer_undo(
    entries: list[Entry],
    told: list[Told],
    boards: list[Board],
    reader: Any,
    given: Mapping[int, Role | None],
) -> None:
    """Mark the lines that the reader may undo, where a line tells of one request. Two queries at most."""
    roles = {board.pk: None if board.is_archived else given.get(board.pk) for board in boards}
    can = undoable([one.activity for one in told], reader, roles)
    for entry in entries:
        entry.lines = [
            replace(line, can_undo=True)
            if line.is_one and (line.last.board_id, line.last.seq) in can
            else line
            for line in entry.lines
        ]


def _groups(entries: list[Entry], asked: Asked) -> list[Group]:
    if asked.by == "time":
        return [Group("time", [entry], entry.person) for entry in entries]
    found: dict[Any, list[Entry]] = {}
    for entry in entries:
        place = entry.person.pk if asked.by == "" else (entry.board.pk, entry.card.pk if entry.card else None)
        found.setdefault(place, []).append(entry)
    kind = "card" if asked.by else "person"
    groups = []
    for mine in found.values():
        mine.sort(key=lambda entry: (not entry.is_news, -entry.top))
        groups.append(Group(kind, mine, mine[0].person))
    return sorted(groups, key=lambda group: (not group.is_news, -group.top))


def _only(groups: list[Group], kind: str) -> list[Group]:
    """Just the lines of one kind; what is left without any goes."""
    for group in groups:
        for entry in group.entries:
            entry.lines = [line for line in entry.lines if line.kind == kind]
        group.entries = [entry for entry in group.entries if entry.lines]
    return [group for group in groups if group.entries]


def _articles(groups: list[Group], asked: Asked, readings: Readings) -> list[Article]:
    """The groups, with the line below the last one that has news where anything follows."""
    news = [place for place, group in enumerate(groups) if group.is_news]
    line = news[-1] + 1 if news else (0 if asked.before is None and groups and readings.at else -1)
    shown: list[Group | None] = [*groups]
    if 0 <= line < len(groups):
        shown.insert(line, None)
    return [Article(group, place) for place, group in enumerate(shown, 1)]


def _complete(groups: list[Group], boards: list[Board], reader: Any, now: dt.datetime) -> None:
    lines = now_lines([group.person for group in groups], boards, reader, now)
    for group in groups:
        group.where = where_words(group.person, now)
        group.is_at_work = "At work" in group.where
        group.now_line = lines[group.person.pk]


def _quiet(
    people: list[Any], shown: set[int], told: list[Told], boards: list[int], period: Period, now: dt.datetime
) -> list[dict[str, Any]]:
    """Those who did nothing, or nothing that is left, on any page of the period."""
    here = {one.activity.actor_id for one in told}
    others = [person for person in people if person.pk not in shown and person.is_claimed]
    active = active_people([person.pk for person in others], boards, period) - here
    return [
        {"person": person, "where": where_words(person, now, is_aside=True)}
        for person in others
        if person.pk not in active
    ]


def _numbers(entries: Iterable[Entry]) -> dict[str, int]:
    lines = [line for entry in entries for line in entry.lines]
    numbers = {kind: sum(line.kind == kind for line in lines) for kind in KINDS}
    said = ("comment.posted", "question.asked")
    numbers["comments"] = sum(
        one.activity.effect in said for line in lines if line.kind == "comments" for one in line.told
    )
    return numbers


def _glance(feed: Feed, asked: Asked) -> list[dict[str, Any]]:
    """The four numbers; each is the filter that shows what it counts, and takes itself off again."""
    words = {"comments": ("comment", "comments"), "decisions": ("decision", "decisions")}
    return [
        {
            "kind": kind,
            "number": f"{number}+" if feed.earlier else number,
            "is_some": number > 0,
            "words": words[kind][number != 1] if kind in words else kind,
            "url": asked.url(kind="" if asked.kind == kind else kind),
            "is_on": asked.kind == kind,
        }
        for kind, number in feed.numbers.items()
    ]


def _people(boards: list[Board]) -> list[Any]:
    found = _members().all(boards=[board.pk for board in boards])
    return sorted(found, key=lambda person: person.name)


@functools.cache
def _members() -> statements.Asked[User]:
    members = Membership.objects.filter(board__in=[SOME_BOARD]).values("user")
    return statements.Asked(User.objects.filter(pk__in=members, is_active=True), {SOME_BOARD: "boards"})


def _cards_labelled(boards: list[Board], name: str) -> list[int]:
    labels = Label.objects.filter(board__in=boards, name=name)
    return list(Card.labels.through.objects.filter(label__in=labels).values_list("card", flat=True))


def _filter(boards: list[Board], people: list[Any], asked: Asked) -> dict[str, Any]:
    labels = _labels().all(boards=[board.pk for board in boards])
    kept = ("by", "from", "to")
    return {
        "people": people,
        "labels": list(dict.fromkeys(name for (name,) in labels)),
        "kinds": KINDS.items(),
        "kept": [(name, asked.query[name]) for name in kept if name in asked.query],
        "count": sum(map(bool, (asked.person, asked.label, asked.kind, asked.is_unfolded))),
        "clear": asked.url(person="", label="", kind="", all=""),
    }


@functools.cache
def _labels() -> statements.AskedValues:
    labels = Label.objects.filter(board__in=[SOME_BOARD], removed_at=None).order_by("name", "pk")
    return statements.AskedValues(labels.values_list("name"), {SOME_BOARD: "boards"})


def _long(day: dt.date) -> str:
    """`Thursday 15 October`."""
    return f"{calendar.day_name[day.weekday()]} {day.day} {calendar.month_name[day.month]}"


def _window(period: Period, reader: Any, today: dt.date) -> str:
    """`Wed 14 Oct 00:00 to now. Times are yours, Lisbon.`"""
    end = "now" if period.is_open else f"{times.day_words(period.last, today)} 24:00"
    first = times.day_words(period.first, today)
    return f"{first} 00:00 to {end}. Times are yours, {city_of(reader)}."


def _ranges(asked: Asked, today: dt.date) -> dict[str, Any]:
    period = asked.period
    offered = [("Last working day", ""), ("Today", today.isoformat())]
    offered += [(f"Last {days} days", (today - dt.timedelta(days=days)).isoformat()) for days in (7, 14)]
    choices = [
        {
            "words": words,
            "url": asked.url(**{"from": first, "to": ""}),
            "is_on": period.is_usual if not first else period.is_open and period.first.isoformat() == first,
        }
        for words, first in offered
    ]
    here = next((choice["words"] for choice in choices if choice["is_on"]), "")
    if not here:
        first, last = (times.day_words(day, today) for day in (period.first, period.last))
        here = first if first == last else f"{first} to {'now' if period.is_open else last}"
    kept = ("by", "person", "label", "kind", "all")
    return {
        "choices": choices,
        "here": here,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "today": today.isoformat(),
        "kept": [(name, asked.query[name]) for name in kept if name in asked.query],
    }


def _nothing(asked: Asked) -> str:
    if asked.is_filtered:
        return "Nothing that fits this filter."
    return "Nothing happened on the board in this time." if asked.before is None else "Nothing earlier."


@signed_in
def read(request: Any) -> HttpResponse:
    """POST `upto` (`FLX:345 MOB:23`): all of that has been read. Answers 303 to `next`; a script, 204."""
    if refused := only(request, "POST"):
        return refused
    places = places_in(request.POST.get("upto", ""))
    boards = Board.objects.visible_to(request.user).filter(key__in=places)
    mark_read(request.user, {board: places[board.key] for board in boards}, timezone.now())
    if is_scripted(request):
        return HttpResponse(status=204)
    messages.success(request, "All read.")
    return see_other(request, reverse("standup"))


def see_other(request: HttpRequest, otherwise: str) -> HttpResponse:
    """303 to where the form says that it came from, if that is an address of ours."""
    response = HttpResponse(status=303)
    response["Location"] = way_on(request, request.POST.get("next", "")) or otherwise
    return response


@signed_in
def news(request: Any) -> HttpResponse:
    """GET `?upto=FLX:345+MOB:23`: the pill that tells of what others did since, empty when nothing."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    places = places_in(request.GET.get("upto", ""))
    boards = Board.objects.visible_to(request.user).filter(key__in=places)
    count = count_since({board.pk: places[board.key] for board in boards}, request.user)
    return show(request, "activity/_news_pill.html", {"count": count})
