"""What of a board cannot come along as it was, told before anything is written, and how much there is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from fluxboard.features.trello import texts
from fluxboard.features.trello.colours import OWN_HUES
from fluxboard.features.trello.history import has_words
from fluxboard.features.trello.model import Export, TrelloCard

DONE_NAMES = {
    "done", "finished", "complete", "completed", "closed", "shipped", "released", "deployed",
    "完了", "クローズ", "已完成", "완료", "fertig", "erledigt", "terminé", "hecho", "terminado", "concluído",
    "fatto", "klaar", "gotowe", "готово",
}  # fmt: skip
_UTC = ZoneInfo("UTC")


def means_done(name: str) -> bool:
    """Whether a list of this name holds what is finished."""
    return re.sub(r"[\W_]+", " ", name).strip().casefold() in DONE_NAMES


def loss_counts(export: Export) -> dict[str, int]:
    """How much the file holds, under the names of the report."""
    archived_lists = {column.id for column in export.columns if column.is_archived}
    checklists = [checklist for card in export.cards for checklist in card.checklists]
    return {
        "columns": len(export.columns),
        "archived_columns": len(archived_lists),
        "cards": len(export.cards),
        "archived_cards": sum(card.is_archived or card.column in archived_lists for card in export.cards),
        "labels": len(export.labels),
        "checklists": len(checklists),
        "checklist_items": sum(len(checklist.items) for checklist in checklists),
        "comments": len(export.comments),
        "people": len(export.people),
        "history": len(export.events),
        "attachments": sum(len(card.attachments) for card in export.cards),
    }


def tell_losses(export: Export) -> None:
    """Add to the export's problems what is cut or stays behind, and to its notes what changes its place."""
    _tell_names(export)
    if len(export.description) > texts.TEXT:
        words = f"The board's description is cut to {texts.TEXT:,} characters"
        export.problems.add(words, words)
    _tell_colours(export)
    _tell_history(export)
    for card in export.cards:
        _tell_cuts(export, card)
        _tell_uploads(export, card)
        _tell_items(export, card)
        _tell_dates_and_people(export, card)
    numbers = {card.id: card.number for card in export.cards}
    for comment in export.comments:
        if len(comment.text) > texts.TEXT:
            more = f"longer than {texts.TEXT:,} characters"
            export.notes.add(
                f"A comment is {more}; it goes on in the comments after it",
                f"{{n}} comments are {more}; they go on in the comments after them",
                f"card {numbers[comment.card]}",
            )
        if comment.author not in export.people:
            export.problems.add(
                "A comment has no author in the file; it stands under the importer's name",
                "{n} comments have no author in the file; they stand under the importer's name",
            )


def _tell_names(export: Export) -> None:
    for one, several, longest, names in (
        ("The board's name is", "The board's name is", texts.BOARD, [export.name]),
        ("The name of a list is", "The names of {n} lists are", texts.COLUMN, _names(export.columns)),
        ("The name of a label is", "The names of {n} labels are", texts.LABEL, _names(export.labels)),
    ):
        for name in names:
            if len(name) > longest:
                end = f"cut to {longest} characters"
                export.problems.add(f"{one} {end}", f"{several} {end}", f"“{name[:40]}…”")
    for column in export.columns:
        if means_done(column.name) and not column.is_archived:
            export.notes.add(
                "A column counts as done, by its name; the board's settings can change that",
                "{n} columns count as done, by their names; the board's settings can change that",
                column.name,
            )


def _names(things: Iterable[Any]) -> list[str]:
    return [thing.name for thing in things]


def _tell_colours(export: Export) -> None:
    for label in export.labels:
        if label.colour and label.colour not in OWN_HUES:
            export.notes.add(
                "A label's colour has no equal here; it has the nearest of eight",
                "The colours of {n} labels have no equal here; they have the nearest of eight",
                f"{label.name or 'a label without a name'} ({label.colour[:40]})",
            )


def _tell_history(export: Export) -> None:
    for event in export.events:
        if not has_words(event):
            export.notes.add(
                "An entry of history is of a kind that is new here; it is told by Trello's name",
                "{n} entries of history are of kinds that are new here; they are told by Trello's names",
                event.type,
            )


def _tell_cuts(export: Export, card: TrelloCard) -> None:
    items: list[Any] = [item for checklist in card.checklists for item in checklist.items]
    names = [checklist.name for checklist in card.checklists]
    whole = "the text has it whole", "the texts have them whole"
    for words, longest, found in (
        (("The title of a card is", "The titles of {n} cards are"), texts.TITLE, [card.title]),
        (("A checklist item is", "{n} checklist items are"), texts.ITEM, [item.text for item in items]),
        (("A checklist's name is", "The names of {n} checklists are"), texts.CHECKLIST, names),
    ):
        for text in found:
            if len(text) > longest:
                one, several = (
                    f"{word} cut to {longest:,} characters; {end}"
                    for word, end in zip(words, whole, strict=True)
                )
                export.problems.add(one, several, f"card {card.number}")
    if len(texts.what_of(card, card.text, _UTC)) > texts.TEXT:
        export.notes.add(
            f"A card's text is longer than {texts.TEXT:,} characters; it goes on in comments on the card",
            f"Texts of {{n}} cards are longer than {texts.TEXT:,} characters; they go on in comments there",
            f"card {card.number}",
        )


def _tell_uploads(export: Export, card: TrelloCard) -> None:
    for attachment in card.attachments:
        if attachment.is_upload:
            export.problems.add(
                "A file is kept by Trello; its card has a link, which dies once Trello deletes the file",
                "{n} files are kept by Trello; their cards have links, which die once Trello deletes them",
                f"card {card.number}: {attachment.name[:80]}",
            )


def _tell_items(export: Export, card: TrelloCard) -> None:
    for item in (item for checklist in card.checklists for item in checklist.items):
        place = f"“{item.text[:60]}” of card {card.number}"
        if item.due:
            export.problems.add(
                "A checklist item has a due date, which items here have not; the card's text tells it",
                "{n} checklist items have due dates, which items here have not; their cards' texts tell them",
                f"{place} ({texts.local_day(item.due, _UTC)})",
            )
        if item.member:
            export.problems.add(
                "A checklist item belongs to a person, and items here do not; the card's text tells it",
                "{n} checklist items belong to people, and items here do not; their cards' texts tell it",
                f"{place} ({item.member})",
            )


def _tell_dates_and_people(export: Export, card: TrelloCard) -> None:
    place = f"card {card.number}"
    if isinstance(card.due, dt.datetime) and not card.is_due_done:
        export.notes.add(
            "A due date had a time of day; here it is a day, on the owner's clock",
            "{n} due dates had a time of day; here they are days, on the owner's clock",
            f"{place} ({card.due:%Y-%m-%d %H:%M} UTC)",
        )
    if card.is_due_done and card.due:
        export.notes.add(
            "A due date was marked as met; it stands in the card's text",
            "{n} due dates were marked as met; they stand in their cards' texts",
            place,
        )
    elif card.is_due_done:
        export.notes.add(
            "A card without a due date was marked as complete; the card's text tells it",
            "{n} cards without due dates were marked as complete; their texts tell it",
            place,
        )
    if len(card.members) > 1:
        export.notes.add(
            "A card had several members; the first is its assignee, the others take part",
            "{n} cards had several members; the first is the assignee, the others take part",
            place,
        )
    for id_ in card.members:
        person = export.people[id_]
        if not person.role:
            export.notes.add(
                "A card belongs to someone who is no longer on the Trello board; hand it over",
                "{n} times a card belongs to someone who is no longer on the Trello board; hand it over",
                f"{place} ({person.name or person.username or 'no name'})",
            )
