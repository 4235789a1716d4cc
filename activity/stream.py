"""A board's live stream: `GET /b/KEY/live/` as `text/event-stream`, served outside the page handler.

What comes, in this order:

* `hello` {"head": N, "build": "…", "database": "…"}
* un-named messages with the id `board-<id>:<seq>`: every activity after the id that the request names (in
  `Last-Event-ID`, else `?lastEventId=`; without either, after `head`), in order, each once, then what happens
* `presence` {"people": […], "more": N} when it changes, `keep-alive` {"head": N} every 15 s
* `stream-reset` {"head": N} where the rest cannot be told (too far behind; a person on the board has another
  name or colour): load the page again; the stream ends
* `revoked` {} when the reader may not read the board any more, `bye` {"reason": …} for every other end

A page to which another `database` is named than before stands on a backup's future: it must load again.

`?poll=1` answers at once with the same text up to now, a `keep-alive` included, and ends: for a page that
gets none of the six connections that a browser opens to one HTTP/1.1 host.

200 is the only answer of a stream; 307 leads from a board's former key to the present one; 400 is an id that
is not one, 404 a board that is not there or not the reader's (nobody signed in included), 405 another method,
429 too many streams of one person, 503 (with Retry-After) a database that is away or a server that stops.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import logging
import os
import random
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError
from django_eventstream.channelmanager import ChannelManagerBase
from django_eventstream.storage import EventDoesNotExist

from activity import presence
from activity.admission import Admission, Answer, admit
from activity.board_feed import BoardFeed
from activity.frames import encode, named
from activity.relay import Relay
from activity.storage import CHANNEL_NAME, MAX_REPLAY, BoardStorage, board_id_of, channel_of
from activity.stream_database import DatabaseThread, database_identity

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger("fluxboard.stream")
requests = logging.getLogger("fluxboard.requests")

PATH = re.compile(r"/b/([A-Za-z0-9]{1,8})/live/")
STREAMS_A_PERSON = 40  # in one process
MAX_AGE = 15 * 60.0
RETRY = 1000  # milliseconds
CHUNK = 65_536
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Cookie"),
]


class BoardChannels(ChannelManagerBase):
    """django-eventstream's view of boards: one channel each, `board-<id>`, for those who see the board."""

    def get_channels_for_request(self, request: Any, view_kwargs: dict[str, Any]) -> set[str]:
        """The channel of the board named in the address; none where it is not there."""
        board = apps.get_model("boards.Board").objects.filter(key=view_kwargs.get("key", "")).first()
        return {board.channel} if board else set()

    def can_read_channel(self, user: Any, channel: str) -> bool:
        if user is None or CHANNEL_NAME.fullmatch(channel) is None:
            return False
        return (
            apps.get_model("boards.Board").objects.visible_to(user).filter(pk=board_id_of(channel)).exists()
        )

    def is_channel_reliable(self, channel: str) -> bool:
        return True


class Position(NamedTuple):
    """What an event id says: a board and a seq."""

    board_id: int
    seq: int


@functools.cache
def build_id() -> str:
    """Names what is installed, so that a page can tell that it is older than the server.

    FLUXBOARD_BUILD, else a digest of the collected static files' manifest, else `dev`.
    """
    given = os.environ.get("FLUXBOARD_BUILD", "")
    manifest = Path(settings.STATIC_ROOT or ".") / "staticfiles.json"
    if given or not manifest.exists():
        return given or "dev"
    return hashlib.sha256(manifest.read_bytes()).hexdigest()[:12]


def parse_position(text: str) -> Position | None:
    """The first of the ids in django-eventstream's form `board-12:345`; None for an empty text.

    Raises Answer 400 for anything else.
    """
    if not text:
        return None
    channel, _, seq = unquote(text.split(",")[0].strip()).rpartition(":")
    named_board = CHANNEL_NAME.fullmatch(channel)
    if named_board is None or not re.fullmatch(r"[0-9]{1,18}", seq):
        raise Answer(400, "Last-Event-ID must look like board-12:345.")
    return Position(int(named_board[1]), int(seq))


def events_until_now(admission: Admission, after: int) -> bytes:
    """The answer to a poll: what happened after `after`, who is there, and where the board stands."""
    frames: list[bytes] = []
    try:
        while after < admission.head:  # not beyond: the right to read was checked at that seq
            events = BoardStorage().get_events(channel_of(admission.board_id), after, MAX_REPLAY)
            frames += [encode(event) for event in events if (event.id or 0) <= admission.head]
            after = events[-1].id or admission.head
        if after > admission.head:
            raise EventDoesNotExist("ahead of the board", admission.head)
    except EventDoesNotExist:
        frames = [named("stream-reset", json.dumps({"head": admission.head}))]
    people, _ = presence.people_on(admission.board_id)
    return b"".join([*frames, named("presence", people), keep_alive(admission.head, database_identity())])


def keep_alive(head: int, database: str) -> bytes:
    return named("keep-alive", json.dumps({"head": head, "database": database}))


def headers_for(admission: Admission) -> list[tuple[bytes, bytes]]:
    """Those of an answer of 200. They name the person: a page of somebody else's does not go on with it."""
    return [*HEADERS, (b"x-flux-person", str(admission.user_id).encode())]


# --- one open stream ---------------------------------------------------------------------------------------


class Stream:
    """A cursor over its board's ring: strictly rising, without a gap, each seq once."""

    __slots__ = (
        "_blocked_since",
        "_news",
        "_task",
        "_waiter",
        "access_digest",
        "beat",
        "checked_at",
        "cursor",
        "ending",
        "ends_at",
        "epoch",
        "feed",
        "is_gone",
        "presence",
        "relay",
        "send",
        "session_key",
        "user_id",
    )

    def __init__(self, relay: Relay, admission: Admission, cursor: int, send: Send) -> None:
        self.relay = relay
        self.feed: BoardFeed = relay.feed(admission.board_id)
        self.user_id = admission.user_id
        self.session_key = admission.session_key
        self.access_digest = admission.access_digest
        self.checked_at = admission.head
        self.cursor = cursor
        self.send = send
        self.epoch = self.feed.epoch
        self.beat = self.feed.beat
        self.presence = b""
        self.ending: bytes | None = None
        self.is_gone = False
        self.ends_at = time.monotonic() + MAX_AGE * random.uniform(0.8, 1.2)  # noqa: S311
        self._news = False
        self._waiter: asyncio.Future[None] | None = None
        self._task = asyncio.current_task()
        self._blocked_since: float | None = None

    # -- from the relay

    def wake(self) -> None:
        self._news = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def end(self, name: str, data: str) -> None:
        """Say this as the last word; nothing else goes out after it was asked for. The first call counts."""
        if self.ending is None:
            self.ending = named(name, data)
            self.wake()
            if self._blocked_since is not None:
                self.cut()

    def cut(self) -> None:
        """End at once, in the middle of a word if need be: the reader does not take what we send."""
        if self._task is not None:
            self._task.cancel()

    def is_stuck(self, now: float, limit: float) -> bool:
        return self._blocked_since is not None and now - self._blocked_since > limit

    # -- the stream itself

    async def run(self) -> None:
        """Send until the reader goes or the stream must end. Closes the response."""
        hello = json.dumps({"head": self.feed.head, "build": build_id(), "database": self.relay.database})
        await self._write(f"retry: {RETRY}\n".encode() + named("hello", hello))
        while self.ending is None and not self.is_gone:
            self._news = False
            parts = await self._next()
            if self.ending is None and parts:
                await self._write(b"".join(parts))
            elif not self._news:
                await self._wait()
        await self._write(self.ending or b"", more=False)

    async def _next(self) -> list[bytes]:
        """What is to be sent now; empty when there is nothing. May set `ending`."""
        feed = self.feed
        if feed.epoch != self.epoch:
            self._reset()
        elif feed.revoking_seq > self.checked_at:
            await self.relay.recheck([self])
        elif feed.ring is not None and self.cursor < feed.ring.last:
            if not feed.ring.covers(self.cursor) and not await feed.reach_back(self.cursor):
                self._reset()
            elif feed.revoking_seq <= self.checked_at and feed.epoch == self.epoch:
                frames, self.cursor = feed.ring.after(self.cursor, CHUNK)
                return frames
        else:
            return self._asides()
        self._news = True
        return []

    def _asides(self) -> list[bytes]:
        """Events without an id: presence when it changed, keep-alive when it is time."""
        parts = []
        if self.presence != self.feed.presence:
            self.presence = self.feed.presence
            parts.append(self.presence)
        if self.beat != self.feed.beat:
            self.beat = self.feed.beat
            parts.append(keep_alive(self.feed.head, self.relay.database))
        return parts

    def _reset(self) -> None:
        self.end("stream-reset", json.dumps({"head": self.feed.head}))

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        self._blocked_since = time.monotonic()
        try:
            await self.send({"type": "http.response.body", "body": body, "more_body": more})
        finally:
            self._blocked_since = None


# --- the door ----------------------------------------------------------------------------------------------


class StreamDoor:
    """The ASGI application behind `/b/KEY/live/`."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.ask = DatabaseThread("door-database")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, for as long as its stream lasts. Never raises for what the other side does."""
        try:
            await self._answer(scope, receive, send)
        except Answer as answer:
            await _send_plain(send, answer)
        except (DatabaseError, LookupError, OSError) as problem:
            log.warning("no stream: %r", problem)
            await _send_plain(send, Answer(503, "The database is away; try again.", retry_after="1"))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = PATH.fullmatch(scope["path"])
        if path is None:
            raise Answer(404, "There is no such board.")
        if scope["method"] != "GET":
            raise Answer(405, "GET this.", allow="GET")
        headers = _headers(scope)
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        position = parse_position(headers.get(b"last-event-id", "") or query.get("lastEventId", [""])[-1])
        await self._database_is_there()
        admission = await self.ask(admit, headers.get(b"cookie", ""), path[1])
        if isinstance(admission, str):
            raise Answer(307, "The board has another key.", location=_moved_to(scope, admission))
        after = admission.head if position is None else position.seq
        if position is not None and position.board_id != admission.board_id:
            after = admission.head + 1  # another board had this key; that page cannot be told what to do
        if query.get("poll", [""])[-1] not in ("", "0"):
            await self._answer_poll(admission, after, send)
        else:
            await self._open(admission, after, receive, send)

    async def _database_is_there(self) -> None:
        """Wait a moment for the relay's connection: without it there is no news, and asking would pile up."""
        if self.relay.is_closing:
            raise Answer(503, "This server is stopping; try again.", retry_after="1")
        self.relay.start()
        try:
            async with asyncio.timeout(2):
                await self.relay.connected.wait()
        except TimeoutError:
            raise Answer(503, "The database is away; try again.", retry_after="2") from None

    async def _answer_poll(self, admission: Admission, after: int, send: Send) -> None:
        body = await self.ask(events_until_now, admission, after)
        self.relay.seen((admission.board_id, admission.user_id))
        length = (b"content-length", str(len(body)).encode())
        headers = [*headers_for(admission), length]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _open(self, admission: Admission, after: int, receive: Receive, send: Send) -> None:
        if len(self.relay.by_user.get(admission.user_id, ())) >= STREAMS_A_PERSON:
            raise Answer(429, "You have too many pages open; close some.", retry_after="30")
        began = time.monotonic()
        stream = Stream(self.relay, admission, after, send)
        self.relay.enter(stream)  # before the ring is asked: from here on nothing is missed
        watcher = asyncio.get_running_loop().create_task(_until_gone(receive, stream))
        try:
            await stream.feed.ready(admission.head, after)
            await send({"type": "http.response.start", "status": 200, "headers": headers_for(admission)})
            if after > admission.head:
                stream._reset()
            await self._run(stream)
        finally:
            watcher.cancel()
            self.relay.leave(stream)
            facts = {
                "board": admission.board_id,
                "user": admission.user_id,
                "from": after,
                "to": stream.cursor,
            }
            requests.info("stream", extra={"facts": facts | {"s": round(time.monotonic() - began, 1)}})

    async def _run(self, stream: Stream) -> None:
        try:
            await stream.run()
        except (DatabaseError, LookupError) as problem:
            log.warning("a stream ends: %r", problem)
            last = stream.ending or named("bye", '{"reason":"unknown"}')
            await stream.send({"type": "http.response.body", "body": last})
        except OSError:
            pass  # the reader went in the middle of a word


async def _until_gone(receive: Receive, stream: Stream) -> None:
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


def _moved_to(scope: Scope, key: str) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope.get('root_path', '')}/b/{quote(key)}/live/" + (f"?{query}" if query else "")


async def _send_plain(send: Send, answer: Answer) -> None:
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
