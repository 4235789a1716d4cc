"""What stands in place of a passkey's answer is refused, by each form that takes one, and is no fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from fluxboard.accounts.models import User

BYTES, NONE = "AAAA", {"type": "public-key", "id": "AAAA", "rawId": "AAAA"}
CLIENT = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQUFBQSIsIm9yaWdpbiI6Imh0dHA6Ly90ZXN0c2VydmVyIn0"
ODD: list[Any] = [[], {}, None, True, 1, "x", [[]], {"id": []}, {"response": None}, {"response": []}]
ODD += [
    NONE,
    NONE | {"response": {}},
    NONE | {"response": {"clientDataJSON": BYTES, "authenticatorData": BYTES}},
]
for handle in (None, [], 1, "", "²", "MQ", "/w", "AA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"):
    answer = {"clientDataJSON": CLIENT, "authenticatorData": BYTES, "signature": BYTES, "userHandle": handle}
    ODD.append(NONE | {"response": answer | {"attestationObject": BYTES}})
    ODD.append(NONE | {"response": answer | {"authenticatorData": "A" * 200, "attestationObject": "oA"}})
TEXTS = ["", "\0", "{", "9" * 5_000, "[" * 5_000, "1e999", "NaN", "x" * 30_000, *map(json.dumps, ODD)]


@pytest.fixture
def guest(db: Any) -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def member(ana: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    assert client.post("/accounts/reauthenticate/", {"password": "ana"}).status_code == 302
    return client


def test_the_sign_in_takes_nothing_else_for_a_passkey(guest: Client):
    for text in TEXTS:
        cache.clear()  # which counts attempts
        guest.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
        answer = guest.post("/accounts/2fa/webauthn/login/", {"credential": text})
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"), text[:90]
        assert "_auth_user_id" not in guest.session


@pytest.mark.parametrize("path", ["/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/reauthenticate/"])
def test_somebody_signed_in_gets_the_form_again(path: str, member: Client, ana: User):
    for text in TEXTS:
        cache.clear()
        member.get(path)
        answer = member.post(path, {"credential": text, "name": "Key"})
        assert answer.status_code in {200, 302}, (text[:90], getattr(answer, "exc_info", None))
    assert not ana.authenticator_set.exists()
