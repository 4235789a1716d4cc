"""A page lays out so much of decisions as well, however many there are and however long they are."""

from __future__ import annotations

import pytest

from boards.models import Card
from comments.decisions import record_decision
from fluxboard.accounts.models import User
from fluxboard.core import limits
from tests.boards.test_pages import page, signed_in

pytestmark = pytest.mark.django_db

FITS = limits.PAGE_TEXT // limits.TEXT
MORE = 3


@pytest.fixture
def long_ones(card: Card, ana: User) -> None:
    for number in range(FITS + MORE):
        record_decision(card, f"**number {number}** " + "x " * (limits.TEXT // 2 - 10), by=ana)


@pytest.mark.parametrize(
    "address", ["/decisions/", "/b/FLX/decisions/", "/c/FLX-1/", "/b/FLX/at/?seq={seq}&card=1"]
)
def test_the_newest_are_laid_out_and_the_rest_is_shown_as_typed(
    long_ones: None, card: Card, ana: User, address: str
) -> None:
    card.board.refresh_from_db()
    html = page(signed_in(ana), address.format(seq=card.board.seq))
    last = FITS + MORE - 1
    for number in (last, last - 1):
        assert f"<strong>number {number}</strong>" in html
    for number in range(MORE - 1):
        assert f"<strong>number {number}</strong>" not in html
        assert f"<pre>**number {number}**" in html
