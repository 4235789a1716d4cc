"""The exports that tests import: two real ones from beside the checkout, and a small made-up one of traps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
REAL = ("trello-japanese-backlog.json", "trello-student-project.json")


def real(name: str) -> Path:
    """One of the two real exports; fails the test with a clear line where they are absent."""
    path = ROOT.parent / "shared" / "data" / name
    assert path.is_file(), f"{path} is missing: the tests need the shared data beside the checkout"
    return path


def bakery(**changes: Any) -> dict[str, Any]:
    """The made-up export as an object, top-level keys replaced by `changes` (None removes one)."""
    root = json.loads((ROOT / "tests" / "data" / "trello" / "bakery.json").read_text()) | changes
    return {key: value for key, value in root.items() if value is not None}


def encoded(root: Any) -> bytes:
    return json.dumps(root).encode()
