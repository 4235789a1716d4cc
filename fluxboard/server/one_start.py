"""Several `bin/serve` at once on one installation: one port is served once, and preparing goes in turn.

Locks of the kernel on files under the installation's folder: they end with the process that holds them,
however it ends, and no child inherits them. What stands in the files is the holder, for the message.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from fluxboard.server.embedded_postgres.processes import try_lock

_TURN_SECONDS = 900  # an old and large database migrates for some minutes


class NotAlone(Exception):
    """Another start is in the way. The message is one line that a person can act on."""


@contextlib.contextmanager
def alone_on(var: Path, port: int) -> Iterator[None]:
    """Hold this port of the installation in `var`. Raises NotAlone while another start or server holds it."""
    with (var / f"serving-{port}.lock").open("a+") as file:
        if not try_lock(file, fcntl.LOCK_EX):
            raise NotAlone(
                f"Fluxboard is served from here on port {port} already, or just being started"
                f" ({_holder(file)}); use that one, stop it, or set PORT to another"
            )
        _sign(file)
        yield


@contextlib.contextmanager
def turn_to_prepare(var: Path, seconds: float = _TURN_SECONDS) -> Iterator[None]:
    """Wait, and say so, while another start prepares the installation in `var`.

    Raises NotAlone after `seconds`.
    """
    with (var / "preparing.lock").open("a+") as file:
        until = None
        while not try_lock(file, fcntl.LOCK_EX):
            if until is None:
                until = time.monotonic() + seconds
                sys.stderr.write("fluxboard: another start prepares this installation; this one waits …\n")
            elif time.monotonic() > until:
                raise NotAlone(
                    f"another start has been preparing this installation for {seconds / 60:.0f} minutes"
                    f" ({_holder(file)}); end it, then try again"
                )
            time.sleep(0.2)
        _sign(file)
        yield


def _sign(file: IO[str]) -> None:
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return f"process {file.read(20).strip() or 'unknown'}"
