"""Tell all processes that a board has changed, by PostgreSQL's NOTIFY."""

from __future__ import annotations

from fluxboard.core.postgres.statements import one_row

CHANNEL = "fluxboard"


def notify(payload: str) -> None:
    """A hint to every relay that a board has news; the table is the truth, so a lost one costs a poll."""
    one_row("SELECT pg_notify(%(channel)s, %(payload)s)", {"channel": CHANNEL, "payload": payload})
