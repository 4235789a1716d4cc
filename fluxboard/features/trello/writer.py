"""The rows of an imported board, and what the log says of each, in the order in which it happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from activity.log.record import Log
from activity.models import Activity
from boards.actions.board import board_facts
from boards.actions.cards.facts import card_facts
from boards.actions.checklists import list_fact
from boards.actions.facts import person_fact, thing_fact
from boards.actions.membership import write_member
from boards.models import Board, Card, Checklist, Column, Item, Label, Membership, Role
from boards.rendering.markdown import Names, mentioned
from comments.models import Comment
from fluxboard.core.ordering import positions_between
from fluxboard.features.trello import model as source
from fluxboard.features.trello import texts
from fluxboard.features.trello import values as v
from fluxboard.features.trello.colours import hue_of
from fluxboard.features.trello.comment_ids import comment_ids
from fluxboard.features.trello.history import words_of
from fluxboard.features.trello.links import Links, keys_of
from fluxboard.features.trello.losses import means_done
from fluxboard.features.trello.origins import Origins
from fluxboard.features.trello.report import in_order

BATCH = 500
Progress = Callable[[str, int, int], None]


@dataclass(order=True)
class _Step:
    """One row to come, at its place in time; equal times keep the order in which things depend."""

    at: dt.datetime
    rank: int
    place: int
    write: Callable[[], Activity] = field(compare=False)
    card: Any = field(compare=False)


class Writer:
    def __init__(self, log: Log, export: source.Export, people: dict[str, Any], progress: Progress) -> None:
        self.log = log
        self.board: Board = log.board
        self.export = export
        self.people = people
        self.progress = progress
        self.owner = log.by.user
        self.origins = Origins(export.events)
        self.columns: dict[str, Column] = {}
        self.labels: dict[str, Label] = {}
        self.cards: dict[str, Card] = {}
        self.checklists: list[Checklist] = []
        self.items: list[Item] = []
        self.comments: list[tuple[Comment, list[Any]]] = []
        self.participants: dict[str, list[Any]] = {}
        self.continued: dict[str, list[str]] = {}
        self.lists = {column.id: column for column in export.columns}
        self.steps: list[_Step] = []

    def write(self) -> dict[str, Any]:
        """Everything, in the order in which rows depend on each other; the report's counts."""
        self.progress("People, columns and labels", 0, 1)
        self._settle_links()
        self._begin()
        self._add_columns()
        self._make_labels()
        self._place_cards()
        self.members = {person.handle: person for person in (*self.people.values(), self.owner)}
        self.names = Names(dict(self.board.members.values_list("handle", "name")))
        for card in self.told:
            self._plan_card(card)
        self._plan_comments()
        self._plan_history()
        self._record()
        self._keep()
        return self._report()

    # What must stand before anything else.

    def _settle_links(self) -> None:
        people = self.export.people.items()
        handles = {
            person.username.lower(): self.people[id_].handle for id_, person in people if person.username
        }
        self.ids = comment_ids(self.export)
        said = {one.id: self.ids[one.id][0] for one in self.export.comments if one.id in self.ids}
        self.links = Links(self.export.id, keys_of(self.export.cards, self.board.key), said, handles)

    def _begin(self) -> None:
        board, log = self.board, self.log
        board.description = texts.shortened(self.links.in_text(self.export.description), texts.TEXT)
        log.record("board.created", board, after=board_facts(board))
        write_member(log, self.owner, Role.OWNER)
        for id_, person in self.export.people.items():
            user = self.people[id_]
            if not person.role or user == self.owner or not user.is_active:
                continue
            membership, is_new = Membership.begin(
                board, user, Role(person.role), at=log.now, version=log.next_seq
            )
            if is_new:
                log.record(
                    "member.added",
                    user,
                    after={"person": person_fact(user), "role": str(membership.role)},
                    source_at=log.now,
                )

    def _add_columns(self) -> None:
        positions = positions_between([], len(self.export.columns))
        for column, position in zip(self.export.columns, positions, strict=True):
            row = Column(
                board=self.board,
                name=texts.shortened(self.links.in_line(column.name), texts.COLUMN),
                position=position,
                wip_limit=column.limit if column.limit and column.limit <= 999 else None,
                is_done=means_done(column.name) and not column.is_archived,
            )
            facts = {key: getattr(row, key) for key in ("name", "position", "is_done", "wip_limit")}
            event = self.origins.take("column", column.id)
            at = self._then(event.at if event else column.made_at)
            self._tell("column.added", row, self._doer(event), at, after=facts)
            self.columns[column.id] = row
        Column.objects.bulk_create(self.columns.values(), batch_size=BATCH)

    def _make_labels(self) -> None:
        taken: set[str] = set()
        for label in self.export.labels:
            colour = label.colour.partition("_")[0]
            wanted = label.name or colour.capitalize() or "Label"
            name = _free(texts.shortened(wanted, texts.LABEL), colour, taken)
            taken.add(name)
            row = Label(board=self.board, name=name, hue=hue_of(colour))
            at = self._then(v.made_at(label.id))
            self._tell("label.created", row, None, at, after={"name": name, "hue": row.hue})
            self.labels[label.id] = row
        Label.objects.bulk_create(self.labels.values(), batch_size=BATCH)

    def _place_cards(self) -> None:
        """Rows for all cards, so that whatever names a card has its row; their texts speak of each other."""
        self.told = [self.links.card(card) for card in self.export.cards]
        counts = dict.fromkeys((column.id for column in self.export.columns), 0)
        for card in self.export.cards:
            counts[card.column] += 1
        places = {id_: iter(positions_between([], count)) for id_, count in counts.items()}
        for card in self.told:
            self.cards[card.id] = self._card_row(card, next(places[card.column]))
        Card.objects.bulk_create(self.cards.values(), batch_size=BATCH)
        self.board.next_number = max((card.number for card in self.export.cards), default=0) + 1

    def _card_row(self, card: source.Card, position: str) -> Card:
        made_at = self._then(card.made_at)
        members = list(dict.fromkeys(self.people[id_] for id_ in card.members))
        what = texts.what_of(card, self.links.in_text(card.text), self.owner.zone)
        what, *self.continued[card.id] = texts.in_parts(what, "from the description")
        row = Card(
            board=self.board,
            column=self.columns[card.column],
            number=card.number,
            position=position,
            title=texts.shortened(card.title, texts.TITLE),
            what=what,
            assignee=members[0] if members else None,
            due=None if card.is_due_done else texts.local_day(card.due, self.owner.zone),
            created_at=made_at,
            moved_at=max(made_at, self._then(self.origins.moved.get(card.id, made_at))),
        )
        self.participants[card.id] = members[1:]
        row.items_total = sum(len(checklist.items) for checklist in card.checklists)
        row.items_done = sum(item.is_checked for checklist in card.checklists for item in checklist.items)
        return row

    # What happened to cards, each as a step in time.

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
            return self._tell(verb, thing, actor, at, card=card, **facts)

        self.steps.append(_Step(at, rank, len(self.steps), write, card))

    def _plan_card(self, card: source.Card) -> None:
        row = self.cards[card.id]
        event = self.origins.take("card", card.id)
        born = row.created_at
        creator = self._doer(event) or self.people.get(card.creator)
        began_in = v.line(v.mapping(event.data.get("list")).get("name")) if event else ""
        origin = {"began_in": {"name": began_in}} if began_in else {}
        self._plan(born, 0, row, "card.created", row, after=origin, actor=creator)
        for id_ in card.labels:
            event = self.origins.take("label", card.id, id_)
            at, actor = max(born, self._then(event.at if event else born)), self._doer(event)
            after = {"label": thing_fact(self.labels[id_])}
            self._plan(at, 3, row, "card.labelled", row, after=after, actor=actor)
        ids: dict[Any, str] = {}
        for id_ in card.members:
            ids.setdefault(self.people[id_], id_)
        for person in self.participants[card.id]:
            event = self.origins.take("member", card.id, ids[person])
            at, actor = max(born, self._then(event.at if event else born)), self._doer(event)
            after = {"participant": person_fact(person)}
            self._plan(at, 3, row, "card.joined", row, after=after, actor=actor)
        self._plan_checklists(card, row)
        self._plan_archive(card, row)
        for text in self.continued[card.id]:
            self._plan_comment(row, creator or self.owner, text, born, source_id=card.id)

    def _plan_checklists(self, card: source.Card, row: Card) -> None:
        places = positions_between([], len(card.checklists))
        for checklist, position in zip(card.checklists, places, strict=True):
            list_row = Checklist(
                card=row, name=texts.shortened(checklist.name, texts.CHECKLIST), position=position
            )
            self.checklists.append(list_row)
            event = self.origins.take("checklist", checklist.id)
            made_at = max(
                row.created_at, self._then(event.at if event else checklist.made_at or row.created_at)
            )
            after = {"name": list_row.name, "position": position}
            self._plan(made_at, 1, row, "checklist.added", list_row, after=after, actor=self._doer(event))
            item_places = positions_between([], len(checklist.items))
            for item, item_position in zip(checklist.items, item_places, strict=True):
                self._plan_item(card, row, list_row, item, item_position, made_at)

    def _plan_item(
        self,
        card: source.Card,
        row: Card,
        checklist: Checklist,
        item: source.Item,
        position: str,
        begun: dt.datetime,
    ) -> None:
        item_row = Item(checklist=checklist, text=texts.shortened(item.text, texts.ITEM), position=position)
        self.items.append(item_row)
        made_at = max(begun, self._then(item.made_at or begun))
        after = {"text": item_row.text, "position": position, "checklist": list_fact(checklist)}
        self._plan(made_at, 2, row, "item.added", item_row, after=after)
        if not item.is_checked:
            return
        event = self.origins.take("item", item.id)
        at = max(made_at, self._then(event.at if event else card.last_at))
        actor = self._doer(event)
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

    def _plan_archive(self, card: source.Card, row: Card) -> None:
        """Archived cards, and with a list that was archived the cards in it, which come back with it."""
        if not card.is_archived and not self.lists[card.column].is_archived:
            return
        event = self.origins.take("archived", card.id) if card.is_archived else None
        at = max(row.created_at, self._then(event.at if event else card.closed_at or card.last_at))
        row.archived_at = at if card.is_archived else self.log.now
        self._plan(
            at,
            6,
            row,
            "card.archived",
            row,
            before={"archived": False},
            after={"archived": True},
            actor=self._doer(event),
        )

    def _plan_comments(self) -> None:
        for comment in self.export.comments:
            card = self.cards[comment.card]
            author = self.people.get(comment.author, self.owner)
            edited_at = self._then(comment.edited_at) if comment.edited_at else None
            for text in texts.in_parts(self.links.in_text(comment.text), ""):
                self._plan_comment(
                    card, author, text, self._then(comment.at), edited_at, source_id=comment.id
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
            card=card, author=author, text=text, at=self.log.now, source_at=said_at, edited_at=edited_at
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
            card = self.cards.get(event.card)
            at = self._then(event.at)
            if card is not None:
                at = max(card.created_at, at)
            subject = SimpleNamespace(uid=(card or self.board).uid)
            self._plan(at, 4, card, "history.imported", subject, after=after, actor=self._doer(event))
            self.history += 1

    def _record(self) -> None:
        total = len(self.steps)
        for number, step in enumerate(sorted(self.steps)):
            activity = step.write()
            activity.card = step.card
            if number % 200 == 0:
                self.progress("Cards, comments and history", number, total)

    # What the steps have stamped, kept.

    def _keep(self) -> None:
        self.progress("Writing it all down", 1, 1)
        self._archive_columns()
        Checklist.objects.bulk_create(self.checklists, batch_size=BATCH)
        Item.objects.bulk_create(self.items, batch_size=BATCH)
        Comment.objects.bulk_create([row for row, _ in self.comments], batch_size=BATCH)
        labelled = Card.labels.through
        labelled.objects.bulk_create(
            (
                labelled(card_id=self.cards[card.id].pk, label_id=self.labels[id_].pk)
                for card in self.export.cards
                for id_ in card.labels
            ),
            batch_size=BATCH,
        )
        joined = Card.participants.through
        joined.objects.bulk_create(
            (
                joined(card_id=self.cards[id_].pk, user_id=person.pk)
                for id_, people in self.participants.items()
                for person in people
            ),
            batch_size=BATCH,
        )
        spoken = Comment.mentions.through
        spoken.objects.bulk_create(
            (
                spoken(comment_id=row.pk, user_id=person.pk)
                for row, people in self.comments
                for person in people
            ),
            batch_size=BATCH,
        )
        Card.objects.bulk_update(
            self.cards.values(),
            ["version", "field_seqs", "comments_count", "archived_at"],
            batch_size=BATCH,
        )
        if self.export.is_archived:
            self.board.archived_at = self.log.now
            self.log.record(
                "board.archived",
                self.board,
                before={"archived": False},
                after={"archived": True},
                source_at=self.log.now,
            )
        self.board.keep("next_number", "archived_at", "description")

    def _archive_columns(self) -> None:
        for column in self.export.columns:
            if not column.is_archived:
                continue
            row = self.columns[column.id]
            row.archived_at = self.log.now
            self.log.record(
                "column.archived",
                row,
                before={"archived": False},
                after={"archived": True},
                source_at=self.log.now,
            )
            row.keep("archived_at")

    def _report(self) -> dict[str, Any]:
        report = {
            "board": self.board.key,
            "name": self.board.name,
            "source": self.export.url,
            "columns": len(self.columns),
            "archived_columns": sum(column.is_archived for column in self.export.columns),
            "cards": len(self.cards),
            "archived_cards": sum(card.is_archived for card in self.cards.values()),
            "labels": len(self.labels),
            "checklists": len(self.checklists),
            "checklist_items": len(self.items),
            "comments": len(self.export.comments),
            "people": len({person.pk for person in self.people.values()}),
            "history": self.history,
            "attachments": sum(len(card.attachments) for card in self.export.cards),
            "problems": self.export.problems.lines(),
            "notes": self.export.notes.lines(),
        }
        return in_order(report)

    def _doer(self, event: source.Event | None) -> Any:
        """Who did what `event` tells; None where the file does not say."""
        return self.people.get(event.person) if event else None

    def _tell(self, verb: str, thing: Any, actor: Any, at: dt.datetime, **facts: Any) -> Activity:
        """Record what was so in Trello at `at`. The log names its doer, or nobody; never the importer."""
        activity = self.log.record(verb, thing, actor=actor, source_at=at, **facts)
        activity.actor = actor
        return activity

    def _then(self, at: dt.datetime | None) -> dt.datetime:
        """`at`, always earlier than the import; just before it when the file does not tell.

        What is archived at the very moment of the import are the lists that came archived, with the cards
        in them: these come back together, and a card that was archived by itself does not.
        """
        latest = self.log.now - dt.timedelta(milliseconds=1)
        return min(at, latest) if at else latest


def _free(name: str, colour: str, taken: set[str]) -> str:
    """`name`, told apart from the labels that have it already by its colour, else by a number."""
    if name not in taken:
        return name
    endings = [f" ({colour})"] if colour else []
    endings += [f" {number}" for number in range(2, len(taken) + 3)]
    candidates = (texts.shortened(name, texts.LABEL - len(ending)) + ending for ending in endings)
    return next(candidate for candidate in candidates if candidate not in taken)
