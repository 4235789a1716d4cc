"""A session cookie that holds what no key holds: whoever sends it is a guest, and nothing is a fault."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

# In quotes, a backslash and three digits are a byte: so a cookie can hold a NUL.
ODD = ['"\\000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"', '"\\377\\376aaaaaaaaaaaa"', "x" * 4_000, "", "a-b-c-d-e-f"]


@pytest.mark.parametrize("value", ODD)
def test_an_odd_session_cookie_is_none(value: str, db: Any):
    client = Client()
    client.cookies.load(f"sessionid={value}")
    answer = client.get("/")
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    assert client.get("/accounts/login/").status_code == 200
