"""A file that is no board gets one clear line; no file brings anything but an `ImportProblem`."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fluxboard.features.trello.history import words_of
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.trello.read_json import MOST_JSON_BYTES, ImportProblem, read_file, read_json
from tests.trello.files import REAL, bakery, encoded, real


def refusal(data: bytes) -> str:
    with pytest.raises(ImportProblem) as caught:
        parse_export(data, "board.json")
    message = str(caught.value)
    assert message.startswith("board.json: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b" \n ", "the file is empty"),
        (b"hello", "not JSON (line 1, column 1)"),
        (b"<!doctype html><title>Sign in</title>", "not JSON (line 1, column 1)"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "not JSON (byte 0 is not text)"),
        (b'{"id": "a" "name": "b"}', "not JSON (Expecting ',' delimiter at line 1, column 12)"),
        (b'{"id": NaN}', "not JSON"),
        (b"9" * 5000, "not JSON"),
        (b"null", "not a Trello board: the file holds nothing"),
        (b"[1, 2]", "not a Trello board: the file holds a list"),
        (b"{}", 'not a Trello board: "id" is missing'),
        (b'{"id": "x", "name": "y"}', 'not a Trello board: "lists" is missing'),
        (b'{"id": "x", "name": "y", "lists": [], "cards": {}}', '"cards" is not a list'),
    ],
)
def test_what_is_no_board_is_named(data: bytes, words: str):
    assert words in refusal(data)


@pytest.mark.parametrize("name", REAL)
def test_a_file_cut_off_anywhere_says_so(name: str):
    data = real(name).read_bytes()
    for end in range(1, len(data) - 1, len(data) // 60):
        assert "cut off" in refusal(data[:end])


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":[', '{"actions":[{"data":'])
@pytest.mark.parametrize("closed", [True, False])
def test_ten_thousand_levels_are_refused_before_they_are_parsed(opening: str, closed: bool):
    closing = "".join({"[": "]", "{": "}"}[letter] for letter in reversed(opening) if letter in "[{")
    data = opening * 10_000 + "1" + closing * 10_000 * closed
    assert "nested more than 64 levels deep" in refusal(data.encode())


def test_brackets_inside_texts_do_not_count():
    root = bakery(desc='[[{{"' * 5000)
    assert parse_export(encoded(root), "board.json").description.startswith("[[{{")


def test_a_hundred_megabytes_are_refused_unread(tmp_path: Path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ImportProblem, match=r"huge\.json: 100 MB is too large"):
        read_file(path)


def test_bytes_that_arrive_otherwise_have_the_same_limit():
    with pytest.raises(ImportProblem, match="too large"):
        read_json(b" " * (MOST_JSON_BYTES + 1), "upload")


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fluxboard.features.trello.read_json.MOST_CONTAINERS", 1000)
    assert "too many" in refusal(encoded(bakery(x=[{}] * 2000)))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path):
    for path in (tmp_path / "nothing.json", tmp_path):
        with pytest.raises(ImportProblem, match="there is no such file"):
            read_file(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_export_saved_by_an_editor_in_another_encoding_is_read(encoding: str):
    root = bakery(name="パン屋")
    data = json.dumps(root, ensure_ascii=False).encode(encoding)
    assert parse_export(data, "board.json").name == "パン屋"


# --- whatever a stranger writes ---------------------------------------------------------------------------

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["", "2020-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "\ud800", "\x00"]
    ),
)
junk = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += places(inner, (*path, key))
    return found


PLACES = places(bakery())


def damaged(changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
    """The made-up board with something else at each of the places, as far as these are still there."""
    root = bakery()
    for path, value in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            holder: Any = root
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = value
    return root


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), junk), min_size=1, max_size=4))
def test_a_damaged_board_is_read_or_refused_and_never_crashes(changes: list[tuple[tuple[Any, ...], Any]]):
    data = json.dumps(damaged(changes)).encode()
    try:
        export = parse_export(data, "board.json")
    except ImportProblem as problem:
        assert "\n" not in str(problem)
        return
    for event in export.events:
        assert words_of(event).sentence
    for text in [export.name, export.description, *(card.title for card in export.cards)]:
        text.encode()
        assert "\x00" not in text


@settings(max_examples=100, deadline=None)
@given(data=st.one_of(st.binary(max_size=200), junk.map(lambda value: json.dumps(value).encode())))
def test_any_bytes_are_refused_in_one_line(data: bytes):
    with pytest.raises(ImportProblem) as caught:
        parse_export(data, "board.json")
    assert "\n" not in str(caught.value)
