"""A board that was carried in reads as it was recorded: who its uids are here, and what isn't here."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from boards.models import Board, Card, CarriedPerson, Elsewhere, Item
from boards.models.thing import Thing

BLOCKED_BY, PROMOTED_TO, SUPERSEDED_BY, FORMER_NUMBER = "card", "promoted_to", "by", "number"
SEQS = {PROMOTED_TO: "card"}  # the log's name of the field that says when it changed


def people_here(board: Board) -> dict[str, str]:
    """By the uids of the board's record that mean somebody with another uid here: that uid. Mostly empty."""
    others = CarriedPerson.objects.filter(board=board).exclude(uid=F("user__uid"))
    return {str(uid): str(here) for uid, here in others.values_list("uid", "user__uid")}


def named_elsewhere(board: Board, field: str, things: type[Thing], attribute: str) -> dict[UUID, UUID]:
    """What rows name that isn't here, by the row's uid, for one field; without what has changed since.

    `attribute` is the field's own name on `things`, which is empty for as long as this holds.
    """
    ends = {end.thing: end for end in Elsewhere.objects.filter(board=board, field=field)}
    if not ends:
        return {}
    rows = things._default_manager.filter(uid__in=ends, **{f"{attribute}__isnull": True})
    name = SEQS.get(field, field)
    return {
        row.uid: ends[row.uid].uid
        for row in rows.only("uid", "field_seqs")
        if row.field_seqs.get(name, 0) <= ends[row.uid].seq
    }


def blocked_by_elsewhere(board: Board) -> dict[UUID, UUID]:
    """The cards that a card which isn't here blocks: by uid."""
    return named_elsewhere(board, BLOCKED_BY, Card, "blocked_by_card")


def promoted_elsewhere(board: Board) -> dict[UUID, UUID]:
    """The items that became a card which isn't here: by uid."""
    return named_elsewhere(board, PROMOTED_TO, Item, "promoted_to")
