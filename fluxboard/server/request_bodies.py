"""The bodies of requests on their way in: who may send how much, how slowly, and how much is held at once.

What is small is taken from anybody and stays in memory. Anything larger needs a valid session, looked up
before more of it is read, and room in a budget of this worker; a file goes to an upload's address only. A
body must make progress in every window of time, whatever it did before.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.utils.http import parse_header_parameters

from fluxboard.core.asgi_types import Receive, Scope
from fluxboard.server import limits
from fluxboard.server.answers import RequestRefused
from fluxboard.server.connections import has_arrived
from fluxboard.server.limits import ANYONE_BYTES, MB

PIECES_FREE = 256  # of any size; beyond them a piece has PIECE_BYTES on average
PIECE_BYTES = 64
_STEP = 4 * MB  # by which the room of a body of unknown length grows
BREATH = 64  # pieces after which others get their turn
SIGN_IN = "Only who is signed in may send so much. Sign in, then send it again."
TOO_MANY = "You are sending too much at once; wait until one of them has arrived."
NO_ROOM = "Too much is being sent just now; try again in a moment."


class Budget:
    """How many bytes may be held at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0

    def take(self, size: int) -> bool:
        """Reserve `size` bytes, if they are to be had."""
        if self.held + size > self.limit:
            return False
        self.held += size
        return True

    def give_back(self, size: int) -> None:
        self.held -= size


class Pace:
    """When a body is too slow: `rate` bytes a second within every window, and `longest` seconds in all."""

    def __init__(self, rate: int, longest: float, now: float, size: int = 0) -> None:
        self.step = rate * limits.WINDOW_SECONDS
        self.last = now + longest
        self._begin_window(size, now)

    def came(self, size: int, now: float) -> None:
        """There are `size` bytes of it now."""
        if size - self.mark >= self.step:
            self._begin_window(size, now)

    def _begin_window(self, size: int, now: float) -> None:
        self.mark = size
        self.until = min(now + limits.WINDOW_SECONDS, self.last)


class Body:
    """A body that is here, or on its way. `close` gives back what it holds."""

    def __init__(self, most: int) -> None:
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115  (closed with the request)
            max_size=ANYONE_BYTES, mode="w+b"
        )
        self.size = 0
        self.most = min(most, ANYONE_BYTES)
        self.reserved = 0
        self._held = contextlib.ExitStack()

    @property
    def is_large(self) -> bool:
        return self.reserved > 0

    def on_close(self, give_back: Callable[[], None]) -> None:
        self._held.callback(give_back)

    def close(self) -> None:
        """Also when it is closed already."""
        self.file.close()
        self._held.close()


class Bodies:
    """Receives the bodies of one worker.

    `most` is what a body may have at most anywhere. `person_of` gives the number of the person whose session
    a Cookie header names, None for nobody; it may raise Refused.
    """

    def __init__(self, most: int, person_of: Callable[[str], Awaitable[int | None]]) -> None:
        self.most = most
        self.person_of = person_of
        self.forms = Budget(limits.FORMS_BUDGET)
        self.uploads = Budget(limits.UPLOADS_BUDGET)
        self.sending: collections.Counter[int] = collections.Counter()

    async def receive(self, scope: Scope, receive: Receive) -> Body:
        """The whole body. Raises RequestAborted (cut off) and Refused (too large, too slow, no room, …)."""
        promised = _promised(scope)
        body = Body(self.most)
        try:
            if promised is not None and promised > body.most:
                await self._make_room(scope, body, promised)
            await self._read(scope, receive, body)
            if promised is not None and body.size != promised:
                raise RequestAborted
            if promised is None:
                scope["headers"] = [*scope["headers"], (b"content-length", str(body.size).encode())]
        except BaseException:
            body.close()
            raise
        body.file.seek(0)
        return body

    async def _read(self, scope: Scope, receive: Receive, body: Body) -> None:
        clock = asyncio.get_running_loop().time
        pace = _pace(scope, body, clock())
        pieces, more = 0, True
        while more:
            try:
                async with asyncio.timeout_at(pace.until):
                    message = await receive()
            except TimeoutError:
                raise RequestRefused(408, "The rest of it did not come in time; send it again.") from None
            if message["type"] == "http.disconnect":
                raise RequestAborted
            chunk, more = message.get("body", b""), message.get("more_body", False)
            pieces += 1
            if pieces > PIECES_FREE + (body.size + len(chunk)) // PIECE_BYTES:
                raise RequestRefused(400, "It comes in too many small pieces.")
            if body.size + len(chunk) > body.most:
                was_large = body.is_large
                await self._make_room(scope, body, body.size + len(chunk), _STEP)
                pace = pace if was_large else _pace(scope, body, clock())
            _add(body, chunk)
            pace.came(body.size, clock())
            if pieces % BREATH == 0:
                await asyncio.sleep(0)

    async def _make_room(self, scope: Scope, body: Body, size: int, step: int = 0) -> None:
        """Let `body` grow to `size`, and `step` further where that is allowed. Raises Refused."""
        is_upload = _is_upload(scope)
        most = min(self.most, limits.UPLOAD_BYTES if is_upload else limits.FORM_BYTES)
        if size > most:
            raise RequestRefused(
                413, f"At most {most // MB} MB at once." if most >= MB else "It is too large."
            )
        if not body.is_large:
            await self._let_send(scope, body)
        size = min(size + step, most)
        budget, copies = (self.uploads, 2) if is_upload else (self.forms, 1)
        more = copies * (size - body.reserved)
        if not budget.take(more):
            raise RequestRefused(503, NO_ROOM, retry_after="30")
        body.on_close(lambda: budget.give_back(more))
        body.most = body.reserved = size

    async def _let_send(self, scope: Scope, body: Body) -> None:
        """Raise Refused for somebody without a session, or who sends a lot already."""
        cookies = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
        person = await self.person_of("; ".join(cookies))
        if person is None:  # a script of ours knows by the 401 that its session has ended, and keeps the text
            raise RequestRefused(
                401 if any(name == b"hx-request" for name, _ in scope["headers"]) else 413, SIGN_IN
            )
        if self.sending[person] >= limits.LARGE_A_PERSON:
            raise RequestRefused(429, TOO_MANY, retry_after="10")
        has_arrived()
        self.sending[person] += 1
        body.on_close(lambda: self._has_sent(person))

    def _has_sent(self, person: int) -> None:
        self.sending[person] -= 1
        if self.sending[person] <= 0:
            del self.sending[person]


async def throw_away(receive: Receive) -> None:
    """Read the rest of a refused body and drop it, for a while: closed at once, the answer would be lost."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limits.LINGER_SECONDS):
            dropped, more = 0, True
            while more and dropped < limits.LINGER_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                more = message.get("more_body", False)
                await asyncio.sleep(0)


def check_parts(body: Body, content_type: str) -> None:
    """Raise Refused when a large multipart body has more parts than a form may have, before it is parsed.

    Django counts fields and files, not parts without a name: millions of those would keep it busy.
    """
    kind, parameters = parse_header_parameters(content_type)
    boundary = parameters.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        return
    mark = b"--" + boundary.encode("latin-1", "replace")
    most = (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS or 0) + (settings.DATA_UPLOAD_MAX_NUMBER_FILES or 0)
    found, tail = 0, b""
    while chunk := body.file.read(MB):
        found += (tail + chunk).count(mark)
        tail = chunk[-(len(mark) - 1) :] if len(mark) > 1 else b""
        if found > most + 2:
            raise RequestRefused(400, "It has too many parts.")
    body.file.seek(0)


def _add(body: Body, chunk: bytes) -> None:
    try:
        body.file.write(chunk)
    except OSError:
        raise RequestRefused(503, "There is no room for it just now; try again.", retry_after="30") from None
    body.size += len(chunk)


def _pace(scope: Scope, body: Body, now: float) -> Pace:
    if body.is_large and _is_upload(scope):
        return Pace(limits.UPLOAD_RATE, limits.UPLOAD_SECONDS, now, body.size)
    return Pace(limits.FORM_RATE, limits.FORM_SECONDS, now, body.size)


def _promised(scope: Scope) -> int | None:
    """The Content-Length, None for a body in chunks. Raises Refused for a body that is compressed."""
    length, is_chunked = None, False
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            is_chunked = True
            if value.strip().lower() != b"chunked":
                raise RequestRefused(501, "A body is sent as it is, not compressed.")
        elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise RequestRefused(415, "A body is sent as it is, not compressed.", accept_encoding="identity")
    return None if is_chunked else length or 0


def _is_upload(scope: Scope) -> bool:
    from fluxboard.features.uploads.views import upload_paths

    if scope["method"] != "POST" or scope["path"] not in upload_paths():
        return False
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    return bool(kinds) and kinds[0].strip().lower().startswith(b"multipart/form-data")
