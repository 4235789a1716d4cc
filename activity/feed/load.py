"""What happened, loaded for reading: the log's rows with the texts and people that they name."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import QuerySet, prefetch_related_objects

from activity.feed.period import Period
from activity.log.replay.state import digest_in, digests_in, in_full
from activity.models import Activity, ActivityContent
from fluxboard.accounts.names import first_name
from fluxboard.core.postgres.statements import (
    PARAM_UID,
    PARAM_USER,
    PARAM_WORD,
    PreparedQuery,
    PreparedValues,
    rows_of,
)

IDS = {PARAM_USER: "ids"}
UNSHOWN = ("digest", "previous_hash", "hash", "schema")  # by a feed, of an activity
_AT_ONCE = 50
A_PAGE = 60
OF_QUESTIONS = ("question.answered", "question.closed", "question.handed_on", "question.reopened")

# The page's ids, newest first. A board's ids rise with its seq, and its clock with both, so a stretch of
# time lies between two ids; each side is one step down an index, however long the log is. The statement says
# how many are wanted, since its plan goes by that.
_PAGE = """
    WITH bounds AS MATERIALIZED (
        SELECT b.id AS board,
            (SELECT a.id FROM activity_activity a
             WHERE a.board_id = b.id AND a.source_at IS NULL AND a.at >= %(start)s
             ORDER BY a.at, a.id LIMIT 1) AS low,
            (SELECT a.id FROM activity_activity a
             WHERE a.board_id = b.id AND a.source_at IS NULL AND a.at < %(end)s
             ORDER BY a.at DESC, a.id DESC LIMIT 1) AS high
        FROM unnest(%(boards)s::bigint[]) AS b(id))
    SELECT found.id FROM bounds CROSS JOIN LATERAL (
        SELECT a.id FROM activity_activity a
        WHERE a.board_id = bounds.board AND a.source_at IS NULL
          AND a.id >= bounds.low AND a.id <= bounds.high{more}
        ORDER BY a.id DESC LIMIT {limit}) AS found
    ORDER BY found.id DESC LIMIT {limit}
"""
ACTIVE = """
    SELECT p.id FROM unnest(%(people)s::bigint[]) AS p(id) WHERE EXISTS (
        SELECT 1 FROM activity_activity a
        WHERE a.actor_id = p.id AND a.board_id = ANY(%(boards)s) AND a.source_at IS NULL
          AND a.at >= %(start)s AND a.at < %(end)s
          AND a.id >= (SELECT min(low) FROM (
              SELECT (SELECT o.id FROM activity_activity o
                      WHERE o.board_id = b.id AND o.source_at IS NULL AND o.at >= %(start)s
                      ORDER BY o.at, o.id LIMIT 1) AS low
              FROM unnest(%(boards)s::bigint[]) AS b(id)) lows))
"""


@dataclass(frozen=True)
class Question:
    """What was asked, and by whom: their uid and name."""

    text: str
    uid: str
    name: str

    @property
    def first_name(self) -> str:
        """The first name of who asked."""
        return first_name(self.name)


@dataclass(frozen=True)
class ToldActivity:
    """One activity with its facts resolved: a text's digest replaced by the text, None where it was erased.

    A change back tells by that None that it cannot bring the text back; readers see the mark `ERASED`.

    `is_withheld`: it speaks of a removed comment, and the reader may not see what that said. `question` is
    the one that was answered, closed or handed on.
    """

    activity: Activity
    before: dict[str, Any]
    after: dict[str, Any]
    is_withheld: bool = False
    question: Question | None = None


@dataclass(frozen=True)
class History:
    """A page of a card's history, newest first; `earlier` is the id to go on from, None at the end."""

    told: list[ToldActivity]
    earlier: int | None


def card_history(
    card: Any, *, before: int | None = None, with_removed: bool = False, limit: int = _AT_ONCE
) -> History:
    """What happened to `card`, newest first, from before the activity with id `before`. Three queries.

    `with_removed`: also what removed comments said, which only a board's owners may read.
    """
    rows = Activity.objects.filter(card=card).select_related("actor", "board").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    page = list(rows[: limit + 1])
    told = tell(page[:limit], withheld=set() if with_removed else removed_comments(card))
    return History(told, page[limit - 1].pk if len(page) > limit else None)


@dataclass(frozen=True)
class Happened:
    """A page of what was done on some boards, newest first; `earlier` is the id to go on from."""

    told: list[ToldActivity]
    earlier: int | None


def happened(
    boards: Iterable[int],
    period: Period,
    *,
    before: int | None = None,
    person: int | None = None,
    cards: list[int] | None = None,
    known: Iterable[Any] = (),
    people: Iterable[Any] = (),
    limit: int = A_PAGE,
) -> Happened:
    """What people did on `boards` (ids) within `period`, newest first, without imported history.

    From before the activity with id `before`; by `person` (id) only; on `cards` (ids) only. `known` and
    `people` are boards and people that are loaded already. At most eight queries, whatever there is. What
    removed comments said is withheld.
    """
    more = ""
    facts: dict[str, Any] = {"boards": list(boards), "start": period.start, "end": period.end}
    for name, value, words in (
        ("before", before, " AND a.id < %(before)s"),
        ("person", person, " AND a.actor_id = %(person)s"),
        ("cards", cards, " AND a.card_id = ANY(%(cards)s)"),
    ):
        if value is not None:
            more, facts[name] = more + words, value
    ids = [row[0] for row in rows_of(_PAGE.format(more=more, limit=limit + 1), facts)]
    rows = with_what_it_is_about(those(ids[:limit])[::-1], known, people)
    return Happened(tell_in_public(rows), ids[limit - 1] if len(ids) > limit else None)


def those(ids: list[int]) -> list[Activity]:
    """The activities with these ids, oldest first, with what a feed shows of them. One query."""
    return _those().all(ids=ids)


def with_what_it_is_about(
    activities: Iterable[Activity], known: Iterable[Any] = (), people: Iterable[Any] = ()
) -> list[Activity]:
    """`activities` with their people, cards and boards, each fetched once. At most four queries more.

    Boards that are `known` are taken from there, and so are `people`.
    """
    rows = list(activities)
    boards = {board.pk: board for board in known}
    for row in rows:
        if row.board_id in boards:
            row.board = boards[row.board_id]
    actors: dict[int | None, Any] = {person.pk: person for person in people}
    actors |= _fetched(_people(), {row.actor_id for row in rows} - actors.keys())
    cards = _fetched(_cards(), {row.card_id for row in rows})
    for row in rows:  # as a prefetch does it: an id stays, even where nothing is found by it
        row._state.fields_cache |= {"actor": actors.get(row.actor_id), "card": cards.get(row.card_id)}
    prefetch_related_objects(rows, "board")
    boards |= {row.board_id: row.board for row in rows}
    for card in cards.values():
        if card.board_id in boards:
            card.board = boards[card.board_id]
    prefetch_related_objects(list(cards.values()), "board")
    return rows


def _fetched(asked: PreparedQuery[Any], ids: Iterable[int | None]) -> dict[int | None, Any]:
    wanted = [pk for pk in ids if pk is not None]
    return {found.pk: found for found in asked.all(ids=wanted)} if wanted else {}


@functools.cache
def _those() -> PreparedQuery[Activity]:
    return PreparedQuery(Activity.objects.filter(pk__in=[PARAM_USER]).order_by("id").defer(*UNSHOWN), IDS)


@functools.cache
def _people() -> PreparedQuery[Any]:
    """People with what a feed shows of them: a name, a face, and when they are at work."""
    hours = ("time_zone", "work_days", "work_start", "work_end", "days_off", "away")
    people = get_user_model().objects.filter(pk__in=[PARAM_USER])
    return PreparedQuery(people.only("uid", "name", "hue", *hours), IDS)


@functools.cache
def _cards() -> PreparedQuery[Any]:
    """Cards with what a feed shows of them."""
    own = ("board", "number", "title", "due", "assignee", "items_done", "items_total", "archived_at")
    shown = (*own, "column__name", "column__is_done")
    cards = apps.get_model("boards.Card").objects.filter(pk__in=[PARAM_USER])
    return PreparedQuery(cards.select_related("column").only(*shown), IDS)


def active_people(people: Iterable[int], boards: Iterable[int], period: Period) -> set[int]:
    """Which of `people` (ids) did something on `boards` (ids) within `period`. One query."""
    facts: dict[str, Any] = {"people": list(people), "boards": list(boards)}
    facts |= {"start": period.start, "end": period.end}
    return {row[0] for row in rows_of(ACTIVE, facts)}


def tell_in_public(activities: Iterable[Activity]) -> list[ToldActivity]:
    """`activities` with their texts, without those of removed comments. Two queries besides their own."""
    activities = list(activities)
    said = {a.subject for a in activities if a.effect.startswith(("comment.", "question.", "decision."))}
    if not said:
        return tell(activities, withheld=set())
    return tell(activities, withheld={uid for (uid,) in _removed_among().all(said=list(said))})


def removed_comments(card: Any) -> set[Any]:
    """The uids of the comments that are taken off `card`."""
    return set(_removed().filter(card=card).values_list("uid", flat=True))


def _removed() -> QuerySet[Any]:
    return apps.get_model("comments.Comment").objects.exclude(removed_at=None)


@functools.cache
def _removed_among() -> PreparedValues:
    return PreparedValues(_removed().filter(uid__in=[PARAM_UID]).values_list("uid"), {PARAM_UID: "said"})


def tell(activities: Iterable[Activity], withheld: set[Any]) -> list[ToldActivity]:
    """`activities` with their texts (one query) and the questions that they end or hand on (another)."""
    activities = list(activities)
    texts = _texts_of(activities)
    questions = _questions_of(activities)
    return [
        ToldActivity(
            activity,
            resolved(activity.before, texts),
            resolved(activity.after, texts),
            is_withheld=activity.subject in withheld,
            question=questions.get(activity.subject),
        )
        for activity in activities
    ]


def _questions_of(activities: list[Activity]) -> dict[Any, Question]:
    """The questions that `activities` answer, close or hand on, by uid. One query, none without such."""
    uids = {activity.subject for activity in activities if activity.effect in OF_QUESTIONS}
    if not uids:
        return {}
    return {uid: Question(text, str(who), name) for uid, text, who, name in _questions().all(said=list(uids))}


@functools.cache
def _questions() -> PreparedValues:
    asked = apps.get_model("comments.Comment").objects.filter(uid__in=[PARAM_UID])
    return PreparedValues(
        asked.values_list("uid", "text", "author__uid", "author__name"), {PARAM_UID: "said"}
    )


def _texts_of(activities: Iterable[Activity]) -> dict[str, str]:
    """The texts that `activities` name by digest."""
    digests = {
        digest
        for activity in activities
        for facts in (activity.before, activity.after)
        for digest in _digests(facts)
    }
    return texts_by_digest(digests)


def texts_by_digest(digests: Iterable[str]) -> dict[str, str]:
    """The texts that the log names by these digests, without those that were erased. One query, or none."""
    wanted = list(dict.fromkeys(digests))
    return dict(_texts().all(digests=wanted)) if wanted else {}


@functools.cache
def _texts() -> PreparedValues:
    texts = ActivityContent.objects.filter(digest__in=[PARAM_WORD])
    return PreparedValues(texts.values_list("digest", "text"), {PARAM_WORD: "digests"})


def resolved(facts: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """`facts` with texts in place of their digests; None for one that was erased.

    Of a card that is told whole, texts stand deeper as well; one of these that was erased is `ERASED`.
    """
    named = ((name, value, digest_in(value)) for name, value in facts.items())
    return {
        name: in_full(value, texts) if digest is None else texts.get(digest) for name, value, digest in named
    }


def _digests(facts: dict[str, Any]) -> Iterator[str]:
    return (digest for value in facts.values() for digest in digests_in(value))
