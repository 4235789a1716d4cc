"""Erasing texts for good: from the log's contents, and from every place where they still stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet

from activity.errors import Refused
from activity.log.erasure import ERASABLE_PARTS, along_with, rewrite_frames, texts_by, texts_of
from activity.log.record import FrameNotes, Log
from activity.log.replay.state import ERASED
from activity.log.transaction import change
from activity.models import Activity, Verification
from boards.actions.base import action, admit
from boards.actions.cards.extensions import CARD_EXTENSIONS
from boards.actions.claiming import names_of
from boards.actions.clean import cleaned
from boards.actions.facts import person_fact
from boards.card_fields import CARD_FIELDS
from boards.models import Board, Card, CarriedPerson, Checklist, Import, Item, Role
from boards.models.card import new_salt

LONG_REASON = 500
FIELDS = (*(name for name, field in CARD_FIELDS.items() if field.value.is_typed), "blocked_reason")


@action
def erase_card(
    card: Card, parts: Iterable[str], reason: str, *, by: Any, expected: int | None = None
) -> Card:
    """Erase the texts of `parts` of a card (names of `ERASABLE_PARTS`), every former version of them too.

    A text that stands in several places of the card goes from all of them. Final: there is no way back.
    `expected`: how many texts the card had when the owner looked. Raises `Forbidden` for anyone but the
    board's owners, `Refused` without a part or a reason, when nothing is left, or when it is another number.
    """
    wanted = [part for part in ERASABLE_PARTS if part in set(parts)]
    if not wanted:
        raise Refused("Choose what to erase.", "parts")
    with _erasing(card.board, [card], by) as logs:
        texts = texts_of(card)
        _refuse_another_number(len(texts), expected)
        chosen = [typed.text for typed in texts if typed.parts & set(wanted)]
        _erase(logs, {card.pk: chosen}, reason, {"parts": wanted})
        return Card.objects.select_related("board").get(pk=card.pk)


@action
def erase_person(board: Board, person: Any, reason: str, *, by: Any, expected: int | None = None) -> Board:
    """Erase all that `person` typed on the cards of a board; an activity for each card.

    What others typed stays, also where they changed a text of theirs; but the same words on the same card
    stand once, and go. Raises as `erase_card`.
    """
    typed = texts_by(person, uids_of(person, board), board)
    with _erasing(board, Card.objects.filter(pk__in=typed), by) as logs:
        now = texts_by(person, uids_of(person, board), board)
        _refuse_another_number(sum(map(len, now.values())), expected)
        texts = {card: [typed.text for typed in found] for card, found in now.items()}
        _erase(logs, texts, reason, {"person": person_fact(person)})
        return board


def _refuse_another_number(number: int, expected: int | None) -> None:
    if expected is not None and number != expected:
        words = "1 text" if number == 1 else f"{number} texts"
        raise Refused(f"It is {words} by now, no longer {expected}. Look again at what goes.")


def uids_of(person: Any, board: Board) -> list[Any]:
    """The uids by which the board's log knows a person; those whose names they took over are among them."""
    uids = [person.uid, *names_of(board, person)]
    carried = CarriedPerson.objects.filter(board=board, user__uid__in=uids)
    return [*uids, *carried.values_list("uid", flat=True)]


@contextmanager
def _erasing(board: Board, cards: Iterable[Card], by: Any) -> Iterator[list[Log]]:
    """The board locked for an erasure by an owner, with every other board whose log names the cards."""
    from boards.rendering.fragments import frames

    others = _boards_that_tell_of(cards) - {board.pk}
    with change(by, board.pk, *sorted(others), render=frames) as logs:
        admit(logs[0], Role.OWNER, archived=True)
        yield logs


def _boards_that_tell_of(cards: Iterable[Card]) -> set[int]:
    return set(Activity.objects.filter(card__in=list(cards)).values_list("board_id", flat=True))


def _erase(logs: list[Log], texts: dict[int, list[str]], reason: str, facts: dict[str, Any]) -> None:
    """Erase `texts` (by card id) within an open change; an activity a card on each board that tells of it."""
    reason = cleaned(reason, field="reason", what="The reason", longest=LONG_REASON)
    done = 0
    for pk in sorted(texts):
        card = Card.objects.select_related("column").get(pk=pk)
        going = along_with(card, texts[pk])
        if going:
            _erase_on(logs, card, going, {**facts, "reason": reason})
            done += 1
    if not done:
        raise Refused("There is nothing left to erase.")


def _erase_on(logs: list[Log], card: Card, going: dict[str, str], facts: dict[str, Any]) -> None:
    home, *others = logs
    telling = _boards_that_tell_of([card])
    if card.board_id != home.board.pk or not telling <= {log.board.pk for log in logs}:
        raise Refused("A card changed boards meanwhile. Reload the page and try again.")
    # Another salt from here on: the same text typed again is another text to the log.
    card.board, card.salt = home.board, new_salt()
    after = {"erased": sorted(going), **facts}
    for log in others:
        if log.board.pk in telling:
            log.record("card.erased", card, after=after, shown=FrameNotes(left=True, is_erased=True))
    home.record("card.erased", card, after=after)
    _mark(card, set(going.values()))
    for extension in CARD_EXTENSIONS:
        extension.erase(card, set(going.values()))
    rewrite_frames(card)
    # What a look at the record found wrong quotes both sides; the next look finds it again.
    Verification.objects.filter(board__in=telling, count__gt=0).delete()
    _mark_reports(card, set(going.values()))


def _mark(card: Card, texts: AbstractSet[str]) -> None:
    """Put the mark in the place of `texts` on a card and its checklists."""
    replaced = [name for name in FIELDS if getattr(card, name) in texts]
    for name in replaced:
        setattr(card, name, ERASED)
        card.field_seqs["reason" if name == "blocked_reason" else name] = card.version
    card.keep("salt", *replaced)
    mark(card, Checklist.objects.filter(card=card), "name", texts)
    mark(card, Item.objects.filter(checklist__card=card), "text", texts)


def mark(card: Card, rows: QuerySet[Any], field: str, texts: AbstractSet[str]) -> None:
    """Put the mark in the place of `texts` in rows that hang on a card, as of the card's version."""
    changed = list(rows.filter(**{f"{field}__in": texts}))
    for row in changed:
        setattr(row, field, ERASED)
        row.version = row.field_seqs[field] = card.version
    rows.model._default_manager.bulk_update(changed, [field, "version", "field_seqs"], batch_size=500)


def _mark_reports(card: Card, texts: AbstractSet[str]) -> None:
    """The report of the import that made the board names what it could not bring along."""
    about = (f"card {card.number}:", f"card {card.number} ")

    def marked(value: Any) -> Any:
        if isinstance(value, list):
            return [marked(inner) for inner in value]
        if isinstance(value, dict):
            return {name: marked(inner) for name, inner in value.items()}
        is_theirs = isinstance(value, str) and (value.startswith(about) or any(t in value for t in texts))
        return ERASED if is_theirs else value

    for row in Import.objects.filter(board=card.board_id):
        report = {
            name: marked(row.report[name]) if name in ("problems", "notes") else row.report[name]
            for name in row.report
        }
        if report != row.report:
            row.report = report
            row.save(update_fields=["report"])
