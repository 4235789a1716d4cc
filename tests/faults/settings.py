"""The server's settings, and what a fault test does to its process from within.

FLUXBOARD_TEST_CLOCK=3600        the process's clock goes so many seconds wrong
FLUXBOARD_TEST_CUT=FOLDER        kill -9 of this process at a statement of a write: see `cut_by`
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

from fluxboard.settings import *  # noqa: F403
from fluxboard.settings import DATABASES, MIDDLEWARE, STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if os.environ.get("FLUXBOARD_TEST_CUTTING"):  # one process without threads, which forks: no pool
    DATABASES["default"]["OPTIONS"].pop("pool")
    DATABASES["default"]["OPTIONS"]["application_name"] = "fluxboard-cut"
    MIDDLEWARE = [name for name in MIDDLEWARE if "deadline" not in name]

if os.environ.get("FLUXBOARD_TEST_CLOCK"):
    import time_machine

    wrong = dt.timedelta(seconds=float(os.environ["FLUXBOARD_TEST_CLOCK"]))
    time_machine.travel(dt.datetime.now(dt.UTC) + wrong, tick=True).start()


def cut_by(folder: Path) -> None:
    """Whichever process first takes the file `at` (a statement's number, or `notify`) is killed there."""
    from django.db.backends.signals import connection_created

    from tests.faults.cutting import LOCK, NEVER, Knife, point

    class Claimed(Knife):
        def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if self.at == NEVER:
                if LOCK not in str(sql):
                    return execute(sql, params, many, context)
                try:
                    (folder / "at").rename(folder / f"claimed-{os.getpid()}")
                except OSError:
                    return execute(sql, params, many, context)
                self.at = point((folder / f"claimed-{os.getpid()}").read_text())
            return super().__call__(execute, sql, params, many, context)

    def arm(connection: Any, **_: Any) -> None:
        if not any(isinstance(wrapper, Claimed) for wrapper in connection.execute_wrappers):
            connection.execute_wrappers.append(Claimed())

    connection_created.connect(arm, weak=False)


if os.environ.get("FLUXBOARD_TEST_CUT"):
    cut_by(Path(os.environ["FLUXBOARD_TEST_CUT"]))
