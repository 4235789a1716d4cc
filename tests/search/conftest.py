"""Ana and Kenji before the pages of search."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from boards.models import Board
from fluxboard.accounts.models import User


class Reader:
    """Somebody before the pages, without a script."""

    def __init__(self, person: User) -> None:
        self.client = Client()
        self.client.force_login(person)

    def page(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200
        return str(answer.content.decode())

    def send(self, address: str, **typed: str) -> Any:
        return self.client.post(address, {"request_id": str(uuid.uuid4()), **typed})

    def lists(self) -> list[tuple[str, list[str]]]:
        """The lists on the search page, with the names in them."""
        page = self.page("/search/")
        page = page[page.index('id="saved-h"') : page.index("</main>")]
        found = []
        for part in page.split("<h3 ")[1:]:
            title = re.sub(r"<[^>]+>", "", part[part.index(">") + 1 : part.index("</h3>")])
            found.append((title, re.findall(r'data-field="name">([^<]*)', part)))
        return found


@pytest.fixture
def anas(ana: User, board: Board) -> Reader:
    return Reader(ana)


@pytest.fixture
def kenjis(kenji: User, board: Board) -> Reader:
    return Reader(kenji)
