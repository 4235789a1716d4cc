"""The server's two doors: a board's event stream, and everything else.

Pages are plain synchronous views in a small pool of threads, each request in one hop. Streams never enter
that pool (`activity.live.stream`). The lifespan starts and stops the relay that feeds them.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluxboard.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core import signals  # noqa: E402
from django.core.exceptions import RequestAborted  # noqa: E402
from django.core.handlers.asgi import ASGIHandler, get_script_prefix  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402
from django.http import FileResponse, HttpResponse  # noqa: E402
from django.urls import get_resolver, set_script_prefix  # noqa: E402
from django.utils.http import parse_header_parameters  # noqa: E402

from activity.live.admission import reader_of  # noqa: E402
from activity.live.relay import Relay, relay  # noqa: E402
from activity.live.stream import PATH, StreamDoor  # noqa: E402
from fluxboard.server import limits  # noqa: E402
from fluxboard.server.answers import GuardedSend, Receive, Refused, Scope, Send, send_plain  # noqa: E402
from fluxboard.server.connections import answering, has_arrived, receiving  # noqa: E402
from fluxboard.server.hosts import look_at_target  # noqa: E402
from fluxboard.server.middleware.query_deadline import deadlines  # noqa: E402
from fluxboard.server.middleware.request_log import log_refusal  # noqa: E402
from fluxboard.server.request_bodies import Bodies, Body, check_parts, throw_away  # noqa: E402

log = logging.getLogger("fluxboard.server")

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
            raise Refused(503, "Too busy just now; try again.", retry_after="1")

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
            raise Refused(503, "The database is away; try again.", retry_after="3") from None
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
            check_parts(body, _header(scope, b"content-type"))
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


def _person_of(cookies: str) -> int | None:
    """In a thread, outside of any request."""
    try:
        with deadlines.within(settings.PAGE_SECONDS):
            reader = reader_of(cookies)
    finally:
        connection.close()
    return None if reader is None else int(reader[0].pk)


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


class Doors:
    """The ASGI application: routes a request to its door, and minds the relay's life."""

    def __init__(self, pages: PageHandler, streams: StreamDoor, relay: Relay) -> None:
        self.pages = pages
        self.streams = streams
        self.relay = relay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            with answering() as line:
                is_welcome = await self.answer(scope, receive, GuardedSend(scope, send))
                if not is_welcome and line is not None:
                    line.close()
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def answer(self, scope: Scope, receive: Receive, send: GuardedSend) -> bool:
        """Answer one request, whatever it is; whether its connection may bring another.

        Nothing is left to the server's own bare error page.
        """
        try:
            await self.route(look_at_target(scope), receive, send)
        except Refused as refused:
            log_refusal(scope["method"], scope["path"], refused.status)
            last = (b"connection", b"close")
            await send_plain(send, refused.status, refused.text, *refused.headers, last)
            with receiving():
                await throw_away(receive)
            return False
        except Exception:
            log.exception("a request failed outside of Django")
            if send.has_begun:
                raise  # the line is cut: what was begun cannot be taken back
            await send_plain(send, 500, "Something went wrong here.")
        return True

    async def route(self, scope: Scope, receive: Receive, send: GuardedSend) -> None:
        if PATH.fullmatch(scope["path"]):
            _expect_no_body(scope)
            has_arrived()
            await self.streams(scope, receive, send)
        elif scope["path"] == "/healthz":  # also while every thread waits for the database
            _expect_no_body(scope)
            if scope["method"] not in ("GET", "HEAD"):
                raise Refused(405, "GET this.", allow="GET, HEAD")
            await send_plain(send, 200, "ok")
        else:
            await self.pages(scope, receive, send)

    async def live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.relay.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.relay.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _expect_no_body(scope: Scope) -> None:
    """Raise Refused for a request that brings a body where none is read."""
    if _header(scope, b"transfer-encoding") or _header(scope, b"content-length") not in ("", "0"):
        raise Refused(413, "There is nothing to send here.")


pages = PageHandler()
_ = get_resolver().url_patterns  # the first request should not wait for all views to be imported
application = Doors(pages, StreamDoor(relay), relay)
