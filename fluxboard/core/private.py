"""Private names of what we depend on: all of them, each with the reason and what to watch for.

`tests/contracts/test_private_names.py` fails when one is used elsewhere, when one no longer works as is said
here, and when a version that it was not read for may be installed.

Django 6.1, `django.contrib.sessions.backends.db.SessionStore`:
    `_get_session_from_db` is the one place where a session's row is read, and `_session_key` what a row that
    is not there is told by: the key is then nobody's, so that the next save draws a new one (else who planted
    a key would know it). Every backend of Django's sets it so; the documentation shows how to extend one
    ("Extending database-backed session engines") and names no public way for either.
    https://code.djangoproject.com/ticket/22634, which made these classes extendable, gave another model, not
    another reading.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django's sessions in the database, whose row `read_row` fetches."""

    def read_row(self) -> Any:
        """The row of `self.session_key` that has not lapsed; None where there is none."""
        raise NotImplementedError

    def _get_session_from_db(self) -> Any:
        row = self.read_row()
        if row is None:
            self._session_key: Any = None
        return row
