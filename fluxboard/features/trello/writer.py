"""The rows of an imported board, and what the log says of each, in the order in which it happened."""

from __future__ import annotations

from typing import Any

from activity.log.record import Log
from boards.actions.board import board_facts
from boards.actions.facts import person_fact
from boards.actions.membership import write_member
from boards.models import Board, Card, Checklist, Column, Item, Label, Membership, Role
from comments.models import Comment
from fluxboard.core.ordering import positions_between
from fluxboard.features.trello import model as source
from fluxboard.features.trello import texts
from fluxboard.features.trello import values as v
from fluxboard.features.trello.colours import hue_of
from fluxboard.features.trello.comment_ids import comment_ids
from fluxboard.features.trello.links import TrelloLinks, keys_of
from fluxboard.features.trello.losses import means_done
from fluxboard.features.trello.origins import Origins
from fluxboard.features.trello.past_log import PastLog
from fluxboard.features.trello.report import in_order
from fluxboard.features.trello.steps import Rows, Steps
from fluxboard.features.uploads.jobs import TellProgress

_BATCH = 500


class Writer:
    def __init__(
        self, log: Log, export: source.Export, people: dict[str, Any], progress: TellProgress
    ) -> None:
        self.log = log
        self.board: Board = log.board
        self.export = export
        self.people = people
        self.progress = progress
        self.owner = log.by.user
        self.past = PastLog(log, people, Origins(export.events))
        self.columns: dict[str, Column] = {}
        self.rows = Rows()

    def write(self) -> dict[str, Any]:
        """Everything, in the order in which rows depend on each other; the report's counts."""
        self.progress("People, columns and labels", 0, 1)
        ids = comment_ids(self.export)
        self._settle_links(ids)
        self._begin()
        self._add_columns()
        self._make_labels()
        self._place_cards()
        steps = Steps(self.past, self.export, self.rows, self.links, ids)
        steps.plan(self.told)
        steps.record(self.progress)
        self._keep(steps)
        return self._report(steps)

    # What must stand before anything else.

    def _settle_links(self, ids: dict[str, list[int]]) -> None:
        people = self.export.people.items()
        handles = {
            person.username.lower(): self.people[id_].handle for id_, person in people if person.username
        }
        said = {one.id: ids[one.id][0] for one in self.export.comments if one.id in ids}
        self.links = TrelloLinks(self.export.id, keys_of(self.export.cards, self.board.key), said, handles)

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
            event = self.past.origins.take("column", column.id)
            at = self.past.then(event.at if event else column.made_at)
            self.past.tell("column.added", row, self.past.doer(event), at, after=facts)
            self.columns[column.id] = row
        Column.objects.bulk_create(self.columns.values(), batch_size=_BATCH)

    def _make_labels(self) -> None:
        taken: set[str] = set()
        for label in self.export.labels:
            colour = label.colour.partition("_")[0]
            wanted = label.name or colour.capitalize() or "Label"
            name = _free(texts.shortened(wanted, texts.LABEL), colour, taken)
            taken.add(name)
            row = Label(board=self.board, name=name, hue=hue_of(colour))
            at = self.past.then(v.made_at(label.id))
            self.past.tell("label.created", row, None, at, after={"name": name, "hue": row.hue})
            self.rows.labels[label.id] = row
        Label.objects.bulk_create(self.rows.labels.values(), batch_size=_BATCH)

    def _place_cards(self) -> None:
        """Rows for all cards, so that whatever names a card has its row; their texts speak of each other."""
        self.told = [self.links.card(card) for card in self.export.cards]
        counts = dict.fromkeys((column.id for column in self.export.columns), 0)
        for card in self.export.cards:
            counts[card.column] += 1
        places = {id_: iter(positions_between([], count)) for id_, count in counts.items()}
        for card in self.told:
            self.rows.cards[card.id] = self._card_row(card, next(places[card.column]))
        Card.objects.bulk_create(self.rows.cards.values(), batch_size=_BATCH)
        self.board.next_number = max((card.number for card in self.export.cards), default=0) + 1

    def _card_row(self, card: source.TrelloCard, position: str) -> Card:
        made_at = self.past.then(card.made_at)
        members = list(dict.fromkeys(self.people[id_] for id_ in card.members))
        what = texts.what_of(card, self.links.in_text(card.text), self.owner.zone)
        what, *self.rows.continued[card.id] = texts.in_parts(what, "from the description")
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
            moved_at=max(made_at, self.past.then(self.past.origins.moved.get(card.id, made_at))),
        )
        self.rows.participants[card.id] = members[1:]
        row.items_total = sum(len(checklist.items) for checklist in card.checklists)
        row.items_done = sum(item.is_checked for checklist in card.checklists for item in checklist.items)
        return row

    # What the steps have stamped, kept.

    def _keep(self, steps: Steps) -> None:
        self.progress("Writing it all down", 1, 1)
        self._archive_columns()
        Checklist.objects.bulk_create(steps.checklists, batch_size=_BATCH)
        Item.objects.bulk_create(steps.items, batch_size=_BATCH)
        Comment.objects.bulk_create([row for row, _ in steps.comments], batch_size=_BATCH)
        labelled = Card.labels.through
        labelled.objects.bulk_create(
            (
                labelled(card_id=self.rows.cards[card.id].pk, label_id=self.rows.labels[id_].pk)
                for card in self.export.cards
                for id_ in card.labels
            ),
            batch_size=_BATCH,
        )
        joined = Card.participants.through
        joined.objects.bulk_create(
            (
                joined(card_id=self.rows.cards[id_].pk, user_id=person.pk)
                for id_, people in self.rows.participants.items()
                for person in people
            ),
            batch_size=_BATCH,
        )
        spoken = Comment.mentions.through
        spoken.objects.bulk_create(
            (
                spoken(comment_id=row.pk, user_id=person.pk)
                for row, people in steps.comments
                for person in people
            ),
            batch_size=_BATCH,
        )
        Card.objects.bulk_update(
            self.rows.cards.values(),
            ["version", "field_seqs", "comments_count", "archived_at"],
            batch_size=_BATCH,
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

    def _report(self, steps: Steps) -> dict[str, Any]:
        report = {
            "board": self.board.key,
            "name": self.board.name,
            "source": self.export.url,
            "columns": len(self.columns),
            "archived_columns": sum(column.is_archived for column in self.export.columns),
            "cards": len(self.rows.cards),
            "archived_cards": sum(card.is_archived for card in self.rows.cards.values()),
            "labels": len(self.rows.labels),
            "checklists": len(steps.checklists),
            "checklist_items": len(steps.items),
            "comments": len(self.export.comments),
            "people": len({person.pk for person in self.people.values()}),
            "history": steps.history,
            "attachments": sum(len(card.attachments) for card in self.export.cards),
            "problems": self.export.problems.lines(),
            "notes": self.export.notes.lines(),
        }
        return in_order(report)


def _free(name: str, colour: str, taken: set[str]) -> str:
    """`name`, told apart from the labels that have it already by its colour, else by a number."""
    if name not in taken:
        return name
    endings = [f" ({colour})"] if colour else []
    endings += [f" {number}" for number in range(2, len(taken) + 3)]
    candidates = (texts.shortened(name, texts.LABEL - len(ending)) + ending for ending in endings)
    return next(candidate for candidate in candidates if candidate not in taken)
