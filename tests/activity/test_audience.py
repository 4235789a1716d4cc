"""The readers of the tests themselves: they end with their block, however busy their thread is."""

from __future__ import annotations

import socket
import threading
import time

from tests.activity.sse import Audience, Reader

MESSAGE = b"id: board-1:1\ndata: {}\n\n"


def test_every_reader_has_hung_up_when_its_block_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reader = Reader([f"http://127.0.0.1:{server.getsockname()[1]}/live/"], "", 1, 0)
        hung_up = threading.Event()
        serving = threading.Thread(target=serve_one, args=(server, hung_up), daemon=True)
        serving.start()
        with Audience() as audience:
            audience.seat(reader)
            audience.loop.call_soon_threadsafe(time.sleep, 0.2)
        assert not reader.is_open
        assert audience.loop.is_closed()
        serving.join(60)
        assert hung_up.is_set()


def serve_one(server: socket.socket, hung_up: threading.Event) -> None:
    """A stream of one message that stays open until the reader goes."""
    line, _ = server.accept()
    with line:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n%x\r\n%b\r\n" % (len(MESSAGE), MESSAGE))
        while line.recv(4096):
            pass
    hung_up.set()
