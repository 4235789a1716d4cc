"""The server's two doors: a board's event stream, and everything else.

Pages are plain synchronous views in a small pool of threads, each request in one hop. Streams never enter
that pool (`activity.live.stream`). The lifespan starts and stops the relay that feeds them.
"""

from __future__ import annotations

import logging
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluxboard.settings")
django.setup(set_prefix=False)

from django.urls import get_resolver  # noqa: E402

from activity.live.endpoint import PATH, StreamDoor  # noqa: E402
from activity.live.relay import Relay, relay  # noqa: E402
from fluxboard.core.asgi_types import Receive, Scope, Send  # noqa: E402
from fluxboard.server.answers import GuardedSend, RequestRefused, send_plain  # noqa: E402
from fluxboard.server.connections import answering, has_arrived, receiving  # noqa: E402
from fluxboard.server.hosts import look_at_target  # noqa: E402
from fluxboard.server.middleware.request_log import log_refusal  # noqa: E402
from fluxboard.server.page_handler import (  # noqa: E402
    PageHandler,
    header,
)
from fluxboard.server.request_bodies import throw_away  # noqa: E402

log = logging.getLogger("fluxboard.server")


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
        except RequestRefused as refused:
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
                raise RequestRefused(405, "GET this.", allow="GET, HEAD")
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
    if header(scope, b"transfer-encoding") or header(scope, b"content-length") not in ("", "0"):
        raise RequestRefused(413, "There is nothing to send here.")


pages = PageHandler()
_ = get_resolver().url_patterns  # the first request should not wait for all views to be imported
application = Doors(pages, StreamDoor(relay), relay)
