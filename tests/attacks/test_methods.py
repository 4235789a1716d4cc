"""Every address x role x method: no fault, no change by a safe method, nothing for those without the role.

GET and POST are walked in `tests/contracts/test_addresses.py`; this builds the other methods on its rows.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client

from tests.contracts.test_addresses import (  # noqa: F401
    BY_SECRET,
    OF_PACKAGES,
    ROLES,
    TABLE,
    clients,
    expected,
    names,
    nothing_in_the_background,
    people,
    things,
)

SAFE = ("HEAD", "OPTIONS", "TRACE")
CHANGING = ("PUT", "PATCH", "DELETE")
CHANGE = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE)\b", re.IGNORECASE)
# What may be noted without anybody's doing: that someone is there, how often they asked.
NOTED = re.compile(r'"?(accounts_spent|accounts_cache|django_session)"?')


@contextmanager
def changes() -> Iterator[list[str]]:
    """The statements within that change a row of anything but bookkeeping."""
    found: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if CHANGE.match(str(sql)) and not NOTED.search(str(sql)):
            found.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def send(client: Client, method: str, path: str) -> Any:
    return client.generic(method, path, b"title=x", "application/x-www-form-urlencoded")


def test_a_safe_method_changes_nothing(things, clients):  # noqa: F811
    wrong = {}
    for row, role in itertools.product(TABLE.values(), ROLES):
        path = row.path.format(**things)
        for method in ("GET", *SAFE) if role == "owner" else SAFE:
            with changes() as made:
                answer = send(clients[role], method, path)
            fits = expected(row, "get", role) if method in ("GET", "HEAD") else {302, 303, 403, 404, 405}
            if made or answer.status_code not in fits:
                wrong[method, path, role] = answer.status_code, made[:1]
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


def test_a_method_that_nothing_asks_for_does_nothing(things, clients):  # noqa: F811
    """405 for those who may see the address, the same as ever for those who may not."""
    wrong = {}
    for row, role, method in itertools.product(TABLE.values(), ROLES, CHANGING):
        path = row.path.format(**things)
        with changes() as made:
            status = send(clients[role], method, path).status_code
        fits = {302, 303} if role == "anonymous" else {403, 404, 405}
        if made or status not in fits:
            wrong[method, path, role] = status, made[:1]
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


def test_a_secret_is_not_spent_by_any_other_method(things, clients):  # noqa: F811
    for path, method in itertools.product(BY_SECRET.values(), (*SAFE, *CHANGING)):
        with changes() as made:
            status = send(clients["anonymous"], method, path).status_code
        assert status in {405, 410} and not made, (method, path, status)


def test_addresses_of_packages_stand_every_method(things, clients):  # noqa: F811
    from django.urls import NoReverseMatch, reverse

    for name in sorted(set(names())):
        if not name.startswith(OF_PACKAGES):
            continue
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        for role, method in itertools.product(("member", "anonymous"), ("GET", *SAFE, *CHANGING)):
            if name == "account_logout":
                continue
            status = send(clients[role], method, path).status_code
            assert status < 500, (method, path, role, status)
