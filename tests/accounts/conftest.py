"""People without boards."""

from __future__ import annotations

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


def signed_in(who: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(who)
    return client
