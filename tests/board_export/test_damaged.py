"""What is no true export is refused with one line, and nothing of it is left."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from activity.log.hashing import canonical_json
from activity.models import Activity, ActivityContent
from boards.actions import create_board
from boards.models import Board, CarriedPerson, Column, FormerKey, ImportedPerson
from fluxboard.accounts.models import User
from fluxboard.core import archives
from fluxboard.features.board_export import zip_reader
from fluxboard.features.board_export.zip_reader import Damaged
from tests import cast
from tests.board_export.files import Files, brought_in, files_of, packed, rewritten

Row = dict[str, Any]


def left() -> list[int]:
    """How much there is of what an import makes."""
    made = (Board, User, Activity, ActivityContent, CarriedPerson, FormerKey, ImportedPerson)
    return [model.objects.count() for model in made]


def refused(data: bytes) -> str:
    """The one line with which these bytes are refused; nothing is left of them."""
    who = cast.person("sam")
    before = left()
    with pytest.raises(Damaged) as problem:
        brought_in(data, who)
    assert left() == before
    line = str(problem.value)
    assert "\n" not in line and len(line) < 400 and line.endswith(".")
    return line


# ---- the ZIP -----------------------------------------------------------------------------------------------


def with_entry(name: str, data: bytes = b"x", **more: Any) -> Callable[[bytes], bytes]:
    def change(out: bytes) -> bytes:
        packed_again = io.BytesIO(out)
        info = zipfile.ZipInfo(name)
        for key, value in more.items():
            setattr(info, key, value)
        with zipfile.ZipFile(packed_again, "a") as archive:
            archive.writestr(info, data)
        return packed_again.getvalue()

    return change


def with_bit(out: bytes) -> bytes:
    """The encryption bit set on the first entry, in both of its headers."""
    at = out.index(b"PK\x01\x02") + 8
    return out[:6] + b"\x09\x00" + out[8:at] + b"\x09\x00" + out[at + 2 :]


def without(name: str) -> Callable[[bytes], bytes]:
    def change(out: bytes) -> bytes:
        files = files_of(out)
        del files[name]
        return packed(files, sealed=False)

    return change


def swapped(name: str, data: bytes) -> Callable[[bytes], bytes]:
    return lambda out: packed(files_of(out) | {name: data}, sealed=False)


def in_manifest(**changes: Any) -> Callable[[bytes], bytes]:
    def change(out: bytes) -> bytes:
        files = files_of(out)
        manifest = json.loads(files["manifest.json"]) | changes
        return packed(files | {"manifest.json": json.dumps(manifest).encode()}, sealed=False)

    return change


def a_bomb(out: bytes) -> bytes:
    return packed(files_of(out) | {"cards.csv": bytes(80 * 2**20)})


def says_less(out: bytes) -> bytes:
    """An entry that is longer than its header says."""
    at = out.index(b"PK\x01\x02")
    size = struct.unpack("<I", out[at + 24 : at + 28])[0]
    assert size > 1000
    return out[: at + 24] + struct.pack("<I", 1000) + out[at + 28 :]


def flipped(out: bytes) -> bytes:
    at = 200
    return out[:at] + bytes([out[at] ^ 0xFF]) + out[at + 1 :]


ZIPS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda out: b"", "This is no ZIP file"),
    "a text": (lambda out: b"Hello", "This is no ZIP file"),
    "cut off": (lambda out: out[: len(out) // 2], "or its end is missing"),
    "its last bytes gone": (lambda out: out[:-30], "or its end is missing"),
    "a byte of packed data flipped": (flipped, "log.jsonl in it is damaged"),
    "an absolute path": (with_entry("/etc/passwd"), "a path that leads out of it"),
    "a path upwards": (with_entry("decisions/../../x.md"), "a path that leads out of it"),
    "a path of Windows": (with_entry("C:\\x"), "a path that leads out of it"),
    "a symbolic link": (
        with_entry("link", b"/etc", external_attr=(stat.S_IFLNK | 0o777) << 16),
        "no plain file",
    ),
    "a folder with something in it": (
        with_entry("decisions/", b"x", external_attr=(stat.S_IFDIR | 0o755) << 16),
        "no plain file",
    ),
    "packed otherwise": (
        with_entry("x", compress_type=zipfile.ZIP_BZIP2),
        "packed in a way that exports do not",
    ),
    "encrypted": (with_bit, "is encrypted"),
    "a bomb": (a_bomb, "times its size. No export does"),
    "longer than it says": (says_less, "another size than its manifest says"),
    "no manifest": (without("manifest.json"), "no manifest.json"),
    "a file missing": (without("cards.jsonl"), "cards.jsonl is missing from it"),
    "a file more": (with_entry("notes.txt"), "which its manifest does not name"),
    "a file exchanged": (swapped("moves.csv", b"x"), "another size than its manifest says"),
    "a manifest that is no JSON": (swapped("manifest.json", b"{"), "manifest.json is no JSON"),
    "a manifest that is a list": (swapped("manifest.json", b"[]"), "manifest.json is no JSON object"),
    "a manifest nested deep": (swapped("manifest.json", b"[" * 200_000), "manifest.json is no JSON"),
    "another format": (in_manifest(format="trello"), "something else than a board of Fluxboard"),
    "a newer version": (in_manifest(version=2), "A newer Fluxboard wrote it"),
    "a newer log": (in_manifest(schema=99), "A newer Fluxboard wrote it"),
    "a version that is a text": (in_manifest(version="1"), "version is not a whole number"),
    "a version that is true": (in_manifest(version=True), "version is not a whole number"),
    "no counts": (in_manifest(counts={}), "counts does not say"),
    "counts that are texts": (in_manifest(head={"seq": "1", "hash": "x"}), "not a whole number"),
    "files that are a list": (in_manifest(files=[]), "files is not an object"),
    "something more": (in_manifest(more=1), "more is not known"),
}


@pytest.mark.parametrize("case", ZIPS)
def test_a_damaged_zip(out, case):
    damage, words = ZIPS[case]
    assert words in refused(damage(out))


def test_the_same_file_twice(out):
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = with_entry("cards.csv")(out)
    assert "'cards.csv' twice" in refused(data)


def test_too_much_to_unpack(out, monkeypatch):
    monkeypatch.setattr(zip_reader, "MOST_BYTES", 1000)
    assert "It would unpack to" in refused(out)


def test_a_list_of_files_that_is_too_long(tmp_path):
    """It is refused before any of it is in memory."""
    entry = (
        struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, *[0] * 4, 33, *[0] * 3, 1, *[0] * 6) + b"a"
    )
    size = len(entry) * (archives.LONGEST_READ // len(entry) + 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 7, 7, size, 0, 0)
    path = tmp_path / "board.zip"
    with path.open("wb") as file:
        file.writelines([entry] * (size // len(entry)))
        file.write(end)
    tracemalloc.start()
    try:
        with pytest.raises(Damaged, match="more files than an export has"), zip_reader.opened_export(path):
            pass
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_line_that_is_too_long(out, monkeypatch):
    monkeypatch.setattr(zip_reader, "LONGEST_LINE", 100)
    assert "people.jsonl, line 1 has no end, or is too long" in refused(out)


# ---- what is in it, sealed anew as a forger would ----------------------------------------------------------


def line(file: str, place: int, /, **changes: Any) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        return files | {file: rewritten(files[file], place, lambda row: row.update(changes))}

    return change


def text(file: str, old: bytes, new: bytes) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert old in files[file]
        return files | {file: files[file].replace(old, new, 1)}

    return change


def dropped(file: str, number: int) -> Callable[[Files], Files]:
    """A line gone, and the manifest's count one less."""

    def change(files: Files) -> Files:
        lines = files[file].splitlines(keepends=True)
        del lines[number]
        manifest = json.loads(files["manifest.json"])
        name = file.removesuffix(".jsonl").replace("log", "activities")
        manifest["counts"][name] -= 1
        return files | {file: b"".join(lines), "manifest.json": json.dumps(manifest).encode()}

    return change


def swapped_rows(files: Files) -> Files:
    lines = files["log.jsonl"].splitlines(keepends=True)
    lines[7], lines[8] = lines[8], lines[7]
    return files | {"log.jsonl": b"".join(lines)}


def rechained(files: Files, change: Callable[[list[Row]], None]) -> Files:
    """The log changed, and its whole chain made anew: only state and log can give this away."""
    log = [json.loads(one) for one in files["log.jsonl"].splitlines()]
    change(log)
    previous = bytes(32)
    for seq, row in enumerate(log, start=1):
        row["seq"] = seq
        content = {name: row[name] for name in row.keys() - {"digest", "previous_hash", "hash"}}
        digest = hashlib.sha256(canonical_json(content)).digest()
        row |= {"digest": digest.hex(), "previous_hash": previous.hex()}
        previous = hashlib.sha256(previous + digest).digest()
        row["hash"] = previous.hex()
    manifest = json.loads(files["manifest.json"])
    manifest["head"] = {"seq": len(log), "hash": previous.hex()}
    manifest["counts"]["activities"] = len(log)
    board = rewritten(files["board.jsonl"], 0, lambda row: row.update(seq=len(log)))
    return files | {
        "log.jsonl": b"".join(canonical_json(row) + b"\n" for row in log),
        "manifest.json": json.dumps(manifest).encode(),
        "board.jsonl": board,
    }


def of_verb(log: list[Row], verb: str) -> Row:
    return next(row for row in log if row["verb"] == verb)


def nobody_assigned(log: list[Row]) -> None:
    of_verb(log, "card.assigned")["after"]["assignee"] = None


def nonsense(log: list[Row]) -> None:
    of_verb(log, "card.moved")["after"] = {"column": 7, "position": []}


def odd_before(log: list[Row]) -> None:
    """What replay never reads, and pages do."""
    of_verb(log, "card.moved")["before"] = {"column": 7}


def odd_due(log: list[Row]) -> None:
    of_verb(log, "card.moved")["before"]["due"] = "soon"


def odd_moment(log: list[Row]) -> None:
    of_verb(log, "question.asked")["after"]["asks"][0]["answer_by"] = "tomorrow"


def before_the_calendar(log: list[Row]) -> None:
    log[6]["at"] = "0001-01-01T00:00:00.000000+00:00"


def no_facts(log: list[Row]) -> None:
    of_verb(log, "card.moved")["after"] = {}


def appended(files: Files) -> Files:
    """A row more, with the hashes of another one, and a manifest and a board that speak of it."""
    log = [json.loads(one) for one in files["log.jsonl"].splitlines()]
    row = log[-1] | {"seq": len(log) + 1}
    manifest = json.loads(files["manifest.json"])
    manifest["head"]["seq"] = manifest["counts"]["activities"] = row["seq"]
    board = rewritten(files["board.jsonl"], 0, lambda line: line.update(seq=row["seq"]))
    log_now = files["log.jsonl"] + canonical_json(row) + b"\n"
    return files | {
        "log.jsonl": log_now,
        "board.jsonl": board,
        "manifest.json": json.dumps(manifest).encode(),
    }


FORGED: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a byte of the log": (line("log.jsonl", 7, via="api"), "FLY:8 "),
    "a row gone": (dropped("log.jsonl", 7), "log.jsonl: seq 9 stands where seq 8 should"),
    "two rows swapped": (swapped_rows, "log.jsonl: seq 9 stands where seq 8 should"),
    "a text changed": (text("contents.jsonl", b"Blue.", b"Bleu."), "is not what was recorded"),
    "a text gone": (dropped("contents.jsonl", 0), "is gone, and no activity erased it"),
    "a card's title": (text("cards.jsonl", b'"Second"', b'"Seconds"'), "title: the log says"),
    "a card's place": (text("cards.jsonl", b'"position":"a0"', b'"position":"a7"'), "position: the log says"),
    "a role": (text("members.jsonl", b'"viewer"', b'"owner"'), "members."),
    "a number that a card has": (line("board.jsonl", 0, next_number=1), "Its next card would be number 1"),
    "a number without end": (line("board.jsonl", 0, next_number=2**31 - 1), "Its next card would be number"),
    "a rule that is none": (line("schedules.jsonl", 0, rule="FREQ=HOURLY"), "rule is not a rule"),
    "a schedule since ever": (line("schedules.jsonl", 0, first="0001-01-01"), "first is not a day of these"),
    "a zone that is none": (line("schedules.jsonl", 0, zone="Mars"), "zone is not a time zone"),
    "a member gone": (dropped("members.jsonl", 1), "members."),
    "a comment gone": (dropped("comments.jsonl", 5), "names"),
    "a label gone": (dropped("labels.jsonl", 0), "which is not there"),
    "a person gone": (dropped("people.jsonl", 0), "which is not there"),
    "another history": (lambda files: rechained(files, nobody_assigned), "assignee: the log says None"),
    "a fact of another shape": (
        lambda files: rechained(files, nonsense),
        "column is not what that fact can be",
    ),
    "a fact that only tells": (lambda files: rechained(files, odd_before), "column is not what that fact"),
    "a day that is none": (lambda files: rechained(files, odd_due), "due is not what that fact can be"),
    "a moment that is none": (
        lambda files: rechained(files, odd_moment),
        "answer_by is not what that fact can be",
    ),
    "a row before the calendar": (
        lambda files: rechained(files, before_the_calendar),
        "log.jsonl, line 7: at is not a moment",
    ),
    "a moment after the calendar": (
        line("comments.jsonl", 0, at="9999-12-31T23:59:59.999999+00:00"),
        "at is not a moment",
    ),
    "a fact missing": (lambda files: rechained(files, no_facts), "would have written"),
    "a row appended": (appended, "is not what was recorded: FLY:"),
    "an unknown verb": (line("log.jsonl", 3, verb="card.sold"), "nothing that this installation knows"),
    "another board's row": (
        line("log.jsonl", 3, board="0" * 8 + "-0000-4000-8000-" + "0" * 12),
        "another board",
    ),
    "another way in": (line("log.jsonl", 3, via="fax"), "would have written"),
    "a log that ends early": (line("board.jsonl", 0, seq=3), "another seq than its manifest"),
    "another key": (line("board.jsonl", 0, key="ZZZ"), "another board than its manifest"),
    "a text for a number": (line("cards.jsonl", 0, number="1"), "number is not a whole number"),
    "true for a number": (line("cards.jsonl", 0, number=True), "number is not a whole number"),
    "a number too big": (line("cards.jsonl", 0, number=2**40), "number is not between"),
    "a number for a text": (line("cards.jsonl", 0, title=7), "title is not a text"),
    "a zero character": (line("cards.jsonl", 0, what="a\0b"), "a zero character"),
    "half a character": (text("cards.jsonl", b'"Second"', b'"\\ud800"'), "is no JSON"),
    "no moment": (line("cards.jsonl", 0, moved_at="2026-10-15"), "moved_at is not a moment"),
    "no day": (line("cards.jsonl", 0, due="20261015"), "due is not a day"),
    "no uid": (line("cards.jsonl", 0, uid="x"), "uid is not a uid"),
    "no place": (line("cards.jsonl", 0, position="!"), "not a place in an order"),
    "no salt": (line("cards.jsonl", 0, salt="00"), "hexadecimal digits"),
    "no role": (line("members.jsonl", 0, role="king"), "role is none of"),
    "a field more": (line("cards.jsonl", 0, colour=1), "colour is not known"),
    "a person twice": (line("cards.jsonl", 0, participants=["x"]), "not a uid"),
    "a map for a list": (line("cards.jsonl", 0, labels={}), "not a list"),
    "more uids than a person has": (
        line("people.jsonl", 0, also=[f"00000000-0000-4000-8000-{n:012}" for n in range(101)]),
        "also is a list of more than 100",
    ),
    "no name": (line("people.jsonl", 0, name="  "), "name is not a name"),
    "no line of its kind": (text("labels.jsonl", b"{", b"[{"), "is no JSON"),
    "a list for a line": (lambda files: files | {"labels.jsonl": b"[]\n"}, "no JSON object"),
    "not a number": (text("labels.jsonl", b'"hue":1', b'"hue":NaN'), "is no JSON"),
    "written otherwise": (
        text("labels.jsonl", b'"hue":1', b'"hue": 1'),
        "not written as an export writes it",
    ),
    "a name twice": (
        text("labels.jsonl", b'"hue":1', b'"hue":1,"hue":2'),
        "not written as an export writes it",
    ),
    "nested deep": (lambda files: files | {"labels.jsonl": b"[" * 100_000 + b"\n"}, "is no JSON"),
    "no UTF-8": (text("labels.jsonl", b"bug", b"b\xffg"), "is no JSON"),
    "an end without a line break": (
        lambda files: files | {"labels.jsonl": files["labels.jsonl"][:-1]},
        "has no end",
    ),
    "a line less than counted": (lambda files: files | {"labels.jsonl": b""}, "its manifest says 1"),
    "a file of another name": (lambda files: files | {"decisions/x.sh": b""}, "no part of an export"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_export(out, case):
    forge, words = FORGED[case]
    assert words in refused(packed(forge(files_of(out))))


def test_facts_that_are_nested_deep(out):
    facts: Any = {}
    for _ in range(40):
        facts = {"a": facts}
    files = files_of(out)
    assert "nested more than" in refused(packed(line("log.jsonl", 3, before=facts)(files)))


# ---- what a file may not say of people ---------------------------------------------------------------------


@pytest.mark.parametrize("by_command", [False, True])
def test_nobody_becomes_someone_of_trello_by_a_file_of_their_own(out, by_command):
    """Else the next Trello board that names this id would let its forger in."""
    ana = cast.person("ana")
    files = files_of(out)
    place = next(n for n, one in enumerate(files["people.jsonl"].splitlines()) if b'"handle":"ana"' in one)
    forged = line("people.jsonl", place, origins=[["trello", "5f0c"]], name="Someone", zone="UTC")(files)
    before = User.objects.filter(pk=ana.pk).values().get()
    brought_in(packed(forged), ana, sees_all=by_command)
    assert not ImportedPerson.objects.filter(user=ana, source_id="5f0c").exists()
    assert User.objects.filter(pk=ana.pk).values().get() == before


def test_what_is_on_another_board_is_not_told_to_whoever_knows_its_uid(out):
    """Someone who has an old export of a board that they may no longer see."""
    files = files_of(out)
    board = create_board("Payroll", by=cast.person("ana"), key="PAY", starter=True)
    known = json.loads(files["columns.jsonl"].splitlines()[0])["uid"]
    column = board.columns.first()
    Column.objects.filter(pk=column.pk).update(uid=known, name="Who must go")
    line = refused(packed(files))
    assert f"columns.jsonl: {known} is here already" in line and "Who must go" not in line
