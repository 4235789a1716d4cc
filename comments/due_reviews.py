"""Which decisions are to be looked at again, whom that waits for, and how it shows beside a decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    DateField,
    DateTimeField,
    Exists,
    Func,
    OuterRef,
    Q,
    QuerySet,
    prefetch_related_objects,
)
from django.db.models.expressions import RawSQL

from boards.models import Board, Membership, Role
from comments.models import Agreement, Confirmation, Decision
from comments.reviews import ROUND, asked_in_rounds
from fluxboard.accounts import times

_LONGEST = dt.timedelta(days=5 * 366)
# The day on a person's own calendar; nothing while they are away.
_TODAY_THERE = """(
    SELECT today FROM accounts_user AS person,
        LATERAL (SELECT (%s::timestamptz AT TIME ZONE person.time_zone)::date AS today) AS day
     WHERE person.id = %s AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(person.away) AS stretch
         WHERE today BETWEEN (stretch ->> 'first')::date AND (stretch ->> 'last')::date))"""


class _Began(Func):
    """The first moment of a day, in UTC."""

    template = "((%(expressions)s)::timestamp AT TIME ZONE 'UTC')"
    output_field = DateTimeField()


def decisions_due(boards: Collection[Board], today: dt.date) -> QuerySet[Decision]:
    """The decisions on `boards` that stand and were to be looked at again by `today`, the longest due first.

    `today` is a day on the reader's calendar. One on an archived card is due too; its board has to be in use.
    """
    due = Decision.objects.filter(board__in=boards, board__archived_at=None, superseded_by=None)
    return due.filter(review_on__lte=today).order_by("review_on", "id")


def reviews_of(reader: Any, now: Any) -> QuerySet[Decision]:
    """The decisions that are due on the reader's calendar and wait for them to say if they are still true.

    None while they are away. The same people as `asked_in_rounds` has.
    """
    today = RawSQL(_TODAY_THERE, (now, reader.pk), output_field=DateField())  # noqa: S611
    writes = Membership.objects.filter(
        board=OuterRef("board"), user=reader, role__in=(Role.OWNER, Role.MEMBER)
    ).order_by()
    decided = Decision.decided_by.through.objects.filter(decision=OuterRef("pk"), user=reader)
    agreed = Agreement.objects.filter(
        decision=OuterRef("pk"), person=reader, at__lt=_Began(OuterRef("review_on"))
    )
    said = Confirmation.objects.filter(decision=OuterRef("pk"), person=reader, round=OuterRef("review_on"))
    return Decision.objects.filter(
        Q(Exists(decided)) | Q(Exists(agreed)),
        Exists(writes),
        ~Exists(said),
        board__archived_at=None,
        superseded_by=None,
        review_on__isnull=False,
        review_on__lte=today,
    )


@dataclass(frozen=True)
class ReviewShown:
    """When a decision is looked at again, and what came of that so far, for one reader.

    `said` are those who said in the present round, else in the last one, that it is still true, the last of
    them at `said_at`; `waits_for` those who are asked and have not. `offer` is a day for the next time.
    """

    on: dt.date | None
    is_due: bool
    said: list[Any]
    said_at: dt.datetime | None
    waits_for: list[Any]
    is_asked: bool
    may_confirm: bool
    offer: dt.date | None


def reviews_shown(decisions: Iterable[Decision], reader: Any, now: dt.datetime) -> dict[int, ReviewShown]:
    """How the review of each stands, by the decision's id. Two queries, and five more where one is due."""
    rows, today = list(decisions), times.today_of(reader, now)
    prefetch_related_objects(rows, "confirmations__person")
    due = [one for one in rows if one.is_standing and one.review_on is not None and one.review_on <= today]
    prefetch_related_objects(due, *ROUND)
    asked = asked_in_rounds(due, now)
    return {one.pk: _shown(one, asked.get(one.pk), reader, today) for one in rows}


def _shown(decision: Decision, asked: list[Any] | None, reader: Any, today: dt.date) -> ReviewShown:
    """`asked` is None for one that is not due."""
    every = sorted(decision.confirmations.all(), key=lambda one: (one.round, one.at, one.pk))
    is_due = asked is not None
    latest = decision.review_on if is_due else every[-1].round if every else None
    present = [one for one in every if one.round == latest]
    said = [one.person for one in present]
    waits_for = [person for person in asked or () if person not in said]
    return ReviewShown(
        decision.review_on if decision.is_standing else None,
        is_due,
        said,
        present[-1].at if present else None,
        waits_for,
        reader in waits_for,
        is_due and (reader not in said or not waits_for),
        _offer(decision, every, today) if is_due else None,
    )


def _offer(decision: Decision, every: list[Confirmation], today: dt.date) -> dt.date | None:
    """The day that somebody named for the next time, else as far ahead as this time was."""
    if decision.next_review_on is not None and decision.next_review_on > today:
        return decision.next_review_on
    assert decision.review_on is not None
    before = [one.at for one in every if one.round < decision.review_on]
    distance = decision.review_on - (before[-1] if before else decision.at).date()
    return today + min(distance, _LONGEST) if distance.days > 0 else None
