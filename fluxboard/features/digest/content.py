"""What a digest says: what waits on someone, decisions, and what changed on their boards and cards.

It speaks of three apps, so it is composed here. All of it is in the person's own words and hours, and every
line leads to its exact place.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse

from activity.feed.digest_schedule import Heads, together, told_before
from activity.feed.news_since import happened_since
from activity.feed.read_marker import readings_of
from activity.models import Activity
from boards.models import Board, TrialAnswer
from comments.models import Snooze
from comments.waiting import Wait, waiting_on
from fluxboard.accounts import times as wording
from fluxboard.accounts.calendar import last_working_day, midnight
from fluxboard.accounts.models import User
from fluxboard.core.plain_text import cut, plain
from fluxboard.features.catch_up.concern import concern_of, still_here
from fluxboard.features.check_in.due import due_check_ins
from fluxboard.features.digest.addresses import absolute
from fluxboard.features.digest.boards import BoardLetter, board_letters
from fluxboard.features.digest.scope import scope_of
from fluxboard.features.trial.question import open_questions

MOST_CHANGES = 1000
_SHORT = 280


@dataclass(frozen=True)
class Waiting:
    """One thing that waits on the person: `who` `did` on `title`, and by when an answer is due."""

    kind: str
    who: str
    did: str
    key: str
    title: str
    url: str
    text: str
    by: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class TrialLine:
    """The question of a trial: its board, and each answer with the page on which it is given."""

    board: str
    answers: list[tuple[str, str]]


@dataclass
class Letter:
    """Everything that one digest says. `check_ins`: name and address of each that is open this morning.

    `questions`: of the trials without a standup, those of this week that the person has not answered.
    """

    person: Any
    now: dt.datetime
    since: dt.datetime | None
    waits: list[Waiting]
    by_board: list[BoardLetter]
    heads: Heads
    boards: list[Any]
    is_news: bool
    check_ins: list[tuple[str, str]] = field(default_factory=list)
    questions: list[TrialLine] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """`2 wait on you, 1 decision, 5 cards changed`."""
        count = len(self.waits)
        decisions = sum(letter.decisions for letter in self.by_board)
        cards = len({pk for letter in self.by_board for pk in letter.changed})
        facts = [
            (count, "waits on you" if count == 1 else "wait on you"),
            (decisions, "decision" if decisions == 1 else "decisions"),
            (cards, "card changed" if cards == 1 else "cards changed"),
        ]
        return ", ".join(f"{number} {words}" for number, words in facts if number) or "nothing new"


def letter_for(person: User, now: dt.datetime) -> Letter:
    """What `person` has to hear at `now`: all since their last digest. A fixed number of queries."""
    before, since = told_before(person)
    scope = scope_of(person)
    boards = scope.boards
    heads = _heads(boards)
    lows = _lows(person, boards, before, now)
    upto = {int(pk): head["seq"] for pk, head in heads.items()}
    news = happened_since(lows, upto, person, MOST_CHANGES)
    told = [one for one in still_here(news.told, person) if scope.takes(one.activity)]
    waits = [wait for wait in waiting_on(person, now) if wait.until is None]
    letters = board_letters(person, scope, told, concern_of(person, told), waits, now)
    for letter in letters:
        if cut_at := news.cut_at.get(letter.board.pk):
            letter.begins = wording.exact(cut_at, person, now)
    return Letter(
        person,
        now,
        since,
        [waiting_entry(wait, person, now) for wait in waits],
        letters,
        together(before, heads),
        [board for board in boards if str(board.pk) in heads],
        bool(letters) or (bool(waits) and _is_due_again(person, waits, since, now)),
        _check_ins(boards, person, now),
        _trials(boards, person, now),
    )


def _check_ins(boards: list[Any], person: User, now: dt.datetime) -> list[tuple[str, str]]:
    """No reason for a mail, but in one that is sent anyway. One query at most."""
    there = due_check_ins(boards, person, now)
    return [(board.name, absolute(reverse("boards:check_in", args=[board.key]))) for board in there]


def _trials(boards: list[Any], person: User, now: dt.datetime) -> list[TrialLine]:
    """No reason for a mail either. A link leads to the page where the answer is given: mails are opened ahead
    by machines. Two queries at most.
    """
    found = []
    for one in open_questions(boards, person, now):
        page = absolute(reverse("boards:trial_answer", args=[one.board.key, one.trial.pk]))
        links = [(str(label), f"{page}?answer={value}") for value, label in TrialAnswer.Answer.choices]
        found.append(TrialLine(one.board.name, links))
    return found


def _heads(boards: list[Any]) -> Heads:
    """Where the log of each board stands, and the hash that vouches for all of it up to there. One query."""
    rows = Activity.objects.filter(board__in=boards, seq=F("board__seq"))
    return {
        str(board): {"seq": seq, "hash": bytes(digest).hex()}
        for board, seq, digest in rows.values_list("board_id", "seq", "hash")
    }


def _lows(person: User, boards: list[Any], before: Heads, now: dt.datetime) -> dict[int, int]:
    """From where to tell, by board: what was told last, else from the last working day on; nothing that they
    have read. Two queries.
    """
    start = midnight(last_working_day(person, wording.today_of(person, now)), person.zone)
    earlier = Activity.objects.filter(board=OuterRef("pk"), at__lt=start, source_at=None).order_by("-at")
    rows = Board.objects.filter(pk__in=[board.pk for board in boards])
    found = rows.annotate(low=Subquery(earlier.values("seq")[:1])).values_list("pk", "low")
    told = {pk: before[str(pk)]["seq"] if str(pk) in before else low or 0 for pk, low in found}
    read = readings_of(person, boards).seq
    return {pk: max(low, read.get(pk, 0)) for pk, low in told.items()}


def _is_due_again(person: User, waits: list[Wait], since: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether something that waits came back, passed its answer-by, or came due since the last digest."""
    if since is None:
        return True
    times = [wait.ask.answer_by for wait in waits if wait.ask and wait.ask.answer_by]
    times += [wait.since for wait in waits if wait.decision]
    late = any(since < at <= now for at in times)
    return late or Snooze.objects.filter(user=person, until__gt=since, until__lte=now).exists()


# ---- in words ---------------------------------------------------------------------------------------------


def waiting_entry(wait: Wait, person: User, now: dt.datetime) -> Waiting:
    """`wait` in the words and hours of `person`, its text cut."""
    at = wait.ask.answer_by if wait.ask else None
    is_past = at is not None and at <= now
    by = f"{'Answer was due' if is_past else 'Answer by'} {wording.when(at, person, now)}" if at else ""
    return Waiting(
        wait.kind,
        wait.who(person),
        wait.did,
        wait.card.key,
        wait.card.title,
        absolute(wait.address),
        cut(plain(wait.text), _SHORT),
        by,
        is_late=wait.is_late,
    )


def digest_name(person: User, day: dt.date) -> str:
    """What the digest of `person` for a day is called, in its Message-ID."""
    return f"digest.{day.isoformat()}.{person.uid}"
