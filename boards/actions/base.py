"""What every action on a board begins and ends with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import models

from activity.errors import Forbidden, Refused, Repeated
from activity.log.record import By, Log
from activity.log.transaction import change, persistently
from activity.models import Activity, Via
from boards.models import Board, Card, Role
from boards.rendering.fragment_queries import card_asking, card_made
from fluxboard.core.postgres.statements import Prefetch, rows_of

UNCHECKED_DOORS = {Via.ADMIN, Via.COMMAND, Via.IMPORT, Via.SCHEDULE}


def action[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Mark an action: tried again when locks got in the way, and the same request twice done once.

    A repeated request answers with what the first one made, as it is now.
    """

    @functools.wraps(function)
    def perform(*args: P.args, **kwargs: P.kwargs) -> R:
        kwargs["by"] = By.of(kwargs["by"])
        try:
            return persistently(function)(*args, **kwargs)
        except Repeated as repeated:
            return outcome_of(repeated)

    return perform


def outcome_of(repeated: Repeated) -> Any:
    """The thing that a request done before was about; a list of them where it made several at once."""
    done = list(
        Activity.objects.filter(
            board=repeated.board_id, seq__gte=repeated.first_seq, seq__lte=repeated.last_seq
        ).order_by("seq")
    )
    first = done[0]
    things = [thing_of(activity) for activity in done if activity.effect == first.effect]
    return things if first.after.get("of_several") else things[0]


def thing_of(activity: Activity) -> Any:
    """What an activity is about, as it is now."""
    noun = activity.effect.partition(".")[0]
    if noun == "member":
        return apps.get_model("accounts.User").objects.get(uid=activity.subject)
    if noun in {"comment", "question", "thread"}:
        return apps.get_model("comments.Comment").objects.get(uid=activity.subject)
    app = {"decision": "comments", "meeting": "meetings", "topic": "meetings"}.get(noun, "boards")
    return apps.get_model(app, noun.capitalize()).objects.get(uid=activity.subject)


@contextmanager
def writing(
    board: Board,
    by: By,
    role: str = Role.MEMBER,
    *,
    archived: bool = False,
    card: Card | None = None,
    prefetches: Sequence[Prefetch[Any]] = (),
) -> Iterator[Log]:
    """The board locked for one change by someone who has at least `role`; yields its open log.

    `card` is the one that `fresh_card` will ask for: it is read on the way of the lock, as `prefetches` are.
    Raises `Forbidden` for a lower role, `Refused` on an archived board unless `archived`.
    """
    from boards.rendering.fragments import frames

    cards = {card.pk: Prefetch(card_asking(card.pk), list)} if card is not None else {}
    with change(by, board.pk, render=frames, prefetches=[*cards.values(), *prefetches]) as (log,):
        log.cards_read = {pk: read.result() for pk, read in cards.items()}
        admit(log, role, archived=archived)
        yield log


def admit(log: Log, role: str, *, archived: bool = False) -> None:
    """Refuse who may not: strangers, too low a role, and changes to what is archived."""
    if log.by.via not in UNCHECKED_DOORS:
        given = role_of(log)
        if given is None or not given.covers(role):
            raise Forbidden
    if log.board.is_archived and not archived:
        raise Refused("This board is archived. Restore it first.")


def role_of(log: Log) -> Role | None:
    """The role that the writer has now: as read with the lock, unless this change may have altered it."""
    user = log.by.user
    if log.activities or not user.is_authenticated or not user.is_active:
        given: Role | None = log.board.role_of(user)
        return given
    found: Role | None = log.board.best_role(log.opening.role)
    return found


def fresh_card(log: Log, card: Card, *, archived: bool = False) -> Card:
    """The card as it is now that the board is locked.

    Raises `Refused` when it is archived (unless `archived`) or has moved to another board meanwhile.
    """
    rows = log.cards_read.pop(card.pk, None) or rows_of(*card_asking(card.pk))
    if not rows:
        raise Card.DoesNotExist
    now = card_made(rows[0])
    if now.board_id != log.board.pk:
        raise Refused("This card has moved to another board. Reload the page.")
    now.board = log.board
    if now.is_archived and not archived:
        raise Refused("This card is archived. Restore it first.")
    return now


def fresh[T: models.Model](row: T, **related: Any) -> T:
    """A row read again under the lock."""
    return type(row)._default_manager.get(pk=row.pk, **related)


def refuse_many(there: int, most: int, words: str, field: str = "", *, coming: int = 1) -> None:
    """Raise `Refused` where `there` and those that are `coming` are more than `most`; "A card can have …"."""
    if there + coming > most:
        raise Refused(f"{words.format(f'{most:,}')}", field)
