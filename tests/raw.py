"""Requests as bytes on a socket: what no browser sends, and what comes back."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from typing import NamedTuple

from tests.live import PATIENCE, LiveApp


def head(*lines: str, first: str = "POST /accounts/login/ HTTP/1.1", host: str = "localhost") -> str:
    """The head of a request with its empty line."""
    return "\r\n".join([first, f"Host: {host}", *lines, "", ""])


@contextlib.contextmanager
def line_to(server: LiveApp, seconds: float = 30, receive_buffer: int = 0) -> Iterator[socket.socket]:
    """A connection to the server. A small `receive_buffer` lets answers pile up at the other end."""
    with socket.socket() as line:
        if receive_buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        line.settimeout(seconds)
        line.connect(("127.0.0.1", server.port))
        yield line


def talk(server: LiveApp, said: bytes | str, answers: int = 1, seconds: float = PATIENCE) -> bytes:
    """Everything that comes back on one connection, until it is closed or, after so many answers, still."""
    with line_to(server, seconds) as line:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(said.encode("latin-1") if isinstance(said, str) else said)
        heard = b""
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while part := line.recv(65_536):
                heard += part
                if len(statuses(heard)) >= answers:
                    line.settimeout(0.6)
        return heard


def until_closed(line: socket.socket) -> bytes:
    """Everything that comes until the other end closes. Raises TimeoutError when it does not."""
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while part := line.recv(65_536):
            heard += part
    return heard


def first_answer(line: socket.socket) -> RawAnswer:
    """The next answer's status and headers; its body may still be under way."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        part = line.recv(65_536)
        assert part, f"closed without an answer: {heard!r}"
        heard += part
    return answers(heard)[0]


def statuses(heard: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", heard)]


class RawAnswer(NamedTuple):
    """A status, headers by their small names, and what follows."""

    status: int
    headers: dict[str, str]
    body: bytes


def answers(heard: bytes) -> list[RawAnswer]:
    """The answers in what was heard; 100 (Continue) is left out."""
    found = []
    for part in re.split(rb"(?=HTTP/1\.1 \d{3} )", heard):
        lines, _, body = part.partition(b"\r\n\r\n")
        first, *rest = lines.decode("latin-1").split("\r\n")
        if first and not first.startswith("HTTP/1.1 100"):
            pairs = (line.partition(":") for line in rest)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            found.append(RawAnswer(int(first.split()[1]), headers, body))
    return found
