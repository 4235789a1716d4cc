"""Probes, the pages of an outage, and what the request log tells and keeps to itself."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator

import pytest
from django.test import Client

from fluxboard.request_log import JsonFormatter
from tests.conftest import connect_to


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


@pytest.mark.django_db
def test_an_id_that_could_forge_a_log_is_replaced(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"X-Request-ID": 'x","level":"error'})
    assert len(answer["X-Request-ID"]) == 32
