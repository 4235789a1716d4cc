"""A board's two streams: who may read one, where they begin, and the headers of the answer.

`/b/KEY/live/` is the pages' own (`stream`), `/b/KEY/events/` is django-eventstream's (`event_stream`).
"""

from __future__ import annotations

import asyncio
import re
import time
from urllib.parse import parse_qs, quote

from django.db import DatabaseError

from activity.live.admission import Admission, StreamRefused, admit_stream
from activity.live.database import DatabaseThread
from activity.live.event_stream import STREAMS_A_WORKER, EventStream
from activity.live.open_stream import OpenStream
from activity.live.protocol import events_until_now, parse_position
from activity.live.relay import Relay
from activity.live.ring_buffer import named
from activity.live.stream import IdStream, Stream, log, requests
from fluxboard.core.asgi_types import Receive, Scope, Send

PATH = re.compile(r"/b/([A-Za-z0-9]{1,8})/(live|events)/")
STREAMS_A_PERSON = 40  # in one process
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Cookie"),
]


def headers_for(admission: Admission) -> list[tuple[bytes, bytes]]:
    """Those of an answer of 200. They name the person: a page of somebody else's does not go on with it."""
    return [*_HEADERS, (b"x-flux-person", str(admission.user_id).encode())]


class StreamDoor:
    """The ASGI application behind `/b/KEY/live/` and `/b/KEY/events/`."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.ask = DatabaseThread("door-database")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, for as long as its stream lasts. Never raises for what the other side does."""
        try:
            await self._answer(scope, receive, send)
        except StreamRefused as answer:
            await _send_plain(send, answer)
        except (DatabaseError, LookupError, OSError) as problem:
            log.warning("no stream: %r", problem)
            await _send_plain(send, StreamRefused(503, "The database is away; try again.", retry_after="1"))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = PATH.fullmatch(scope["path"])
        if path is None:
            raise StreamRefused(404, "There is no such board.")
        if scope["method"] != "GET":
            raise StreamRefused(405, "GET this.", allow="GET")
        headers = _headers(scope)
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        position = parse_position(headers.get(b"last-event-id", "") or query.get("lastEventId", [""])[-1])
        await self._database_is_there()
        admission = await self.ask(admit_stream, headers.get(b"cookie", ""), path[1])
        if isinstance(admission, str):
            raise StreamRefused(
                307, "The board has another key.", location=_moved_to(scope, admission, path[2])
            )
        after = admission.head if position is None else position.seq
        if position is not None and position.board_id != admission.board_id:
            after = admission.head + 1  # another board had this key; that page cannot be told what to do
        ids_only = _is_set(query, "ids")
        if path[2] == "events":
            await self._open(EventStream, admission, after, receive, send)
        elif _is_set(query, "poll"):
            await self._answer_poll(admission, after, send, ids_only)
        else:
            await self._open(IdStream if ids_only else Stream, admission, after, receive, send)

    async def _database_is_there(self) -> None:
        """Wait a moment for the relay's connection: without it there is no news, and asking would pile up."""
        if self.relay.is_closing:
            raise StreamRefused(503, "This server is stopping; try again.", retry_after="1")
        self.relay.start()
        try:
            async with asyncio.timeout(2):
                await self.relay.connected.wait()
        except TimeoutError:
            raise StreamRefused(503, "The database is away; try again.", retry_after="2") from None

    async def _answer_poll(self, admission: Admission, after: int, send: Send, ids_only: bool) -> None:
        body = await self.ask(events_until_now, admission, after, ids_only=ids_only)
        if not ids_only:
            self.relay.seen((admission.board_id, admission.user_id))
        length = (b"content-length", str(len(body)).encode())
        headers = [*headers_for(admission), length]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _open(
        self, kind: type[OpenStream], admission: Admission, after: int, receive: Receive, send: Send
    ) -> None:
        self._refuse_a_crowd(kind, admission.user_id)
        began = time.monotonic()
        stream = kind(self.relay, admission, after, send)
        self.relay.enter(stream)  # before anything is read: from here on nothing is missed
        watcher = asyncio.get_running_loop().create_task(_until_gone(receive, stream))
        try:
            await stream.feed.ready(admission.head, after)
            await send({"type": "http.response.start", "status": 200, "headers": headers_for(admission)})
            await self._run(stream)
        finally:
            watcher.cancel()
            self.relay.leave(stream)
            facts = {"board": admission.board_id, "user": admission.user_id, "from": after}
            if stream.is_page:
                facts["to"] = stream.cursor
            took = {"s": round(time.monotonic() - began, 1)}
            requests.info("stream" if stream.is_page else "events", extra={"facts": facts | took})

    def _refuse_a_crowd(self, kind: type[OpenStream], user_id: int) -> None:
        """Raise Answer where one person has too many streams, or programs have."""
        if len(self.relay.by_user.get(user_id, ())) >= STREAMS_A_PERSON:
            raise StreamRefused(429, "You have too many pages open; close some.", retry_after="30")
        if not kind.is_page:
            programs = sum(not stream.is_page for stream in self.relay.streams())
            if programs >= STREAMS_A_WORKER:
                raise StreamRefused(503, "Too many programs read here; try again.", retry_after="30")

    async def _run(self, stream: OpenStream) -> None:
        try:
            await stream.run()
        except (DatabaseError, LookupError) as problem:
            log.warning("a stream ends: %r", problem)
            last = stream.ending or named("bye", '{"reason":"unknown"}')
            await stream.send({"type": "http.response.body", "body": last})
        except OSError:
            pass  # the reader went in the middle of a word


async def _until_gone(receive: Receive, stream: OpenStream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.is_gone = True
    stream.wake()


def _headers(scope: Scope) -> dict[bytes, str]:
    headers: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        headers[name] = f"{headers[name]}; {text}" if name == b"cookie" and name in headers else text
    return headers


def _is_set(query: dict[str, list[str]], name: str) -> bool:
    return query.get(name, [""])[-1] not in ("", "0")


def _moved_to(scope: Scope, key: str, kind: str) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope.get('root_path', '')}/b/{quote(key)}/{kind}/" + (f"?{query}" if query else "")


async def _send_plain(send: Send, answer: StreamRefused) -> None:
    body = f"{answer.text}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *((name.replace("_", "-").encode(), value.encode()) for name, value in answer.headers.items()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
