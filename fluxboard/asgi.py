"""The server's two doors: a board's event stream, and everything else.

Pages are plain synchronous views in a small pool of threads, each request in one hop. Streams never enter
that pool (`activity.stream`). The lifespan starts and stops the relay that feeds them.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluxboard.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core import signals  # noqa: E402
from django.core.exceptions import RequestAborted  # noqa: E402
from django.core.handlers.asgi import ASGIHandler, get_script_prefix  # noqa: E402
from django.http import FileResponse, HttpResponse  # noqa: E402
from django.urls import get_resolver, set_script_prefix  # noqa: E402
from django.utils.http import parse_header_parameters  # noqa: E402

from activity.relay import Relay, relay  # noqa: E402
from activity.stream import PATH, StreamDoor  # noqa: E402
from fluxboard.impatience import body_seconds  # noqa: E402

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("fluxboard.server")

THREADS = int(os.environ.get("FLUXBOARD_THREADS") or 4)
QUEUE = 64 * THREADS  # requests that may wait for a thread; a browser would not wait for more either
FILE_IN_ONE_HOP = 256 * 1024


class BodyTooLarge(Exception):
    """The request's body is larger than MAX_BODY_BYTES."""


class BodyTooSlow(Exception):
    """The request's body did not keep coming; see `fluxboard.impatience`."""


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
        self.max_body = int(getattr(settings, "MAX_BODY_BYTES", 112 * 1024 * 1024))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Answer one request. A body that is cut off on the way, or too large, reaches no view."""
        try:
            body = await self.read_whole_body(scope, receive)
        except RequestAborted:
            return
        except BodyTooLarge:
            await self.send_short(send, 413, f"At most {self.max_body // 1024**2} MB at once.")
            return
        except BodyTooSlow:
            await self.send_short(send, 408, "The rest of it did not come in time; send it again.")
            return
        if self.waiting >= QUEUE:
            body.close()
            await self.send_short(send, 503, "Too busy just now; try again.", (b"retry-after", b"1"))
            return
        reply = await self.hop(self.reply, scope, body)
        await self.send_reply(reply, receive, send)

    async def hop(self, function: Callable[..., Any], *args: Any) -> Any:
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, function, *args)
        finally:
            self.waiting -= 1

    async def read_whole_body(self, scope: Scope, receive: Receive) -> IO[bytes]:
        """The body, in memory or on disk. Raises RequestAborted (cut off), BodyTooLarge, BodyTooSlow."""
        promised = next((int(value) for name, value in scope["headers"] if name == b"content-length"), None)
        if promised is not None and promised > self.max_body:
            raise BodyTooLarge
        body = tempfile.SpooledTemporaryFile(  # noqa: SIM115  (closed with the request)
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE, mode="w+b"
        )
        began = asyncio.get_running_loop().time()
        try:
            size, more = 0, True
            while more:
                async with asyncio.timeout_at(began + body_seconds(size)):
                    message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestAborted
                chunk = message.get("body", b"")
                size += len(chunk)
                if size > self.max_body:
                    raise BodyTooLarge
                body.write(chunk)
                more = message.get("more_body", False)
            if promised is not None and size != promised:
                raise RequestAborted
        except TimeoutError as slow:
            body.close()
            raise BodyTooSlow from slow
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body

    # -- in a thread

    def create_request(self, scope: Mapping[str, Any], body: IO[bytes]) -> tuple[Any, Any]:
        """Django's, but for what is not in UTF-8: a 400. Django would decode by whatever codec it names.

        Some codecs are none of texts (`hex`), others make of a body what no form of ours sends.
        """
        if not speaks_utf8(scope):
            return None, HttpResponse("Send forms in UTF-8.\n", status=400, content_type="text/plain")
        request, response = super().create_request(scope, body)
        return request, response

    def reply(self, scope: Scope, body: IO[bytes]) -> Reply:
        """Everything between the request and its response, with Django's signals around it."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        response: Any
        request, response = self.create_request(scope, body)
        if request is None:
            body.close()
        else:
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

    @staticmethod
    async def send_short(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
        body = f"{text}\n".encode()
        kind = (b"content-type", b"text/plain; charset=utf-8")
        length = (b"content-length", str(len(body)).encode())
        plain = [kind, length, (b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": [*plain, *headers]})
        await send({"type": "http.response.body", "body": body})


class Doors:
    """The ASGI application: routes a request to its door, and minds the relay's life."""

    def __init__(self, pages: PageHandler, streams: StreamDoor, relay: Relay) -> None:
        self.pages = pages
        self.streams = streams
        self.relay = relay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http" and PATH.fullmatch(scope["path"]):
            await self.streams(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/healthz":
            await self.pages.send_short(send, 200, "ok")  # also while every thread waits for the database
        elif scope["type"] == "http":
            await self.pages(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.relay.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.relay.stop()
        await send({"type": "lifespan.shutdown.complete"})


pages = PageHandler()
_ = get_resolver().url_patterns  # the first request should not wait for all views to be imported
application = Doors(pages, StreamDoor(relay), relay)
