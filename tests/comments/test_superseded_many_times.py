"""A decision that is superseded hundreds of times: its card and its own page are shown, in bounded length."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments.decision_register import MOST_OLDER, decision_shown, decisions_on
from comments.decisions import record_decision
from fluxboard.accounts.models import User

TIMES = 300


@pytest.fixture
def latest(card: Any, ana: User) -> Any:
    decision = record_decision(card, "Colour 1.", by=ana)
    for number in range(2, TIMES + 1):
        decision = record_decision(card, f"Colour {number}.", by=ana, supersedes=decision)
    return decision


def test_each_page_that_shows_it_answers_and_leads_back_to_the_first(latest: Any, card: Any, ana: User):
    client = Client()
    client.force_login(ana)
    (shown,) = decisions_on(card, ana)
    before = [f"D-{TIMES - n}" for n in range(1, MOST_OLDER + 1)]
    assert [old.decision.key for old in shown.older] == before
    assert [old.decision.key for old in decision_shown(latest, ana).older] == before
    page = client.get("/c/FLX-1/")
    assert page.status_code == 200 and f"D-{TIMES - MOST_OLDER - 1} and those before it" in page.text
    with CaptureQueriesContext(connection) as asked:
        page = client.get(f"/b/FLX/decisions/{TIMES}/")
    assert page.status_code == 200 and len(asked) < 25
    for path in (
        f"/b/FLX/decisions/{MOST_OLDER}/",
        "/b/FLX/decisions/1/",
        "/b/FLX/decisions/",
        "/b/FLX/at/?card=1",
    ):
        assert client.get(path).status_code == 200, path
    oldest = decision_shown(latest.board.decisions.get(number=MOST_OLDER + 1), ana)
    assert oldest.older[-1].decision.key == "D-1" and oldest.before is None
