"""A board goes out: everything that the log and the tables hold of it, as one ZIP.

What is one person's alone (readings, watches, drafts, put-off cards) and what is this installation's
(passwords, invitations, open pages) stays here; docs/export.md has the list.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from activity.log.hashing import content_of
from activity.log.record import SCHEMA
from activity.log.replay.state import digest_in
from activity.models import Activity, ActivityContent
from boards.imported_boards import FORMER_NUMBER, named_elsewhere
from boards.models import Board, CarriedPerson, Elsewhere, FormerCardKey, ImportedPerson
from comments import decision_register
from comments.models import Decision
from fluxboard.accounts.models import User
from fluxboard.features.board_export import csv_sheets
from fluxboard.features.board_export.lines import Field
from fluxboard.features.board_export.schema import TABLES
from fluxboard.features.board_export.table import Table
from fluxboard.features.board_export.zip_writer import Packing
from fluxboard.features.uploads.jobs import TellProgress
from fluxboard.features.verification.verify import as_of_one_moment

FORMAT, VERSION = "fluxboard-board", 1
_BATCH = 2000
_UTC = SimpleNamespace(time_zone="UTC")


def no_progress(doing: str, done: int, total: int) -> None:
    """For who doesn't want to know how far it is."""


def export_board(board: Board, to: IO[bytes], progress: TellProgress = no_progress) -> dict[str, Any]:
    """Write the whole of `board` to `to`, as it stands at one moment; comes back with the manifest.

    `progress` is told what goes on.
    """
    with as_of_one_moment(), zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        return _Export(Board.objects.get(pk=board.pk), Packing(archive), progress).write()


class _Export:
    def __init__(self, board: Board, packing: Packing, progress: TellProgress) -> None:
        self.board, self.packing, self.progress = board, packing, progress
        self.people = _People(board)
        self.digests: set[str] = set()
        self.moves = csv_sheets.Moves(board)
        self.head = bytes(32)
        self.counts: dict[str, int] = {}

    def write(self) -> dict[str, Any]:
        lines = self.packing.lines
        self.counts["activities"] = lines("log.jsonl", self._log())
        self.progress("Texts", 0, 1)
        self.counts["contents"] = lines("contents.jsonl", self._contents())
        for place, table in enumerate(TABLES):
            self.progress("Cards and what is on them", place, len(TABLES))
            self.counts[table.name] = lines(table.file, self._table(table))
        self.counts["people"] = lines("people.jsonl", self.people.lines())
        self.progress("Files for people", 0, 1)
        self._write_decisions()
        cards = csv_sheets.Cards(self.board)
        self._write_sheet("cards.csv", cards.heading, cards.rows())
        self._write_sheet("moves.csv", csv_sheets.MOVES, self.moves.rows)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "schema": SCHEMA,
            "board": {"uid": str(self.board.uid), "key": self.board.key, "name": self.board.name},
            "exported_at": timezone.now().astimezone(dt.UTC).isoformat(timespec="seconds"),
            "head": {"seq": self.board.seq, "hash": self.head.hex()},
            "counts": self.counts,
        }
        self.packing.close(manifest)
        self.progress("Done", 1, 1)
        return manifest

    # The log, and the texts that it names.

    def _log(self) -> Iterator[dict[str, Any]]:
        rows = Activity.objects.on(self.board).order_by("seq").select_related("actor", "card")
        for activity in rows.iterator(_BATCH):
            if activity.seq % _BATCH == 1:
                self.progress("The log", activity.seq - 1, self.board.seq)
            self._look_into(str(activity.subject))
            self._look_into(activity.before)
            self._look_into(activity.after)
            if activity.actor_id:
                self.people.named.add(str(activity.recorded_actor))
            self.moves.note(activity)
            self.head = bytes(activity.hash)
            content = content_of(activity, self.board.uid, activity.recorded_actor, activity.recorded_card)
            yield content | {
                "digest": bytes(activity.digest).hex(),
                "previous_hash": bytes(activity.previous_hash).hex(),
                "hash": self.head.hex(),
            }

    def _look_into(self, value: Any) -> None:
        """Note which texts and which people a fact names."""
        if isinstance(value, str):
            if len(value) == 36 and value in self.people.by_uid:
                self.people.named.add(value)
        elif isinstance(value, dict):
            digest = digest_in(value)
            if digest is not None:
                self.digests.add(digest)
            for inner in value.values():
                self._look_into(inner)
        elif isinstance(value, list):
            for inner in value:
                self._look_into(inner)

    def _contents(self) -> Iterator[dict[str, Any]]:
        digests = sorted(self.digests)
        for begin in range(0, len(digests), _BATCH):
            rows = ActivityContent.objects.in_bulk(digests[begin : begin + _BATCH])
            for digest, row in sorted(rows.items()):
                yield {"digest": digest, "salt": bytes(row.salt).hex(), "text": row.text}

    # The state.

    def _table(self, table: Table) -> Iterator[dict[str, Any]]:
        if table.name == "former_numbers":
            yield from self._former_numbers()
            return
        rows = table.model._default_manager.filter(**{table.board: self.board.pk}).order_by(table.order)
        plain = [field for field in table.fields if not field.many]
        lists = {field.name: self._lists(table, field) for field in table.fields if field.many}
        away = {
            field.name: named_elsewhere(self.board, field.elsewhere, table.model, field.name)  # type: ignore[arg-type]
            for field in table.fields
            if field.elsewhere
        }
        for id_, *values in rows.values_list("pk", *(_path(field) for field in plain)).iterator(_BATCH):
            line = {field.name: self._value(field, value) for field, value in zip(plain, values, strict=True)}
            for name, found in lists.items():
                line[name] = found.get(id_, [])
            for name, ends in away.items():
                if line[name] is None and UUID(line["uid"]) in ends:
                    line[name] = str(ends[UUID(line["uid"])])
            yield line

    def _value(self, field: Field, value: Any) -> Any:
        if value is not None and field.to in {"people", "asks"}:
            value = self.people.uid_of(value)
        return field.kind.write(value)

    def _lists(self, table: Table, field: Field) -> dict[int, list[str]]:
        """What each row of `table` lists in `field`, by the row's id, in the order in which it came to it."""
        many = getattr(table.model, field.name)
        through: Any = many.through
        owner = table.model._meta.model_name
        other = f"{many.field.m2m_reverse_field_name()}_id" if field.to == "people" else "label__uid"
        rows = through.objects.filter(**{f"{owner}__{table.board}": self.board.pk}).order_by("id")
        found: dict[int, list[str]] = {}
        for id_, value in rows.values_list(f"{owner}_id", other):
            named = self.people.uid_of(value) if field.to == "people" else str(value)
            found.setdefault(id_, []).append(named)
        return found

    def _former_numbers(self) -> Iterator[dict[str, Any]]:
        here = dict(FormerCardKey.objects.filter(board=self.board).values_list("number", "card__uid"))
        away = Elsewhere.objects.filter(board=self.board, field__startswith=f"{FORMER_NUMBER} ")
        for end in away:
            here.setdefault(int(end.field.removeprefix(f"{FORMER_NUMBER} ")), end.uid)
        for number, card in sorted(here.items()):
            yield {"number": number, "card": str(card)}

    # For people.

    def _write_decisions(self) -> None:
        found = Decision.objects.filter(board=self.board)
        decisions = list(
            decision_register.with_people(found).select_related("grew_from__author").order_by("number")
        )
        site = settings.PUBLIC_URL
        title = f"Decisions of {self.board.name}"
        self.packing.text("decisions.md", decision_register.all_as_markdown(title, decisions, _UTC, site))
        for decision in decisions:
            self.packing.text(
                f"decisions/{decision.key}.md", decision_register.as_markdown(decision, _UTC, site)
            )

    def _write_sheet(self, name: str, heading: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        with self.packing.file(name) as writing:
            for piece in csv_sheets.sheet(heading, rows):
                writing.write(piece.encode())


def _path(field: Field) -> str:
    """How the database is asked for a field: a person by id, another row by uid."""
    if field.to == "people":
        return f"{field.name}_id"
    if field.to == "asks":
        return f"{field.name}__person_id"
    return f"{field.name}__uid" if field.to else field.name


class _People:
    """Who the record names, each by the uid under which it names them first."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.named: set[str] = set()
        self.uids: dict[int, list[str]] = {}
        self.emails: dict[int, str] = {}
        self.by_uid: dict[str, int] = {}
        carried = CarriedPerson.objects.filter(board=board).order_by("id")
        rows = list(carried.values_list("user", "uid", "email"))
        for user, uid, email in rows:
            self.uids.setdefault(user, []).append(str(uid))
            self.emails.setdefault(user, email)
        for user, uid in User.objects.values_list("pk", "uid"):
            self.by_uid[str(uid)] = user
            if str(uid) not in self.uids.setdefault(user, []):
                self.uids[user].append(str(uid))
        self.by_uid |= {str(uid): user for user, uid, _ in rows}

    def uid_of(self, user: int) -> str:
        """The uid by which the state names this person."""
        uid = self.uids[user][0]
        self.named.add(uid)
        return uid

    def lines(self) -> Iterator[dict[str, Any]]:
        """A line a person, by uid; the other uids by which the record names them are `also` theirs."""
        ids = {self.by_uid[uid] for uid in self.named}
        users = User.objects.in_bulk(ids)
        origins: dict[int, list[list[str]]] = {}
        of_this = Q(board=self.board) | Q(board=None)
        known: QuerySet[ImportedPerson] = ImportedPerson.objects.filter(of_this, user__in=ids)
        for user, source, source_id in (
            known.order_by("source", "source_id").values_list("user", "source", "source_id").distinct()
        ):
            origins.setdefault(user, []).append([source, source_id])
        # An address is named once: by whom it belongs to, else by the first whom a file gave it to.
        emails = {user.email.lower() for user in users.values() if user.email}
        for id_ in sorted(ids, key=lambda id_: self.uids[id_][0]):
            user = users[id_]
            first, *also = self.uids[id_]
            given = self.emails.get(id_, "")
            email = user.email or ("" if given.lower() in emails else given)
            emails.add(email.lower())
            yield {
                "uid": first,
                "also": [uid for uid in also if uid in self.named],
                "name": user.name,
                "email": email,
                "handle": user.handle,
                "hue": user.hue,
                "zone": user.time_zone,
                "is_active": user.is_active,
                "origins": origins.get(id_, []),
            }
