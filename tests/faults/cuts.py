"""The cuts of `cutting.py`, from a test or a benchmark (T2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence

from fluxboard.embedded_postgres import PROJECT
from tests.faults.ground import Ground


def at_every_statement(ground: Ground, deeds: Sequence[str] = (), rounds: int = 1) -> dict[str, float]:
    """Each of `deeds` (all: none named), cut before each of its statements and after the last."""
    environment = os.environ | {
        "DATABASE_URL": ground.urls.app,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "FLUXBOARD_TEST_CUTTING": "1",
        "FLUXBOARD_STATIC_ROOT": ground.static_root,
        "LOG_LEVEL": "ERROR",
    }
    words = [sys.executable, "-m", "tests.faults.cutting", f"--rounds={rounds}", *deeds]
    done = subprocess.run(words, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))
