"""What of a board cannot come along as it was, told before anything is written, and how much there is."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from fluxboard.integrations.trello import texts
from fluxboard.integrations.trello.export import Card, Export

DONE_NAMES = {
    "done", "finished", "complete", "completed", "closed", "shipped", "released", "deployed",
    "完了", "クローズ", "已完成", "완료", "fertig", "erledigt", "terminé", "hecho", "terminado", "concluído",
    "fatto", "klaar", "gotowe", "готово",
}  # fmt: skip
UTC = ZoneInfo("UTC")


def means_done(name: str) -> bool:
    """Whether a list of this name holds what is finished."""
    return re.sub(r"[\W_]+", " ", name).strip().casefold() in DONE_NAMES


def counts(export: Export) -> dict[str, int]:
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
        export.problems.say(f"The board's description is cut to {texts.TEXT:,} characters")
    for card in export.cards:
        _tell_cuts(export, card)
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
    for what, longest, names in (
        ("board", texts.BOARD, [export.name]),
        ("list", texts.COLUMN, [column.name for column in export.columns]),
        ("label", texts.LABEL, [label.name for label in export.labels]),
    ):
        for name in names:
            if len(name) > longest:
                export.problems.say(f"The name of the {what} “{name[:40]}…” is cut to {longest} characters")
    for column in export.columns:
        if means_done(column.name) and not column.is_archived:
            export.notes.add(
                "A column counts as done, by its name; the board's settings can change that",
                "{n} columns count as done, by their names; the board's settings can change that",
                column.name,
            )


def _tell_cuts(export: Export, card: Card) -> None:
    uploads = [attachment.name for attachment in card.attachments if attachment.is_upload]
    items: list[Any] = [item for checklist in card.checklists for item in checklist.items]
    if uploads:
        names = ", ".join(name[:80] for name in uploads)
        export.problems.say(f"card {card.number}: {names}: kept by Trello, so the card has a link")
    if len(card.title) > texts.TITLE:
        export.problems.say(
            f"card {card.number}: the title is cut to {texts.TITLE} characters; the card's text has it whole"
        )
    if any(len(item.text) > texts.ITEM for item in items):
        export.problems.say(
            f"card {card.number}: items are cut to {texts.ITEM:,} characters; the card's text has them whole"
        )
    if any(len(checklist.name) > texts.CHECKLIST for checklist in card.checklists):
        export.problems.say(
            f"card {card.number}: names of checklists are cut to {texts.CHECKLIST} characters; "
            "the card's text has them whole"
        )
    if len(texts.what_of(card, card.text, UTC)) > texts.TEXT:
        export.notes.add(
            f"A card's text is longer than {texts.TEXT:,} characters; it goes on in comments on the card",
            f"Texts of {{n}} cards are longer than {texts.TEXT:,} characters; they go on in comments there",
            f"card {card.number}",
        )


def _tell_dates_and_people(export: Export, card: Card) -> None:
    place = f"card {card.number}"
    if card.is_due_done and card.due:
        export.notes.add(
            "A due date was marked as met; it stands in the card's text",
            "{n} due dates were marked as met; they stand in their cards' texts",
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
