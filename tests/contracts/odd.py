"""What nobody should send and somebody will: odd values, and odd ways to send a form. In a fixed order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

URLENCODED = "application/x-www-form-urlencoded"
DIGITS = [
    "²",
    "٣",
    "１２",
    "-1",
    "+1",
    "0",
    "00",
    "1.5",
    "1e3",
    "1_0",
    "0x1F",
    "½",
    "NaN",
    "Infinity",
    "1e400",
]
DIGITS += ["2147483648", "9223372036854775807", "9223372036854775808", "9" * 30, "9" * 5_000, "-" + "9" * 30]
KEYS = ["FLX-²", "FLX-٣", "FLX-", "-1", "FLX-0", f"FLX-{'9' * 30}", "flx-1", "FLX-1\0", "OTH-1", "FLX:1", ":"]
DAYS = ["0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-29", "2028-02-29", "20260101"]
DAYS += [
    "2026-W01-1",
    "٢٠٢٦-10-15",
    "26-10-15",
    "0026-10-15",
    "2026-10-15T00:00",
    "−2026-10-15",
    "to",
    "- to -",
]
TIMES = ["0001-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00+14:00", "9999-12-31T23:59:59-12:00"]
TIMES += [
    "2026-03-29T01:30",
    "2026-10-25T01:30:00.5",
    "2026-10-12T24:00",
    "24:00",
    "23:59:59.999999",
    "25:61",
]
IDS = [
    "00000000-0000-0000-0000-000000000000",
    "urn:uuid:0",
    "{" + "0" * 32 + "}",
    "٣" * 32,
    "g" * 36,
    "0" * 31,
]
TEXTS = ["", " ", "\n\t\r\n ", "\0", "a\0b", "\ud800", "a\udfffb", "\x01\x1b[31m\x7f", "\u0085\u2028\u2029"]
TEXTS += [
    "\u202e\u200f\u200b\ufeff",
    "a" + "\u0301" * 2_000,
    "x" * 25_000,
    "x\n" * 600,
    "%",
    "%s%n{0}{{x}}{% x %}",
]
TEXTS += ["'; --", '"><b>', "../../etc/passwd", "\\", "[]", "{}", '{"a": [1]}', "null", "None", "true", "on"]
NAMES = [
    "Europe/../UTC",
    "Mars/Olympus",
    "EST",
    "ana@",
    "@",
    "a@b",
    "items",
    "__class__",
    "pk",
    "id",
    "none",
    "me",
]
VALUES = [*DIGITS, *KEYS, *DAYS, *TIMES, *IDS, *TEXTS, *NAMES]

Sent = tuple[bytes, str]  # a body and its content type
Fields = dict[str, Any]


def encoded(fields: Any) -> bytes:
    """As a form is sent, halves of characters as the bytes that they would be."""
    return urlencode(fields, doseq=True, errors="surrogatepass").encode()


def multipart(fields: Fields, boundary: str = "x", *, as_file: bool = False, more: str = "") -> bytes:
    parts = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            file = '; filename="odd.txt"' if as_file else ""
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{more}\r\n'
            parts.append(head.encode() + str(one).encode("utf-8", "surrogatepass") + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def each(fields: Fields, value: Any) -> Fields:
    return dict.fromkeys(fields, value)


# Ways to send a form whose fields hold what a browser would send.
WAYS: dict[str, Callable[[Fields], Sent]] = {
    "as it is": lambda f: (encoded(f), URLENCODED),
    "no field": lambda f: (b"", URLENCODED),
    "all empty": lambda f: (encoded(each(f, "")), URLENCODED),
    "all blanks": lambda f: (encoded(each(f, " \t\n")), URLENCODED),
    "all NUL": lambda f: (encoded(each(f, "\0")), URLENCODED),
    "all long": lambda f: (encoded(each(f, "9" * 25_000)), URLENCODED),
    "all lists": lambda f: (encoded({name: ["1", "²", ""] for name in f}), URLENCODED),
    "all doubled": lambda f: (encoded(f) + b"&" + encoded(each(f, "²")), URLENCODED),
    "names with brackets": lambda f: (encoded({f"{name}[0]": "1" for name in f}), URLENCODED),
    "bytes that are no text": lambda f: (
        b"&".join(encoded({name: ""}) + b"%ff%C0%AF%u1234%" for name in f),
        URLENCODED,
    ),
    "raw bytes": lambda f: (b"&".join(encoded({n: ""}) + b"\xff\xfe\x00" for n in f), URLENCODED),
    "nothing but signs": lambda f: (b"&&=&=&%=%&;;", URLENCODED),
    "JSON": lambda f: (b'{"title": ["x"], "text": {"a": null}}', "application/json"),
    "JSON called a form": lambda f: (b'{"title": "x"}', URLENCODED),
    "plain text": lambda f: (encoded(f), "text/plain"),
    "no content type": lambda f: (encoded(f), ""),
    "a charset that is none": lambda f: (encoded(f), f"{URLENCODED}; charset=nonsense"),
    "a charset of two bytes": lambda f: (encoded(f), f"{URLENCODED}; charset=utf-16"),
    "parts": lambda f: (multipart(f), "multipart/form-data; boundary=x"),
    "parts that are files": lambda f: (multipart(f, as_file=True), "multipart/form-data; boundary=x"),
    "parts without a boundary": lambda f: (multipart(f), "multipart/form-data"),
    "parts of another boundary": lambda f: (multipart(f), "multipart/form-data; boundary=other"),
    "parts cut off": lambda f: (multipart(f)[:-12], "multipart/form-data; boundary=x"),
    "parts in no charset": lambda f: (multipart(f), "multipart/form-data; boundary=x; charset=nonsense"),
    "parts in two bytes": lambda f: (multipart(f), "multipart/form-data; boundary=x; charset=utf-16"),
    "parts in broken base64": lambda f: (
        multipart(f, more="Content-Transfer-Encoding: base64\r\n"),
        "multipart/form-data; boundary=x",
    ),
    "parts that name an odd charset": lambda f: (
        multipart(f, as_file=True, more="Content-Type: text/plain; charset=hex\r\n"),
        "multipart/form-data; boundary=x",
    ),
}
# Headers that a browser, a script or a proxy sends, each with what it should never hold.
HEADERS = [
    "Last-Event-ID",
    "If-Modified-Since",
    "If-Unmodified-Since",
    "If-None-Match",
    "If-Match",
    "If-Range",
]
HEADERS += ["Range", "Accept", "Accept-Encoding", "Accept-Language", "Referer", "Origin", "HX-Current-URL"]
HEADERS += ["HX-Request", "X-Request-ID", "X-Requested-With", "X-Forwarded-For"]
HEADERS += ["X-Forwarded-Proto", "X-CSRFToken", "User-Agent", "Authorization", "Expect", "Content-Language"]
IN_HEADERS = [
    "²",
    "٣",
    "-1",
    "9" * 400,
    "x" * 4_000,
    "",
    " ",
    "http://[",
    "//",
    "http://a:99999/",
    "*",
    '"',
    'W/"',
]
IN_HEADERS += [
    "bytes=0-",
    "bytes=-1",
    "gzip;q=²",
    "q=;",
    "Mon, 32 Foo 99999 99:99:99 GMT",
    "\xff\xfe",
    "board-1:²",
]
COOKIES = [
    "",
    "²",
    "x",
    "0" * 32,
    '"\\000abcdefgh"',
    "a" * 4_000,
    '"\\377\\376aaaaaaaa"',
    "[]",
    "e30:1:x",
    "%00" * 9,
]
