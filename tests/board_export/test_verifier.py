"""The verifier of the documents: short, needs nothing but Python, and finds what was tampered with."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from activity.log.hashing import canonical_json
from tests.board_export.files import Files, files_of, packed

SCRIPT = settings.BASE_DIR / "docs" / "verify_export.py"


def said_of(data: bytes, folder: Path, *more: str) -> tuple[int, list[str]]:
    """What the script says of an export, with its exit status; run without anything of ours."""
    file = folder / "board.zip"
    file.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(file), *more], capture_output=True, text=True
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def rows(files: Files) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["log.jsonl"].splitlines()]


def with_rows(files: Files, changed: list[dict[str, Any]]) -> Files:
    return files | {"log.jsonl": b"".join(canonical_json(row) + b"\n" for row in changed)}


def test_the_script_is_short_and_stock():
    lines = SCRIPT.read_text().splitlines()
    assert len(lines) <= 30
    imported = {
        alias.name
        for node in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= sys.stdlib_module_names


def test_an_export_is_true(out, tmp_path):
    log = rows(files_of(out))
    head = log[-1]["hash"]
    assert said_of(out, tmp_path) == (0, [f"ok: {len(log)} activities, head {head}"])
    assert said_of(out, tmp_path, log[3]["hash"])[0] == 0
    assert said_of(out, tmp_path, "ab" * 32) == (1, [f"{'ab' * 32} is not in this history"])


def one_byte(files: Files) -> Files:
    return files | {"log.jsonl": files["log.jsonl"].replace(b'"via":"web"', b'"via":"wep"', 1)}


def row_gone(files: Files) -> Files:
    log = rows(files)
    return with_rows(files, log[:4] + log[5:])


def two_swapped(files: Files) -> Files:
    log = rows(files)
    log[4], log[5] = log[5], log[4]
    return with_rows(files, log)


def forged_row(files: Files) -> Files:
    """Appended as whoever knows the format would: with a hash that follows on."""
    log = rows(files)
    row = {**log[-1], "seq": len(log) + 1}
    content = {name: row[name] for name in row.keys() - {"digest", "previous_hash", "hash"}}
    digest = hashlib.sha256(canonical_json(content)).digest()
    previous = bytes.fromhex(log[-1]["hash"])
    row |= {
        "digest": digest.hex(),
        "previous_hash": previous.hex(),
        "hash": hashlib.sha256(previous + digest).hexdigest(),
    }
    return with_rows(files, [*log, row])


def text_changed(files: Files) -> Files:
    return files | {"contents.jsonl": files["contents.jsonl"].replace(b"Blue.", b"Bleu.", 1)}


def no_json(files: Files) -> Files:
    return files | {"log.jsonl": files["log.jsonl"].replace(b"{", b"[", 1)}


TAMPERED = {
    one_byte: "seq 1 is not what was recorded",
    row_gone: "seq 6 does not follow on the row before it",
    two_swapped: "seq 6 does not follow on the row before it",
    forged_row: "not where the manifest says",
    text_changed: "is not what was recorded",
    no_json: "it can't be read",
}


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__)
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed anew", "as it was"])
def test_what_was_tampered_with_is_named(out, tmp_path, tamper, sealed):
    status, lines = said_of(packed(tamper(files_of(out)), sealed=sealed), tmp_path)
    assert status == 1
    assert any(TAMPERED[tamper] in line for line in lines), lines
    assert any("is not what the manifest says" in line for line in lines) is not sealed
