"""How far someone has read, board by board, by the log's own sequence and never by time.

It moves forward only: by "Mark all read", Shift U, the end of the catch-up, and by being there. What a page
showed while it was visible and live was seen by who looked at it (`saw`): stretches of the sequence, at most
MOST_STRETCHES of them after the line, which moves over the first of them when nothing before is unread.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from activity.models import Activity, ReadDay, Reading
from activity.stretches import Stretch, joined, stretches_of
from fluxboard.core import parsing
from fluxboard.core.postgres.statements import PARAM_BOARD, PARAM_USER, PreparedValues, one_row

MOST_COUNTED = 1000
DAYS_KEPT = dt.timedelta(400)  # a figure tells of 366 days at most
MOST_STRETCHES = 100
WORDS_A_MINUTE = 230
WORDS_A_CHANGE = 12  # on average, where the texts are not looked at
_PLACE = re.compile(r"([A-Z][A-Z0-9]{1,7}):([0-9]{1,15})")

UNREAD = """
    SELECT EXISTS (
        SELECT 1 FROM activity_reading r
        WHERE r.user_id = %(user)s AND r.board_id = ANY(%(boards)s::bigint[]) AND EXISTS (
            SELECT 1 FROM activity_activity a
            WHERE a.board_id = r.board_id AND a.seq > r.seq
              AND a.source_at IS NULL AND a.actor_id <> %(user)s AND NOT r.seen @> a.seq))
"""
FIRST_UNREAD = """
    SELECT a.seq FROM activity_activity a
    WHERE a.board_id = %(board)s AND a.seq > %(line)s AND a.seq <= %(last)s
      AND a.source_at IS NULL AND a.actor_id <> %(user)s AND NOT %(seen)s @> a.seq
    ORDER BY a.seq LIMIT 1
"""
_COUNTS = """
    SELECT r.board_id, r.at, a.verb, count(a.verb)
    FROM activity_reading r LEFT JOIN LATERAL (
        SELECT CASE a.verb WHEN 'change.undone' THEN a.after->>'effect' ELSE a.verb END AS verb
        FROM activity_activity a
        WHERE a.board_id = r.board_id AND a.seq > r.seq
          AND a.source_at IS NULL AND a.actor_id <> r.user_id AND NOT r.seen @> a.seq
        ORDER BY a.seq LIMIT %(most)s) a ON true
    WHERE r.user_id = %(user)s AND r.board_id = ANY(%(boards)s)
    GROUP BY r.board_id, r.at, a.verb
"""


@dataclass
class Readings:
    """What a person has read: `seq` and, after it, `seen` by board id; at which `times`."""

    person: Any
    seq: dict[int, int] = field(default_factory=dict)
    times: dict[int, dt.datetime] = field(default_factory=dict)
    seen: dict[int, list[Stretch]] = field(default_factory=dict)

    def is_news(self, activity: Activity) -> bool:
        """Whether `activity` is something that the person has not read: others' doing, after their line."""
        if activity.actor_id == self.person.pk or activity.source_at is not None:
            return False
        line = self.seq.get(activity.board_id)
        if line is None or activity.seq <= line:
            return False
        seen = self.seen.get(activity.board_id, [])
        return not any(first <= activity.seq <= last for first, last in seen)

    @property
    def at(self) -> dt.datetime | None:
        """Up to when everything has been read, on the board that was read the longest ago."""
        return min(self.times.values(), default=None)


@dataclass
class News:
    """What is new on one board since `at`: how many changes of which verb. At most a thousand are counted."""

    at: dt.datetime | None = None
    verbs: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.verbs.values())

    @property
    def minutes(self) -> int:
        """About how long reading it takes, without having looked at the texts."""
        return max(1, round(self.count * WORDS_A_CHANGE / WORDS_A_MINUTE))

    @property
    def moved(self) -> int:
        return self.verbs.get("card.moved", 0)

    @property
    def comments(self) -> int:
        return sum(self.verbs.get(verb, 0) for verb in ("comment.posted", "question.asked"))

    @property
    def decisions(self) -> int:
        return self.verbs.get("decision.recorded", 0)

    @property
    def blocked(self) -> int:
        return self.verbs.get("card.blocked", 0)

    @property
    def others(self) -> int:
        return self.count - self.moved - self.comments - self.decisions - self.blocked

    @property
    def facts(self) -> list[tuple[int, str]]:
        """The numbers that are not zero, each with its word."""
        named = [
            (self.moved, "moved"),
            (self.comments, "comment" if self.comments == 1 else "comments"),
            (self.decisions, "decision" if self.decisions == 1 else "decisions"),
            (self.blocked, "blocked"),
            (self.others, "other change" if self.others == 1 else "other changes"),
        ]
        return [(number, words) for number, words in named if number]


def begin_reading(person: Any, board: Any, at: dt.datetime) -> None:
    """Whoever comes to a board at the moment `at` has read all that was there by then, and nothing of later.

    The change that is under way has `board.seq`, and isn't written yet.
    """
    log = Activity.objects.filter(board=board).order_by("-seq")
    last = log.values_list("seq", "at").first()
    seq = board.seq
    if last is not None and last[1] > at:
        seq = log.filter(at__lte=at).values_list("seq", flat=True).first() or 0
    Reading.objects.get_or_create(user=person, board=board, defaults={"seq": seq, "at": at})


def readings_of(person: Any, boards: Iterable[Any]) -> Readings:
    """How far `person` has read on `boards`. One query."""
    readings = Readings(person)
    for board, seq, seen, at in _read().all(user=person.pk, boards=[board.pk for board in boards]):
        readings.seq[board], readings.seen[board], readings.times[board] = seq, stretches_of(seen), at
    return readings


@functools.cache
def _read() -> PreparedValues:
    lines = Reading.objects.filter(user=PARAM_USER, board__in=[PARAM_BOARD])
    return PreparedValues(
        lines.values_list("board", "seq", "seen", "at"), {PARAM_USER: "user", PARAM_BOARD: "boards"}
    )


@transaction.atomic
def mark_read(person: Any, places: Mapping[Any, int], now: dt.datetime) -> None:
    """Move the person's line on each board up to a seq: never back, and never beyond what has happened."""
    for board, asked in places.items():
        seq = min(asked, board.seq)
        _, is_new = Reading.objects.get_or_create(user=person, board=board, defaults={"seq": seq, "at": now})
        if not is_new:
            Reading.objects.filter(user=person, board=board, seq__lte=seq).update(seq=seq, at=now)
    mine = Reading.objects.select_for_update().filter(user=person, board__in=list(places))
    _keep_day(mine.order_by("pk"), person, now)


def _keep_day(readings: Iterable[Reading], person: Any, now: dt.datetime) -> None:
    """The person's present day ends with this, unless more is read on it. One statement."""
    day = now.astimezone(person.zone).date()
    ReadDay.objects.bulk_create(
        [
            ReadDay(user=person, board_id=one.board_id, day=day, seq=one.seq, seen=one.seen)
            for one in readings
        ],
        update_conflicts=True,
        unique_fields=["board", "day", "user"],
        update_fields=["seq", "seen"],
    )


def forget_old_days(now: dt.datetime) -> int:
    """Delete the days of reading that no figure looks at any more; returns how many. One statement."""
    return ReadDay.objects.filter(day__lt=now.date() - DAYS_KEPT).delete()[0]


@transaction.atomic
def saw(person: Any, board: Any, first: int, last: int, now: dt.datetime) -> None:
    """`person` saw the changes `first` to `last` of `board` happen: they count as read.

    Nothing happens for who does not read that board, and for what hasn't happened. Where more than
    MOST_STRETCHES would be kept, the oldest count as unread again.
    """
    last = min(last, board.seq)
    reading = Reading.objects.select_for_update().filter(user=person, board=board).first()
    if reading is None or last <= reading.seq or not 0 < first <= last:
        return
    seen = joined([*reading.seen, (first, last)])
    newest = seen[-1][1]
    reading.seq = _read_upto(reading, seen, newest)
    if reading.seq == newest:
        reading.at = now
    reading.seen = [one for one in seen if one[1] > reading.seq][-MOST_STRETCHES:]
    reading.save(update_fields=["seq", "seen", "at"])
    _keep_day([reading], person, now)


def _read_upto(reading: Reading, seen: list[Stretch], last: int) -> int:
    """Up to where nothing is unread, `last` at most."""
    facts = {"board": reading.board_id, "user": reading.user_id, "line": reading.seq, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(FIRST_UNREAD, facts | {"seen": Reading._meta.get_field("seen").get_prep_value(seen)})
        row = cursor.fetchone()
    return row[0] - 1 if row else last


def has_unread(person: Any, boards: Iterable[int]) -> bool:
    """Whether others have done anything on `boards` (ids) that `person` has not read. One query."""
    (is_some,) = one_row(UNREAD, {"user": person.pk, "boards": list(boards)})
    return bool(is_some)


def news_of(person: Any, boards: Iterable[int]) -> dict[int, News]:
    """What is new to `person` on each of `boards` (ids) that they read. One query."""
    news: dict[int, News] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"user": person.pk, "boards": list(boards), "most": MOST_COUNTED})
        for board, at, verb, count in cursor.fetchall():
            there = news.setdefault(board, News(at))
            if verb is not None:
                there.verbs[verb] = count
    return news


def places_as_text(boards: Iterable[Any]) -> str:
    """Where the log of each board stands, as `FLX:345 MOB:23`, for a form to send back."""
    return " ".join(f"{board.key}:{board.seq}" for board in boards)


def places_in(text: str) -> dict[str, int]:
    """`FLX:345 MOB:23` as a dict; what does not look so is left out."""
    found = ((key, parsing.whole_number(seq)) for key, seq in _PLACE.findall(text[:4000]))
    return {key: seq for key, seq in found if seq is not None}
