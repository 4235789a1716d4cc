"""Runs the benchmarks and prints them as a table; `--json FILE` writes them as well. Words choose modules.

`--faults` runs the fault tests in their long form instead (`bench/faults.py`); words after it choose cases.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from pathlib import Path

from fluxboard.server.embedded_postgres.addresses import PROJECT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluxboard.settings")
# A server of its own that waits for the disk at each commit, as an installation's does.
os.environ.setdefault("FLUXBOARD_VAR", str(PROJECT / "var" / "bench"))
os.environ.setdefault("FLUXBOARD_TEST_DURABLE", "1")

import django
from django.conf import settings

django.setup()
settings.ALLOWED_HOSTS = ["*"]
settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
logging.disable(logging.ERROR)

from bench import (  # noqa: E402 — they need what is set up above
    carry,
    faults,
    moves,
    pages,
    screens,
    standup,
    streams,
    verify,
)
from bench.figures import Figure  # noqa: E402

MODULES = {
    "carry": carry.run,
    "moves": moves.run,
    "pages": pages.run,
    "screens": screens.run,
    "standup": standup.run,
    "streams": streams.run,
    "verify": verify.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*MODULES, []], help="just these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.add_argument("--faults", nargs="*", metavar="CASE", help="the fault tests, all or these")
    parser.add_argument("--times", type=int, default=10, help="rounds of the faults that are repeated")
    parser.add_argument("--minutes", type=float, default=20, help="of the faults' soak")
    parser.add_argument("--streams", type=int, default=200, help="open pages under the faults' crashes")
    options = parser.parse_args()
    figures: list[Figure] = []
    if options.faults is not None:
        sizes = faults.Sizes(options.times, options.minutes, options.streams)
        for figure in faults.run(options.faults, sizes):
            print(figure.as_row(), flush=True)
            figures.append(figure)
    else:
        for name in options.only or MODULES:
            figures += MODULES[name]()
        for figure in figures:
            print(figure.as_row())
    if options.json:
        options.json.write_text(json.dumps([figure.as_dict() for figure in figures], indent=2) + "\n")
    if any(figure.figure.endswith("_failed") for figure in figures):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
