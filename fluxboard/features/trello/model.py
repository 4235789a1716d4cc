"""What a Trello board export holds, once it has been checked: plain values with nothing of Trello's shapes.

Ids are Trello's own (24 hex digits, the first eight of which are the second of creation). Times are aware
and in UTC. Texts are clean: no NUL, no half surrogate.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from fluxboard.features.trello.findings import Findings


@dataclass
class Person:
    """Someone the file speaks of. `role` is what they may do on the board; empty when not on it."""

    id: str
    username: str = ""
    name: str = ""
    role: str = ""


@dataclass
class TrelloLabel:
    id: str
    name: str
    colour: str


@dataclass
class TrelloColumn:
    id: str
    name: str
    is_archived: bool = False
    limit: int | None = None
    made_at: dt.datetime | None = None


@dataclass
class Attachment:
    name: str
    url: str
    is_upload: bool
    size: int | None = None


@dataclass
class TrelloItem:
    id: str
    text: str
    is_checked: bool = False
    due: dt.datetime | dt.date | None = None
    member: str = ""
    made_at: dt.datetime | None = None


@dataclass
class TrelloChecklist:
    id: str
    name: str
    items: list[TrelloItem] = field(default_factory=list)
    made_at: dt.datetime | None = None


@dataclass
class TrelloCard:
    """One card. `number` is Trello's short number, free of repeats; `due` is a date where Trello had one."""

    id: str
    number: int
    title: str
    column: str
    short_link: str = ""
    text: str = ""
    is_archived: bool = False
    due: dt.datetime | dt.date | None = None
    is_due_done: bool = False
    completed_at: dt.datetime | None = None
    start: dt.datetime | dt.date | None = None
    creator: str = ""
    labels: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    checklists: list[TrelloChecklist] = field(default_factory=list)
    made_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    last_at: dt.datetime | None = None


@dataclass
class TrelloComment:
    id: str
    card: str
    author: str
    text: str
    at: dt.datetime | None
    edited_at: dt.datetime | None = None


@dataclass
class TrelloEvent:
    """One entry of Trello's action history; `data` is Trello's, of unknown shape. Oldest first.

    `lost_card`: what the card is called that it is about, if that is not in the file.
    """

    id: str
    type: str
    at: dt.datetime | None
    person: str
    card: str
    data: dict[str, Any]
    member_name: str = ""
    lost_card: str = ""


@dataclass
class Export:
    """A board as the file tells it, in board order; `problems` and `notes` grow along the way."""

    id: str
    name: str
    description: str
    is_archived: bool
    url: str
    people: dict[str, Person]
    labels: list[TrelloLabel]
    columns: list[TrelloColumn]
    cards: list[TrelloCard]
    comments: list[TrelloComment]
    events: list[TrelloEvent]
    problems: Findings
    notes: Findings
