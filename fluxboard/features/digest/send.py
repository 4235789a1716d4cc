"""Sends the digests that are due, and the nudges that people asked for. No other mail interrupts anyone."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import Error

from activity.feed import digest_schedule
from activity.models import Digest
from boards.models import Board
from comments.models import Ask, Snooze
from fluxboard.accounts import working_hours
from fluxboard.accounts.models import User
from fluxboard.core.mail_delivery import Refusal, Unreachable, hand_over
from fluxboard.core.postgres.deadlines import deadlines
from fluxboard.features.digest.content import letter_for
from fluxboard.features.digest.mail import digest_mail, nudge_mail

log = logging.getLogger("fluxboard.mail")

_SOON = dt.timedelta(hours=1)
PERSON_SECONDS = 180.0  # a mail server has ten for each answer, which no mail takes all


@dataclass
class Round:
    """What one round did."""

    sent: int = 0
    empty: int = 0
    failed: int = 0
    nudged: int = 0


def send_due(clock_now: Callable[[], dt.datetime], stop: Callable[[], bool] = lambda: False) -> Round:
    """Send every digest and nudge that is due, each once, whoever else does the same at the same time.

    `clock_now` is the clock; `stop` is asked between two people. What cannot be sent is logged and tried
    again later: no exception of a mail server comes out of here.
    """
    done = Round()
    people = User.objects.able_to_sign_in().with_proved_address().order_by("id")
    with deadlines.within(PERSON_SECONDS):
        due = digest_schedule.due(people.filter(digest_on=True), clock_now())
        nudged = list(people.filter(nudge_on=True))
    for person, day in due:
        if stop():
            return done
        with _alone(person, done):
            _digest(person, day, clock_now, done)
    for person in nudged:
        if stop():
            return done
        with _alone(person, done):
            _nudge(person, clock_now(), done)
    return done


@contextlib.contextmanager
def _alone(person: User, done: Round) -> Iterator[None]:
    """One person's mail that cannot be made keeps nobody else's from going out.

    Raises Django's database errors, after PERSON_SECONDS at the latest.
    """
    try:
        with deadlines.within(PERSON_SECONDS):
            yield
    except Error:
        raise
    except Exception:
        done.failed += 1
        log.exception("mail could not be made", extra={"person": person.pk})


def _digest(person: User, day: dt.date, clock_now: Callable[[], dt.datetime], done: Round) -> None:
    claimed = digest_schedule.claim(person, day, clock_now())
    if claimed is None:
        return
    letter = letter_for(person, clock_now())
    if not letter.is_news:
        digest_schedule.nothing_new(claimed, letter.heads, clock_now())
        done.empty += 1
        return
    mail = digest_mail(letter, day)
    try:
        if hand_over(mail, lambda: digest_schedule.begin(claimed, clock_now())):
            digest_schedule.sent(claimed, letter.heads, clock_now())
            done.sent += 1
    except Refusal:
        digest_schedule.refused(claimed)
        done.failed += 1
        log.warning("digest refused", extra={"person": person.pk, "attempt": claimed.attempts}, exc_info=True)
    except Unreachable:
        digest_schedule.unreachable(claimed)
        done.failed += 1
        log.warning("mail server out of reach", extra={"person": person.pk}, exc_info=True)
    except OSError:  # also smtplib's: the line broke after the mail had begun to go out
        done.failed += 1
        log.warning("digest may not have arrived", extra={"person": person.pk}, exc_info=True)


def _nudge(person: User, now: dt.datetime, done: Round) -> None:
    asks = _due_soon(person, now)
    mine = [ask for ask in asks if Ask.objects.filter(pk=ask.pk, nudged_at=None).update(nudged_at=now)]
    if not mine:
        return
    try:
        hand_over(nudge_mail(person, mine, now), lambda: True)
        done.nudged += 1
    except (Refusal, Unreachable):
        Ask.objects.filter(pk__in=[ask.pk for ask in mine]).update(nudged_at=None)
        log.warning("nudge refused", extra={"person": person.pk}, exc_info=True)
    except OSError:
        log.warning("nudge may not have arrived", extra={"person": person.pk}, exc_info=True)


def _due_soon(person: User, now: dt.datetime) -> list[Ask]:
    """Open questions to the person that pass their answer-by within the hour, while they are at work."""
    if not working_hours.is_at_work(person, now):
        return []
    put_off = Snooze.objects.filter(user=person, until__gt=now).exclude(comment=None).values("comment")
    asks = Ask.objects.open().filter(
        person=person,
        nudged_at=None,
        answer_by__gt=now,
        answer_by__lte=now + _SOON,
        comment__card__board__in=Board.objects.visible_to(person).current(),
    )
    asks = asks.exclude(comment__in=put_off).select_related("comment__author", "comment__card__board")
    return list(asks.order_by("id"))


def unconfirmed(person: User) -> list[Digest]:
    """Digests of which nobody can know whether they arrived; the next one tells of the same again."""
    return list(Digest.objects.filter(user=person, sent_at=None).exclude(sending_at=None))
