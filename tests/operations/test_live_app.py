"""The fixtures that other tests drive the real server with."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model

from tests.live import LiveApp

if TYPE_CHECKING:
    from playwright.sync_api import Page


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


@pytest.mark.faults
def test_a_killed_worker_is_replaced(live_app: LiveApp) -> None:
    before = live_app.procs
    assert len(before) == 3
    killed = live_app.kill_worker()
    until = time.monotonic() + 20
    while (len(live_app.procs) < 3 or killed in live_app.procs) and time.monotonic() < until:
        time.sleep(0.1)
    assert len(live_app.procs) == 3
    assert get(f"{live_app.url}/readyz") == 200


@pytest.mark.browser
def test_a_person_made_here_is_signed_in_there(shared_app: LiveApp, page_for: Callable[..., Page]) -> None:
    ada = get_user_model().objects.create_user("ada@example.org", "correct horse", name="Ada Byron")
    page = page_for(ada)
    page.goto("/accounts/password/change/")
    assert page.url == f"{shared_app.url}/accounts/password/change/"
    assert page_for().goto("/healthz").status == 200
