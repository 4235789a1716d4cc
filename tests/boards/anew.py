"""A board's page beside the same page of a process that keeps nothing yet: what is kept must never show."""

from __future__ import annotations

import difflib
import gzip
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.test import Client
from django.utils import timezone

from boards.board_page import board_cache, page, viewer
from boards.rendering import card_front
from fluxboard.core.lru import LastUsed

FRESH = re.compile(
    r'(?<=data-csrf=")\w{64}|(?<=name="csrfmiddlewaretoken" value=")\w{64}'
    r'|(?<=name="request_id" value=")[0-9a-f-]{36}'
)


def shown(html: bytes) -> str:
    """A page without tokens, ids of requests, and blanks between its lines."""
    return re.sub(r">\s+<|><", ">\n<", FRESH.sub("·", html.decode())).strip()


@contextmanager
def nothing_kept() -> Iterator[None]:
    """As in a process that has just begun; afterwards all is kept as before."""
    caches = (page, "_frames"), (page, "_news"), (board_cache, "_chunks"), (viewer, "_ids")
    with ExitStack() as patches:
        for module, name in caches:
            patches.enter_context(mock.patch.object(module, name, LastUsed(1000)))
        patches.enter_context(mock.patch.object(board_cache, "_kept", board_cache._KeptBoards()))
        patches.enter_context(mock.patch.object(card_front, "_fronts", type(card_front._fronts)(1000)))
        yield


def assert_drawn_alike(client: Client, address: str) -> None:
    """The page at `address` as it comes, plain and compressed, and as it is drawn with nothing kept.

    All at one moment, since ages change.
    """
    with mock.patch.object(timezone, "now", return_value=timezone.now()):
        packed: Any = client.get(address, headers={"Accept-Encoding": "gzip"})
        plain: Any = client.get(address)
        with nothing_kept():
            anew: Any = client.get(address)
    assert anew.status_code == plain.status_code == packed.status_code == 200, address
    assert packed["Content-Encoding"] == "gzip"
    wanted = shown(anew.content)
    for answer in (plain.content, gzip.decompress(packed.content)):
        lines = difflib.unified_diff(wanted.splitlines(), shown(answer).splitlines(), "anew", "kept", n=0)
        assert not (apart := "\n".join(lines)), f"{address}:\n{apart}"
