"""Links to the weekly report: what they show and to whom, how they end, and that nothing else gets out."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client

from activity.errors import Forbidden, Refused
from activity.models import Activity
from boards import actions as act
from boards.models import Board, WeeklyLink
from boards.models.weekly_link import WEEKLY_PARTS
from fluxboard.accounts.models import User
from fluxboard.accounts.rate_limits import RATES, Rate
from fluxboard.core import limits
from fluxboard.core.secret_tokens import new_token, token_digest
from tests.weekly.conftest import NOW, words

pytestmark = pytest.mark.django_db


def link_of(board: Board, by: User, *parts: str, days: int = 30) -> str:
    """The address of a new link."""
    token = new_token()
    act.make_weekly_link(board, parts or ["finished"], token=token, days=days, by=by)
    return f"/week/{token}/"


def opened(address: str, status: int = 200) -> str:
    answer = Client().get(address)
    assert answer.status_code == status
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    html = answer.content.decode()
    return html[html.index("<main") : html.index("</main>")]


def test_an_owner_ticks_what_it_shows_and_gets_the_address_once(week: Any, board: Board, ana: User) -> None:
    client = Client()
    client.force_login(ana)
    request = {"request_id": str(uuid.uuid4()), "parts": ["finished", "decided"], "days": "7"}
    assert client.post("/b/FLX/weekly/links/", request)["Location"] == "/b/FLX/weekly/links/"
    page = client.get("/b/FLX/weekly/links/").content.decode()
    (address,) = re.findall(r'value="http://testserver(/week/[^"]+/)"', page)
    again = client.post("/b/FLX/weekly/links/", request)
    assert again.status_code == 303
    assert "/week/" not in client.get("/b/FLX/weekly/links/").content.decode(), "it is shown once"
    link = WeeklyLink.objects.get()
    assert bytes(link.token_hash) == token_digest(address.split("/")[2])
    assert address.split("/")[2] not in str(
        Activity.objects.filter(board=board).values_list("after", "before")
    )
    html = words(opened(address))
    assert "Finished 1" in html
    assert "FLX-1 Finished one" in html
    assert "Blue buttons." in html
    assert "Begun" not in html
    link.refresh_from_db()
    assert (link.opened, link.opened_at) == (1, NOW)
    assert "opened 1 time" in words(client.get("/b/FLX/weekly/links/").content.decode())


def test_names_and_words_are_told_only_where_they_were_ticked(week: Any, board: Board, ana: User) -> None:
    every = [part for part in WEEKLY_PARTS if part not in ("names", "words")]
    plain = words(opened(link_of(board, ana, *every)))
    assert "Stuck" in plain
    assert "Finished one" in plain
    for person in ("Kenji", "Ana", "Priya"):
        assert person not in plain
    assert "The bank does not answer" not in plain
    named = words(opened(link_of(board, ana, *every, "names")))
    assert "Finished one Kenji" in named
    assert "The bank does not answer" not in named
    told = words(opened(link_of(board, ana, *every, "words")))
    assert "The bank does not answer" in told
    assert "Kenji" not in told


def test_it_leads_nowhere_into_the_board(week: Any, board: Board, ana: User) -> None:
    html = opened(link_of(board, ana, *WEEKLY_PARTS))
    assert [way for way in re.findall(r'href="([^"]*)"', html) if not way.startswith("?week=")] == []
    assert "@" not in html


@pytest.mark.parametrize("end", ["revoked", "over", "no owner", "gone", "archived", "deleted"])
def test_one_that_has_ended_says_the_same_as_one_that_never_was(
    week: Any,
    board: Board,
    ana: User,
    kenji: User,
    end: str,
) -> None:
    address = link_of(board, ana)
    opened(address)
    unknown = opened("/week/nonsense/", 410)
    if end == "revoked":
        act.revoke_weekly_link(WeeklyLink.objects.get(), by=ana)
    elif end == "over":
        WeeklyLink.objects.update(expires_at=NOW - dt.timedelta(seconds=1))
    elif end == "archived":
        act.archive_board(board, by=ana)
    elif end == "gone":
        User.objects.filter(pk=ana.pk).update(is_active=False)
    elif end == "no owner":
        act.change_role(board, kenji, "owner", by=ana)
        act.change_role(board, ana, "viewer", by=kenji)
    else:
        WeeklyLink.objects.all().delete()
    assert opened(address, 410) == unknown


def test_it_shows_weeks_from_when_it_was_made_and_no_others(week: Any, board: Board, ana: User) -> None:
    address = link_of(board, ana, "finished", "still")
    assert "Earlier" not in words(opened(address))
    assert "23 Nov" in words(opened(f"{address}?week=2026-W47")), "a week before it was made is not shown"
    assert "23 Nov" in words(opened(f"{address}?week=2026-W49")), "nor one that is not over"
    with time_machine.travel(NOW + dt.timedelta(7), tick=False):
        html = opened(address)
        assert "30 Nov" in words(html)
        assert "?week=2026-W48" in html
        before = words(opened(f"{address}?week=2026-W48"))
        assert "Finished one" in before
        assert "as of now" not in before
    for typed in ("2026-W99", "x" * 500, "٢", "%00"):
        assert "23 Nov" in words(opened(f"{address}?week={typed}"))


def test_only_owners_make_and_revoke_them(
    board: Board, ana: User, kenji: User, priya: User, sam: User
) -> None:
    link = act.make_weekly_link(board, ["finished"], token="word", days=7, by=ana)
    for person, status in ((kenji, 403), (priya, 403), (sam, 404)):
        client = Client()
        client.force_login(person)
        assert client.get("/b/FLX/weekly/links/").status_code == status
        assert client.post("/b/FLX/weekly/links/", {"parts": "finished", "days": "7"}).status_code == status
        assert client.post(f"/b/FLX/weekly/links/{link.pk}/revoke/").status_code == status
    with pytest.raises(Forbidden):
        act.make_weekly_link(board, ["finished"], token="x", days=7, by=kenji)
    with pytest.raises(Forbidden):
        act.revoke_weekly_link(link, by=kenji)
    client = Client()
    client.force_login(ana)
    other = act.create_board("Other", by=ana, key="OTH")
    assert client.post(f"/b/OTH/weekly/links/{link.pk}/revoke/").status_code == 404, other
    done = client.post(f"/b/FLX/weekly/links/{link.pk}/revoke/", {"request_id": str(uuid.uuid4())})
    assert done.status_code == 303
    assert [row.verb for row in Activity.objects.filter(verb__startswith="weeklylink").order_by("seq")] == [
        "weeklylink.made",
        "weeklylink.revoked",
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"parts": []}, "Choose what it shows."),
        ({"parts": ["names"]}, "Choose what it shows."),
        ({"parts": ["secrets"]}, "Choose among what can be shown."),
        ({"days": "9999"}, "Select a valid choice."),
        ({"days": ""}, "This field is required."),
    ],
)
def test_what_will_not_do_is_told_beside_its_field(board: Board, ana: User, typed: Any, said: str) -> None:
    client = Client()
    client.force_login(ana)
    answer = client.post("/b/FLX/weekly/links/", {"parts": ["finished"], "days": "7"} | typed)
    assert answer.status_code == 422
    assert said in words(answer.content.decode())
    assert not WeeklyLink.objects.exists()


def test_there_are_at_most_so_many_that_work(board: Board, ana: User) -> None:
    for n in range(limits.WEEKLY_LINKS):
        act.make_weekly_link(board, ["finished"], token=f"word {n}", days=7, by=ana)
    with pytest.raises(Refused, match="Revoke one"):
        act.make_weekly_link(board, ["finished"], token="one more", days=7, by=ana)
    act.revoke_weekly_link(WeeklyLink.objects.first(), by=ana)
    act.make_weekly_link(board, ["finished"], token="one more", days=7, by=ana)


def test_guessing_is_slow(board: Board, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RATES, "weekly", Rate(3, 3600))
    address = link_of(board, ana)
    for _ in range(3):
        opened("/week/nonsense/", 410)
    answer = Client().get(address)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert "Try again in" in words(answer.content.decode())


def test_a_card_of_another_board_in_the_way_is_not_named(week: Any, board: Board, ana: User) -> None:
    other = act.create_board("Other", by=ana, key="OTH")
    secret = act.create_card(other.columns.first(), "Secret", by=ana)
    act.unblock_card(week["Stuck"], by=ana)
    act.block_card(week["Stuck"], "Waits", by=ana, card_in_the_way=secret)
    told = words(opened(link_of(board, ana, *WEEKLY_PARTS)))
    assert "Stuck" in told
    assert "OTH-1" not in told
    assert "Secret" not in told


def test_looking_whether_it_is_there_is_no_opening(week: Any, board: Board, ana: User) -> None:
    address = link_of(board, ana)
    assert Client().head(address).status_code == 200
    refused = Client().post(address)
    assert (refused.status_code, refused["X-Robots-Tag"]) == (405, "noindex, nofollow, noarchive")
    assert WeeklyLink.objects.get().opened == 0


def test_every_link_that_works_is_listed_and_an_address_waits_for_its_own_board(
    board: Board, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluxboard.features.weekly.links.MOST_ENDED", 2)
    act.make_weekly_link(board, ["next"], token="the oldest", days=90, by=ana)
    for n in range(4):
        act.revoke_weekly_link(
            act.make_weekly_link(board, ["finished"], token=f"word {n}", days=7, by=ana), by=ana
        )
    client = Client()
    client.force_login(ana)
    listed = client.get("/b/FLX/weekly/links/").content.decode()
    assert listed.count("Revoke<") == 1
    assert "What is under way, and next" in listed
    act.create_board("Other", by=ana, key="OTH")
    client.post("/b/FLX/weekly/links/", {"parts": ["finished"], "days": "7"})
    assert "/week/" not in client.get("/b/OTH/weekly/links/").content.decode()
    assert "/week/" in client.get("/b/FLX/weekly/links/").content.decode()
