"""`bin/serve`: from an installed project to one that answers, and back down cleanly.

    python -m fluxboard.server.serve [--demo]

In order: look whether it can work at all, and whether it runs here already; start the embedded PostgreSQL,
or reach the one of DATABASE_URL; migrate as the tables' owner; collect static files; start gunicorn; print
the address once `/readyz` answers. Of two that start at once on one installation the second waits for the
first to prepare it.
SIGTERM and Ctrl-C end all of it within 10 seconds; SIGUSR2 goes over to the release that stands in the folder
now, worker by worker, without a pause. What cannot work is one line on stderr and exit status 2.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from types import FrameType

from fluxboard.server.checks import (
    OLDEST_PYTHON,
    StartProblem,
    check_database,
    check_var,
    number_from,
    wait_for_port,
)
from fluxboard.server.embedded_postgres import addresses, cluster
from fluxboard.server.embedded_postgres.addresses import DatabaseProblem
from fluxboard.server.one_start import NotAlone, alone_on, turn_to_prepare
from fluxboard.server.processes import MANAGE, Gunicorn, Preparing, Worker, run_processes, told_address


class Stopped(BaseException):
    """SIGTERM or Ctrl-C came."""


def main(words: list[str] | None = None) -> int:
    """Serve until a signal comes. Returns 0 after a signal, 1 when the server died, 2 when it cannot work."""
    parser = argparse.ArgumentParser(prog="bin/serve", description="Serve Fluxboard on one port.")
    parser.add_argument("--demo", action="store_true", help="fill an empty installation with a demo team")
    given = parser.parse_args(words)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return serve(demo=given.demo)
    except (StartProblem, DatabaseProblem, NotAlone) as problem:
        sys.stderr.write(f"fluxboard: {problem}\n")
        return 2
    except Stopped:
        return 0


def serve(*, demo: bool) -> int:
    """All of it, from the first look to the last process gone."""
    if sys.version_info < OLDEST_PYTHON:
        raise StartProblem(f"Python {sys.version.split()[0]} is too old; Fluxboard needs 3.12 or newer")
    host, port = os.environ.get("HOST", "127.0.0.1"), number_from("PORT", "8000", 65535)
    number_from("WEB_CONCURRENCY", "2", 1000)
    address = os.environ.get("FLUXBOARD_URL", "").rstrip("/") or f"http://{told_address(host)}:{port}"
    check_var()
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone_on(addresses.var_folder(), port))
        wait_for_port(host, port)
        link = _prepared(stack, address, demo=demo)
        server = stack.enter_context(Gunicorn(host, port))
        server.wait_until_ready()
        stack.enter_context(Worker(address, with_mail=sends_digests()))
        if link and not demo:
            _say(f"Nobody has an account yet. Make the first one here, once: {link}")
        signal.signal(signal.SIGUSR2, lambda *_: _roll(server, address))
        _say(f"Fluxboard is ready at {address}/")
        return server.wait()


def _prepared(stack: contextlib.ExitStack, address: str, *, demo: bool) -> str | None:
    """Database, static files and demo, one start under this folder at a time; the first account's link."""
    with turn_to_prepare(addresses.var_folder()):
        if not os.environ.get("DATABASE_URL"):
            preparing = _prepare_meanwhile(stack, address)
        else:
            check_database("FLUXBOARD_MIGRATE_DATABASE_URL")
            check_database("DATABASE_URL")
            preparing = stack.enter_context(Preparing(address))
        people, link = preparing.finish()
        if demo and people:
            _say("There are people here already, so the demo was left out.")
        elif demo:
            run_processes([*MANAGE, "seed_demo", "--if-empty"], "the demo could not be made")
    return link


def _prepare_meanwhile(stack: contextlib.ExitStack, address: str) -> Preparing:
    """Start the embedded database; where it has been before, the code is loaded at the same time."""
    expected = addresses.addresses()
    begun = None
    if addresses.was_made():
        begun = stack.enter_context(Preparing(address, expected.environment()))
    lease = stack.enter_context(cluster.ensure())
    os.environ.update(lease.addresses.environment())
    if begun is not None and lease.addresses == expected:
        return begun
    if begun is not None:
        begun.end()
    return stack.enter_context(Preparing(address))


def _roll(server: Gunicorn, address: str) -> None:
    """Go over to the release that stands here now, without a pause; when it cannot, go on as before."""
    try:
        with Preparing(address) as preparing:
            preparing.finish()
    except StartProblem as problem:
        sys.stderr.write(f"fluxboard: {problem}\n")
    else:
        server.process.send_signal(signal.SIGHUP)


# --- before the start --------------------------------------------------------------------------------------


# --- the server --------------------------------------------------------------------------------------------


def sends_digests() -> bool:
    """Whether this server mails digests: by FLUXBOARD_DIGESTS, else when it knows a mail server."""
    from fluxboard.server.environment import flag

    knows_a_server = bool(os.environ.get("EMAIL_URL") or os.environ.get("EMAIL_HOST"))
    return flag("FLUXBOARD_DIGESTS", default=knows_a_server)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _stop(number: int, frame: FrameType | None) -> None:
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # once is enough; the way down is not interrupted
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
