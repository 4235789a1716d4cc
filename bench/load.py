"""A light client: some connections that each ask for one thing after another, for so many seconds.

`python -m bench.load` reads a JSON object from its input and prints one; it is a process of its own, so that
it measures from outside, and does no more for an answer than to read it whole and look at its status.
"""

from __future__ import annotations

import itertools
import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from fluxboard.server.embedded_postgres.addresses import PROJECT


@dataclass(frozen=True)
class Load:
    """What came of it: milliseconds of each answer in order, how long it all took, bytes of an answer."""

    ms: list[float]
    seconds: float
    size: int

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds

    def percentile(self, part: float) -> float:
        ordered = sorted(self.ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))]

    def __add__(self, other: Load) -> Load:
        return Load(self.ms + other.ms, self.seconds + other.seconds, other.size or self.size)


NOTHING = Load([], 0.0, 0)


Asked = tuple[str, str | None]  # an address, and the form that is sent there


def load(
    port: int,
    asked: list[Asked] | list[str],
    cookie: str,
    *,
    connections: int,
    seconds: float,
    token: str = "",
    once: bool = False,
) -> Load:
    """Ask over `connections` kept alive, each time for the next of `asked`, when the last answer has come.

    In turns; `once`: until each has been asked for. A form goes as a page's script sends it, with `token`.
    Raises RuntimeError when any answer was no 200.
    """
    wanted = {
        "port": port,
        "asked": [(one, None) if isinstance(one, str) else one for one in asked],
        "cookie": cookie,
        "connections": connections,
        "seconds": seconds,
        "token": token,
        "once": once,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        cwd=PROJECT,
    )
    if done.returncode:
        raise RuntimeError(f"the load ended early: {done.stderr.strip()[-2000:]}")
    return Load(**json.loads(done.stdout))


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self.got = bytearray()
        self.wanted = -1

    def ask(self, request: bytes) -> None:
        self.got.clear()
        self.wanted = -1
        self.begun = time.perf_counter()
        self.socket.sendall(request)

    def read(self) -> int:
        """The size of the answer's body once it is whole, else -1."""
        more = self.socket.recv(1 << 18)
        if not more:
            raise ConnectionError("the server hung up")
        self.got += more
        if self.wanted < 0:
            head, found, _ = self.got.partition(b"\r\n\r\n")
            if not found:
                return -1
            lines = head.lower().split(b"\r\n")
            if b" 200 " not in lines[0] + b" ":
                raise ConnectionError(f"no 200: {bytes(self.got[:300])!r}")
            length = next(line for line in lines if line.startswith(b"content-length:"))
            self.body = int(length.partition(b":")[2])
            self.wanted = len(head) + 4 + self.body
        return self.body if len(self.got) >= self.wanted else -1


def _request(port: int, cookie: str, token: str, path: str, form: str | None) -> bytes:
    head = f"{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
    head += "Accept-Encoding: gzip\r\nAccept: text/html\r\n"
    if form is None:
        return f"GET {head}\r\n".encode()
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
    return f"POST {head}HX-Request: true\r\nX-CSRFToken: {token}\r\n\r\n{form}".encode()


def _run(
    port: int,
    asked: list[Asked],
    cookie: str,
    connections: int,
    seconds: float,
    token: str,
    once: bool,
) -> dict[str, Any]:
    all_of_them = (_request(port, cookie, token, *one) for one in asked)
    requests = all_of_them if once else itertools.cycle(list(all_of_them))
    watched = selectors.DefaultSelector()
    every = [_Connection(port) for _ in range(connections)]
    for connection in every:
        watched.register(connection.socket, selectors.EVENT_READ, connection)
    taken: list[float] = []
    size, busy = 0, len(every)
    begun = time.perf_counter()
    for connection in every:
        connection.ask(next(requests))
    while busy:
        for key, _ in watched.select():
            connection = key.data
            size_now = connection.read()
            if size_now < 0:
                continue
            now = time.perf_counter()
            taken.append((now - connection.begun) * 1000)
            size = size_now
            following = next(requests, None) if now - begun < seconds else None
            if following is None:
                busy -= 1
            else:
                connection.ask(following)
    return {"ms": taken, "seconds": time.perf_counter() - begun, "size": size}


if __name__ == "__main__":
    json.dump(_run(**json.load(sys.stdin)), sys.stdout)
