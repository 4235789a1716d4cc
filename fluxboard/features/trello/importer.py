"""A checked export becomes a board: one transaction, every row of it through the log, `via` import.

The log then tells the board as if it had been made here, with `source_at` saying when it was true in Trello,
and Trello's own actions stand between as `history.imported`, so that a card's history reads in the order in
which things happened. Actions that tell of a row being made (a card added, an item ticked) lend it their
person and time instead of standing there twice; what has none stands there without a person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from activity.errors import Refused
from activity.log.record import By
from activity.log.transaction import change, persistently
from activity.models import Via
from boards.actions.board import begin_board
from boards.invitations import ask_to_join
from boards.models import Board, Import, Membership, Role
from boards.rendering.fragments import frames
from fluxboard.core.postgres.statistics import analyze_after
from fluxboard.features.trello import model as source
from fluxboard.features.trello import texts
from fluxboard.features.trello.people import SOURCE, settle_trello_people
from fluxboard.features.trello.read_json import ImportProblem
from fluxboard.features.trello.report import in_order
from fluxboard.features.trello.writer import Writer
from fluxboard.features.uploads.jobs import TellProgress


@dataclass(frozen=True)
class TrelloImport:
    """The board, what came in, and whether it was made just now (else by an earlier import)."""

    board: Board
    report: dict[str, Any]
    is_new: bool
    at: dt.datetime


@persistently
def import_trello_board(
    export: source.Export,
    fingerprint: bytes,
    *,
    by: Any,
    myself: str = "",
    asked: Collection[str] = (),
    sees_all: bool = False,
    accept_people: bool = False,
    progress: TellProgress = lambda step, done, total: None,
) -> TrelloImport:
    """Make a board owned by `by` out of `export`; the same file (`fingerprint`) again changes nothing.

    `myself` is the Trello id of the one of the file's people who is `by`; `asked` are the preview's
    confirmations of whom to ask (`people.confirmation`). `sees_all`: whoever runs this may know of everyone
    here; with `accept_people` those who are known are on the board at once. `progress` is told what goes on.
    Raises `ImportProblem` when `by` imported another export of the same Trello board before; `Busy` when it
    is being imported all the while. What anybody else imported changes nothing: a file only says which board
    it is of.
    """
    by = By(by, via=Via.IMPORT) if not isinstance(by, By) else by
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{SOURCE} {export.id}"])
        earlier = earlier_import(export, by.user)
        if earlier is not None:
            return _as_before(earlier, fingerprint)
        begun = _begin(export, by)
        Membership.begin(begun, by.user, Role.OWNER, at=by.now)
        settled = settle_trello_people(
            export, begun, by.user, myself, asked=asked, sees_all=sees_all, accept=accept_people
        )
        with change(by, begun.pk, render=frames) as (log,):
            report = Writer(log, export, settled.people, progress).write()
        for person, claims in settled.to_ask:
            ask_to_join(log.board, person, claims=claims, by=by.user, now=by.now)
        Import.objects.create(
            source=SOURCE,
            source_id=export.id,
            fingerprint=fingerprint,
            board=log.board,
            by=by.user,
            report=report,
            at=by.now,
        )
        analyze_after(log.board.seq)
        return TrelloImport(log.board, report, True, by.now)


def _begin(export: source.Export, by: By) -> Board:
    """A new board's row, under a key that is free also when someone takes the first choice just now."""
    name, description = (
        texts.shortened(export.name, texts.BOARD),
        texts.shortened(export.description, texts.TEXT),
    )
    try:
        return begin_board(by, name=name, description=description)
    except Refused:
        return begin_board(by, name=name, description=description)


def earlier_import(export: source.Export, by: Any) -> Import | None:
    """The import by which `by` brought this Trello board here, if they did, and still see it."""
    mine = Import.objects.filter(source=SOURCE, source_id=export.id, by=by)
    return mine.filter(board__in=Board.objects.visible_to(by)).select_related("board").order_by("pk").first()


def _as_before(earlier: Import, fingerprint: bytes) -> TrelloImport:
    board = earlier.board
    if bytes(earlier.fingerprint) != fingerprint:
        raise ImportProblem(
            f"This Trello board was already imported as {board.key} on {earlier.at:%d %B %Y}; "
            "a newer export is not merged into it."
        )
    return TrelloImport(board, in_order(earlier.report | {"board": board.key}), False, earlier.at)
