"""Django's pages behind ASGI: one thread each, with a bound on how many wait."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import DatabaseError, connection
from django.http import FileResponse, HttpResponse
from django.urls import set_script_prefix
from django.utils.http import parse_header_parameters

from activity.live.admission import stream_reader
from fluxboard.core.asgi_types import Receive, Scope, Send
from fluxboard.server import limits
from fluxboard.server.answers import RequestRefused
from fluxboard.server.connections import has_arrived, receiving
from fluxboard.server.middleware.query_deadline import deadlines
from fluxboard.server.request_bodies import Bodies, Body, check_parts

THREADS = int(os.environ.get("FLUXBOARD_THREADS") or 4)
QUEUE = 64 * THREADS  # requests that may wait for a thread; a browser would not wait for more either
FILE_IN_ONE_HOP = 256 * 1024


class Reply(NamedTuple):
    """A response in bytes, and the rest of it when it is streamed."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None] | None


class PageHandler(ASGIHandler):
    """Django's handler with everything of a request in one hop to a thread.

    The stock one changes threads for each signal and view and keeps a thread for each open request.
    """

    def __init__(self) -> None:
        self.load_middleware(is_async=False)
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")
        self.waiting = 0
        self.bodies = Bodies(limits.UPLOAD_BYTES, self.person_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Answer one request. A body that is cut off or refused reaches no view. Raises Refused."""
        self.refuse_a_crowd()
        try:
            with receiving():
                body = await self.bodies.receive(scope, receive)
        except RequestAborted:
            return
        has_arrived()
        loop = asyncio.get_running_loop()
        try:
            self.refuse_a_crowd()
            work = self.threads.submit(self.reply, scope, body)
        except BaseException:
            body.close()
            raise
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(body.close))  # not while a view reads it
        self.waiting += 1
        try:
            reply = await asyncio.wrap_future(work)
        finally:
            self.waiting -= 1
        await self.send_reply(reply, receive, send)

    def refuse_a_crowd(self) -> None:
        """Raise Refused when too many wait for a thread."""
        if self.waiting >= QUEUE:
            raise RequestRefused(503, "Too busy just now; try again.", retry_after="1")

    async def hop(self, function: Callable[..., Any], *args: Any) -> Any:
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, function, *args)
        finally:
            self.waiting -= 1

    async def person_of(self, cookies: str) -> int | None:
        """The number of the person whose session these cookies name. Raises Refused without a database."""
        if settings.SESSION_COOKIE_NAME not in cookies:
            return None
        try:
            found: int | None = await self.hop(_person_of, cookies)
        except DatabaseError:
            raise RequestRefused(503, "The database is away; try again.", retry_after="3") from None
        return found

    # -- in a thread

    def create_request(self, scope: Mapping[str, Any], body: IO[bytes]) -> tuple[Any, Any]:
        """Django's, but for what is not in UTF-8: a 400. Django would decode by whatever codec it names.

        Some codecs are none of texts (`hex`), others make of a body what no form of ours sends.
        """
        if not speaks_utf8(scope):
            return None, HttpResponse("Send forms in UTF-8.\n", status=400, content_type="text/plain")
        request, response = super().create_request(scope, body)
        return request, response

    def reply(self, scope: Scope, body: Body) -> Reply:
        """Everything between a request and its response, Django's signals around it. Raises Refused."""
        if body.is_large:
            check_parts(body, header(scope, b"content-type"))
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        response: Any
        request, response = self.create_request(scope, body.file)
        if request is not None:
            response = self.get_response(request)
        response._handler_class = self.__class__
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
        headers += [(b"Set-Cookie", c.OutputString().encode("ascii")) for c in response.cookies.values()]
        try:
            if not response.streaming:
                content, rest = response.content, None
            else:
                content, rest = self.begin(response)
        except BaseException:
            response.close()
            raise
        if rest is None:
            response.close()
            return Reply(response.status_code, headers, content, None, None)
        return Reply(response.status_code, headers, content, rest, response.close)

    def begin(self, response: Any) -> tuple[bytes, Iterator[bytes] | None]:
        """The first part of a streamed response (all of a small file), and what is left of it."""
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        parts = iter(response)
        first = list(itertools.islice(parts, 1))
        if isinstance(response, FileResponse):
            while first and len(first[-1]) and sum(map(len, first)) < FILE_IN_ONE_HOP:
                following = next(parts, None)
                if following is None:
                    return b"".join(first), None
                first.append(following)
        return b"".join(first), (parts if first else None)

    # -- in the event loop

    async def send_reply(self, reply: Reply, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        if reply.rest is None:
            await send(start)
            await send({"type": "http.response.body", "body": reply.body})
            return
        watcher = asyncio.get_running_loop().create_task(self.until_gone(receive))
        try:
            await send(start)
            part: bytes | None = reply.body
            while part is not None and not watcher.done():
                if part:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                part = await self.hop(next, reply.rest, None)
            if part is None:
                await send({"type": "http.response.body", "body": b""})
        finally:
            watcher.cancel()
            if reply.close is not None:
                self.threads.submit(reply.close)

    @staticmethod
    async def until_gone(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


def speaks_utf8(scope: Mapping[str, Any]) -> bool:
    """Whether the content type of a request names no charset, or UTF-8 or its part ASCII."""
    for name, value in scope["headers"]:
        if name == b"content-type":
            try:
                _, said = parse_header_parameters(value.decode("latin-1"))
            except ValueError:  # longer than any of a browser's
                return False
            if said.get("charset", "utf-8").strip().lower() not in {"utf-8", "utf8", "us-ascii", "ascii"}:
                return False
    return True


def _person_of(cookies: str) -> int | None:
    """In a thread, outside of any request."""
    try:
        with deadlines.within(settings.PAGE_SECONDS):
            reader = stream_reader(cookies)
    finally:
        connection.close()
    return None if reader is None else int(reader[0].pk)


def header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")
