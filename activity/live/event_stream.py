"""`GET /b/KEY/events/`: the same events by django-eventstream's own view, for programs.

What comes is in django-eventstream's form: `stream-open`, every activity after the id that the request
names (in `Last-Event-ID`, else `?lastEventId=`; without either, after the board's head) as a message with the
id `board-<id>:<seq>`, in order, each once; `stream-reset` with the board's head as id where some cannot be
told, after which it goes on; `keep-alive` every 20 s. It ends as `/b/KEY/live/` does: with `revoked` or
`bye`, or with `stream-reset` where the database is another one.

The view reads by `BoardStorage`, asks `BoardChannels`, and is woken by the relay (`wake_listeners`). All its
readings are done in one thread with one connection, one after the other, however many streams there are.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connections
from django.http import HttpRequest, StreamingHttpResponse
from django_eventstream.views import events

from activity.live.database import once_more, use_own_connection
from activity.live.event_store import channel_of
from activity.live.open_stream import OpenStream

STREAMS_A_WORKER = 32


class EventStream(OpenStream):
    """One reader of django-eventstream's view.

    What it reads goes out only when the right to read is seen to have outlived the reading.
    """

    __slots__ = ()

    is_page = False
    is_presence = False

    async def run(self) -> None:
        try:
            response = await _ask(
                once_more, _respond, self.user_id, channel_of(self.feed.board_id), self.cursor
            )
            async with contextlib.aclosing(aiter(response)) as parts:
                await self._pass_on(parts)
        except DatabaseError:
            await _ask(connections.close_all)  # the next to come gets a new one
            raise
        await self._write(self.ending or b"", more=False)

    async def _pass_on(self, parts: AsyncIterator[bytes]) -> None:
        """Send what the view says until it ends, or this stream must."""
        sending = asyncio.get_running_loop().create_task(self._send(parts))
        sending.add_done_callback(lambda _: self.wake())
        try:
            while self.ending is None and not self.is_gone and not sending.done():
                self._news = False
                if self.feed.epoch != self.epoch:
                    self.reset()
                elif not self._news:
                    await self._wait()
        finally:
            sending.cancel()
            await asyncio.wait({sending})
        if not sending.cancelled():
            sending.result()

    async def _send(self, parts: AsyncIterator[bytes]) -> None:
        async for part in parts:
            await self.relay.recheck([self], _ask)
            if self.ending is not None:
                return
            await self._write(part)


async def _ask(function: Callable[..., Any], *args: Any) -> Any:
    """Call it in the thread in which django-eventstream reads."""
    return await sync_to_async(function)(*args)


@functools.cache
def _begin() -> None:
    """In the thread of all readings, which is one for the whole process."""
    use_own_connection()


def _respond(user_id: int, channel: str, after: int) -> StreamingHttpResponse:
    """django-eventstream's answer to someone who has had all of `channel` up to `after`."""
    _begin()
    request = HttpRequest()
    request.user = get_user_model().objects.get(pk=user_id)
    request.META["HTTP_LAST_EVENT_ID"] = f"{channel}:{after}"
    response = events(request, channels=[channel])
    if not isinstance(response, StreamingHttpResponse):
        raise LookupError(f"no stream of {channel} from {after} on")
    return response
