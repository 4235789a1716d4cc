"""The headers that every answer carries, whoever makes it, and the short plain answers of the server itself.

A page brings its own policy and says itself how long it may be kept. What says nothing gets the strictest.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from fluxboard.core.asgi_types import Message, Scope, Send

Header = tuple[bytes, bytes]

POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
}
_IN_BYTES = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_AS_LINES = b"".join(f"{name}: {value}\r\n".encode() for name, value in HEADERS.items())


class RequestRefused(Exception):
    """The request is answered by a status and one plain line, and what is left of its body is not read."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers: list[Header] = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]


class GuardedSend:
    """ASGI's `send`, which adds what an answer lacks of HEADERS, and sends no body to HEAD.

    `has_begun`: something was answered.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self.send = send
        self.is_head = scope.get("method") == "HEAD"
        self.is_secure = _is_secure(scope)
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            message = {**message, "headers": self._completed(message.get("headers", ()))}
        elif self.is_head and message.get("body"):
            message = {**message, "body": b""}
        await self.send(message)

    def _completed(self, headers: Any) -> list[Header]:
        given = {name.lower() for name, _ in headers}
        lacking = [header for header in _IN_BYTES if header[0] not in given]
        if self.is_secure and settings.SECURE_HSTS_SECONDS and b"strict-transport-security" not in given:
            age = f"max-age={settings.SECURE_HSTS_SECONDS}".encode()
            lacking.append((b"strict-transport-security", age))
        return [*headers, *lacking]


async def send_plain(send: Send, status: int, text: str, *headers: Header) -> None:
    """Answer with one line of text."""
    body = f"{text}\n".encode()
    plain = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*plain, *headers]})
    await send({"type": "http.response.body", "body": body})


def completed_head(answer: bytes) -> bytes:
    """The bytes of an answer that gunicorn makes by itself, with HEADERS at the end of its head."""
    head, end, body = answer.partition(b"\r\n\r\n")
    return head + b"\r\n" + _AS_LINES[:-2] + end + body if end else answer


def raw_refusal(status: str, text: str, *lines: str) -> bytes:
    """A whole answer for a connection that no request is read from. `status` such as "503 Too busy"."""
    body = f"{text}\n"
    head = [f"HTTP/1.1 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}"]
    return completed_head("\r\n".join([*head, *lines, "Connection: close", "", body]).encode())


def _is_secure(scope: Scope) -> bool:
    if scope.get("scheme") == "https":
        return True
    trusted = settings.SECURE_PROXY_SSL_HEADER
    if not trusted:
        return False
    name = trusted[0].removeprefix("HTTP_").replace("_", "-").lower().encode()
    return any(one == name and value.decode("latin-1") == trusted[1] for one, value in scope["headers"])
