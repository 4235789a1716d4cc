"""What happens to labels."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from activity.models import Activity
from boards.actions.base import action, refuse_many, writing
from boards.actions.clean import cleaned
from boards.actions.conflicts import settle_text
from boards.actions.facts import thing_fact
from boards.models import Board, Card, Label
from fluxboard.core import limits


def fresh_label(log: Log, label: Label) -> Label:
    now = Label.objects.filter(pk=label.pk, board=log.board, removed_at=None).first()
    if now is None:
        raise Refused("That label is not on this board any more.", "label")
    return now


def valid_hue(hue: int) -> int:
    if not 1 <= hue <= 8:
        raise Refused("Choose one of the eight colours.", "hue")
    return hue


def free_name(log: Log, name: str, besides: Label | None = None) -> str:
    name = cleaned(name, field="name", what="The name", longest=limits.LABEL_NAME)
    taken = Label.objects.filter(board=log.board, removed_at=None, name=name)
    if (taken.exclude(pk=besides.pk) if besides else taken).exists():
        raise Refused(f"There is a label {name} already.", "name")
    return name


def write_label(log: Log, name: str, hue: int) -> Label:
    """A new label, within an open change."""
    label = Label(board=log.board, name=name, hue=hue)
    log.record("label.created", label, after={"name": name, "hue": hue})
    label.save()
    return label


@action
def create_label(board: Board, name: str, hue: int, *, by: Any) -> Label:
    """A label in one of eight hues (1 to 8), its name unique on the board."""
    with writing(board, by) as log:
        name, there = free_name(log, name), Label.objects.filter(board=log.board).count()
        refuse_many(there, limits.LABELS, "A board can have {} labels, removed ones included.", "name")
        return write_label(log, name, valid_hue(hue))


@action
def rename_label(label: Label, name: str, *, by: Any, seen: int | None = None) -> Label:
    with writing(label.board, by) as log:
        label = fresh_label(log, label)
        name = settle_text(log, label, "name", "Name", free_name(log, name, label), seen)
        if name != label.name:
            before, label.name = label.name, name
            _look(log)
            log.record("label.renamed", label, before={"name": before}, after={"name": name})
            label.keep("name")
        return label


@action
def recolour_label(label: Label, hue: int, *, by: Any) -> Label:
    with writing(label.board, by) as log:
        label = fresh_label(log, label)
        if valid_hue(hue) != label.hue:
            before, label.hue = label.hue, hue
            _look(log)
            log.record("label.recoloured", label, before={"hue": before}, after={"hue": hue})
            label.keep("hue")
        return label


@action
def remove_label(label: Label, *, by: Any) -> Label:
    """Take a label off the board: an activity for each card that wore it, then one for the label."""
    with writing(label.board, by) as log:
        label = fresh_label(log, label)
        fact = thing_fact(label)
        for card in Card.objects.filter(labels=label).order_by("id"):
            card.board = log.board
            card.labels.remove(label)
            log.record("card.unlabelled", card, before={"label": fact}, after={})
            card.keep()
        label.removed_at = log.now
        _look(log)
        log.record("label.removed", label, before={"name": label.name, "hue": label.hue}, after={})
        label.keep("removed_at")
        return label


@action
def restore_label(label: Label, *, by: Any) -> Label:
    """Bring a label back, and onto the cards that it was taken off when it was removed.

    Raises `Refused` when another label has its name by now.
    """
    with writing(label.board, by) as log:
        label = Label.objects.get(pk=label.pk, board=log.board)
        if label.removed_at is None:
            return label
        free_name(log, label.name)
        wore = _cards_that_wore(log, label)
        label.removed_at = None
        _look(log)
        log.record("label.restored", label, after={"name": label.name, "hue": label.hue})
        label.keep("removed_at")
        for card in wore:
            card.board = log.board
            card.labels.add(label)
            log.record("card.labelled", card, after={"label": thing_fact(label)})
            card.keep()
        return label


def _cards_that_wore(log: Log, label: Label) -> list[Card]:
    """The cards still on this board that lost a label with its removal, which the log tells."""
    assert label.removed_at is not None
    told = Activity.objects.filter(
        board=log.board,
        at=label.removed_at,
        seq__lt=label.version,
        card__board=log.board,
        before__label__id=str(label.uid),
    )
    return list(Card.objects.filter(pk__in=told.values("card")).order_by("id"))


def _look(log: Log) -> None:
    log.board.look = log.next_seq
    log.board.save(update_fields=["look"])
