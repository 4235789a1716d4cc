"""Searches that have a name: one's own and those of a board."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from activity.errors import Forbidden, Refused
from activity.models import Activity
from boards import actions as act
from boards.models import Board, OwnSearch, Search
from boards.undo.engine import undo_change
from fluxboard.accounts import rate_limits
from fluxboard.accounts.models import User
from fluxboard.core import limits
from tests.search.conftest import Reader

pytestmark = pytest.mark.django_db


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


def test_sharing_is_one_change_and_twice_is_once(anas: Reader, ana: User, board: Board) -> None:
    own = act.save_own_search(ana, "Bugs", "label:bug")
    sent = {"board": "FLX", "request_id": str(uuid.uuid4())}
    places = [anas.client.post(f"/search/saved/{own.pk}/share/", sent) for _ in range(2)]
    assert [(place.status_code, place["Location"]) for place in places] == [
        (303, "/search/?q=label%3Abug")
    ] * 2
    assert Search.objects.count() == 1 and not OwnSearch.objects.exists()
    assert anas.send(f"/search/saved/{own.pk}/share/", board="FLX").status_code == 404
    with pytest.raises(OwnSearch.DoesNotExist):
        act.share_own_search(ana, own.pk, board, by=ana)
    assert Activity.objects.filter(board=board, verb="search.saved").count() == 1


def test_what_cannot_be_shared_stays_one_s_own(
    ana: User, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = act.save_own_search(ana, "Bugs", "label:bug")
    monkeypatch.setattr(limits, "SEARCHES", 0)
    with pytest.raises(Refused):
        act.share_own_search(ana, own.pk, board, by=ana)
    assert OwnSearch.objects.filter(pk=own.pk).exists()
    assert not Activity.objects.filter(board=board, verb="search.saved").exists()


def test_what_is_gone_cannot_be_renamed(anas: Reader, ana: User) -> None:
    """Another tab has deleted it meanwhile."""
    own = act.save_own_search(ana, "Bugs", "label:bug")
    act.delete_own_search(ana, own.pk)
    with pytest.raises(OwnSearch.DoesNotExist):
        act.rename_own_search(ana, own.pk, "Others")
    for pk in (own.pk, 2**63 - 1, 2**63):
        assert anas.send(f"/search/saved/{pk}/rename/", name="Others").status_code == 404
        assert anas.send(f"/search/saved/{pk}/delete/").status_code == (303 if pk < 2**63 else 404)


def test_a_page_of_hits_draws_no_form_of_a_saved_search(anas: Reader, ana: User, board: Board) -> None:
    """However many there are: each had its forms on every page of hits."""
    own = act.save_own_search(ana, "Mine", "is:mine")
    act.save_search(board, "Bugs", "label:bug", by=ana)
    hits = anas.page("/search/?q=order")
    assert f"/search/saved/{own.pk}/" not in hits and "/do/renamed/" not in hits
    assert 'action="/search/saved/"' in hits and '<option value="FLX">Everyone on' in hits
    lists = anas.page("/search/")
    assert f"/search/saved/{own.pk}/" in lists and "/do/renamed/" in lists
    assert 'href="/b/FLX/searches/new/"' in lists
    answer = anas.send(f"/search/saved/{own.pk}/rename/", name="")
    assert answer.status_code == 422
    assert '<details class="saved__change" open>' in answer.content.decode()


def test_saving_is_counted_as_searching_is(anas: Reader, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that comes back has the hits below it."""
    monkeypatch.setitem(rate_limits.RATES, "search", rate_limits.Rate(2, 60))
    own = act.save_own_search(ana, "Mine", "is:mine")
    places = [
        "/search/saved/",
        *(f"/search/saved/{own.pk}/{name}/" for name in ("rename", "share", "delete")),
    ]
    assert [anas.send(place, name="", q="order", board="").status_code for place in places] == [
        422,
        422,
        429,
        429,
    ]
