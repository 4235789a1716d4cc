"""Searches that have a name: one's own and those of a board, and the standup that is narrowed to one."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from activity.errors import Forbidden, Refused
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card, Column, OwnSearch, Search
from boards.undo.engine import undo_change
from comments.actions import post_comment
from fluxboard.accounts.models import User
from fluxboard.core import limits

pytestmark = pytest.mark.django_db


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


def test_one_s_own_are_one_s_own(anas: Reader, kenjis: Reader, board: Board) -> None:
    seq = Board.objects.get(pk=board.pk).seq
    answer = anas.send("/search/saved/", name="  Stuck of mine ", q="is:stuck is:mine")
    assert answer.status_code == 303
    assert answer["Location"] == "/search/?q=is%3Astuck+is%3Amine"
    assert anas.lists() == [("Yours", ["Stuck of mine"])]
    assert kenjis.lists() == []
    assert Board.objects.get(pk=board.pk).seq == seq, "the log tells nothing of it"


def test_those_of_a_board_are_everyone_s_there_and_told(
    anas: Reader, kenjis: Reader, priya: User, board: Board, sam: User
) -> None:
    assert anas.send("/search/saved/", name="Bugs", q="label:bug", board="FLX").status_code == 303
    for reader in (anas, kenjis, Reader(priya)):
        assert reader.lists() == [(board.name, ["Bugs"])]
    assert Reader(sam).lists() == []
    told = Activity.objects.filter(board=board).latest("seq")
    assert (told.verb, told.after) == ("search.saved", {"name": "Bugs", "query": "label:bug"})
    assert "Saved the search Bugs" in re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", kenjis.page("/b/FLX/standup/"))
    )


def test_a_name_is_taken_once(anas: Reader, ana: User, board: Board) -> None:
    """What was typed comes back with what is wrong beside it."""
    for place in ("", "FLX"):
        assert anas.send("/search/saved/", name="Bugs", q="label:bug", board=place).status_code == 303
        answer = anas.send("/search/saved/", name="Bugs", q="label:late", board=place)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "a search called Bugs already." in page
        assert re.search(r'<input id="save-name"[^>]* value="Bugs"', page)
        assert 'value="label:late"' in page
    assert anas.send("/search/saved/", name="Bugs", q="label:bug").status_code == 303, "twice is once"
    assert OwnSearch.objects.count() == Search.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "query"), [("", "x"), ("  ", "x"), ("n" * 61, "x"), ("n", ""), ("n", "x" * 301)]
)
def test_what_will_not_do_is_said(anas: Reader, name: str, query: str) -> None:
    for place in ("", "FLX"):
        assert anas.send("/search/saved/", name=name, q=query, board=place).status_code == 422
    assert not OwnSearch.objects.exists() and not Search.objects.exists()


def test_there_is_an_end_to_them(ana: User, board: Board) -> None:
    OwnSearch.objects.bulk_create(
        OwnSearch(user=ana, name=f"n{at}", query="x") for at in range(limits.OWN_SEARCHES)
    )
    Search.objects.bulk_create(Search(board=board, name=f"n{at}", query="x") for at in range(limits.SEARCHES))
    with pytest.raises(Refused, match="You can have 50 saved searches"):
        act.save_own_search(ana, "One more", "x")
    with pytest.raises(Refused, match="A board can have 200 saved searches"):
        act.save_search(board, "One more", "x", by=ana)


def test_a_viewer_saves_for_themselves_alone(priya: User, board: Board, ana: User) -> None:
    reader, search = Reader(priya), act.save_search(board, "Bugs", "label:bug", by=ana)
    assert reader.send("/search/saved/", name="Mine", q="is:mine").status_code == 303
    assert reader.send("/search/saved/", name="Ours", q="is:mine", board="FLX").status_code == 403
    own = OwnSearch.objects.get()
    assert reader.send(f"/search/saved/{own.pk}/share/", board="FLX").status_code == 403
    assert OwnSearch.objects.filter(pk=own.pk).exists()
    assert f"/b/FLX/searches/{search.pk}/do/" not in reader.page("/search/")
    with pytest.raises(Forbidden):
        act.remove_search(search, by=priya)


def test_one_s_own_is_renamed_shared_and_deleted(
    anas: Reader, kenjis: Reader, ana: User, board: Board
) -> None:
    for name in ("One", "Two"):
        act.save_own_search(ana, name, f"is:mine {name}")
    one, two = OwnSearch.objects.order_by("name")
    assert anas.send(f"/search/saved/{one.pk}/rename/", name="Two").status_code == 422
    assert anas.send(f"/search/saved/{one.pk}/rename/", name="Uno").status_code == 303
    assert anas.send(f"/search/saved/{one.pk}/share/", board="FLX").status_code == 303
    assert anas.lists() == [("Yours", ["Two"]), (board.name, ["Uno"])]
    assert kenjis.send(f"/search/saved/{two.pk}/rename/", name="Stolen").status_code == 404
    assert kenjis.send(f"/search/saved/{two.pk}/share/", board="FLX").status_code == 404
    kenjis.send(f"/search/saved/{two.pk}/delete/")
    assert OwnSearch.objects.get().name == "Two"
    for _ in range(2):
        assert anas.send(f"/search/saved/{two.pk}/delete/").status_code == 303
    assert anas.lists() == [(board.name, ["Uno"])]


def test_sharing_where_the_name_is_taken_keeps_it(anas: Reader, ana: User, board: Board) -> None:
    act.save_search(board, "Bugs", "label:bug", by=ana)
    own = act.save_own_search(ana, "Bugs", "label:late")
    answer = anas.send(f"/search/saved/{own.pk}/share/", board="FLX")
    assert answer.status_code == 422
    assert "This board has a search called Bugs already." in answer.content.decode()
    assert OwnSearch.objects.filter(pk=own.pk).exists()


def test_the_forms_of_a_board_s_search_and_its_undo(anas: Reader, ana: User, board: Board) -> None:
    search = act.save_search(board, "Bugs", "label:bug", by=ana)
    page = anas.page("/search/")
    for verb in ("renamed", "removed"):
        assert f'action="/b/FLX/searches/{search.pk}/do/{verb}/"' in page
    anas.send(f"/b/FLX/searches/{search.pk}/do/renamed/", name="All bugs", version=str(search.version))
    anas.send(f"/b/FLX/searches/{search.pk}/do/removed/")
    assert anas.lists() == []
    for name in ("All bugs", "Bugs"):
        told = Activity.objects.filter(board=board, subject=search.uid).exclude(verb="change.undone")
        removal, rename = told.order_by("-seq")[:2]
        undo_change(board, (removal if name == "All bugs" else rename).seq, by=ana)
        assert anas.lists() == [(board.name, [name])]


def test_a_page_that_is_stale_chooses(anas: Reader, ana: User, kenji: User, board: Board) -> None:
    search = act.save_search(board, "Bugs", "label:bug", by=ana)
    seen = search.version
    act.rename_search(search, "Kenji's", by=kenji)
    answer = anas.send(f"/b/FLX/searches/{search.pk}/do/renamed/", name="Ana's", version=str(seen))
    assert answer.status_code == 409
    assert Search.objects.get().name == "Kenji's"


def test_the_dialog_offers_them_and_finds_them_by_name(ana: User, kenji: User, board: Board) -> None:
    act.save_own_search(ana, "Mine that are stuck", "is:stuck is:mine")
    act.save_search(board, "Stück and late", "is:stuck is:late", by=ana)
    client = Client()
    client.force_login(ana)

    def offered(query: str) -> list[str]:
        page = client.get("/search/", {"q": query}, headers={"HX-Request": "true"}).content.decode()
        found = re.findall(r'href="/search/\?q=(is[^"]*)"', page)
        return [address.replace("%3A", ":").replace("+", " ") for address in found]

    assert offered("") == ["is:stuck is:mine", "is:stuck is:late"]
    assert offered("stuck") == ["is:stuck is:mine", "is:stuck is:late"]
    assert offered("stuck and") == ["is:stuck is:late"]
    assert offered("zebra") == []


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
