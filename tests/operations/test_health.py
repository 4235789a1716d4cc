"""Probes, the pages of an outage, and what the request log tells and keeps to itself."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from psycopg_pool import PoolTimeout

from fluxboard.core.postgres import base
from fluxboard.core.postgres.base import Gate
from fluxboard.server.middleware.query_deadline import Deadlines
from fluxboard.server.middleware.request_log import JsonFormatter
from tests.conftest import connect_to
from tests.live import PATIENCE


@pytest.fixture
def outage(transactional_db: None) -> Iterator[None]:
    """No database answers for the length of the test."""
    ours = os.environ["DATABASE_URL"]
    connect_to("postgresql://fluxboard@127.0.0.1:1/away?connect_timeout=1")
    yield
    connect_to(ours)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_need_no_host_name(client: Client, address: str) -> None:
    answer = client.get(address, headers={"host": "10.1.2.3:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "no-store"


def test_an_outage_is_a_503_that_says_when_to_come_back(outage: None) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    client.cookies["sessionid"] = "somebodysomebodysomebodysomebody"
    answer = client.get("/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "3"
    assert b"Back in a moment" in answer.content


@pytest.mark.django_db
def test_a_request_is_one_line_without_secrets(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    token = "CA7zaeLzwxoIs9-BJF18g1Eb3TNtr0PdnNV3fJkz-8w"
    with caplog.at_level(logging.INFO, logger="fluxboard.requests"):
        answer = client.get(
            f"/accounts/welcome/{token}/?q=salary", headers={"X-Request-ID": "from-the-proxy-1"}
        )
    line = JsonFormatter().format(caplog.records[-1])
    facts = json.loads(line)
    assert facts["id"] == answer["X-Request-ID"] == "from-the-proxy-1"
    assert (facts["method"], facts["status"]) == ("GET", answer.status_code)
    assert facts["path"] == "/accounts/welcome/…/"
    assert "salary" not in line


def test_a_line_says_when_where_and_what_went_wrong_and_no_more() -> None:
    logger = logging.getLogger("fluxboard.test")
    try:
        raise ValueError("boom")
    except ValueError:
        record = logger.makeRecord(
            "fluxboard.test", logging.ERROR, "x.py", 1, "it %s", ("broke",), sys.exc_info(),
            extra={"facts": {"board": 7, "path": "/ö"}, "request": "<GET /?q=salary>"},
        )  # fmt: skip
    line = JsonFormatter().format(record)
    said = json.loads(line)
    assert list(said) == ["at", "level", "logger", "message", "board", "path", "trace"]
    assert (said["level"], said["logger"], said["message"]) == ("error", "fluxboard.test", "it broke")
    assert dt.datetime.fromisoformat(said["at"]).utcoffset() == dt.timedelta()
    assert said["trace"].endswith("ValueError: boom")
    assert "/ö" in line
    assert "\n" not in line


@pytest.mark.django_db
def test_an_id_that_could_forge_a_log_is_replaced(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"X-Request-ID": 'x","level":"error'})
    assert len(answer["X-Request-ID"]) == 32


def test_a_form_of_an_outage_keeps_what_was_typed_but_no_password(outage: None) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "somebodysomebodysomebodysomebody"
    fields = {
        "title": "A <b>bold</b> word",
        "version": "7",
        "request_id": "b6c0e9f0-0000-4000-8000-000000000000",
    }
    kept = client.post("/c/FLX-1/do/retitled/?panel=1", urlencode(fields), FORM)
    assert kept.status_code == 503
    page = kept.content.decode()
    assert 'action="/c/FLX-1/do/retitled/?panel=1"' in page
    assert "A &lt;b&gt;bold&lt;/b&gt; word</textarea>" in page
    assert f'name="request_id" value="{fields["request_id"]}"' in page
    secret = client.post("/accounts/login/", urlencode({"login": "a@b.c", "password": "sesame"}), FORM)
    assert "sesame" not in secret.content.decode()


FORM = "application/x-www-form-urlencoded"


def test_a_request_that_waits_too_long_is_hung_up_and_the_next_one_works(transactional_db: None) -> None:
    deadlines = Deadlines()
    began = time.monotonic()
    with pytest.raises(OperationalError), deadlines.within(0.3), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(300)")
    assert time.monotonic() - began < PATIENCE
    connection.close()
    with deadlines.within(PATIENCE), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_one_at_a_time_asks_a_pool_that_was_just_asked_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "SHUT_FOR", 0.0)
    gate = Gate()
    with pytest.raises(PoolTimeout), gate.patience() as seconds:
        assert seconds is None
        raise PoolTimeout
    with gate.patience() as tries:
        with gate.patience() as others:
            assert others == base.GLANCE
        assert tries is None
    with gate.patience() as seconds:
        assert seconds is None


def test_a_connection_is_heard_behind_a_thousand_open_streams(transactional_db: None) -> None:
    with ExitStack() as stack:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        while stack.enter_context(Path(os.devnull).open("rb")).fileno() < 1024:
            pass
        behind = stack.enter_context(psycopg.connect(os.environ["DATABASE_URL"]))
        assert behind.fileno() > 1023
        assert base.answers(behind)
        assert not behind.closed
