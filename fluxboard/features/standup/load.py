"""The standup's entries, read and arranged in groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from activity.feed.entry import Entry
from activity.feed.line import LineReader
from activity.feed.load import A_PAGE, ToldActivity, active_people, happened
from activity.feed.period import Period
from activity.feed.progress import ChecklistProgress, progress_of
from activity.feed.read_marker import Readings
from activity.feed.summary import fold_topics, unfold
from boards.models import Board, Card, Label, Role
from boards.undo.rights import undoable
from fluxboard.accounts import working_hours
from fluxboard.accounts.away import away_words
from fluxboard.accounts.team_hours import where_words
from fluxboard.features.check_in.given import GivenCheckIn, check_ins_in
from fluxboard.features.search.saved import Saved
from fluxboard.features.search.search import cards_found
from fluxboard.features.search.syntax import parse_search
from fluxboard.features.standup.articles import Article, Feed, FeedArticle
from fluxboard.features.standup.current_work import now_lines
from fluxboard.features.standup.outcomes import Outcomes, Places, outcomes_of
from fluxboard.features.standup.query import STANDUP_KINDS, StandupQuery

_MOST = 3000  # changes that the outcomes of one page are told from


def load(
    boards: list[Board],
    roles: Mapping[int, Role | None],
    asked: StandupQuery,
    reader: Any,
    readings: Readings,
    people: list[Any],
    now: dt.datetime,
    search: Saved | None = None,
) -> Feed:
    """One page of the feed, in a number of queries that depends on nothing.

    `search`: the saved one to whose cards it is narrowed.
    """
    keys = [board.pk for board in boards]
    cards = _cards_labelled(boards, asked.label) if asked.label else None
    problems: tuple[str, ...] = ()
    if search is not None:
        fitting = cards_found(parse_search(search.query), reader, keys, now)
        cards = sorted(fitting.cards if cards is None else fitting.cards.intersection(cards))
        problems = fitting.problems
    page = happened(
        keys,
        asked.period,
        before=None if asked.is_by_person else asked.before,
        person=None if asked.is_by_person else asked.person,
        cards=cards,
        known=boards,
        people=people,
        limit=_MOST if asked.is_by_person else A_PAGE,
    )
    theirs = _asked_for(page.told, asked)
    hidden = _hidden(page.told, boards, reader)
    entries = _entries(theirs, asked, reader, readings, now, hidden)
    if asked.by == "time":
        _offer_undo(entries, page.told, boards, reader, roles)
    groups = _groups(entries, asked)
    if asked.is_by_person:
        people_by_id = {person.pk: person for person in people}
        found = outcomes_of(reversed(page.told), Places.of(boards), people_by_id, readings.is_news, hidden)
        actors = {one.activity.actor_id: one.activity.actor for one in page.told}
        _tell_outcomes(groups, people_by_id | actors, found, asked)
        if not (asked.label or asked.kind or asked.search):
            _put_check_ins(groups, check_ins_in(boards, asked.period, asked.person))
    if asked.kind:
        groups = _only(groups, asked.kind)
    feed = Feed(numbers=_numbers(entries), problems=problems)
    if asked.is_by_person:
        feed.cut_at = page.told[-1].activity.at if page.earlier else None
    else:
        feed.earlier = page.earlier
    feed.articles = _articles(groups, asked, readings)
    feed.has_news = any(group.is_news for group in groups)
    if asked.is_by_person:
        _complete(groups, boards, people, reader, now)
        if not asked.is_filtered:
            shown = {group.person.pk for group in groups}
            feed.quiet = _quiet(people, shown, page.told, keys, asked.period, now)
    return feed


def _asked_for(told: list[ToldActivity], asked: StandupQuery) -> list[ToldActivity]:
    """What the entries tell: by person without check-ins, which stand in full above what each of them did."""
    return [
        one
        for one in told
        if asked.person in (None, one.activity.actor_id)
        and not (asked.is_by_person and one.activity.effect.startswith("checkin."))
    ]


def _tell_outcomes(
    groups: list[FeedArticle],
    people: Mapping[int | None, Any],
    found: dict[int | None, Outcomes],
    asked: StandupQuery,
) -> None:
    """Give each person's group what they brought about, and a group to whom had none."""
    there = {group.person.pk for group in groups}
    wanted = [pk for pk in found if asked.person in (None, pk)]
    groups += [FeedArticle("person", [], people[pk]) for pk in wanted if found[pk].lines and pk not in there]
    for group in groups:
        outcomes = found.get(group.person.pk, Outcomes())
        group.outcomes = outcomes.only(asked.kind) if asked.kind else outcomes
    groups.sort(key=lambda group: (not group.is_news, -group.top))


def _put_check_ins(groups: list[FeedArticle], given: list[GivenCheckIn]) -> None:
    """Each check-in stands with its person; who did nothing else comes after all others."""
    by_person = {group.person.pk: group for group in groups}
    for one in given:
        if one.person.pk not in by_person:
            by_person[one.person.pk] = FeedArticle("person", [], one.person)
            groups.append(by_person[one.person.pk])
        by_person[one.person.pk].check_ins.append(one)


def _entries(
    told: list[ToldActivity],
    asked: StandupQuery,
    reader: Any,
    readings: Readings,
    now: dt.datetime,
    hidden: set[int],
) -> list[Entry]:
    """What the page tells, newest first: an entry for each person and card, in the timeline for each run."""
    runs: dict[tuple[Any, ...], list[ToldActivity]] = {}
    run, before = 0, None
    for one in told:
        place = (one.activity.actor_id, one.activity.board_id, one.activity.card_id)
        if asked.by == "time" and place != before:
            run += 1
        before = place
        runs.setdefault((run, *place), []).append(one)
    progress = ChecklistProgress({}, ()) if asked.is_unfolded else progress_of(told)
    to_whom = LineReader.of(reader, now)
    entries = []
    for about in runs.values():
        about.reverse()
        if asked.is_unfolded:
            lines = unfold(about, to_whom, readings.is_news)
        else:
            lines = fold_topics(about, to_whom, progress, readings.is_news)
        if not lines:
            continue
        last = about[-1].activity
        is_hidden = last.card is not None and last.card.board_id in hidden
        entries.append(Entry(last.actor, last.board, last.card, lines, last.pk, len(about), is_hidden))
    return entries


def _hidden(told: list[ToldActivity], boards: list[Board], reader: Any) -> set[int]:
    """Where cards have gone that the reader may not follow. One query, and none when no card has gone."""
    stand = {one.activity.card.board_id for one in told if one.activity.card is not None}
    away = stand - {board.pk for board in boards}
    if not away:
        return set()
    return away - set(Board.objects.visible_to(reader).filter(pk__in=away).values_list("pk", flat=True))


def _offer_undo(
    entries: list[Entry],
    told: list[ToldActivity],
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


def _groups(entries: list[Entry], asked: StandupQuery) -> list[FeedArticle]:
    if asked.by == "time":
        return [FeedArticle("time", [entry], entry.person) for entry in entries]
    found: dict[Any, list[Entry]] = {}
    for entry in entries:
        place = entry.person.pk if asked.by == "" else (entry.board.pk, entry.card.pk if entry.card else None)
        found.setdefault(place, []).append(entry)
    kind = "card" if asked.by else "person"
    groups = []
    for mine in found.values():
        mine.sort(key=lambda entry: (not entry.is_news, -entry.top))
        groups.append(FeedArticle(kind, mine, mine[0].person))
    return sorted(groups, key=lambda group: (not group.is_news, -group.top))


def _only(groups: list[FeedArticle], kind: str) -> list[FeedArticle]:
    """Just the lines of one kind; what is left without any goes."""
    for group in groups:
        for entry in group.entries:
            entry.lines = [line for line in entry.lines if line.kind == kind]
        group.entries = [entry for entry in group.entries if entry.lines]
    return [group for group in groups if group.entries or group.outcomes.lines]


def _articles(groups: list[FeedArticle], asked: StandupQuery, readings: Readings) -> list[Article]:
    """The groups, with the line below the last one that has news where anything follows."""
    news = [place for place, group in enumerate(groups) if group.is_news]
    line = news[-1] + 1 if news else (0 if asked.before is None and groups and readings.at else -1)
    shown: list[FeedArticle | None] = [*groups]
    if 0 <= line < len(groups):
        shown.insert(line, None)
    return [Article(group, place) for place, group in enumerate(shown, 1)]


def _complete(
    groups: list[FeedArticle], boards: list[Board], people: list[Any], reader: Any, now: dt.datetime
) -> None:
    lines = now_lines([group.person for group in groups], boards, reader, now)
    for group in groups:
        group.at = away_words(group.person, now, people)
        group.is_at_work = working_hours.is_at_work(group.person, now)
        group.now_line = lines[group.person.pk]


def _quiet(
    people: list[Any],
    shown: set[int],
    told: list[ToldActivity],
    boards: list[int],
    period: Period,
    now: dt.datetime,
) -> list[dict[str, Any]]:
    """Those who did nothing, or nothing that is left, on any page of the period."""
    here = {one.activity.actor_id for one in told}
    others = [person for person in people if person.pk not in shown and person.is_claimed]
    active = active_people([person.pk for person in others], boards, period) - here
    return [
        {"person": person, "where": where_words(person, now, is_aside=True, among=people)}
        for person in others
        if person.pk not in active
    ]


def _numbers(entries: Iterable[Entry]) -> dict[str, int]:
    lines = [line for entry in entries for line in entry.lines]
    numbers = {kind: sum(line.kind == kind for line in lines) for kind in STANDUP_KINDS}
    said = ("comment.posted", "question.asked")
    numbers["comments"] = sum(
        one.activity.effect in said for line in lines if line.kind == "comments" for one in line.told
    )
    return numbers


def _cards_labelled(boards: list[Board], name: str) -> list[int]:
    labels = Label.objects.filter(board__in=boards, name=name)
    return list(Card.labels.through.objects.filter(label__in=labels).values_list("card", flat=True))
