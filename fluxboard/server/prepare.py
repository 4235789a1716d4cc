"""Bring the database and the static files up to this release: `python -m fluxboard.server.prepare ADDRESS`.

Runs as the tables' owner, before the server starts. It loads at once, and begins when a line comes on stdin:
loading and the start of the database go on side by side. Several hosts may do it at once; they take turns.
The last line it prints is JSON: `people` (how many there are) and `link` (the first account's, or null).
"""

import gc
import json
import os
import sys

_LOCK = "fluxboard: migrate"


def main(address: str) -> None:
    """Migrate, collect static files unless FLUXBOARD_STATIC_ROOT says that this was done, report."""
    gc.disable()  # loading makes no garbage worth looking for
    os.environ["DJANGO_SETTINGS_MODULE"] = "fluxboard.settings"
    os.environ["FLUXBOARD_DATABASE_ROLE"] = "owner"
    import django

    django.setup()
    gc.enable()
    if not sys.stdin.readline():
        sys.exit("nobody said that the database is there")
    from fluxboard.core.postgres import COMMAND_SECONDS
    from fluxboard.core.postgres.deadlines import deadlines

    with deadlines.within(COMMAND_SECONDS):
        _prepare(address)


def _prepare(address: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")  # the turn of another host ends by its own deadline
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [_LOCK])
        cursor.execute("SET lock_timeout TO DEFAULT")
        call_command("migrate", interactive=False, verbosity=0)
        cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [_LOCK])
    if not os.environ.get("FLUXBOARD_STATIC_ROOT"):
        from fluxboard.server.assets.storage import collect

        collect()

    from fluxboard.accounts.first_start import first_link
    from fluxboard.accounts.models import User

    facts = {"people": User.objects.count(), "link": first_link(address)}
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
