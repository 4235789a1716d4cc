"""What a check-in is prefilled with: what the log tells of the person since their last one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from activity.feed.load import happened
from activity.feed.period import Period
from boards.models import Board, Card, CheckIn
from boards.models.check_in import DAILY
from fluxboard.accounts.away import today_there
from fluxboard.accounts.calendar import DAY, last_working_day, midnight
from fluxboard.core import limits
from fluxboard.features.standup.outcomes import KINDS, Places, outcomes_of

_FURTHEST = dt.timedelta(days=35)  # back to the last check-in
_MOST = 3000  # changes of the board that are looked at
HELD = "held"  # what stands blocked with them, whoever said so


@dataclass(frozen=True)
class CheckInFact:
    """One outcome of the person's: `code` names it in a form, `words` say with whom or where."""

    code: str
    kind: str
    card: Card
    words: str
    said: str = ""

    @property
    def heading(self) -> str:
        return heading_of(self.kind)

    def as_logged(self) -> dict[str, Any]:
        """What the log and the check-in keep of it."""
        card = {"id": str(self.card.uid), "key": self.card.key}
        return {"code": self.code, "kind": self.kind, "card": card, "words": self.words}


def heading_of(kind: str) -> str:
    """`Finished`, `Began`, `Blocked` and so on."""
    return "Held up" if kind == HELD else KINDS[kind][0] if kind in KINDS else ""


def facts_for(board: Board, person: Any, now: dt.datetime) -> tuple[list[CheckInFact], dt.datetime]:
    """What `person` finished, began, were blocked by, decided, and so on; and since when it is told.

    The same net outcomes as the standup has. A fixed number of queries.
    """
    start = _start(board, person, now)
    today = today_there(person, now)
    period = Period(start, now, start.date(), today, is_open=True, is_usual=False)
    people = {one.pk: one for one in (*board.members.all(), person)}
    page = happened([board.pk], period, known=[board], people=people.values(), limit=_MOST)
    found = outcomes_of(reversed(page.told), Places.of([board]), people, lambda _: False)
    lines = found[person.pk].lines if person.pk in found else []
    facts = [
        CheckInFact(f"{one.kind}-{one.activity.seq}", one.kind, one.card, one.words, one.said)
        for line in lines
        for one in line.items
        if one.card.board_id == board.pk
    ]
    blocked = {fact.card.pk for fact in facts if fact.kind == "blocked"}
    for card in _held(board, person, blocked):
        by = [card.blocked_by_user.first_name if card.blocked_by_user else ""]
        by.append(card.blocked_by_card.key if card.blocked_by_card else "")
        words = " and ".join(filter(None, by))
        said = card.blocked_reason
        facts.append(
            CheckInFact(f"{HELD}-{card.number}", HELD, card, f"waits on {words}" if words else "", said)
        )
    return facts[: limits.CHECK_IN_FACTS], start


def _held(board: Board, person: Any, told: Collection[int]) -> list[Card]:
    """Cards of theirs that are blocked now, besides those of which it is told. One query."""
    cards = Card.objects.filter(board=board, assignee=person, is_blocked=True).current().exclude(pk__in=told)
    related = cards.select_related("board", "blocked_by_user", "blocked_by_card__board")
    return list(related.order_by("number")[: limits.CHECK_IN_FACTS])


def _start(board: Board, person: Any, now: dt.datetime) -> dt.datetime:
    """The last check-in before today, else the last working day, or where they are weekly seven days ago."""
    today = today_there(person, now)
    there = CheckIn.objects.filter(board=board, person=person, day__lt=today, removed_at=None)
    last = there.order_by("-day").values_list("at", flat=True).first()
    if last is not None:
        return max(last, now - _FURTHEST)
    day = last_working_day(person, today) if board.check_ins in ("", DAILY) else today - 7 * DAY
    return midnight(day, person.zone)
