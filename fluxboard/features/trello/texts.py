"""The texts of cards and comments: Trello's Markdown, with what has no field of its own here set below it."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from fluxboard.core import limits
from fluxboard.core.texts import pieces
from fluxboard.features.trello.model import Attachment, TrelloCard, TrelloItem

BOARD, COLUMN, LABEL, CHECKLIST = (
    limits.BOARD_NAME,
    limits.COLUMN_NAME,
    limits.LABEL_NAME,
    limits.CHECKLIST_NAME,
)
TITLE, ITEM, TEXT = limits.TITLE, limits.ITEM, limits.TEXT
HEADING = 60  # characters that a continuation's first line may have
CUT = "…"
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#!@])")


def local_day(due: dt.datetime | dt.date | None, zone: ZoneInfo) -> dt.date | None:
    """The day of `due` on the clock of `zone`; a date stays the date it is."""
    return due.astimezone(zone).date() if isinstance(due, dt.datetime) else due


def shortened(text: str, longest: int) -> str:
    """`text`, or its beginning and an ellipsis when it is longer than `longest`."""
    return text if len(text) <= longest else text[: longest - len(CUT)].rstrip() + CUT


def in_parts(text: str, what: str) -> list[str]:
    """`text` as one text or, where it is longer than one may be, as several that say so: "Continued …".

    `what` is continued: "from the description", or empty.
    """
    if len(text) <= TEXT:
        return [text]
    first, *more = pieces(text, TEXT - HEADING)
    said = " ".join(["Continued", what]).strip()
    count = len(more) + 1
    return [first, *(f"*{said} ({at} of {count}):*\n\n{piece}" for at, piece in enumerate(more, start=2))]


def what_of(card: TrelloCard, description: str, zone: ZoneInfo) -> str:
    """The card's `what`: its description, then what has no field here (dates, custom fields, files)."""
    parts = [card.title] if len(card.title) > TITLE else []
    parts += [description] if description else []
    facts = [f"- {_plain(name)}: {_plain(value)}" for name, value in _facts(card, zone)]
    if facts:
        parts.append("\n".join(facts))
    files = [f"- {_file(attachment)}" for attachment in card.attachments]
    if files:
        parts.append("\n".join(["**Attachments**", "", *files]))
    dated = [line for checklist in card.checklists for item in checklist.items for line in _item(item, zone)]
    if dated:
        parts.append("\n".join(["**Dates and people of checklist items**", "", *dated]))
    long_names = [checklist.name for checklist in card.checklists if len(checklist.name) > CHECKLIST]
    if long_names:
        parts.append("\n".join(["**Long names of checklists**", "", *(f"- {name}" for name in long_names)]))
    long_items = [
        item.text for checklist in card.checklists for item in checklist.items if len(item.text) > ITEM
    ]
    if long_items:
        parts.append("\n".join(["**Long checklist items**", "", *(f"- {text}" for text in long_items)]))
    return "\n\n".join(parts)


def _facts(card: TrelloCard, zone: ZoneInfo) -> list[tuple[str, str]]:
    facts = []
    if card.start:
        facts.append(("Start", f"{local_day(card.start, zone):%Y-%m-%d}"))
    if card.due and card.is_due_done:
        facts.append(("Due", f"{local_day(card.due, zone):%Y-%m-%d}, met"))
    if card.completed_at or (card.is_due_done and not card.due):
        day = local_day(card.completed_at, zone)
        facts.append(("Complete", f"{day:%Y-%m-%d}" if day else "yes"))
    return facts + card.fields


def _item(item: TrelloItem, zone: ZoneInfo) -> list[str]:
    """A checklist item's due date and person as a line, where it has one."""
    day = local_day(item.due, zone)
    facts = [f"due {day:%Y-%m-%d}" if day else "", _plain(item.member)]
    told = ", ".join(filter(None, facts))
    return [f"- {_plain(shortened(item.text, 200))}: {told}"] if told else []


def _file(attachment: Attachment) -> str:
    """One attachment as a Markdown link; what is no web address is told as plain text."""
    name = _plain(attachment.name)
    if attachment.url.startswith("/c/"):
        key = attachment.url.split("/")[2]
        return key if attachment.name == key else f"[{name}](<{attachment.url}>)"
    if not re.match(r"https?://[^\s<>]+$", attachment.url):
        return f"{name} ({_plain(attachment.url)})" if attachment.url not in ("", attachment.name) else name
    link = f"[{name}](<{attachment.url}>)"
    if not attachment.is_upload:
        return link
    size = f"{_size(attachment.size)}, " if attachment.size else ""
    return f"{link} ({size}kept by Trello)"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


def _plain(text: str) -> str:
    """`text` as it stands, nothing of it read as Markdown."""
    return _SPECIAL.sub(r"\\\1", text)
