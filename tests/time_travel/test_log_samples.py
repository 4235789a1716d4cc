"""Rows as they were once written fold to what they folded to then, whatever has become of the program.

`tests/data/log_samples` holds real rows, with what each of them changed (`came_to`), the typed texts beside
them, and the state that all of them came to. They are never edited. A new verb, or a new description of the
log (`SCHEMA`), gets a file of its own:

    FLUXBOARD_WRITE_SAMPLES=1 bin/test tests/time_travel/test_log_samples.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from activity.log.record import SCHEMA
from activity.log.replay.state import Event, State, replay
from activity.log.snapshots import state_at, texts_named
from activity.log.upcasting import upcast
from activity.log.verbs import VERBS
from activity.models import Activity
from boards.models import Board
from tests.contracts.test_frames import Day
from tests.trello.test_import import BAKERY, brought_in

SAMPLES = settings.BASE_DIR / "tests" / "data" / "log_samples"
FACTS = ("seq", "verb", "subject", "card", "actor", "at", "source_at", "schema", "before", "after")


def stored() -> list[Path]:
    return sorted(SAMPLES.glob("*.json"))


def event(row: dict[str, Any], board: str) -> Event:
    before, after = upcast(row["verb"], row["schema"], row["before"], row["after"])
    return Event(
        board=board,
        before=before,
        after={name: value for name, value in after.items() if name != "of_several"},
        **{name: row[name] for name in ("seq", "verb", "subject", "card", "actor", "at", "source_at")},
    )


@pytest.mark.parametrize("file", stored(), ids=lambda file: file.stem)
def test_stored_rows_fold_to_the_state_that_is_stored_beside_them(file):
    sample = json.loads(file.read_text())
    state = State()
    for row in sample["rows"]:
        replay([event(row, sample["board"])], state)
        now = flat(state)
        came_to = {path: now.get(path) for path in row["came_to"]}
        assert came_to == row["came_to"], f"{file.stem} at {row['seq']}, {row['verb']}"
    told = vars(state.told_in_full(sample["texts"]))
    expected = vars(State(**sample["state"]))
    for name in expected:
        assert without_what_came_later(told[name], expected[name]) == expected[name], name


def without_what_came_later(table: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """The table without empty facts that there was no word for when the sample was stored."""
    found = {key: value for key, value in table.items() if key in then or value not in (None, "", [], {})}
    return {
        key: without_what_came_later(value, then[key])
        if isinstance(value, dict) and isinstance(then.get(key), dict)
        else value
        for key, value in found.items()
    }


def flat(state: State) -> dict[str, Any]:
    """Every fact of a state by its path: `cards/UID/title`."""
    return {
        path: value
        for name, table in vars(state).items()
        for key, row in table.items()
        for path, value in (
            ((f"{name}/{key}/{field}", value) for field, value in row.items())
            if isinstance(row, dict)
            else [(f"{name}/{key}", row)]
        )
    }


def kinds(verb: str, after: dict[str, Any]) -> set[str]:
    """What a row is a sample of: its verb, and for an undo its effect too."""
    return {verb, after.get("effect", verb)}


def test_there_is_a_stored_row_of_every_verb_as_it_is_written_now(ana, request):
    have = {
        (kind, row["schema"])
        for file in stored()
        for row in json.loads(file.read_text())["rows"]
        for kind in kinds(row["verb"], row["after"])
    }
    missing = {verb for verb in VERBS if (verb, SCHEMA) not in have}
    if missing and os.environ.get("FLUXBOARD_WRITE_SAMPLES") == "1":
        missing = write(brought_in(BAKERY.read_bytes(), ana).board, missing)
        lived = request.getfixturevalue("lived")
        missing = write(lived, missing)
    assert not missing, "this module's docstring says how to add them"


@pytest.fixture
def lived(db, monkeypatch):
    """A board on which everything was done."""
    from tests import cast

    made = cast.person
    monkeypatch.setattr(cast, "person", lambda handle, **fields: _found(handle) or made(handle, **fields))
    day = Day()
    for _ in day.steps():
        pass
    return Board.objects.get(pk=day.board.pk)


def _found(handle: str) -> Any:
    from fluxboard.accounts.models import User

    return User.objects.filter(handle=handle).first()


def write(board: Board, missing: set[str]) -> set[str]:
    """Store the board's rows when they tell of a missing verb; which ones are missing still."""
    board.refresh_from_db()
    rows = [as_json(row) for row in Activity.objects.on(board).order_by("seq")]
    state, before = State(), dict[str, Any]()
    for row in rows:
        replay([event(row, str(board.uid))], state)
        after = flat(state)
        paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        row["came_to"] = {path: after.get(path) for path in paths}
        before = after
    told = {kind for row in rows for kind in kinds(row["verb"], row["after"])}
    if not told & missing:
        return missing
    texts = texts_named(row[side] for row in rows for side in ("before", "after"))
    assert state == state_at(board, board.seq)
    state = state.told_in_full(texts)
    number = sum(file.name.startswith(f"schema-{SCHEMA}-") for file in stored()) + 1
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    rest = json.dumps({"texts": texts, "state": vars(state)}, ensure_ascii=False, indent=1)
    text = f'{{"board": "{board.uid}", "rows": [\n{lines}\n],\n{rest[2:]}\n'
    SAMPLES.mkdir(exist_ok=True)
    (SAMPLES / f"schema-{SCHEMA}-{number}.json").write_text(text)
    return missing - told


def as_json(row: Activity) -> dict[str, Any]:
    values = {
        "seq": row.seq,
        "verb": row.verb,
        "subject": str(row.subject),
        "card": str(row.recorded_card) if row.recorded_card else None,
        "actor": str(row.actor.uid) if row.actor else None,
        "at": row.at.isoformat(),
        "source_at": row.source_at.isoformat() if row.source_at else None,
        "schema": row.schema,
        "before": row.before,
        "after": row.after,
    }
    assert tuple(values) == FACTS
    return values
