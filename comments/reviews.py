"""Decisions are looked at again on a day: who stands behind one is asked whether it is still true.

A round is that day. It is open from then on, on each person's own calendar, until all who are asked have said
so or another decision takes its place. Nothing has to run for that: who is asked follows from the rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from activity.errors import Forbidden, Refused
from activity.log.record import Log
from activity.log.verbs import REVIEW_ON
from boards.actions.base import action, fresh_card, writing
from boards.actions.conflicts import settle_value
from boards.actions.facts import day_fact, person_fact
from boards.models import Membership, Role
from comments.models import Confirmation, Decision
from fluxboard.accounts.away import away_now, today_there
from fluxboard.accounts.calendar import midnight
from fluxboard.core import parsing

ROUND = ("decided_by", "agreements__person")
AS_NAMED: Any = object()  # the next day stays the one that somebody named before
DAYS = ("review_on", "next_review_on")


def asked_in_rounds(decisions: Iterable[Decision], now: dt.datetime) -> dict[int, list[Any]]:
    """Whom each decision with a day asks when it is due: who decided, and who had agreed before that day.

    Without those who are away, have left the board or the company, or cannot change anything there. One query
    besides what is prefetched, `ROUND`.
    """
    behind = {one.pk: (one.board_id, _behind(one)) for one in decisions if one.review_on is not None}
    people = {person.pk for _, those in behind.values() for person in those}
    writers = Membership.objects.filter(
        board__in={board for board, _ in behind.values()}, user__in=people, role__in=(Role.OWNER, Role.MEMBER)
    )
    here = set(writers.values_list("board", "user")) if people else set()
    return {
        pk: [person for person in those if (board, person.pk) in here and _can_answer(person, now)]
        for pk, (board, those) in behind.items()
    }


def _behind(decision: Decision) -> list[Any]:
    assert decision.review_on is not None
    began = midnight(decision.review_on, ZoneInfo("UTC"))
    agreed = [one.person for one in decision.agreements.all() if one.at < began]
    return list({person.pk: person for person in [*decision.decided_by.all(), *agreed]}.values())


def _can_answer(person: Any, now: dt.datetime) -> bool:
    return person.is_active and person.is_claimed and away_now(person, now) is None


def refuse_past(day: dt.date | None, today: dt.date, field: str = "review_on") -> None:
    """Raise `Refused` beside the field for a day that is not still to come."""
    if day is not None and day.year > parsing.LATEST_YEAR:
        raise Refused("That is too far ahead.", field)
    if day is not None and day <= today:
        raise Refused("Choose a day that is still to come.", field)


@action
def set_review(
    decision: Decision, day: dt.date | None, *, by: Any, seen: int | None = None, is_undo: bool = False
) -> Decision:
    """Say on which day a decision is to be looked at again; None for no day.

    It ends a round that is open. Raises `Refused` for a decision that was superseded and a day that is past
    (not for `is_undo`), `Clash` when somebody else set another day since `seen`.
    """
    with writing(decision.board, by) as log:
        decision = _fresh(log, decision)
        before, after = REVIEW_ON.fact(decision.review_on), REVIEW_ON.fact(day)
        if before == after:
            return decision
        if not is_undo:
            refuse_past(day, today_there(log.by.user, log.now))
        settle_value(
            log,
            decision,
            REVIEW_ON.name,
            REVIEW_ON.label,
            theirs=before,
            yours=after,
            seen=seen,
            values=(before or "", after or ""),
            in_words=REVIEW_ON.words,
        )
        decision.review_on = day
        log.record(
            "decision.review_set",
            decision,
            card=decision.card,
            before={REVIEW_ON.name: before},
            after={REVIEW_ON.name: after},
        )
        decision.keep(REVIEW_ON.name)
        decision.card.keep()
        return decision


@action
def confirm(decision: Decision, *, by: Any, next_on: dt.date | None = AS_NAMED) -> Decision:
    """Say that a decision which is due is still true; who says so last ends the round.

    It is then looked at again on `next_on`, or the day that somebody named before, or never. Saying it twice
    in a round does it once. Raises `Refused` where no round is open and for a day that is past.
    """
    with writing(decision.board, by) as log:
        decision = _fresh(log, decision)
        person, today = log.by.user, today_there(log.by.user, log.now)
        if decision.review_on is None or decision.review_on > today:
            raise Refused(f"{decision.key} is not to be looked at now.")
        next_on = decision.next_review_on if next_on is AS_NAMED else next_on
        refuse_past(next_on, today)
        said = set(decision.confirmations.filter(round=decision.review_on).values_list("person", flat=True))
        asked = asked_in_rounds([decision], log.now)[decision.pk]
        left = [one for one in asked if one.pk not in {*said, person.pk}]
        if person.pk in said and left:
            return decision
        days = {"next_review_on": next_on} if left else {"review_on": next_on, "next_review_on": None}
        if person.pk in said:
            return _end(log, decision, next_on)
        _confirmed(log, decision, decision.review_on, days)
        return decision


def _end(log: Log, decision: Decision, day: dt.date | None) -> Decision:
    """End a round in which nobody is asked any more, by somebody who has confirmed the decision in it."""
    before, decision.review_on = REVIEW_ON.fact(decision.review_on), day
    log.record(
        "decision.review_set",
        decision,
        card=decision.card,
        before={REVIEW_ON.name: before},
        after={REVIEW_ON.name: REVIEW_ON.fact(day)},
    )
    decision.keep(REVIEW_ON.name)
    decision.card.keep()
    return decision


def _confirmed(log: Log, decision: Decision, round: dt.date, days: dict[str, dt.date | None]) -> None:
    before, after = _changed(decision, days)
    said = {"person": person_fact(log.by.user), "round": day_fact(round)}
    Confirmation.objects.create(decision=decision, round=round, person=log.by.user, at=log.now)
    log.record("decision.confirmed", decision, card=decision.card, before=before, after={**said, **after})
    decision.keep(*DAYS)
    decision.card.keep()


def _changed(decision: Decision, days: dict[str, dt.date | None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set those of its days that change; what they were and are, for the log."""
    changed = {name: day for name, day in days.items() if getattr(decision, name) != day}
    before = {name: day_fact(getattr(decision, name)) for name in changed}
    for name, day in changed.items():
        setattr(decision, name, day)
    return before, {name: day_fact(day) for name, day in changed.items()}


@action
def withdraw_confirmation(
    decision: Decision, person: Any, round: dt.date, days: dict[str, dt.date | None], *, by: Any
) -> Decision:
    """Undo one's own confirmation, with the `days` that it set back to what they were.

    Raises `Forbidden` for anyone but `person`, `Refused` once the decision was superseded.
    """
    with writing(decision.board, by) as log:
        decision = _fresh(log, decision)
        if person.pk != log.by.user.pk:
            raise Forbidden("Only who said so can withdraw that.")
        if Confirmation.objects.filter(decision=decision, person=person, round=round).delete()[0]:
            before, after = _changed(decision, days)
            said = {"person": person_fact(person), "round": day_fact(round)}
            log.record(
                "decision.confirmation_withdrawn",
                decision,
                card=decision.card,
                before={**said, **before},
                after=after,
            )
            decision.keep(*DAYS)
            decision.card.keep()
        return decision


@action
def confirm_again(
    decision: Decision, round: dt.date, days: dict[str, dt.date | None], *, by: Any
) -> Decision:
    """Undo that one withdrew one's confirmation of a round, with the `days` that this set."""
    with writing(decision.board, by) as log:
        decision = _fresh(log, decision)
        if not decision.confirmations.filter(person=log.by.user, round=round).exists():
            _confirmed(log, decision, round, days)
        return decision


def _fresh(log: Log, decision: Decision) -> Decision:
    """The decision as it is now that the board is locked; `Refused` when it was superseded."""
    now = Decision.objects.select_related("card__column").prefetch_related(*ROUND).get(pk=decision.pk)
    now.board = log.board
    now.card = fresh_card(log, now.card, archived=True)
    if now.superseded_by_id is not None:
        raise Refused("This decision was superseded.")
    return now
