"""What happened to the cards of a Trello board, each as a step in time, for the log to tell in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from activity.models import Activity
from boards.actions.cards.facts import card_facts
from boards.actions.checklists import list_fact
from boards.actions.facts import person_fact, thing_fact
from boards.models import Card, Checklist, Item, Label
from boards.rendering.markdown import Names, mentioned
from comments.models import Comment
from fluxboard.core.ordering import positions_between
from fluxboard.features.trello import model as source
from fluxboard.features.trello import texts
from fluxboard.features.trello import values as v
from fluxboard.features.trello.history import words_of
from fluxboard.features.trello.links import TrelloLinks
from fluxboard.features.trello.past_log import PastLog
from fluxboard.features.uploads.jobs import TellProgress


@dataclass(order=True)
class ImportStep:
    """One row to come, at its place in time; equal times keep the order in which things depend."""

    at: dt.datetime
    rank: int
    place: int
    write: Callable[[], Activity] = field(compare=False)
    card: Any = field(compare=False)


@dataclass
class Rows:
    """What steps are about, by Trello's ids: labels, cards, and of each card its other people.

    `continued` is what of a card's description comes as comments, since it was too long.
    """

    labels: dict[str, Label] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    participants: dict[str, list[Any]] = field(default_factory=dict)
    continued: dict[str, list[str]] = field(default_factory=dict)


class Steps:
    """Plans the steps of a board whose members and `rows` are here, then has them recorded.

    `ids` are the keys that comments get, by Trello's id of what they come from. Checklists, items and
    comments (each with whom it mentions) are made on the way, for whoever saves them; `history` counts the
    actions of Trello's that are told.
    """

    def __init__(
        self, past: PastLog, export: source.Export, rows: Rows, links: TrelloLinks, ids: dict[str, list[int]]
    ) -> None:
        self.past, self.export, self.rows, self.links, self.ids = past, export, rows, links, ids
        self.board, self.owner = past.board, past.owner
        self.people, self.origins = past.people, past.origins
        self.members = {person.handle: person for person in (*self.people.values(), self.owner)}
        self.names = Names(dict(self.board.members.values_list("handle", "name")))
        self.lists = {column.id: column for column in export.columns}
        self.steps: list[ImportStep] = []
        self.checklists: list[Checklist] = []
        self.items: list[Item] = []
        self.comments: list[tuple[Comment, list[Any]]] = []
        self.history = 0

    def plan(self, cards: Iterable[source.TrelloCard]) -> None:
        """Plan all that happened to `cards`, the comments on them and the rest of the board's history."""
        for card in cards:
            self._plan_card(card)
        self._plan_comments()
        self._plan_history()

    def _plan(
        self,
        at: dt.datetime,
        rank: int,
        card: Card | None,
        verb: str,
        thing: Any,
        /,
        *,
        actor: Any = None,
        **facts: Any,
    ) -> None:
        def write() -> Activity:
            if verb == "card.created":
                facts["after"] = card_facts(thing) | facts.get("after", {})
            return self.past.tell(verb, thing, actor, at, card=card, **facts)

        self.steps.append(ImportStep(at, rank, len(self.steps), write, card))

    def _plan_card(self, card: source.TrelloCard) -> None:
        row = self.rows.cards[card.id]
        event = self.origins.take("card", card.id)
        born = row.created_at
        creator = self.past.doer(event) or self.people.get(card.creator)
        began_in = v.line(v.mapping(event.data.get("list")).get("name")) if event else ""
        origin = {"began_in": {"name": began_in}} if began_in else {}
        self._plan(born, 0, row, "card.created", row, after=origin, actor=creator)
        for id_ in card.labels:
            event = self.origins.take("label", card.id, id_)
            at, actor = max(born, self.past.then(event.at if event else born)), self.past.doer(event)
            after = {"label": thing_fact(self.rows.labels[id_])}
            self._plan(at, 3, row, "card.labelled", row, after=after, actor=actor)
        ids: dict[Any, str] = {}
        for id_ in card.members:
            ids.setdefault(self.people[id_], id_)
        for person in self.rows.participants[card.id]:
            event = self.origins.take("member", card.id, ids[person])
            at, actor = max(born, self.past.then(event.at if event else born)), self.past.doer(event)
            after = {"participant": person_fact(person)}
            self._plan(at, 3, row, "card.joined", row, after=after, actor=actor)
        self._plan_checklists(card, row)
        self._plan_archive(card, row)
        for text in self.rows.continued[card.id]:
            self._plan_comment(row, creator or self.owner, text, born, source_id=card.id)

    def _plan_checklists(self, card: source.TrelloCard, row: Card) -> None:
        places = positions_between([], len(card.checklists))
        for checklist, position in zip(card.checklists, places, strict=True):
            list_row = Checklist(
                card=row, name=texts.shortened(checklist.name, texts.CHECKLIST), position=position
            )
            self.checklists.append(list_row)
            event = self.origins.take("checklist", checklist.id)
            made_at = max(
                row.created_at, self.past.then(event.at if event else checklist.made_at or row.created_at)
            )
            after = {"name": list_row.name, "position": position}
            self._plan(made_at, 1, row, "checklist.added", list_row, after=after, actor=self.past.doer(event))
            item_places = positions_between([], len(checklist.items))
            for item, item_position in zip(checklist.items, item_places, strict=True):
                self._plan_item(card, row, list_row, item, item_position, made_at)

    def _plan_item(
        self,
        card: source.TrelloCard,
        row: Card,
        checklist: Checklist,
        item: source.TrelloItem,
        position: str,
        begun: dt.datetime,
    ) -> None:
        item_row = Item(checklist=checklist, text=texts.shortened(item.text, texts.ITEM), position=position)
        self.items.append(item_row)
        made_at = max(begun, self.past.then(item.made_at or begun))
        after = {"text": item_row.text, "position": position, "checklist": list_fact(checklist)}
        self._plan(made_at, 2, row, "item.added", item_row, after=after)
        if not item.is_checked:
            return
        event = self.origins.take("item", item.id)
        at = max(made_at, self.past.then(event.at if event else card.last_at))
        actor = self.past.doer(event)
        item_row.checked_at, item_row.checked_by = at, actor
        self._plan(
            at,
            5,
            row,
            "item.checked",
            item_row,
            before={"checked": False, "text": item_row.text},
            after={"checked": True, "text": item_row.text},
            actor=actor,
        )

    def _plan_archive(self, card: source.TrelloCard, row: Card) -> None:
        """Archived cards, and with a list that was archived the cards in it, which come back with it."""
        if not card.is_archived and not self.lists[card.column].is_archived:
            return
        event = self.origins.take("archived", card.id) if card.is_archived else None
        at = max(row.created_at, self.past.then(event.at if event else card.closed_at or card.last_at))
        row.archived_at = at if card.is_archived else self.past.now
        self._plan(
            at,
            6,
            row,
            "card.archived",
            row,
            before={"archived": False},
            after={"archived": True},
            actor=self.past.doer(event),
        )

    def _plan_comments(self) -> None:
        for comment in self.export.comments:
            card = self.rows.cards[comment.card]
            author = self.people.get(comment.author, self.owner)
            edited_at = self.past.then(comment.edited_at) if comment.edited_at else None
            for text in texts.in_parts(self.links.in_text(comment.text), ""):
                self._plan_comment(
                    card, author, text, self.past.then(comment.at), edited_at, source_id=comment.id
                )

    def _plan_comment(
        self,
        card: Card,
        author: Any,
        text: str,
        said_at: dt.datetime,
        edited_at: dt.datetime | None = None,
        *,
        source_id: str,
    ) -> None:
        row = Comment(
            card=card, author=author, text=text, at=self.past.now, source_at=said_at, edited_at=edited_at
        )
        if self.ids.get(source_id):
            row.pk = self.ids[source_id].pop(0)
        card.comments_count += 1
        spoken_to = self._mentioned(row.text)
        self.comments.append((row, spoken_to))
        after = {
            "text": row.text,
            "author": person_fact(author),
            "kind": str(row.kind),
            "parent": None,
            "mentions": [person_fact(person) for person in spoken_to],
        }
        at = max(card.created_at, said_at)
        self._plan(at, 4, card, "comment.posted", row, after=after, actor=author)

    def _mentioned(self, text: str) -> list[Any]:
        if "@" not in text:
            return []
        return [self.members[handle] for handle in mentioned(text, self.names) if handle in self.members]

    def _plan_history(self) -> None:
        self.history = len(self.origins.taken)
        for event in self.export.events:
            if event.id in self.origins.taken:
                continue
            words = words_of(event)
            told = {"field": words.field, "before": words.before, "after": words.after}
            after = {"type": event.type, "sentence": words.sentence} | {
                name: text for name, text in told.items() if text
            }
            card = self.rows.cards.get(event.card)
            at = self.past.then(event.at)
            if card is not None:
                at = max(card.created_at, at)
            subject = SimpleNamespace(uid=(card or self.board).uid)
            self._plan(at, 4, card, "history.imported", subject, after=after, actor=self.past.doer(event))
            self.history += 1

    def record(self, progress: TellProgress) -> None:
        """Have the log tell all steps in their order."""
        total = len(self.steps)
        for number, step in enumerate(sorted(self.steps)):
            activity = step.write()
            activity.card = step.card
            if number % 200 == 0:
                progress("Cards, comments and history", number, total)
