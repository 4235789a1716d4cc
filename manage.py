#!/usr/bin/env python
"""Django's command line, in the project's environment (see `bin/manage`).

Without DATABASE_URL the embedded PostgreSQL is started, or joined when it runs, for as long as the command
takes. `migrate` signs in as the role that owns the tables; every other command as the application.
"""

import os
import sys

WITHOUT_DATABASE = {"help", "version", "collectstatic", "findstatic", "diffsettings", "compilemessages"}


def main(words: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluxboard.settings")
    command = words[1] if len(words) > 1 else "help"
    if command == "migrate":
        os.environ["FLUXBOARD_DATABASE_ROLE"] = "owner"
    if not os.environ.get("DATABASE_URL") and command not in WITHOUT_DATABASE:
        from fluxboard import embedded_postgres

        try:
            lease = embedded_postgres.ensure()
        except embedded_postgres.DatabaseProblem as problem:
            sys.exit(_say(problem))
        os.environ.update(lease.addresses.environment())
    from django.core.management import execute_from_command_line

    execute_from_command_line(words)


def _say(problem: Exception) -> int:
    sys.stderr.write(f"fluxboard: {problem}\n")
    return 2


if __name__ == "__main__":
    main(sys.argv)
