"""Bytes of a file become a JSON object, or one clear line that says why not.

The file is a stranger's: its size, its nesting and the number of its values are bounded before the JSON
parser sees it, so that neither memory nor the interpreter's stack is at its mercy.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

MOST_JSON_BYTES = 64 * 1024 * 1024
DEEPEST = 64
MOST_CONTAINERS = 4_000_000
ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")

# One that does not end goes to the end of the text: else it would be looked for from each quote in it.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS = re.compile(r"[^\[\]{}]+")


class ImportProblem(Exception):
    """The file cannot be imported. The message is one line for a person, and names the file and the place."""


def is_zip(path: Path) -> bool:
    """Whether the file at `path` begins as a ZIP does. Raises `ImportProblem` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(4) in ZIP_BEGINS
    except OSError as problem:
        raise ImportProblem(f"{path}: cannot be read ({problem.strerror}).") from None


def check_file(path: Path) -> None:
    """Raise `ImportProblem` when there is no file at `path`, or one that is too large."""
    try:
        if not path.is_file():
            raise ImportProblem(f"{path}: there is no such file.")
        check_size(path.stat().st_size, str(path))
    except OSError as problem:
        raise ImportProblem(f"{path}: cannot be read ({problem.strerror}).") from None


def read_file(path: Path) -> bytes:
    """The content of the file at `path`, which is looked at for its size first. Raises `ImportProblem`."""
    check_file(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_JSON_BYTES + 1)
    except OSError as problem:
        raise ImportProblem(f"{path}: cannot be read ({problem.strerror}).") from None
    check_size(len(data), str(path))
    return data


def check_size(size: int, name: str) -> None:
    """Raise `ImportProblem` when `size` bytes are more than an import takes, or none at all."""
    if size > MOST_JSON_BYTES:
        raise ImportProblem(
            f"{name}: {size / 1e6:.0f} MB is too large; an import takes "
            f"{MOST_JSON_BYTES / 1e6:.0f} MB at most. "
            "Archive or delete old cards in Trello and export again."
        )
    if size == 0:
        raise ImportProblem(f"{name}: the file is empty. Export the board as JSON again.")


def read_json(data: bytes, name: str) -> Any:
    """The JSON value in `data`. `name` stands in messages for the file. Raises `ImportProblem`."""
    check_size(len(data), name)
    try:
        text = data.decode(json.detect_encoding(data), "strict")
    except UnicodeDecodeError as problem:
        if problem.end >= len(data) and problem.start:
            raise _cut_off(name, f"byte {problem.start}") from None
        raise ImportProblem(f"{name}: not JSON (byte {problem.start} is not text).") from None
    if not text.strip():
        raise ImportProblem(f"{name}: the file is empty. Export the board as JSON again.")
    is_open = _check_nesting(text, name) > 0
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as problem:
        raise _not_json(problem, text, name, is_open) from None
    except (ValueError, RecursionError) as problem:
        reason = str(problem).partition(";")[0]
        raise ImportProblem(f"{name}: not JSON that an import can read ({reason}).") from None


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a JSON value")


def _check_nesting(text: str, name: str) -> int:
    """How many brackets stay open at the end; two passes in C, then one step a bracket."""
    depth = count = 0
    for bracket in _NOT_BRACKETS.sub("", _STRING.sub("", text)):
        if bracket in "[{":
            depth += 1
            count += 1
            if depth > DEEPEST:
                raise ImportProblem(
                    f"{name}: nested more than {DEEPEST} levels deep; a Trello board has about ten. "
                    "This is not a board export."
                )
            if count > MOST_CONTAINERS:
                raise ImportProblem(f"{name}: more than {MOST_CONTAINERS:,} values; too many for an import.")
        else:
            depth -= 1
            if depth < 0:  # no JSON: its parser says where
                return depth
    return depth


def _not_json(problem: json.JSONDecodeError, text: str, name: str, is_open: bool) -> ImportProblem:
    place = f"line {problem.lineno}, column {problem.colno}"
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return ImportProblem(f"{name}: not JSON ({place}). In Trello choose Menu, Share, Export as JSON.")
    if is_open:
        return _cut_off(name, place)
    return ImportProblem(f"{name}: not JSON ({problem.msg} at {place}). Export or download it again.")


def _cut_off(name: str, place: str) -> ImportProblem:
    return ImportProblem(f"{name}: cut off: the JSON ends too early ({place}). Export or download it again.")
