"""The board's page: what it shows to whom, its filters, its paging, and its forms without JavaScript."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.log.record import By
from activity.models import Activity
from boards import actions
from boards.models import Board, Card, Column, Fold
from comments.decisions import record_decision
from comments.questions import ask_question, close_question
from fluxboard.accounts.models import User
from tests.boards.anew import nothing_kept
from tests.contracts.markup import parse

pytestmark = pytest.mark.django_db


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def form_fields(html: str, form_id: str) -> dict[str, str]:
    """The hidden fields of one form on a page."""
    form = re.search(rf'<form[^>]* id="{form_id}".*?</form>', html, re.S)
    assert form, f"no form {form_id}"
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group()))


def last(board: Board) -> Activity:
    return Activity.objects.filter(board=board).order_by("-seq")[0]


def test_a_board_tells_scripts_what_the_contract_says(board: Board, card: Card, ana: User) -> None:
    html = page(signed_in(ana), "/b/FLX/")
    board.refresh_from_db()
    assert f'data-board="FLX" data-board-id="{board.pk}" data-seq="{board.seq}"' in html
    assert f'data-card="{card.key}" data-version="{card.version}"' in html
    assert f'id="card-{card.pk}"' in html
    for column in board.columns.all():
        assert f'data-column="{column.pk}"' in html
    assert 'data-connection="' in html


def test_a_stranger_finds_nothing(board: Board, card: Card, sam: User) -> None:
    stranger = signed_in(sam)
    for address in (
        "",
        "settings/",
        "settings/members/",
        "archive/",
        "cards/new/",
        "columns/new/",
        "do/renamed/",
    ):
        assert stranger.get(f"/b/FLX/{address}").status_code == 404
        assert stranger.post(f"/b/FLX/{address}").status_code == 404


def test_the_anonymous_are_sent_to_sign_in(board: Board) -> None:
    answer = Client().get("/b/FLX/?mine=1")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/b/FLX/%3Fmine%3D1"
    assert Client().get("/b/FLX/", headers={"HX-Request": "true"}).status_code == 401


def test_a_viewer_sees_all_and_gets_no_form(board: Board, card: Card, priya: User) -> None:
    viewer = signed_in(priya)
    html = page(viewer, "/b/FLX/")
    assert card.title in html
    assert "data-verb=" not in html
    for address in ("settings/", "settings/columns/", "settings/labels/", "archive/"):
        assert "data-verb=" not in page(viewer, f"/b/FLX/{address}")


def test_a_viewer_changes_nothing(board: Board, card: Card, ready: Column, priya: User) -> None:
    viewer = signed_in(priya)
    label = actions.create_label(board, "bug", 1, by=By(board.members.get(name__startswith="Ana")))
    before = board.activities.count()
    for address, body in (
        ("do/renamed/", {"name": "Mine"}),
        ("do/archived/", {}),
        ("do/opened/", {"open_to": "member"}),
        ("cards/new/", {"title": "x", "column": ready.pk}),
        ("columns/new/", {"name": "x"}),
        (f"columns/{ready.pk}/do/renamed/", {"name": "x"}),
        (f"columns/{ready.pk}/do/archived/", {}),
        ("labels/new/", {"name": "x", "hue": 1}),
        (f"labels/{label.pk}/do/removed/", {}),
        ("members/new/", {"person": "sam", "role": "member"}),
    ):
        assert viewer.post(f"/b/FLX/{address}", body).status_code == 403, address
    assert board.activities.count() == before


def test_a_member_changes_cards_and_labels_but_not_the_board(
    board: Board, ready: Column, kenji: User
) -> None:
    member = signed_in(kenji)
    assert member.post("/b/FLX/cards/new/", {"title": "x", "column": ready.pk}).status_code == 303
    assert member.post("/b/FLX/labels/new/", {"name": "x", "hue": "3"}).status_code == 303
    assert member.post("/b/FLX/do/renamed/", {"name": "Mine"}).status_code == 403
    assert member.post("/b/FLX/columns/new/", {"name": "x"}).status_code == 403


def test_a_board_open_to_everyone_lets_strangers_read(board: Board, ana: User, sam: User) -> None:
    actions.open_board(board, "viewer", by=ana)
    assert 'data-role="viewer"' in page(signed_in(sam), "/b/FLX/")
    actions.close_board(board, by=ana)
    assert signed_in(sam).get("/b/FLX/").status_code == 404


def test_a_former_key_leads_to_the_present_one(board: Board, ana: User, sam: User) -> None:
    actions.rekey_board(board, "NEW", by=ana)
    answer = signed_in(ana).get("/b/FLX/settings/?a=1")
    assert (answer.status_code, answer["Location"]) == (301, "/b/NEW/settings/?a=1")
    late = signed_in(ana).post("/b/FLX/do/renamed/", {"name": "x"})
    assert (late.status_code, late["Location"]) == (307, "/b/NEW/do/renamed/")
    assert signed_in(sam).get("/b/FLX/").status_code == 404


def test_the_board_takes_as_many_queries_for_hundred_cards_as_for_one(
    board: Board, ready: Column, ana: User
) -> None:
    """When nothing of it is kept; `test_cached_page` counts those of a page that is."""
    client = signed_in(ana)
    label = actions.create_label(board, "bug", 1, by=ana)
    actions.label_card(actions.create_card(ready, "one", by=ana, assignee=ana), label, by=ana)
    page(client, "/b/FLX/")
    with nothing_kept(), CaptureQueriesContext(connection) as few:
        page(client, "/b/FLX/")
    for card in actions.create_cards(ready, "\n".join(f"Card {number}" for number in range(100)), by=ana)[
        :20
    ]:
        actions.label_card(card, label, by=ana)
    with nothing_kept(), CaptureQueriesContext(connection) as many:
        page(client, "/b/FLX/")
    assert len(many) == len(few)
    assert len(few) <= 9


def test_a_long_column_shows_25_and_leads_to_the_rest(board: Board, ready: Column, ana: User) -> None:
    actions.create_cards(ready, "\n".join(f"Card {number}" for number in range(60)), by=ana)
    client = signed_in(ana)
    html = page(client, "/b/FLX/")
    assert html.count('<li class="card') == 25
    assert 'data-more="35"' in html
    more = re.search(r'class="column__more" href="([^"]+)"', html)
    assert more and more.group(1) == f"?more={ready.pk}:50#column-{ready.pk}"
    html = page(client, "/b/FLX/" + more.group(1).partition("#")[0])
    assert html.count('<li class="card') == 50
    assert "Show 10 more" in html


def test_a_folded_column_is_folded_for_me_alone_and_not_logged(
    board: Board, ready: Column, card: Card, ana: User, kenji: User
) -> None:
    before = board.activities.count()
    answer = signed_in(ana).post(f"/b/FLX/columns/{ready.pk}/fold/", {"folded": "1"})
    assert (answer.status_code, answer["Location"]) == (303, f"/b/FLX/#column-{ready.pk}")
    assert card.title not in page(signed_in(ana), "/b/FLX/")
    assert card.title in page(signed_in(kenji), "/b/FLX/")
    assert board.activities.count() == before
    signed_in(ana).post(f"/b/FLX/columns/{ready.pk}/fold/", {"folded": "0"})
    assert not Fold.objects.exists()


def test_several_lines_make_several_cards_in_order(board: Board, ready: Column, ana: User) -> None:
    client = signed_in(ana)
    fields = form_fields(page(client, "/b/FLX/"), f"column-{ready.pk}-quick")
    answer = client.post("/b/FLX/cards/new/", {**fields, "title": "One\r\n\r\n- Two\r\nThree"})
    assert answer.status_code == 303
    assert [card.title for card in ready.cards.in_board_order()] == ["One", "Two", "Three"]
    again = client.post("/b/FLX/cards/new/", {**fields, "title": "One\r\n\r\n- Two\r\nThree"})
    assert (again.status_code, again["Location"]) == (303, answer["Location"])
    assert ready.cards.count() == 3
    other = client.post("/b/FLX/cards/new/", {**fields, "title": "Four"})
    assert other.status_code == 422


def test_a_card_can_be_made_with_all_its_details(board: Board, ready: Column, ana: User, kenji: User) -> None:
    client = signed_in(ana)
    html = page(client, f"/b/FLX/cards/new/?column={ready.pk}")
    assert f'<option value="{ready.pk}" selected' in html
    answer = client.post(
        "/b/FLX/cards/new/",
        {
            **form_fields(html, f"card-created-{board.pk}"),
            "title": "Order history",
            "column": ready.pk,
            "why": "Shops ask",
            "done_when": "It pages",
            "assignee": kenji.pk,
        },
    )
    card = ready.cards.get()
    assert answer["Location"] == f"/b/FLX/#card-{card.pk}"
    assert (card.why, card.done_when, card.assignee) == ("Shops ask", "It pages", kenji)
    assert last(board).verb == "card.created"


def test_a_script_gets_the_frames_and_their_seq(board: Board, ready: Column, ana: User) -> None:
    client = signed_in(ana)
    fields = {"title": "One", "column": ready.pk, "quick": "1", "request_id": str(uuid.uuid4())}
    answer = client.post("/b/FLX/cards/new/", fields, headers={"HX-Request": "true"})
    board.refresh_from_db()
    assert answer.status_code == 200
    assert answer["X-Flux-Seq"] == str(board.seq)
    assert '<flux-change data-seq="' in answer.content.decode()
    refused = client.post("/b/FLX/cards/new/", {**fields, "title": " "}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert f'id="column-{ready.pk}-quick"' in refused.content.decode()


def test_what_was_typed_comes_back_with_the_message(board: Board, ready: Column, ana: User) -> None:
    client = signed_in(ana)
    sent = str(uuid.uuid4())
    body = {"title": "x" * 600, "column": ready.pk, "why": "Because <b>", "request_id": sent}
    answer = client.post("/b/FLX/cards/new/", body)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "x" * 600 in html
    assert "Because &lt;b&gt;" in html
    assert "500 characters" in html
    assert sent not in html


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/c/FLX-1/do/retitled/", "title"),
        ("/c/FLX-1/do/specified/", "why"),
        ("/c/FLX-1/do/posted/", "text"),
        ("/c/FLX-1/do/checklist-added/", "name"),
        ("/b/FLX/do/renamed/", "name"),
    ],
)
def test_a_nul_is_refused_beside_its_field_and_nothing_is_lost(
    board: Board, card: Card, ana: User, path: str, field: str
) -> None:
    """PostgreSQL has it in no text. It used to be left out without a word."""
    last = board.activities.count()
    for scripted in ({}, {"HX-Request": "true"}):
        answer = signed_in(ana).post(path, {field: "Half \0 of it"}, headers=scripted)
        assert answer.status_code == 422
        (form,) = (one for one in parse(answer.text).all("form", action=path) if one.all(name=field))
        (typed,) = form.all(name=field)
        assert (typed.attrs.get("value") or typed.text).strip() == "Half � of it"
        assert "NUL character" in form.text or "Null characters" in form.text
    assert board.activities.count() == last


def test_a_damaged_form_is_a_422_and_not_an_error(board: Board, ready: Column, ana: User) -> None:
    client = signed_in(ana)
    for body in (
        {"name": "x", "request_id": "nonsense"},
        {"name": "x", "version": "nonsense"},
        {"name": "x", "version": "9" * 40},
        {"name": "a\0b" * 300},
        {},
    ):
        assert client.post("/b/FLX/do/renamed/", body).status_code in (303, 422)
    assert client.post("/b/FLX/cards/new/", {"title": "x", "column": "nonsense"}).status_code == 422
    assert client.post("/b/FLX/cards/new/", {"title": "x", "column": "9" * 30}).status_code == 422
    assert client.get("/b/FLX/cards/new/?column=nonsense").status_code == 200
    assert (
        client.get("/b/FLX/?more=x:y&label=x&assignee=-1&due=never&is=odd&column=999999999999").status_code
        == 200
    )
    assert client.get("/b/FLX/?q=%00").status_code == 200
    assert client.get("/b/FLX/archive/?before=x").status_code == 200
    assert client.get("/b/FLX/do/nonsense/").status_code == 404
    assert client.delete("/b/FLX/do/renamed/").status_code == 405


class TestFilters:
    @pytest.fixture
    def cards(self, board: Board, ready: Column, doing: Column, ana: User, kenji: User) -> dict[str, Card]:
        now = timezone.now()
        ten_days_ago = By(ana, now=now - dt.timedelta(days=10))
        made = {
            "mine": actions.create_card(ready, "Tax before the last step", by=ana, assignee=ana, why="x"),
            "kenjis": actions.create_card(doing, "Guest checkout", by=ana, assignee=kenji, why="x"),
            "old": actions.create_card(ready, "Retire the cart", by=ten_days_ago, assignee=kenji, why="x"),
            "bare": actions.create_card(ready, "Something 100% odd_", by=ana),
        }
        actions.block_card(made["kenjis"], "Needs the reserve API", by=ana)
        actions.label_card(made["mine"], actions.create_label(board, "bug", 1, by=ana), by=ana)
        today = now.astimezone(ana.zone).date()
        ask_question(made["mine"], "Which rate?", [kenji], by=ana)
        close_question(ask_question(made["bare"], "Odd?", [kenji], by=ana), by=ana)
        record_decision(made["bare"], "Keep it odd", by=ana)
        actions.date_card(made["mine"], today - dt.timedelta(days=1), by=ana)
        actions.date_card(made["kenjis"], today + dt.timedelta(days=3), by=ana)
        return made

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("mine=1", {"mine"}),
            ("is=blocked", {"kenjis"}),
            ("is=quiet", {"old"}),
            ("is=unready", {"bare"}),
            ("is=blocked&is=quiet", set()),
            ("label={label}", {"mine"}),
            ("assignee={kenji}", {"kenjis", "old"}),
            ("assignee=none", {"bare"}),
            ("assignee=none&assignee={ana}", {"bare", "mine"}),
            ("due=overdue", {"mine"}),
            ("due=week", {"kenjis"}),
            ("due=none", {"old", "bare"}),
            ("column={doing}", {"kenjis"}),
            ("q=step+TAX", {"mine"}),
            ("q=100%25", {"bare"}),
            ("q=odd_", {"bare"}),
            ("q={key}", {"mine"}),
            ("q=checkout&mine=1", set()),
            ("is=question", {"mine"}),
            ("is=decision", {"bare"}),
            ("is=decision&is=question", set()),
        ],
    )
    def test_a_filter_in_the_address_shows_just_these(
        self,
        cards: dict[str, Card],
        doing: Column,
        board: Board,
        ana: User,
        kenji: User,
        query: str,
        names: set[str],
    ) -> None:
        label = board.labels.get()
        query = query.format(
            label=label.pk, kenji=kenji.pk, ana=ana.pk, doing=doing.pk, key=cards["mine"].key.lower()
        )
        html = page(signed_in(ana), f"/b/FLX/?{query}")
        shown = {name for name, card in cards.items() if f'id="card-{card.pk}"' in html}
        assert shown == names
        assert "data-filtered" in html
        assert ("No card fits" in html) == (not names)

    def test_each_chip_counts_what_it_shows(self, cards: dict[str, Card], ana: User) -> None:
        client = signed_in(ana)
        html = page(client, "/b/FLX/")
        chips = re.findall(
            r'class="chip[^"]*" href="([^"]+)".*?<span class="num" id="chip-[a-z]+">(\d+)</span>', html
        )
        assert len(chips) == 5
        for address, count in chips:
            assert page(client, f"/b/FLX/{address}").count('<li class="card') == int(count)

    def test_what_is_done_is_nobodys_any_more(self, cards: dict[str, Card], board: Board, ana: User) -> None:
        done = board.columns.get(is_done=True)
        actions.create_card(done, "Over", by=ana, assignee=ana)
        client = signed_in(ana)
        assert re.search(r'id="chip-mine">1<', page(client, "/b/FLX/"))
        assert "1 mine" in re.sub(r"<[^>]+>", "", page(client, "/"))
        assert page(client, "/b/FLX/?mine=1").count('<li class="card') == 1

    def test_a_chip_that_is_on_takes_itself_out(self, cards: dict[str, Card], ana: User) -> None:
        html = page(signed_in(ana), "/b/FLX/?mine=1&is=blocked")
        mine = re.search(r'href="([^"]+)"[^>]*aria-pressed="true" data-filter="mine"', html)
        assert mine and mine.group(1) == "?is=blocked"


def test_a_card_shows_nothing_that_is_empty(board: Board, ready: Column, ana: User) -> None:
    card = actions.create_card(ready, "Bare", by=ana)
    html = page(signed_in(ana), "/b/FLX/")
    front = html[html.index(f'id="card-{card.pk}"') :]
    front = front[: front.index("</li>")]
    for part in ("card__foot", "card__labels", "card__blocked", "progress", "stack"):
        assert part not in front
    assert "Not ready: nobody has it" in front


def test_an_age_turns_amber_at_the_boards_limit(board: Board, ready: Column, ana: User) -> None:
    now = timezone.now()
    for days in (4, 6):
        actions.create_card(ready, f"{days} days", by=By(ana, now=now - dt.timedelta(days=days)))
    html = page(signed_in(ana), "/b/FLX/")
    ages: list[Any] = re.findall(r'data-as="age" data-stale="5"( class="is-old")?[^>]*>(\d) d', html)
    assert sorted(ages, key=lambda age: age[1]) == [("", "4"), (' class="is-old"', "6")]
