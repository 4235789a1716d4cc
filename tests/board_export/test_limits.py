"""An export that holds more than a board can have was not made by a board: it is refused with one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fluxboard.core import limits
from fluxboard.features.board_export import field_types
from fluxboard.features.board_export.zip_reader import Damaged
from tests import cast
from tests.board_export.files import brought_in, files_of, packed, rewritten

Row = dict[str, Any]


def with_field(name: str, value: Any) -> Callable[[Row], None]:
    def change(row: Row) -> None:
        row[name] = value

    return change


@pytest.mark.parametrize(
    ("file", "field", "value", "words"),
    [
        ("cards", "what", "x" * (limits.TEXT + 1), "longer than 20,000 characters"),
        ("cards", "what", "x" * 1_000_000, "longer than 20,000 characters"),
        ("cards", "title", "x" * 501, "longer than 500 characters"),
        ("cards", "why", "e" + "\u0301" * 5_000, "accents on one letter"),
        ("contents", "text", "x" * (limits.TEXT + 1), "longer than 20,000 characters"),
        ("board", "description", "x" * (limits.TEXT + 1), "longer than 20,000 characters"),
        ("log", "after", {"name": "x" * (limits.TEXT + 1)}, "a text longer than 20,000 characters"),
        ("log", "after", {"asks": [1] * limits.FACTS}, "more than 10,000 values"),
        ("log", "after", {"number": 10**40}, "a number out of range"),
    ],
)
def test_a_text_or_a_fact_beyond_the_limits_is_refused(out: bytes, file, field, value, words):
    files = files_of(out)
    name = f"{file}.jsonl"
    forged = packed(files | {name: rewritten(files[name], 0, with_field(field, value))})
    with pytest.raises(Damaged) as problem:
        brought_in(forged, cast.person("sam"))
    assert words in str(problem.value) and "\n" not in str(problem.value)


@pytest.mark.parametrize("name", ["columns", "labels", "cards", "members"])
def test_more_of_anything_than_a_board_has_is_refused_before_it_is_read(out: bytes, name: str):
    files = files_of(out)
    manifest = json.loads(files["manifest.json"])
    manifest["counts"][name] = getattr(limits, name.upper()) + 1
    with pytest.raises(Damaged, match="at most"):
        brought_in(packed(files | {"manifest.json": json.dumps(manifest).encode()}), cast.person("sam"))


def test_a_list_is_measured_before_its_values_are_read():
    read = []
    many = field_types.many(field_types.FieldType(lambda value: read.append(value) or value), 3)
    with pytest.raises(field_types.Wrong, match="more than 3"):
        many.read([1, 2, 3, 4])
    assert read == []
