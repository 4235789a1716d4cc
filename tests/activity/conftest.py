"""Fixtures of the streams: a `stage` on the shared server, an `audience` that reads, `get` for one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.activity.sse import Audience, Response
from tests.activity.stage import Stage, stage_on
from tests.live import LiveApp


@pytest.fixture
def stage(shared_app: LiveApp) -> Stage:
    return stage_on(shared_app)


@pytest.fixture
def audience() -> Iterator[Audience]:
    with Audience() as audience:
        yield audience


@pytest.fixture
def get(audience: Audience) -> Callable[..., Response]:
    """`get(url, cookie, **headers)`: the answer's head; `audience.do(answer.text())` reads its body."""

    def get(url: str, cookie: str = "", method: str = "GET", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return audience.do(Response.get(url, {"Cookie": cookie, **named}, method))

    return get
