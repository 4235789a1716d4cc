"""Who may have a board's stream: the session behind a cookie, and the right to read."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, load_backend
from django.http import parse_cookie
from django.utils.crypto import constant_time_compare

from activity.live.access import access_digest
from fluxboard.accounts.rate_limits import wait_for


class StreamRefused(Exception):
    """The request gets a short plain answer instead of a stream."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


class Admission(NamedTuple):
    """Who may read which board, as the database had it when the board stood at `head`."""

    user_id: int
    board_id: int
    head: int
    session_key: str
    access_digest: str


def stream_reader(cookie: str) -> tuple[Any, str] | None:
    """The person whose session the Cookie header names, and its key; None when there is no valid one.

    The same checks as `django.contrib.auth.get_user`, which would also write to the session.
    """
    key = parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME, "")
    if not key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    path = session.get(BACKEND_SESSION_KEY, "")
    if path not in settings.AUTHENTICATION_BACKENDS or SESSION_KEY not in session:
        return None
    user = load_backend(path).get_user(session[SESSION_KEY])
    if user is None or not user.is_active:
        return None
    shown = session.get(HASH_SESSION_KEY, "")
    valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    if not any(constant_time_compare(shown, good) for good in valid):
        return None
    return user, key


def admit_stream(cookie: str, key: str) -> Admission | str:
    """The admission to the board `key`, or the present key where that one is a former key.

    Seq and right come from one statement, so the right is known for just that seq. Raises
    `StreamRefused` (404) for a board that is not theirs to see.
    """
    reader = stream_reader(cookie)
    if reader is None:
        raise StreamRefused(404, "There is no such board.")
    user, session_key = reader
    visible = apps.get_model("boards.Board").objects.visible_to(user).order_by()
    board = visible.filter(key=key).values_list("pk", "seq").first()
    if board is not None:
        if wait := wait_for("stream", user):
            raise StreamRefused(429, "You open pages too quickly; wait a little.", retry_after=str(wait))
        return Admission(user.pk, *board, session_key, access_digest(user))
    present = visible.filter(former_keys__key=key).values_list("key", flat=True).first()
    if present is None or visible.model.objects.filter(key=key).exists():
        raise StreamRefused(404, "There is no such board.")
    return str(present)
