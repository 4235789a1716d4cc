"""The standup that is narrowed to a saved search: to the cards that the page of that search finds."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards import actions as act
from boards.models import Board, Card, Column
from comments.actions import post_comment
from comments.decisions import record_decision
from fluxboard.accounts import rate_limits
from fluxboard.accounts.models import User
from fluxboard.features.search import search as searching
from fluxboard.features.search.search import cards_found, search
from fluxboard.features.search.syntax import parse_search
from tests.search.conftest import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(board: Board, ready: Column, ana: User, kenji: User) -> dict[str, Card]:
    """Two cards with a change each, of which one is labelled."""
    label = act.create_label(board, "Bug", 1, by=ana)
    found = {name: act.create_card(ready, name, by=ana) for name in ("Wanted", "Other")}
    act.label_card(found["Wanted"], label, by=ana)
    for card in found.values():
        post_comment(card, f"About {card.title}", by=kenji)
    return found


def test_the_standup_is_narrowed_to_a_saved_search_that_stands_in_its_address(
    told: dict[str, Card], anas: Reader, kenjis: Reader, ana: User, board: Board
) -> None:
    search = act.save_search(board, "Bugs", "label:bug", by=ana)
    own = act.save_own_search(ana, "My bugs", "label:bug wanted")
    page = anas.page("/standup/")
    assert f'<option value="board-{search.pk}">Bugs</option>' in page
    assert f'<option value="mine-{own.pk}">My bugs</option>' in page
    assert "About Other" in page or told["Other"].key in page
    for address in (f"/standup/?search=board-{search.pk}", f"/b/FLX/standup/?search=mine-{own.pk}&by=cards"):
        page = anas.page(address)
        assert told["Wanted"].key in page
        assert told["Other"].key not in page
    chosen = anas.page(f"/standup/?search=board-{search.pk}")
    assert f'<option value="board-{search.pk}" selected>Bugs</option>' in chosen
    assert "search=board" in chosen[chosen.index('aria-label="Group by"') :][:600], "links keep it"
    assert told["Other"].key not in kenjis.page(f"/standup/?search=board-{search.pk}")


def test_a_search_that_is_not_the_reader_s_counts_as_not_asked_for(
    told: dict[str, Card], kenjis: Reader, ana: User, board: Board
) -> None:
    own = act.save_own_search(ana, "My bugs", "label:bug")
    other = act.create_board("Mobile", by=ana, key="MOB", starter=False)
    theirs = act.save_search(other, "Secret", "label:bug", by=ana)
    gone = act.remove_search(act.save_search(board, "Gone", "label:bug", by=ana), by=ana)
    codes = [f"mine-{own.pk}", f"board-{theirs.pk}", f"board-{gone.pk}", "board-", "x-1", "board-\0"]
    for code in codes:
        page = kenjis.page(f"/standup/?search={code}")
        assert told["Other"].key in page and "Secret" not in page, code


def test_a_search_with_hits_on_cards_means_those_cards(
    told: dict[str, Card], anas: Reader, ana: User, board: Board
) -> None:
    search = act.save_search(board, "Said", '"About Other"', by=ana)
    page = anas.page(f"/standup/?search=board-{search.pk}")
    assert told["Other"].key in page and told["Wanted"].key not in page
    nothing = act.save_search(board, "Nothing", "zebra", by=ana)
    page = anas.page(f"/standup/?search=board-{nothing.pk}")
    assert "Nothing that fits this filter." in page


def found(typed: str, reader: User, *boards: Board) -> set[str]:
    """The keys of the cards to which a standup of `boards` is narrowed."""
    cards = cards_found(parse_search(typed), reader, [board.pk for board in boards], timezone.now()).cards
    return {card.key for card in Card.objects.filter(pk__in=cards)}


def on_page(typed: str, reader: User) -> set[str]:
    """The keys of the cards that the page of a search leads to."""
    hits = [hit for group in search(parse_search(typed), reader).groups for hit in group.hits]
    return {hit.url.split("/")[2] for hit in hits if hit.url.startswith("/c/")}


@pytest.mark.parametrize(
    "typed",
    [
        "wanted",
        "about other",
        "wanted zebra",
        "ante",
        "FLX-1",
        "flx-2",
        "D-1",
        "label:bug",
        "-label:bug",
        "zebra",
    ],
)
def test_the_standup_has_the_cards_of_the_page(
    told: dict[str, Card], ana: User, board: Board, typed: str
) -> None:
    """By the words, by most of them, within others, by the key of a card or decision."""
    record_decision(told["Other"], "So be it", by=ana)
    assert found(typed, ana, board) == on_page(typed, ana)
    assert bool(found(typed, ana, board)) is (typed != "zebra")


def test_what_all_words_find_elsewhere_is_not_looked_for_by_some_here(
    told: dict[str, Card], ana: User, board: Board
) -> None:
    """The page of that search has hits with both words, on another board; so here there are none."""
    assert found("wanted zebra", ana, board) == {told["Wanted"].key}
    other = act.create_board("Zoo", by=ana, key="ZOO", starter=False)
    there = act.create_card(act.add_column(other, "In", by=ana), "Wanted: a zebra", by=ana)
    assert found("wanted zebra", ana, board) == set()
    assert found("wanted zebra", ana, board, other) == on_page("wanted zebra", ana) == {there.key}


def test_only_the_boards_of_the_standup_are_searched_and_the_newest_cards_kept(
    told: dict[str, Card], ready: Column, ana: User, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_MOST_CARDS", 2)
    newest = [act.create_card(ready, "Quince", by=ana).key for _ in range(3)][1:]
    other = act.create_board("Zoo", by=ana, key="ZOO", starter=False)
    for _ in range(3):
        act.create_card(act.add_column(other, "In", by=ana), "Quince there", by=ana)
    assert found("quince", ana, board) == found("quince in:flx", ana, board) == set(newest)
    with CaptureQueriesContext(connection) as queries:
        found("moved:ready", ana, board)
    steps = [one["sql"] for one in queries if "DISTINCT ON (card_id)" in one["sql"]]
    assert len(steps) == 1
    assert f"{{{board.pk}}}" in steps[0] or f"[{board.pk}]" in steps[0], "of that board alone"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("to:nowhere", "No column is called “nowhere”."),
        ("column:nowhere", "No column is called “nowhere”."),
        ("moved:ready by:nobody", "Nobody on your boards is called “nobody”."),
        ("label:gone", "No label is called “gone”."),
    ],
)
def test_a_search_that_went_stale_finds_nothing_and_says_so(
    told: dict[str, Card],
    anas: Reader,
    ana: User,
    board: Board,
    query: str,
    says: str,
) -> None:
    search = act.save_search(board, "Old & gone", query, by=ana)
    page = anas.page(f"/standup/?search=board-{search.pk}")
    assert told["Wanted"].key not in page and told["Other"].key not in page
    assert "In the saved search <bdi>Old &amp; gone</bdi>: " + says in page


def test_a_narrowed_standup_is_counted_as_a_search(
    told: dict[str, Card],
    anas: Reader,
    ana: User,
    board: Board,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(rate_limits.RATES, "search", rate_limits.Rate(1, 60))
    search = act.save_search(board, "Bugs", "label:bug", by=ana)
    address = f"/standup/?search=board-{search.pk}"
    assert [anas.client.get(address).status_code for _ in range(2)] == [200, 429]
    assert anas.client.get("/standup/").status_code == 200
    assert anas.client.get(address.replace("/standup", "/b/FLX/standup")).status_code == 429


def test_its_boards_and_their_searches_are_read_once(
    told: dict[str, Card],
    anas: Reader,
    ana: User,
    board: Board,
) -> None:
    search = act.save_search(board, "Bugs", "label:bug", by=ana)
    anas.page("/standup/")
    costs = []
    for address in ("/standup/", f"/standup/?search=board-{search.pk}"):
        with CaptureQueriesContext(connection) as queries:
            anas.page(address)
        costs.append([one["sql"] for one in queries])
    for asked in costs:
        assert sum('FROM "boards_search"' in sql for sql in asked) == 1
        assert sum('FROM "boards_ownsearch"' in sql for sql in asked) == 1
