"""Search takes the questions of a morning: how cards stand, and which were moved, when and by whom."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from boards import actions as act
from boards.actions.absences import say_away
from boards.models import Board, Card, Column, Role
from boards.undo.engine import undo_change
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.questions import ask_question, hand_on
from fluxboard.accounts.models import User
from fluxboard.features.now.load import load_now
from fluxboard.features.search import views
from fluxboard.features.search.search import cards_found, search
from fluxboard.features.search.syntax import parse_search
from tests.cast import person

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def cards(typed: str, reader: User, **options: Any) -> list[str]:
    """The keys of the cards found, in order."""
    groups = search(parse_search(typed), reader, **options).groups
    return [hit.key for group in groups if group.kind == "cards" for hit in group.hits]


def on_now(group: str, board: Board, reader: User) -> list[str]:
    now = load_now([Board.objects.get(pk=board.pk)], reader, timezone.now())
    return sorted(
        row.card.key
        for one in now.groups
        if one.name == group
        for row in one.rows
        if row.is_begun or group != "stuck"
    )


@pytest.fixture
def team(board: Board, ready: Column, doing: Column, ana: User, kenji: User) -> list[Card]:
    """Cards in each state, and beside each one that is nearly so; done, archived and not begun ones too."""
    done = board.columns.get(is_done=True)
    made = []
    for column in (ready, doing, done):
        for number in range(4):
            card = act.create_card(column, f"Plum {number}", by=ana)
            if number % 2:
                act.assign_card(card, kenji if number == 1 else ana, by=ana)
                act.specify_card(card, "done_when", "It is so", by=ana)
            act.date_card(card, timezone.localdate() - (number - 1) * DAY, by=ana)
            if number == 2:
                Card.objects.filter(pk=card.pk).update(moved_at=timezone.now() - 30 * DAY)
            if number == 3:
                act.block_card(card, "Waits", by=ana, person=kenji)
            made.append(card)
    act.archive_card(act.create_card(doing, "Put away", by=ana), by=ana)
    return made


@pytest.mark.parametrize(
    ("typed", "group"),
    [
        ("is:late", "overdue"),
        ("is:overdue", "overdue"),
        ("is:stuck", "stuck"),
        ("is:noowner", "no-owner"),
        ("is:no-done-when", "no-done-when"),
    ],
)
def test_a_state_is_what_it_is_on_now(
    team: list[Card], board: Board, ana: User, typed: str, group: str
) -> None:
    found = on_now(group, board, ana)
    assert sorted(cards(typed, ana)) == found
    assert 0 < len(found) < len(team)
    assert sorted(cards(f"{typed} plum", ana)) == found


def test_what_waits_on_me_is_what_it_is_on_now(
    team: list[Card], board: Board, ana: User, kenji: User, sam: User
) -> None:
    ask_question(team[0], "Which?", [kenji], by=ana)
    post_comment(team[1], "@kenji so?", by=ana)
    for reader in (ana, kenji):
        assert sorted(set(cards("is:waiting", reader))) == sorted(set(on_now("waiting", board, reader)))
    assert len(cards("is:waiting", kenji)) > 2
    assert cards("is:waiting", sam) == []


def test_whose_owner_is_away(team: list[Card], ana: User, kenji: User) -> None:
    assert cards("is:away", ana) == []
    today = timezone.now().astimezone(kenji.zone).date()
    say_away(kenji, today, today + DAY, by=kenji)
    assert sorted(cards("is:away", ana)) == sorted([team[1].key, team[5].key])
    say_away(ana, today + 5 * DAY, today + 6 * DAY, by=ana)
    assert len(cards("is:away", ana)) == 2


@pytest.mark.parametrize(
    ("fact", "group"), [("late", "overdue"), ("stuck", "stuck"), ("noowner", "no-owner")]
)
def test_the_board_filters_by_the_same_words(
    team: list[Card], board: Board, ana: User, fact: str, group: str
) -> None:
    client = Client()
    client.force_login(ana)
    page = client.get(f"/b/FLX/?is={fact}").content.decode()
    shown = {key for key in (card.key for card in team) if f'data-card="{key}"' in page}
    assert sorted(shown) == on_now(group, board, ana)
    kept = f'name="is" value="{fact}"'
    assert page.count(kept) == 1, "the filter form keeps it"


def test_questions_that_were_handed_on(card: Card, board: Board, ana: User, kenji: User, sam: User) -> None:
    act.add_member(board, sam, Role.MEMBER, by=ana)
    ask_question(card, "Which plum?", [kenji], by=ana)
    question = ask_question(card, "Which pear?", [kenji], by=ana)
    hand_on(question, sam, by=kenji)
    [group] = search(parse_search("is:handed-on"), ana).groups
    assert [(hit.title, hit.facts) for hit in group.hits] == [
        ("Which pear?", ("Kenji → Sam", "Question", "Open"))
    ]
    assert search(parse_search("is:handed-on plum -pear by:kenji"), ana).groups == []


@pytest.fixture
def moved(board: Board, ready: Column, doing: Column, ana: User, kenji: User) -> dict[str, Card]:
    """On Monday Kenji begins `early`; on Wednesday Ana finishes it, and begins `late`. `still` stays."""
    done = board.columns.get(is_done=True)
    doing = act.rename_column(doing, "Beîng dóne", by=ana)
    with time_machine.travel(dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC), tick=False):
        found = {name: act.create_card(ready, name, by=ana) for name in ("early", "late", "still")}
    with time_machine.travel(dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC), tick=False):
        act.move_card(found["early"], to=doing, by=kenji)
    with time_machine.travel(dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC), tick=False):
        act.move_card(found["early"], to=done, by=ana)
        act.move_card(found["late"], to=doing, by=ana)
    return found


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("to:being", ["late", "early"]),
        ('to:"BEING DONE"', ["late", "early"]),
        ("to:being since:wed", ["late"]),
        ("to:being since:2026-11-24", ["late"]),
        ("to:being before:2026-11-24", ["early"]),
        ("to:being by:kenji", ["early"]),
        ("to:being by:me", ["late"]),
        ('to:being by:"ana du"', ["late"]),
        ("from:being", ["early"]),
        ("from:ready to:being", ["late", "early"]),
        ("from:being to:ready", []),
        ("from:being to:done by:kenji", []),
        ("from:being to:done by:ana", ["early"]),
        ("moved:being", ["late", "early"]),
        ("moved:ready since:wed", ["late"]),
        ("moved:being early", ["early"]),
        ("to:being is:mine", []),
        ("to:being column:being", ["late"]),
        ("to:ready", []),
    ],
)
def test_cards_by_their_moves(moved: dict[str, Card], ana: User, typed: str, names: list[str]) -> None:
    """The card that was moved last comes first; a new card was not moved."""
    with time_machine.travel(dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC), tick=False):
        assert cards(typed, ana) == [moved[name].key for name in names]


def test_more_than_a_page_goes_on_with_what_comes_next(
    moved: dict[str, Card], ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that can only find cards has a page of them at once, so "more" is the second."""
    monkeypatch.setattr(views, "_A_PAGE", 1)
    client = Client()
    client.force_login(ana)
    with time_machine.travel(dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC), tick=False):
        address, keys = "/search/?q=to:being", []
        while address:
            page = client.get(address).content.decode()
            page = page[page.index('class="results"') : page.index("</main>")]
            keys += re.findall(r'<span class="key">([^<]+)', page)
            more = re.search(r'rel="next" href="([^"]+)"', page)
            address = unescape(more[1]) if more else ""
    assert keys == [moved["late"].key, moved["early"].key]


def test_a_hit_says_its_move(moved: dict[str, Card], ana: User) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC), tick=False):
        [group] = search(parse_search("from:ready by:kenji"), ana).groups
    [hit] = group.hits
    assert hit.text == "Ready → Beîng dóne by Kenji"
    assert hit.at == dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)


def test_a_move_that_was_undone_was_a_move_as_its_undo_is(
    card: Card, doing: Column, board: Board, ana: User, kenji: User
) -> None:
    act.move_card(card, to=doing, by=ana)
    board.refresh_from_db()
    undo_change(board, board.seq, by=ana)
    assert cards(f'from:"{doing.name}" by:ana', ana) == [card.key]
    assert cards(f'from:"{doing.name}" by:kenji', ana) == []


def test_moves_lie_within_a_year(moved: dict[str, Card], ana: User) -> None:
    with time_machine.travel(dt.datetime(2027, 11, 30, 9, tzinfo=dt.UTC), tick=False):
        assert cards("to:being since:2020", ana) == []
        assert cards("to:being", ana) == []
        assert cards("to:being before:2026-12", ana) == [moved["late"].key, moved["early"].key]


def test_a_name_that_nothing_has_is_said_and_the_rest_is_found(moved: dict[str, Card], ana: User) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC), tick=False):
        results = search(parse_search("to:nowhere to:being by:nobody by:ana late"), ana)
        assert [hit.key for group in results.groups for hit in group.hits] == [moved["late"].key]
        assert results.problems[0].startswith("No column is called “nowhere”. There are Beîng dóne, Done, ")
        assert results.problems[1] == "Nobody on your boards is called “nobody”."


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("to:nowhere", "No column is called “nowhere”. "),
        ("from:nowhere to:being", "No column is called “nowhere”. "),
        ("to:being by:nobody", "Nobody on your boards is called “nobody”."),
        ("column:nowhere", "No column is called “nowhere”. "),
        ("label:nothing", "No label is called “nothing”."),
        ("by:nobody", "Nobody on your boards is called “nobody”."),
        ("in:nowhere", "No board of yours is called “nowhere”."),
        ("owner:nobody late", "Nobody on your boards is called “nobody”."),
    ],
)
def test_a_name_that_nothing_has_finds_nothing(
    moved: dict[str, Card], ana: User, typed: str, says: str
) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC), tick=False):
        results = search(parse_search(typed), ana)
    assert results.groups == []
    assert len(results.problems) == 1 and results.problems[0].startswith(says)


def test_what_is_left_out_by_a_name_that_nothing_has_is_said_too(moved: dict[str, Card], ana: User) -> None:
    results = search(parse_search("-in:nowhere late"), ana)
    assert results.problems == ("No board of yours is called “nowhere”.",)


def test_a_search_of_one_board_knows_the_names_of_all(
    moved: dict[str, Card], board: Board, ana: User
) -> None:
    other = act.create_board("Mobile", by=ana, key="MOB", starter=False)
    act.add_column(other, "On a phone", by=ana)
    act.create_label(other, "battery", 3, by=ana)
    typed = 'label:battery column:"On a phone" in:MOB'
    assert cards_found(parse_search(typed), ana, [board.pk], timezone.now()).problems == ()
    assert cards_found(parse_search('to:"On a phone"'), ana, [board.pk], timezone.now()).problems == ()
    assert len(cards_found(parse_search("to:Nowhere"), ana, [board.pk], timezone.now()).problems) == 1


def test_who_is_somewhere_else_is_answered_as_who_is_nowhere(moved: dict[str, Card], ana: User) -> None:
    """Nobody learns by a search who has an account."""
    elsewhere = person("olga")
    elsewhere.name = "Olga Petrova"
    elsewhere.save()
    other = act.create_board("Salaries", by=elsewhere, key="PAY", starter=False)
    act.create_card(act.add_column(other, "To pay", by=elsewhere), "Raise", by=elsewhere)
    for typed in ("to:being by:{}", "by:{}", "owner:{}", "to:being -by:{}"):
        for name in ("olga", "@olga", "Petro", "olga@example.com"):
            known, unknown = (
                search(parse_search(typed.format(f'"{value}"')), ana) for value in (name, "zz" + name[2:])
            )
            there = [line.replace(name.lstrip("@"), "x") for line in known.problems]
            assert there == [line.replace(("zz" + name[2:]).lstrip("@"), "x") for line in unknown.problems]
            assert known.groups == unknown.groups or typed.startswith("to:being -")
    assert len(search(parse_search("by:olga"), elsewhere).problems) == 0


def test_who_has_left_the_board_is_still_found_by_their_moves(
    moved: dict[str, Card], board: Board, ana: User, kenji: User
) -> None:
    act.remove_member(board, kenji, by=ana)
    with time_machine.travel(dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC), tick=False):
        results = search(parse_search("to:being by:kenji"), ana)
    assert [hit.key for group in results.groups for hit in group.hits] == [moved["early"].key]
    assert results.problems == ()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("to:being -by:kenji", ["late"]),
        ("to:being -by:me", ["early"]),
        ("to:being -column:being", ["early"]),
        ("moved:being -late", ["early"]),
    ],
)
def test_moves_without_some(moved: dict[str, Card], ana: User, typed: str, names: list[str]) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC), tick=False):
        assert cards(typed, ana) == [moved[name].key for name in names]


@pytest.mark.parametrize(
    "typed",
    [
        *("is:blocked", "is:late", "is:stuck", "is:begun", "is:noowner", "is:no-done-when", "is:away"),
        *("is:waiting", "is:archived", "is:mine", "is:unready", "label:bug", "column:ready"),
        *("owner:kenji", "owner:me", "by:kenji", "in:flx"),
    ],
)
def test_a_minus_finds_the_others(team: list[Card], board: Board, ana: User, kenji: User, typed: str) -> None:
    act.label_card(team[0], act.create_label(board, "Bug", 1, by=ana), by=ana)
    act.label_card(team[0], act.create_label(board, "Late", 2, by=ana), by=ana)
    ask_question(team[0], "Which plum?", [ana], by=kenji)
    today = timezone.now().astimezone(kenji.zone).date()
    say_away(kenji, today, today + DAY, by=kenji)
    every, found, others = (set(cards(one, ana, most=50)) for one in ("in:flx", typed, f"-{typed}"))
    assert found
    assert others == every - found
    assert set(cards(f"-{typed} plum", ana, most=50)) == others & set(cards("plum", ana, most=50))


def test_a_minus_tells_kinds_apart(team: list[Card], ana: User, kenji: User) -> None:
    ask_question(team[0], "Which plum?", [kenji], by=ana)
    post_comment(team[0], "This plum", by=kenji)
    record_decision(team[0], "No plum", by=ana)

    def texts(typed: str) -> dict[str, list[str]]:
        groups = search(parse_search(typed), ana).groups
        return {one.kind: [re.sub("<[^>]+>", "", hit.title) for hit in one.hits] for one in groups}

    assert texts("plum -is:question")["comments"] == ["This plum"]
    assert "decisions" not in texts("plum -is:decision")
    assert texts("plum -is:handed-on")["comments"] == ["This plum", "Which plum?"]
    assert texts("plum -by:kenji")["comments"] == ["Which plum?"]
    assert texts("plum -by:ana is:question") == {}


def test_a_stranger_learns_nothing(team: list[Card], moved: dict[str, Card], sam: User) -> None:
    for typed in ("is:late", "is:stuck", "is:noowner", "is:away", "is:handed-on", "to:done", "moved:being"):
        results = search(parse_search(typed), sam)
        assert results.groups == [], typed
        assert "Ready" not in " ".join(results.problems)


def test_the_page_says_what_it_did_not_understand_and_explains_the_questions(card: Card, ana: User) -> None:
    client = Client()
    client.force_login(ana)
    page = client.get("/search/", {"q": "order is:purple"}).content.decode()
    assert "“purple” was left out. “is:” takes blocked, late, begun, stuck, " in page
    assert card.key in page
    assert "a column that cards came into" in page
    part = client.get("/search/", {"q": "is:purple"}, headers={"HX-Request": "true"}).content.decode()
    assert "“purple” was left out" in part[part.index("finder-said") : part.index("finder-hits")]


def test_a_question_costs_a_fixed_number_of_queries(
    team: list[Card], moved: dict[str, Card], ana: User, django_assert_max_num_queries: Any
) -> None:
    for typed in (
        "is:stuck is:late is:noowner is:no-done-when is:away is:waiting",
        "from:ready to:being by:ana",
    ):
        with django_assert_max_num_queries(9):
            search(parse_search(typed), ana)
