"""The page door: one hop a request, no view for a body cut off, streamed answers given up with the reader."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from fluxboard.asgi import Doors
from fluxboard.server import page_handler
from fluxboard.server.page_handler import PageHandler
from tests.live import PATIENCE

seen: list[Any] = []
released = threading.Event()


def echo(request: HttpRequest) -> HttpResponse:
    seen.append((threading.current_thread().name, request.body))
    response = HttpResponse(request.body, headers={"X-Path": request.path})
    response.set_cookie("crumb", "1")
    return response


def endless(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        try:
            while True:
                seen.append(threading.current_thread().name)
                yield b"part "
                time.sleep(0.001)
        finally:
            seen.append("closed")

    return StreamingHttpResponse(parts())


def few(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter(["a", "", "b"]))


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(io.BytesIO(b"f" * int(request.GET["size"])))


def slow(request: HttpRequest) -> HttpResponse:
    released.wait(PATIENCE)
    return HttpResponse("done")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("echo/", echo),
    path("endless/", endless),
    path("few/", few),
    path("file/", file),
    path("slow/", slow),
    path("broken/", broken),
]

pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def bare() -> Iterator[None]:
    """Our handler, these addresses, no middleware and so no database."""
    seen.clear()
    released.clear()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield
    released.set()


class Call:
    """One ASGI call: what is received can be scripted, what is sent is kept."""

    def __init__(self, path: str, *body: bytes, method: str = "POST", length: int | None = None) -> None:
        name, _, query = path.partition("?")
        size = sum(map(len, body)) if length is None else length
        self.scope = {
            "type": "http",
            "method": method,
            "path": name,
            "query_string": query.encode(),
            "headers": [(b"host", b"localhost"), (b"content-length", str(size).encode())],
        }
        self.messages = [
            {"type": "http.request", "body": part, "more_body": n < len(body) - 1}
            for n, part in enumerate(body or (b"",))
        ]
        self.sent: list[Any] = []
        self.gone = asyncio.Event()
        self.leaves_after: int | None = None

    async def receive(self) -> Any:
        if self.messages:
            return self.messages.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if self.leaves_after is not None and len(self.sent) >= self.leaves_after:
            self.gone.set()

    async def by(self, handler: Any) -> Call:
        await Doors(handler, None, None)(self.scope, self.receive, self.send)  # type: ignore[arg-type]
        return self

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def is_whole(self) -> bool:
        return not self.sent[-1].get("more_body", False)


class OwnDoor(PageHandler):
    """Sends signals of its own, so that no other request's are counted."""


def test_a_request_is_one_hop_with_djangos_signals_around_it() -> None:
    signals: list[str] = []

    def note(sender: Any, signal: Any, **kwargs: Any) -> None:
        signals.append(
            f"{'started' if signal is request_started else 'finished'} {threading.current_thread().name}"
        )

    request_started.connect(note, sender=OwnDoor)
    request_finished.connect(note, sender=OwnDoor)
    try:
        call = asyncio.run(Call("/echo/", b"two ", b"parts").by(OwnDoor()))
    finally:
        request_started.disconnect(note, sender=OwnDoor)
        request_finished.disconnect(note, sender=OwnDoor)
    assert (call.status, call.body) == (200, b"two parts")
    assert (b"X-Path", b"/echo/") in call.sent[0]["headers"]
    assert any(
        name == b"Set-Cookie" and value.startswith(b"crumb=1") for name, value in call.sent[0]["headers"]
    )
    (thread, _) = seen[0]
    assert signals == [f"started {thread}", f"finished {thread}"]
    assert thread.startswith("page")


@pytest.mark.parametrize("promised", [100, 3])
def test_a_body_that_is_cut_off_reaches_no_view(promised: int) -> None:
    call = Call("/echo/", b"half", length=promised)
    if promised == 100:
        call.messages[-1]["more_body"] = True
    call.gone.set()
    asyncio.run(call.by(PageHandler()))
    assert (seen, call.sent) == ([], [])


@pytest.mark.parametrize("length", [None, 10])
def test_a_body_that_is_too_large_is_refused_promised_or_not(length: int | None) -> None:
    handler = PageHandler()
    handler.bodies.most = 50
    call = asyncio.run(Call("/echo/", *[b"x" * 20] * 4, length=length).by(handler))
    assert (call.status, seen) == (413, [])


def test_a_streamed_answer_is_whole() -> None:
    call = asyncio.run(Call("/few/", method="GET").by(PageHandler()))
    assert (call.status, call.body, call.is_whole) == (200, b"ab", True)


@pytest.mark.parametrize("size", [0, 10, 65_536, 300_000, 1_000_000])
def test_files_come_whole_small_ones_in_one_message(size: int) -> None:
    call = asyncio.run(Call(f"/file/?size={size}", method="GET").by(PageHandler()))
    assert (call.status, call.body, call.is_whole) == (200, b"f" * size, True)
    assert len(call.sent) == 2 or size > page_handler.FILE_IN_ONE_HOP


def test_a_streamed_answer_is_given_up_when_the_reader_goes() -> None:
    async def story() -> Call:
        handler = PageHandler()
        call = Call("/endless/", method="GET")
        call.leaves_after = 5
        await call.by(handler)
        handler.threads.shutdown(wait=True)
        return call

    call = asyncio.run(story())
    assert not call.is_whole
    assert seen[-1] == "closed"
    assert all(name == "closed" or name.startswith("page") for name in seen)


def test_a_view_that_breaks_is_a_500_and_the_next_one_works() -> None:
    async def story() -> tuple[Call, Call]:
        handler = PageHandler()
        return await Call("/broken/").by(handler), await Call("/echo/", b"still here").by(handler)

    broken, after = asyncio.run(story())
    assert broken.status == 500
    assert after.body == b"still here"


def test_too_many_waiting_requests_are_told_so_at_once() -> None:
    async def story() -> tuple[Call, list[Call]]:
        handler = PageHandler()
        waiting = [asyncio.create_task(Call("/slow/").by(handler)) for _ in range(page_handler.QUEUE)]
        while handler.waiting < page_handler.QUEUE:
            await asyncio.sleep(0)
        refused = await Call("/slow/").by(handler)
        released.set()
        return refused, list(await asyncio.gather(*waiting))

    refused, served = asyncio.run(story())
    assert refused.status == 503
    assert (b"retry-after", b"1") in refused.sent[0]["headers"]
    assert {call.status for call in served} == {200}


def test_the_process_says_that_it_lives_while_every_thread_waits() -> None:
    async def story() -> Call:
        handler = PageHandler()
        waiting = [asyncio.create_task(Call("/slow/").by(handler)) for _ in range(page_handler.THREADS + 1)]
        while handler.waiting <= page_handler.THREADS:
            await asyncio.sleep(0)
        alive = await Call("/healthz", method="GET").by(handler)
        released.set()
        await asyncio.gather(*waiting)
        return alive

    alive = asyncio.run(story())
    assert (alive.status, alive.body) == (200, b"ok\n")


def test_only_streams_go_through_the_stream_door() -> None:
    went: list[str] = []

    def door(name: str) -> Any:
        async def take(scope: Any, receive: Any, send: Any) -> None:
            went.append(f"{name} {scope['path']}")

        return take

    async def story() -> None:
        doors = Doors(door("page"), door("stream"), None)  # type: ignore[arg-type]
        for address in (
            "/b/FLX/live/",
            "/b/FLX/events/",
            "/b/FLX/",
            "/b/FLX/live",
            "/b/FLX/live/x/",
            "/c/FLX-1/",
        ):
            scope = Call(address, method="GET").scope
            await doors(scope, None, None)  # type: ignore[arg-type]

    asyncio.run(story())
    assert went == [
        "stream /b/FLX/live/",
        "stream /b/FLX/events/",
        "page /b/FLX/",
        "page /b/FLX/live",
        "page /b/FLX/live/x/",
        "page /c/FLX-1/",
    ]
