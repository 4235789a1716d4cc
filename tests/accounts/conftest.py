"""People without boards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from fluxboard.accounts.models import User
from tests.cast import person


@pytest.fixture
def ana(db: None) -> User:
    return person("ana")


@pytest.fixture
def kenji(db: None) -> User:
    return person("kenji")


@pytest.fixture
def admin(db: None) -> User:
    return person("priya", is_staff=True, is_superuser=True)


def asked_again(who: User) -> Client:
    """A browser in which this person is signed in and has just been asked for their password once more."""
    client = signed_in(who)
    client.post("/accounts/reauthenticate/", {"password": who.handle})
    return client


def link_in(mail: Any) -> str:
    """The path of the link in a mail of ours, which leads to the public address."""
    link = re.search(r"http://localhost:8000(/\S+)", str(mail.body))
    assert link, mail.body
    return link[1]


def signed_in(who: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(who)
    return client
