"""What PostgreSQL's planner knows of the tables, after very many rows came in at once."""

from __future__ import annotations

from django.db import connection, transaction

MANY_ROWS = 1_000


def analyze_after(rows: int) -> None:
    """Have PostgreSQL look at the tables once this transaction, which wrote `rows`, is in; not for a few.

    Autovacuum comes by a minute later at best. Until then the planner takes the tables to be as small as
    they were. It put statements of eight joins and more (`join_collapse_limit`) into an order in which the
    register of decisions took twenty seconds on a board of 2,000 cards that had just been imported. One look
    after an import is right for every page; statements that are split by hand are so for those that someone
    thought of. Where it fails, autovacuum does it.
    """
    if rows >= MANY_ROWS:
        transaction.on_commit(_analyze, robust=True)


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fluxboard_analyze()")
