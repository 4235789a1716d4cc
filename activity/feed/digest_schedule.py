"""Whose digest is due, and who sends it: one mail a person and day, whatever is killed and how many try.

A digest is a row for a person and one of their days. It goes through three compare-and-sets:

1. `claim`: one process takes it, for `LEASE`. Killed afterwards, another takes it when the lease is over.
2. `begin`: right before the mail server gets it. From here on nobody sends it again.
3. `sent` (the server took it), or `refused` (it said no, so it is tried again), or `nothing_new`.

A process that dies between 2 and 3 leaves the one case that cannot be known: a mail server has no way to ask
whether it took a message. Such a day is not sent again, so nobody ever gets two. And nothing is lost: `heads`
count only once the server has said yes, so the next digest tells of everything since the last one known to
have arrived.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, Q

from activity.models import Digest
from fluxboard.accounts import working_hours
from fluxboard.accounts.calendar import DAY, is_off

LEASE = dt.timedelta(minutes=2)
MOST_ATTEMPTS = 10
LATE = dt.timedelta(hours=12)  # a server that was down still sends it within that

Heads = dict[str, dict[str, Any]]


def due_day(person: Any, now: dt.datetime) -> dt.date | None:
    """The person's day whose digest is due at `now`: a working day, from their hour on; None for none.

    An hour that the clock skips on that day counts as the moment after the jump; one that it shows twice, as
    the first. A late hour's digest may go out after midnight; it belongs to the day before.
    """
    today = working_hours.local(now, person.time_zone).date()
    for day in (today, today - DAY):
        at = moment_of(person, day)
        if at <= now < at + LATE and works_on(person, day):
            return day
    return None


def next_digest(person: Any, now: dt.datetime) -> dt.datetime | None:
    """When the person's next digest comes, in UTC; None for who gets none."""
    if not person.digest_on:
        return None
    today = working_hours.local(now, person.time_zone).date()
    off = len(person.days_off) + sum((one.last - one.first).days + 1 for one in person.away)
    days = (today + ahead * DAY for ahead in range(9 + off))
    moments = (moment_of(person, day) for day in days if works_on(person, day))
    return next((at for at in moments if at > now), None)


def moment_of(person: Any, day: dt.date) -> dt.datetime:
    """When that day's digest is due, in UTC."""
    return working_hours.local_moment(day, person.digest_at, person.time_zone)


def works_on(person: Any, day: dt.date) -> bool:
    """Whether it is one of the person's working days, and not one off."""
    return day.isoweekday() in person.work_days and not is_off(person, day)


def due(people: Iterable[Any], now: dt.datetime) -> list[tuple[Any, dt.date]]:
    """Those of `people` whose digest could be claimed at `now`, each with their day. One query.

    Somebody who joined after their hour has their first one the next day.
    """
    days = [(person, day) for person in people if (day := due_day(person, now))]
    days = [(person, day) for person, day in days if person.joined_at <= moment_of(person, day)]
    rows = Digest.objects.filter(user__in=[person for person, _ in days], day__in={day for _, day in days})
    over = set(rows.exclude(_free(now)).values_list("user_id", "day"))
    return [(person, day) for person, day in days if (person.pk, day) not in over]


def claim(person: Any, day: dt.date, now: dt.datetime) -> Digest | None:
    """Take the person's digest of `day` for `LEASE`; None when somebody else has it, or it is over."""
    Digest.objects.get_or_create(user=person, day=day)
    mine = Digest.objects.filter(_free(now), user=person, day=day)
    if not mine.update(claimed_at=now, attempts=F("attempts") + 1):
        return None
    return Digest.objects.filter(user=person, day=day, claimed_at=now).first()


def begin(digest: Digest, now: dt.datetime) -> bool:
    """Mark that the mail server gets it now. False when the claim has passed to somebody else."""
    return bool(_claimed(digest).update(sending_at=now))


def sent(digest: Digest, heads: Heads, now: dt.datetime) -> None:
    """The mail server took it: the next one tells of what came after `heads`."""
    Digest.objects.filter(pk=digest.pk, sent_at=None).update(sent_at=now, heads=heads)


def refused(digest: Digest) -> None:
    """The mail server said no: it is tried again when the lease is over."""
    Digest.objects.filter(pk=digest.pk, sent_at=None).update(sending_at=None)


def unreachable(digest: Digest) -> None:
    """There was no mail server to talk to: it is tried again when the lease is over, however often."""
    _claimed(digest).update(attempts=F("attempts") - 1)


def nothing_new(digest: Digest, heads: Heads, now: dt.datetime) -> None:
    """There was nothing to tell, so there is no mail."""
    _claimed(digest).update(sent_at=now, heads=heads, is_empty=True)


def told_before(person: Any) -> tuple[Heads, dt.datetime | None]:
    """Up to where the person has been told, board by board, and when the last digest was over. One query."""
    last = Digest.objects.filter(user=person).exclude(sent_at=None).order_by("-day").first()
    return (last.heads, last.sent_at) if last else ({}, None)


def together(before: Heads, now: Mapping[str, dict[str, Any]]) -> Heads:
    """`now`, and for boards that are not among them what was told `before`: they may come back."""
    return {**before, **now}


def _free(now: dt.datetime) -> Q:
    """Digests that may be claimed: not under way or over, and nobody's, or of somebody who took too long."""
    nobodys = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)
    return Q(sent_at=None, sending_at=None, attempts__lt=MOST_ATTEMPTS) & nobodys


def _claimed(digest: Digest) -> Any:
    return Digest.objects.filter(
        pk=digest.pk, claimed_at=digest.claimed_at, attempts=digest.attempts, sending_at=None, sent_at=None
    )
