"""Django's sessions in the database, and whose they are, in one statement that is composed and planned once.

Every request asks for both. Rows and cookies are Django's own, and Django decides whether a session is good.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from fluxboard.accounts.models import at_hand
from fluxboard.core import private
from fluxboard.core.lru import LastUsed
from fluxboard.core.postgres.statements import made_of, one_row

GUESSES = 20_000
_NOBODY = 0

# Whose a session was when it was last asked for here: a guess, whom to read along with it.
_whose: LastUsed[str, int] = LastUsed(GUESSES)


class SessionStore(private.SessionStore):
    """What `SESSION_ENGINE` asks for."""

    def __init__(self, session_key: str | None = None) -> None:
        """A cookie can hold anything: a quoted one a NUL, which the database takes in no text."""
        is_key = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if is_key else None)

    def read_row(self) -> Session | None:
        values = {
            "key": self.session_key,
            "now": timezone.now(),
            "person": _whose.get(self.session_key or "") or _NOBODY,
        }
        row = one_row(_statement(), values)
        if row is None:
            return None
        session, rest = made_of(Session, row)
        hand = at_hand.get(None)
        if hand is not None and rest[0] is not None:
            person, _ = made_of(get_user_model(), rest)
            hand[person.pk] = person
        return session


@functools.cache
def _statement() -> str:
    quote = connection.ops.quote_name
    columns = [
        f"{name}.{quote(str(field.column))}"
        for name, model in (("s", Session), ("p", get_user_model()))
        for field in model._meta.concrete_fields
    ]
    people = quote(get_user_model()._meta.db_table)
    return (
        f"SELECT {', '.join(columns)} FROM django_session s LEFT JOIN {people} p ON p.id = %(person)s"  # noqa: S608
        " WHERE s.session_key = %(key)s AND s.expire_date > %(now)s"
    )


def reader_of(request: HttpRequest) -> Any:
    """Who is signed in, as Django finds out; one query from the second request of a session on."""
    session = request.session
    with _with_the_session():
        person = get_user(request)
    if person.is_authenticated and session.session_key and session.get(SESSION_KEY):
        _whose.keep(session.session_key, person.pk)
    return person


@contextmanager
def _with_the_session() -> Iterator[None]:
    token = at_hand.set({})
    try:
        yield
    finally:
        at_hand.reset(token)
