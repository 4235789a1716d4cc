"""Django's sessions in the database, looked up by a statement that is composed and planned once.

Every request asks for one. Rows and cookies are Django's own.
"""

from __future__ import annotations

import functools
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from fluxboard.postgres.compiled import SOME_MOMENT, SOME_WORD, Asked


class SessionStore(db.SessionStore):
    """What `SESSION_ENGINE` asks for."""

    def _get_session_from_db(self) -> Session | None:
        found = _session().first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key: Any = None
        return found


@functools.cache
def _session() -> Asked[Session]:
    sessions = Session.objects.filter(session_key=SOME_WORD, expire_date__gt=SOME_MOMENT)
    return Asked(sessions, {SOME_WORD: "key", SOME_MOMENT: "now"})
