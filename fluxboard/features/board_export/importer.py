"""A board comes in: one transaction makes it as it was and proves it against its log, or leaves nothing.

Rows of the log keep their hashes. What a forged file claims must first stand up to `verify`: every digest,
every link of the chain, and each table, field by field.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction

from activity.feed.read_marker import begin_reading
from activity.log.record import By
from activity.log.transaction import change, persistently
from activity.models import Activity, Via
from boards.actions.facts import person_fact
from boards.actions.membership import enter
from boards.imported_boards import FORMER_NUMBER, SUPERSEDED_BY
from boards.invitations import ask_to_join
from boards.models import Board, Card, Elsewhere, FormerKey, Membership, Role
from boards.rendering.fragments import frames
from comments.models import Decision
from fluxboard.core.postgres.statistics import analyze_after
from fluxboard.features.board_export.card_totals import count_anew, refuse_totals
from fluxboard.features.board_export.exporter import no_progress
from fluxboard.features.board_export.import_report import ImportedBoard, report_of
from fluxboard.features.board_export.lines import Field
from fluxboard.features.board_export.log_importer import LogImporter
from fluxboard.features.board_export.people import FilePeople, Match, match_people, settle_people
from fluxboard.features.board_export.schema import TABLES
from fluxboard.features.board_export.table import Table
from fluxboard.features.board_export.zip_reader import Archive, Damaged
from fluxboard.features.uploads.jobs import TellProgress
from fluxboard.features.verification.verify import verify

_BATCH = 1000


@persistently
def import_board(
    archive: Archive,
    *,
    by: Any,
    asked: Collection[str] = (),
    ask_all: bool = False,
    accept_people: bool = False,
    sees_all: bool = False,
    progress: TellProgress = no_progress,
) -> ImportedBoard:
    """Make the board of `archive` here, as it was there; `by` owns it, by a row of the log if need be.

    The same export again changes nothing. `asked` are the preview's confirmations of whom to ask
    (`Match.confirmation`); `ask_all` confirms everyone who is matched, and `accept_people` takes them in at
    once. `sees_all`: whoever runs this may know of every board here.
    `progress` is told what goes on. Raises `Damaged` with one line for what is wrong; nothing is left then.
    """
    by = By(by, via=Via.IMPORT) if not isinstance(by, By) else by
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(archive.manifest.uid)]
            )
        here = Board.objects.filter(uid=archive.manifest.uid).first()
        if here is not None:
            return _as_before(here, archive, None if sees_all else by.user)
        refuse_taken(archive)
        try:
            with transaction.atomic():
                importing = _Import(archive, by, progress)
                return importing.make(asked=asked, ask_all=ask_all, accept=accept_people)
        except (DataError, IntegrityError) as problem:
            raise Damaged(f"Its lines contradict each other: {_first_line(problem)}") from problem


def refuse_taken(archive: Archive) -> None:
    """Raise `Damaged` when another board here has the key, and say what mends it."""
    key = archive.manifest.key
    other = Board.objects.filter(key=key).exists()
    if other:
        raise Damaged(
            f"Another board here has the key {key}. Give that board another key in its settings, then import."
        )


def _as_before(here: Board, archive: Archive, reader: Any) -> ImportedBoard:
    if reader is not None and not Board.objects.visible_to(reader).filter(pk=here.pk).exists():
        raise Damaged("This board is here already. Ask its owners to let you onto it.")
    head = archive.manifest
    known = Activity.objects.filter(board=here, seq=head.seq).values_list("hash", flat=True).first()
    if known is None or bytes(known) != head.hash:
        raise Damaged(
            f"This board is here already, as {here.key}, with another history after the same beginning. "
            "Nothing was changed."
        )
    if here.seq > head.seq and not _only_the_import_followed(here, head.seq):
        raise Damaged(
            f"This board is here already, as {here.key}, and has gone on since: it stands at {here.seq}, "
            f"the file at {head.seq}. Nothing was changed."
        )
    return ImportedBoard(here, report_of(here, archive), False)


def _only_the_import_followed(board: Board, seq: int) -> bool:
    later = Activity.objects.filter(board=board, seq__gt=seq)
    return not later.exclude(via=Via.IMPORT, verb__startswith="member.").exists()


@dataclass
class _Rows:
    """What the tables that are in already are called: by file, the row's id by the uid that lines use."""

    ids: dict[str, dict[Any, int]] = field(default_factory=dict)

    def find(self, file: str, uid: Any) -> int | None:
        return self.ids.get(file, {}).get(uid)


class _Import:
    def __init__(self, archive: Archive, by: By, progress: TellProgress) -> None:
        self.archive, self.by, self.progress = archive, by, progress
        self.rows = _Rows()
        self.people: dict[UUID, Any] = {}
        self.elsewhere: list[Elsewhere] = []
        self.notes: list[str] = []
        self.total = sum(archive.manifest.counts.values())
        self.done = 0
        self.found: dict[UUID, int | None] = {}
        self.later: dict[tuple[str, str], list[tuple[dict[str, Any], Any]]] = {}

    def make(self, **of_people: Any) -> ImportedBoard:
        """`of_people` says which of those matched are asked, or taken in: see `settle_people`."""
        matches = match_people(self.archive)
        settled = self._make_board(matches, of_people)
        for table in TABLES[1:]:
            self._fill(table)
        Elsewhere.objects.bulk_create(self.elsewhere, batch_size=_BATCH)
        count_anew(self.board, [end.thing for end in self.elsewhere if end.field == SUPERSEDED_BY])
        refuse_totals(self.board)
        log = LogImporter(self.archive, self.board, self.people, self._card, self._tell)
        self.notes += log.bring_in()
        self.progress("Checking it against its log", 0, 1)
        self._prove()
        now = self.by.now
        for membership in self.board.memberships.select_related("user"):
            begin_reading(membership.user, self.board, now)
        self._own()
        self._ask(settled)
        analyze_after(self.total)
        counts = {"people_here": settled.here, "people_made": len(matches) - settled.here}
        report = report_of(self.board, self.archive) | {"notes": self.notes} | counts
        self.progress("Done", 1, 1)
        return ImportedBoard(self.board, report, True)

    def _tell(self, doing: str, more: int) -> None:
        self.done += more
        self.progress(doing, min(self.done, self.total), self.total)

    # The board and its people.

    def _make_board(self, matches: list[Match], of_people: dict[str, Any]) -> FilePeople:
        lines = list(self._lines(TABLES[0]))
        manifest = self.archive.manifest
        if len(lines) != 1:
            raise Damaged("board.jsonl has not exactly one line.")
        (line,) = lines
        if (line["uid"], line["key"], line["name"]) != (manifest.uid, manifest.key, manifest.name):
            raise Damaged("board.jsonl is about another board than its manifest.")
        if line["seq"] != manifest.seq:
            raise Damaged("board.jsonl stands at another seq than its manifest.")
        FormerKey.objects.filter(key=line["key"]).delete()
        self.board = Board.objects.create(look=line["seq"], **line)
        settled = settle_people(matches, self.board, self.by.user, **of_people)
        self.people = settled.people
        return settled

    def _lines(self, table: Table) -> Iterator[dict[str, Any]]:
        yield from self.archive.rows(table.name, table.fields)

    # The tables.

    def _fill(self, table: Table) -> None:
        self._tell("Cards and what is on them", 0)
        ids = self.rows.ids.setdefault(table.name, {})
        batch: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for number, line in enumerate(self._lines(table), start=1):
            try:
                values = self._values(table, line)
            except KeyError as missing:
                raise Damaged(
                    f"{table.file}, line {number} names {missing.args[0]}, which is not there."
                ) from None
            if values is not None:
                batch.append((line, values))
            if len(batch) == _BATCH:
                self._insert(table, batch, ids)
                batch = []
        self._insert(table, batch, ids)
        for one in table.fields:
            if one.to == table.name and not one.many:
                self._point(table, one, self.later.pop((table.name, one.name), []))

    def _values(self, table: Table, line: dict[str, Any]) -> dict[str, Any] | None:
        """The line as a row of the database; None for one that stays out."""
        special = {"former_numbers": self._former_number, "former_keys": self._former_key}
        if table.name in special:
            return special[table.name](line)
        values: dict[str, Any] = {"board_id": self.board.pk} if table.board == "board" else {}
        for one in table.fields:
            value = line[one.name]
            if one.many or one.to == table.name:
                continue  # once the rows have ids
            if not one.to:
                values[one.name] = value
            elif value is None:
                values[f"{one.name}_id"] = None
            elif one.to == "people":
                values[f"{one.name}_id"] = self._person(value)
            else:
                values[f"{one.name}_id"] = self._row(one, line)
        return values

    def _person(self, uid: UUID) -> int:
        return int(self.people[uid].pk)

    def _row(self, one: Field, line: dict[str, Any]) -> int | None:
        uid = line[one.name]
        found = self.rows.find(one.to, uid)
        if found is not None:
            return found
        if not one.elsewhere:
            raise KeyError(str(uid))
        model: Any = Decision if one.to == "decisions" else Card
        there = self._reachable(model, uid)
        if there is None:
            self._note_elsewhere(line["uid"], one.elsewhere, uid)
        return there

    def _card(self, uid: UUID) -> int | None:
        return self.rows.find("cards", uid) or self._reachable(Card, uid)

    def _note_elsewhere(self, thing: UUID, name: str, uid: UUID) -> None:
        self.elsewhere.append(
            Elsewhere(board=self.board, thing=thing, field=name, uid=uid, seq=self.board.seq)
        )

    def _reachable(self, model: Any, uid: UUID) -> int | None:
        """The id of a thing on another board here, when whoever imports owns that board."""
        if uid not in self.found:
            owned = Membership.objects.filter(user=self.by.user, role=Role.OWNER).values("board")
            rows = model.objects.filter(uid=uid, board__in=owned)
            self.found[uid] = rows.values_list("pk", flat=True).first()
        return self.found[uid]

    def _former_number(self, line: dict[str, Any]) -> dict[str, Any] | None:
        card = self._card(line["card"])
        if card is None:
            self._note_elsewhere(self.board.uid, f"{FORMER_NUMBER} {line['number']}", line["card"])
            return None
        return {"board_id": self.board.pk, "number": line["number"], "card_id": card}

    def _former_key(self, line: dict[str, Any]) -> dict[str, Any] | None:
        key = line["key"]
        if Board.objects.filter(key=key).exists() or FormerKey.objects.filter(key=key).exists():
            self.notes.append(f"Its former key {key} belongs to another board here and does not lead to it.")
            return None
        return {"board_id": self.board.pk, "key": key}

    def _insert(self, table: Table, batch: list[tuple[dict[str, Any], dict[str, Any]]], ids: Any) -> None:
        if not batch:
            return
        self._refuse_known(table, [line for line, _ in batch])
        made: list[Any] = [table.model(**values) for _, values in batch]
        table.model._default_manager.bulk_create(made)
        for (line, _), row in zip(batch, made, strict=True):
            ids[_name(table, line)] = row.pk
        for one in table.fields:
            if one.many:
                self._list(table, one, batch, made)
            elif one.to == table.name:
                later = self.later.setdefault((table.name, one.name), [])
                later += [
                    (line, row)
                    for (line, _), row in zip(batch, made, strict=True)
                    if line[one.name] is not None
                ]
        self._tell("Cards and what is on them", len(batch))

    def _refuse_known(self, table: Table, lines: list[dict[str, Any]]) -> None:
        if "uid" not in {one.name for one in table.fields}:
            return
        known: Any = table.model._default_manager.filter(uid__in=[line["uid"] for line in lines]).first()
        if known is not None:
            raise Damaged(
                f"{table.file}: {known.uid} is here already, on another board or from a line before."
            )

    def _list(self, table: Table, one: Field, batch: Any, made: list[Any]) -> None:
        """Fill a list of people or labels, in order."""
        many: Any = getattr(table.model, one.name)
        owner, other = many.field.m2m_field_name(), many.field.m2m_reverse_field_name()
        links = []
        for (line, _), row in zip(batch, made, strict=True):
            for uid in line[one.name]:
                try:
                    pk = self._person(uid) if one.to == "people" else self.rows.ids[one.to][uid]
                except KeyError:
                    raise Damaged(f"{table.file} names {uid}, which is not there.") from None
                links.append(many.through(**{f"{owner}_id": row.pk, f"{other}_id": pk}))
        many.through.objects.bulk_create(links, batch_size=_BATCH)

    def _point(self, table: Table, one: Field, lines: list[tuple[dict[str, Any], Any]]) -> None:
        """Let rows name others of their own file, now that all of them have ids."""
        changed = []
        for line, row in lines:
            uid = line[one.name]
            name = (line["comment"], uid) if table.name == "asks" else uid
            pk = self.rows.find(table.name, name)
            if pk is None and one.elsewhere:
                pk = self._reachable(table.model, uid)
                if pk is None:
                    self._note_elsewhere(line["uid"], one.elsewhere, uid)
            elif pk is None:
                raise Damaged(f"{table.file} names {uid}, which is not there.")
            if pk is not None:
                setattr(row, f"{one.name}_id", pk)
                changed.append(row)
        table.model._default_manager.bulk_update(changed, [one.name], batch_size=_BATCH)

    # Whether all that is true.

    def _prove(self) -> None:
        faults = verify(self.board)
        if faults:
            more = f" (and {len(faults) - 1:,} faults more)" if len(faults) > 1 else ""
            raise Damaged(f"It is not what was recorded: {faults[0]}{more}.")

    def _own(self) -> None:
        """Whoever imports owns the board; where the record does not say so yet, a row of the log says it."""
        person = self.by.user
        membership = Membership.objects.filter(board=self.board, user=person).first()
        if membership is not None and membership.role == Role.OWNER:
            return
        with change(self.by, self.board.pk, render=frames) as (log,):
            if membership is None:
                enter(log, person, Role.OWNER)
            else:
                before, membership.role, membership.version = membership.role, Role.OWNER, log.next_seq
                after = {"person": person_fact(person), "role": str(Role.OWNER)}
                log.record("member.role_changed", person, before={"role": before}, after=after)
                membership.save(update_fields=["role", "version"])
        self.board = log.board
        self.notes.append(f"{person.name} now owns it; the log says so at {self.board.seq}.")

    def _ask(self, settled: FilePeople) -> None:
        """Ask whom whoever imports knows to be somebody of the file; who is no member there is not asked."""
        for person, claims in settled.to_ask:
            if ask_to_join(self.board, person, claims=claims, by=self.by.user, now=self.by.now) is None:
                self.notes.append(f"{claims.name} is not on this board, and {person.name} was not asked.")


def _name(table: Table, line: dict[str, Any]) -> Any:
    """How other lines name this one."""
    return (line["comment"], line["person"]) if table.name == "asks" else line.get("uid")


def _first_line(problem: Exception) -> str:
    return str(problem).strip().partition("\n")[0][:200]
