"""The exports that tests import: real ones from beside the checkout, and small made-up ones of traps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REAL = ("trello-japanese-backlog.json", "trello-student-project.json")
OTHERS = ("trello-2012-maps.json", "trello-2019-custom-fields.json", "trello-2023-french.json")
CASES = ROOT / "tests" / "data" / "trello" / "cases"


def real(name: str) -> Path:
    """One of the real exports; fails the test with a clear line where they are absent."""
    path = ROOT.parent / "shared" / "data" / name
    assert path.is_file(), f"{path} is missing: the tests need the shared data beside the checkout"
    return path


def bakery(**changes: Any) -> dict[str, Any]:
    """The made-up export as an object, top-level keys replaced by `changes` (None removes one)."""
    root = json.loads((ROOT / "tests" / "data" / "trello" / "bakery.json").read_text()) | changes
    return {key: value for key, value in root.items() if value is not None}


def encoded(root: Any) -> bytes:
    return json.dumps(root).encode()


def case(name: str) -> Path:
    """The small export of a single trap whose file's name begins with `name`."""
    return next(CASES.glob(f"{name}*"))


AT = "2024-05-02T08:00:00.000Z"


def small(cards: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A board of one list, "Doing", with these cards, numbered from 1; `more` stands at the top."""
    root = {"id": "b" * 24, "name": "Bakery", "lists": [{"id": "a" * 24, "name": "Doing", "pos": 1}]}
    named = [
        {"id": f"{at:024x}", "idList": "a" * 24, "idShort": at, "name": f"Bread {at}", **card}
        for at, card in enumerate(cards, 1)
    ]
    return root | {"cards": named} | more


def action(type_: str, at: int = 1, **data: Any) -> dict[str, Any]:
    """An action on card 1."""
    held = {"card": {"id": f"{1:024x}"}} | data
    return {"id": f"{at + 0x100:024x}", "type": type_, "date": AT, "data": held}
