"""What happens to labels."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from activity.recording import Log
from boards.actions.writing import action, cleaned, settle_text, thing_fact, writing
from boards.models import Board, Card, Label


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
    name = cleaned(name, field="name", what="The name", longest=40)
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
        return write_label(log, free_name(log, name), valid_hue(hue))


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


def _look(log: Log) -> None:
    log.board.look = log.next_seq
    log.board.save(update_fields=["look"])
