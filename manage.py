#!/usr/bin/env python
"""Django's command line, in the project's environment (see `bin/manage`).

Without DATABASE_URL the embedded PostgreSQL is started, or joined when it runs, for as long as the command
takes. `migrate` signs in as the role that owns the tables; every other command as the application.
"""

import os
import sys

WITHOUT_DATABASE = {"help", "version", "collectstatic", "findstatic", "diffsettings", "compilemessages"}
STAYING = {"runserver", "shell", "dbshell", "send_digests"}  # as long as somebody wants them


def main(words: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluxboard.settings")
    command = words[1] if len(words) > 1 else "help"
    if command == "migrate":
        os.environ["FLUXBOARD_DATABASE_ROLE"] = "owner"
    if command not in WITHOUT_DATABASE:
        _reach_database()
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        if command in WITHOUT_DATABASE | STAYING:
            execute_from_command_line(words)
        else:
            _execute_in_time(words)
    except (ImproperlyConfigured, OperationalError) as problem:
        if "--traceback" in words:
            raise
        sys.exit(_say(problem))
    except ProgrammingError as problem:
        if "--traceback" in words or not _lacks_tables(problem):
            raise
        sys.exit(_say(Exception("the database is not of this release yet; run bin/manage migrate first")))


def _execute_in_time(words: list[str]) -> None:
    """Raises OperationalError when the command still waits for its database after COMMAND_SECONDS."""
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from fluxboard.core.postgres import COMMAND_SECONDS
    from fluxboard.core.postgres.deadlines import deadlines

    with deadlines.within(COMMAND_SECONDS) as deadline:
        try:
            execute_from_command_line(words)
        except OperationalError as problem:
            if not deadline.is_over:
                raise
            said = (
                f"this took longer than {COMMAND_SECONDS:g} s, so it was given up and nothing is left of it"
            )
            raise OperationalError(f"{said}; FLUXBOARD_COMMAND_SECONDS allows more") from problem


def _lacks_tables(problem: Exception) -> bool:
    from psycopg.errors import UndefinedColumn, UndefinedTable

    return isinstance(problem.__cause__, UndefinedColumn | UndefinedTable)


def _reach_database() -> None:
    from fluxboard.server import checks
    from fluxboard.server.embedded_postgres import addresses, cluster

    try:
        if os.environ.get("DATABASE_URL"):
            checks.check_database("DATABASE_URL")
        else:
            os.environ.update(cluster.ensure().addresses.environment())
    except (checks.StartProblem, addresses.DatabaseProblem) as problem:
        sys.exit(_say(problem))


def _say(problem: Exception) -> int:
    line = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
    sys.stderr.write(f"fluxboard: {line}\n")
    return 2


if __name__ == "__main__":
    main(sys.argv)
