"""Reading the ZIP, which anyone may have made: nothing is believed before it is checked, nothing is unpacked.

Entries are read as streams of a size that was said beforehand; names are those of the format and no others.
Each problem is one line for people (`Damaged`).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from activity.log.hashing import canonical_json
from activity.log.record import SCHEMA
from fluxboard.core import archives, limits
from fluxboard.features.board_export import field_types as k
from fluxboard.features.board_export.exporter import FORMAT, VERSION
from fluxboard.features.board_export.lines import Field, read_line
from fluxboard.features.board_export.schema import TABLES
from fluxboard.features.board_export.zip_writer import MANIFEST

MOST_BYTES = 4 * 2**30
SMALL_ENOUGH = 64 * 2**20  # below that, no ratio of sizes is suspicious
RATIO = 250
MOST_FILES = 100_000
LONGEST_LINE = 16 * 2**20
LONGEST_MANIFEST = 16 * 2**20
_CHUNK = 2**20
STATE = ("log", "contents", "people", *(table.name for table in TABLES))
_NEWER = {table.name for table in TABLES if table.is_newer}
_KNOWN = {"decisions.md", "cards.csv", "moves.csv", *(f"{name}.jsonl" for name in STATE)}
NEEDED = _KNOWN - {f"{name}.jsonl" for name in _NEWER}
_MOST = {
    "columns": limits.COLUMNS,
    "labels": limits.LABELS,
    "searches": limits.SEARCHES,
    "templates": limits.TEMPLATES,
    "schedules": limits.SCHEDULES,
    "meetings": limits.MEETINGS,
    "cards": limits.CARDS,
    "members": limits.MEMBERS,
}
DECISION = re.compile(r"decisions/D-[1-9][0-9]{0,9}\.md")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


class Damaged(Exception):
    """The file is not an export that can be read here; the message is a line for whoever brought it."""


@dataclass(frozen=True)
class Manifest:
    """What an export says of itself."""

    uid: Any
    key: str
    name: str
    exported_at: str
    seq: int
    hash: bytes
    counts: dict[str, int]
    files: dict[str, tuple[int, bytes]]


class Archive:
    """An export whose every file is there, of the size and the checksum that its manifest says.

    `most`: how many bytes it may have when unpacked.
    """

    def __init__(self, archive: zipfile.ZipFile, most: int = 0) -> None:
        self._zip, self._most = archive, most or MOST_BYTES
        self._refuse_tricks()
        self.manifest = self._manifest()
        self._refuse_many()
        self._check_files()

    # What the ZIP itself says.

    def _refuse_tricks(self) -> None:
        entries = self._zip.infolist()
        if len(entries) > MOST_FILES:
            raise Damaged(f"It holds {len(entries):,} files; an export has {MOST_FILES:,} at most.")
        seen: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = archives.name_of(entry)
            shown = repr(name[:80])
            if name.startswith("/") or ".." in name.split("/") or ":" in name:
                raise Damaged(f"It holds {shown}, a path that leads out of it.")
            if name in seen:
                raise Damaged(f"It holds {shown} twice.")
            seen[name] = entry
            if archives.is_folder(entry):
                continue
            if hindrance := archives.hindrance(entry):
                raise Damaged(f"It holds {shown}, {hindrance}.")
        self._files = _in_its_folder(seen)
        size = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        if size > self._most:
            raise Damaged(
                f"It would unpack to {size / 2**20:,.0f} MB; {self._most / 2**20:,.0f} MB is the most."
            )
        if size > SMALL_ENOUGH and size > RATIO * max(packed, 1):
            raise Damaged(f"It would unpack to {size // max(packed, 1):,} times its size. No export does.")

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with archives.entry_opened(self._zip, self._files[name], name) as raw:
                yield raw
        except archives.BadArchive as problem:
            raise Damaged(str(problem)) from None

    # What the manifest says.

    def _manifest(self) -> Manifest:
        if MANIFEST not in self._files:
            raise Damaged("It has no manifest.json, so it is no export of Fluxboard.")
        if self._files[MANIFEST].file_size > LONGEST_MANIFEST:
            raise Damaged("Its manifest.json is too long.")
        with self._open(MANIFEST) as raw:
            found = _parse(raw.read(LONGEST_MANIFEST), MANIFEST)
        if found.get("format") != FORMAT:
            raise Damaged("Its manifest.json is of something else than a board of Fluxboard.")
        _refuse_newer(found)
        try:
            return _manifest(found)
        except k.Wrong as wrong:
            raise Damaged(f"manifest.json: {wrong}.") from None

    def _refuse_many(self) -> None:
        """No board has more; the files are held against these numbers when they are read."""
        for name, most in _MOST.items():
            if self.manifest.counts[name] > most:
                raise Damaged(f"It has {self.manifest.counts[name]:,} {name}; a board has {most:,} at most.")

    def _check_files(self) -> None:
        names, said = set(self._files) - {MANIFEST}, self.manifest.files
        for name in sorted(NEEDED - said.keys()):
            raise Damaged(f"manifest.json: it does not name {name}.")
        for name in sorted(said.keys() - names):
            raise Damaged(f"{name} is missing from it.")
        for name in sorted(names - said.keys()):
            raise Damaged(f"It holds {name[:80]!r}, which its manifest does not name.")
        for name, (size, expected) in said.items():
            if name not in _KNOWN and not DECISION.fullmatch(name):
                raise Damaged(f"It holds {name[:80]!r}, which is no part of an export.")
            if self._files[name].file_size != size:
                raise Damaged(f"{name} has another size than its manifest says.")
            if self._sum(name) != expected:
                raise Damaged(f"{name} is not what was exported: its checksum is wrong.")

    def _sum(self, name: str) -> bytes:
        found, size, most = hashlib.sha256(), 0, self._files[name].file_size
        with self._open(name) as raw:
            while chunk := raw.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise Damaged(f"{name} in it is longer than it says.")
                found.update(chunk)
        return found.digest()

    # What is in it.

    def rows(self, name: str, fields: tuple[Field, ...]) -> Iterator[dict[str, Any]]:
        """The lines of `name`.jsonl, checked. Raises `Damaged` with the line's number."""
        for number, line in self.lines(name):
            try:
                yield read_line(fields, line)
            except k.Wrong as wrong:
                raise Damaged(f"{name}.jsonl, line {number}: {wrong}.") from None

    def lines(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The lines of `name`.jsonl as JSON objects, with their numbers. As many as the manifest says."""
        file, number = f"{name}.jsonl", 0
        if name in _NEWER and file not in self.manifest.files and not self.manifest.counts[name]:
            return
        if file not in self.manifest.files:
            raise Damaged(f"{file} is missing from it.")
        with self._open(file) as raw, io.BufferedReader(raw, _CHUNK) as lines:  # type: ignore[type-var]
            while line := lines.readline(LONGEST_LINE):
                number += 1
                if not line.endswith(b"\n"):
                    raise Damaged(f"{file}, line {number} has no end, or is too long.")
                found = _parse(line, f"{file}, line {number}")
                if canonical_json(found) + b"\n" != line:
                    raise Damaged(f"{file}, line {number} is not written as an export writes it.")
                yield number, found
        if number != self.manifest.counts[name]:
            raise Damaged(f"{file} has {number:,} lines; its manifest says {self.manifest.counts[name]:,}.")


def _in_its_folder(entries: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The files by their names in the export.

    Whoever unpacks an export and packs it again gets a ZIP in which all of it stands in a folder, beside what
    the system adds by itself.
    """
    files = {
        name: entry
        for name, entry in entries.items()
        if not archives.is_folder(entry) and not archives.is_added(name)
    }
    manifests = [name for name in files if name == MANIFEST or name.endswith(f"/{MANIFEST}")]
    if MANIFEST in files or len(manifests) != 1:
        return files
    folder = manifests[0].removesuffix(MANIFEST)
    # What stands beside the folder keeps a name that no export has.
    return {
        name.removeprefix(folder) if name.startswith(folder) else f"/{name}": entry
        for name, entry in files.items()
    }


@contextlib.contextmanager
def opened_export(path: Path, most: int = 0) -> Iterator[Archive]:
    """The export at `path`, checked as a whole; `most`: how many bytes it may have when unpacked.

    Raises `Damaged`, and OSError when it can't be read.
    """
    try:
        with archives.opened_zip(path) as archive:
            yield Archive(archive, most)
    except archives.BadArchive as problem:
        raise Damaged(str(problem)) from None


def _parse(data: bytes, where: str) -> dict[str, Any]:
    try:
        found = json.loads(data.decode(), parse_constant=_refuse_constant)
        canonical_json(found)
    except (ValueError, RecursionError):
        raise Damaged(f"{where} is no JSON.") from None
    if not isinstance(found, dict):
        raise Damaged(f"{where} is no JSON object.")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _refuse_newer(found: dict[str, Any]) -> None:
    for name, ours in (("version", VERSION), ("schema", SCHEMA)):
        theirs = found.get(name)
        if type(theirs) is not int or theirs < 1:
            raise Damaged(f"manifest.json: {name} is not a whole number.")
        if theirs > ours:
            raise Damaged(
                f"A newer Fluxboard wrote it ({name} {theirs:,}; this one reads up to {ours}). "
                "Update this installation first."
                if theirs < 10**6
                else f"manifest.json: {name} is out of range."
            )


MANIFEST_KEYS = {"format", "version", "schema", "board", "exported_at", "head", "counts", "files"}


def _manifest(found: dict[str, Any]) -> Manifest:
    if found.keys() != MANIFEST_KEYS:
        odd = sorted(MANIFEST_KEYS ^ found.keys())[0]
        raise k.Wrong(f"{odd[:40]} is {'missing' if odd in MANIFEST_KEYS else 'not known'}")
    board = _object(found["board"], "board", {"uid", "key", "name"})
    head = _object(found["head"], "head", {"seq", "hash"})
    counts = found["counts"]
    if isinstance(counts, dict):
        counts = dict.fromkeys(_NEWER, 0) | counts
    counts = _object(counts, "counts", {"activities", *STATE} - {"log"})
    files = found["files"]
    if not isinstance(files, dict):
        raise k.Wrong("files is not an object")
    exported_at = k.text(25).read(found["exported_at"])
    if not _MOMENT.fullmatch(exported_at):
        raise k.Wrong("exported_at is not a moment")
    return Manifest(
        uid=k.uid.read(board["uid"]),
        key=k.text(8).read(board["key"]),
        name=k.text(120).read(board["name"]),
        exported_at=exported_at,
        seq=k.number(1).read(head["seq"]),
        hash=k.hexadecimal(32).read(head["hash"]),
        counts={"log" if name == "activities" else name: k.number().read(n) for name, n in counts.items()},
        files={name: _file(name, said) for name, said in files.items()},
    )


def _file(name: str, said: Any) -> tuple[int, bytes]:
    entry = _object(said, name[:80], {"bytes", "sha256"})
    return k.number().read(entry["bytes"]), k.hexadecimal(32).read(entry["sha256"])


def _object(value: Any, name: str, keys: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != keys:
        raise k.Wrong(f"{name} does not say {', '.join(sorted(keys))}")
    return value
