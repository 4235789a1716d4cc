"""A server that signs anybody in, says that it is an old PostgreSQL, and answers nothing else."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SSL, GSS = 80877103, 80877104


def message(kind: bytes, body: bytes) -> bytes:
    """One message of PostgreSQL's protocol: its kind, its length with the length itself, its body."""
    return kind + struct.pack("!i", len(body) + 4) + body


@contextmanager
def old_server(version: str = "16.4") -> Iterator[str]:
    """Its address, of libpq."""
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=[listening, version], daemon=True)
    thread.start()
    try:
        yield f"postgresql://fluxboard:secret@127.0.0.1:{listening.getsockname()[1]}/fluxboard"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _serve(listening: socket.socket, version: str) -> None:
    while True:
        try:
            line, _ = listening.accept()
        except OSError:
            return
        with line, suppress(OSError, struct.error):
            line.settimeout(10)
            _greet(line, version)


def _greet(line: socket.socket, version: str) -> None:
    while True:
        size, code = struct.unpack("!ii", line.recv(8, socket.MSG_WAITALL))
        line.recv(size - 8, socket.MSG_WAITALL)
        if code not in (SSL, GSS):
            break
        line.sendall(b"N")
    line.sendall(
        message(b"R", struct.pack("!i", 0))
        + message(b"S", b"server_version\0" + version.encode() + b"\0")
        + message(b"S", b"client_encoding\0UTF8\0")
        + message(b"K", struct.pack("!ii", 1, 1))
        + message(b"Z", b"I")
    )
    line.recv(5)
