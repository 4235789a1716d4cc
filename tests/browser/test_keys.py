"""The help lists the keys that work on its page, and each does what is said.

The list is read out of the dialog that `?` opens. Every row has a check here, and every check a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, expect

from activity.models import Activity, Reading
from boards import actions
from boards.models import Watch
from comments.actions import post_comment
from comments.models import Comment
from fluxboard.accounts.models import User
from tests.browser.conftest import Table
from tests.browser.steps import focus_card, focused, open_live, said, shows_order, wait_until

PageFor = Callable[..., Page]
Check = Callable[[Page, Table], None]
Row = tuple[str, str]  # the keys, and what they do, as the dialog says it
NOTICE = ".toast:has(.toast__undo)"
FINDER = "dialog.finder input[name=q]"

ROWS = """() => [...document.querySelectorAll('#keys-help dt')].map((dt) => [
    [...dt.querySelectorAll('kbd')].map(key => key.textContent).join(' '),
    dt.nextElementSibling.textContent])"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def goes(page: Page, address: str, *keys: str) -> None:
    with page.expect_navigation(url=re.compile(f"{address}$")):
        press(page, *keys)


def search(page: Page, key: str) -> None:
    press(page, key)
    expect(page.locator(FINDER)).to_be_focused()
    press(page, "Escape")
    expect(page.locator(FINDER)).to_have_count(0)


# ---- everywhere ------------------------------------------------------------------------------------------


def show_keys(page: Page, table: Table) -> None:
    press(page, "?")
    expect(page.locator("#keys-help")).to_be_visible()


def close(page: Page, table: Table) -> None:
    press(page, "?")
    expect(page.locator("#keys-help")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#keys-help")).to_have_count(0)


ALWAYS: dict[Row, Check] = {
    ("?", "Show these keys"): show_keys,
    ("/", "Search, or jump to"): lambda page, table: search(page, "/"),
    ("Ctrl K", "Search, or jump to"): lambda page, table: search(page, "Control+k"),
    ("G H", "Go to home"): lambda page, table: goes(page, r":\d+/", "g", "h"),
    ("G S", "Go to the standup"): lambda page, table: goes(page, "/standup/", "g", "s"),
    ("Esc", "Close, put back, cancel"): close,
}

# ---- the board and its cards -----------------------------------------------------------------------------


def adds_in(page: Page, column: int) -> None:
    field = page.locator(f"#column-{column}-quick [name=title]")
    expect(field).to_be_focused()


def new_card(page: Page, table: Table) -> None:
    focus_card(page, table.key(6))
    press(page, "c")
    adds_in(page, table.columns[0].pk)


def new_card_here(page: Page, table: Table) -> None:
    focus_card(page, table.key(6))
    press(page, "n")
    adds_in(page, table.columns[1].pk)


def open_filter(page: Page, table: Table) -> None:
    press(page, "f")
    expect(page.locator("#filter :focus")).to_be_visible()


def only_mine(page: Page, table: Table) -> None:
    with page.expect_response(re.compile("mine")):
        press(page, "q")
    expect(page.locator("[data-filter=mine]")).to_have_attribute("aria-pressed", "true")


def menu(page: Page, table: Table) -> None:
    focus_card(page, table.key(2))
    press(page, "m")
    expect(page.locator(f"#card-menu[data-card='{table.key(2)}'] form").first).to_be_visible()


def assign_to_me(page: Page, table: Table) -> None:
    focus_card(page, table.key(2))
    press(page, "i")
    wait_until(lambda: table.card(2).assignee == table.kenji, page)


def next_column_and_back(page: Page, table: Table) -> None:
    before = table.order
    focus_card(page, table.key(1))
    press(page, ">")
    wait_until(lambda: table.key(1) in table.order[1], page)
    page.wait_for_selector(".card--pending", state="detached")
    press(page, "<")
    wait_until(lambda: table.order == before, page)


def watch(page: Page, table: Table) -> None:
    press(page, "s")
    wait_until(lambda: Watch.objects.filter(user=table.kenji).exists(), page)


def moved(page: Page, table: Table, number: int = 3) -> None:
    focus_card(page, table.key(number))
    press(page, "Shift+ArrowRight")
    expect(page.locator(NOTICE)).to_contain_text(f"{table.key(number)} moved")


def undo_a_move(page: Page, table: Table) -> None:
    before = table.order
    moved(page, table)
    press(page, "z")
    shows_order(page, before)
    assert table.order == before


def ask_and_undo_a_move(page: Page, table: Table) -> None:
    before = table.order
    moved(page, table)
    press(page, "Control+z")
    expect(page.locator(NOTICE)).to_contain_text(f"Undo: {table.key(3)} moved to In progress?")
    assert table.order != before
    press(page, "Control+z")
    shows_order(page, before)
    assert table.order == before


def walk(page: Page, table: Table) -> None:
    focus_card(page, table.key(1))
    press(page, "ArrowDown")
    assert focused(page) == table.key(2)
    press(page, "ArrowUp", "ArrowRight")
    assert focused(page) == table.key(6)
    press(page, "ArrowLeft")
    assert focused(page) == table.key(1)


def open_card(page: Page, table: Table) -> None:
    focus_card(page, table.key(2))
    press(page, "Enter")
    expect(page.locator(f".panel[data-role][data-card='{table.key(2)}']")).to_be_visible()


def open_page(page: Page, table: Table) -> None:
    focus_card(page, table.key(2))
    goes(page, f"/c/{table.key(2)}/", "Control+Enter")


def lift(page: Page, table: Table) -> None:
    focus_card(page, table.key(1))
    press(page, "Space")
    said(page, f"Lifted {table.key(1)}. {table.columns[0].name}, 1 of {len(table.order[0])}.")
    press(page, "ArrowDown", "Space")
    wait_until(lambda: table.order[0][1] == table.key(1), page)


def move_directly(page: Page, table: Table) -> None:
    focus_card(page, table.order[0][0])
    first = table.order[0][0]
    press(page, "Shift+ArrowDown")
    wait_until(lambda: table.order[0][1] == first, page)


def send_a_card(page: Page, table: Table) -> None:
    press(page, "n")
    page.keyboard.type("By Ctrl Enter")
    press(page, "Control+Enter")
    wait_until(lambda: table.board.cards.filter(title="By Ctrl Enter").exists(), page)


def to_notices(page: Page, table: Table) -> None:
    moved(page, table)
    press(page, "F6")
    expect(page.locator(f"{NOTICE} button:focus")).to_be_visible()


LOOKS: dict[Row, Check] = {  # what a viewer has as well
    **ALWAYS,
    ("G B", "Go to the board"): lambda page, table: goes(page, table.url, "g", "b"),
    ("F", "Filter"): open_filter,
    ("T", "Time travel"): lambda page, table: goes(page, "/at/", "t"),
    ("Q", "Only mine"): only_mine,
    ("S", "Watch the card or board"): watch,
    ("Arrows", "Go from card to card"): walk,
    ("Enter", "Open the card"): open_card,
    ("Ctrl Enter", "Open the card as a page"): open_page,
    ("F6", "To the notices"): to_notices,
}
BOARD: dict[Row, Check] = {
    **LOOKS,
    ("C", "New card"): new_card,
    ("N", "Add a card to this column"): new_card_here,
    ("M", "Menu of the focused card"): menu,
    ("I", "Assign the focused card to me"): assign_to_me,
    ("< >", "Move the card to the column before, after"): next_column_and_back,
    ("Z", "Undo your last change"): undo_a_move,
    ("Ctrl Z", "Say what would be undone; again: undo it"): ask_and_undo_a_move,
    ("Space", "Lift the card; arrows move it, Space drops it"): lift,
    ("Shift Arrows", "Move the card directly"): move_directly,
    ("Ctrl Enter", "Send what you write"): send_a_card,
}


def clear(page: Page, table: Table) -> None:
    press(page, "x")
    expect(page).to_have_url(re.compile(f"{table.url}$"))
    expect(page.locator('[data-key="X"]')).to_have_count(0)


def retry(page: Page, table: Table) -> None:
    page.unroute("**/do/moved/")
    press(page, "r")
    wait_until(lambda: table.key(1) in table.order[1], page)


# ---- a card, in its panel and on its page ----------------------------------------------------------------


def opens(key: str, verb: str) -> Check:
    def check(page: Page, table: Table) -> None:
        press(page, key)
        form = page.locator(f"[id$=-detail] form[data-verb='card.{verb}']").first
        expect(form).to_be_visible()
        assert page.evaluate("document.activeElement.closest('details[open] form') !== null")
        press(page, "Escape")
        expect(form).to_be_hidden()

    return check


def copy(page: Page, table: Table) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "y")
    expect(page.locator(".toast", has_text="Link copied")).to_be_visible()
    assert f"/c/{table.key(2)}/" in page.evaluate("navigator.clipboard.readText()")


def turns(key: str, to: int) -> Check:
    def check(page: Page, table: Table) -> None:
        press(page, key)
        expect(page.locator(f".panel[data-role][data-card='{table.key(to)}']")).to_be_visible()

    return check


def send_a_comment(page: Page, table: Table) -> None:
    page.locator(".composer textarea").first.fill("By Ctrl Enter")
    page.locator(".composer textarea").first.press("Control+Enter")
    wait_until(lambda: Comment.objects.filter(card=table.card(2)).exists(), page)


def renamed(page: Page, table: Table) -> None:
    press(page, "e")
    page.fill("[data-edit=title] textarea", "Another title")
    page.keyboard.press("Enter")
    expect(page.locator(NOTICE)).to_contain_text("renamed")


def undo_a_title(page: Page, table: Table) -> None:
    before = table.card(2).title
    renamed(page, table)
    press(page, "z")
    wait_until(lambda: table.card(2).title == before, page)


def ask_and_undo_a_title(page: Page, table: Table) -> None:
    before = table.card(2).title
    renamed(page, table)
    press(page, "Control+z")
    expect(page.locator(NOTICE)).to_contain_text(f"Undo: {table.key(2)} renamed?")
    press(page, "Control+z")
    wait_until(lambda: table.card(2).title == before, page)


def to_the_notice_of_a_title(page: Page, table: Table) -> None:
    renamed(page, table)
    press(page, "F6")
    expect(page.locator(f"{NOTICE} button:focus")).to_be_visible()


CARD: dict[Row, Check] = {
    **ALWAYS,
    ("G B", "Go to the board"): LOOKS["G B", "Go to the board"],
    ("A", "Assign"): opens("a", "assigned"),
    ("L", "Labels"): opens("l", "labelled"),
    ("D", "Due date"): opens("d", "dated"),
    ("B", "Block"): opens("b", "blocked"),
    ("E", "Edit the title"): opens("e", "retitled"),
    ("S", "Watch the card or board"): watch,
    ("Y", "Copy the link"): copy,
    ("Z", "Undo your last change"): undo_a_title,
    ("Ctrl Z", "Say what would be undone; again: undo it"): ask_and_undo_a_title,
    ("Ctrl Enter", "Send what you write"): send_a_comment,
    ("F6", "To the notices"): to_the_notice_of_a_title,
}
TURNS: dict[Row, Check] = {
    ("J", "Next card"): turns("j", 3),
    ("K", "Previous card"): turns("k", 1),
}

# ---- other pages -----------------------------------------------------------------------------------------


def entry(page: Page) -> Locator:
    return page.locator("[data-entry]:focus")


def next_change(page: Page, table: Table) -> None:
    press(page, "j")
    expect(entry(page)).to_contain_text("Second")
    press(page, "j")
    expect(entry(page)).to_contain_text("First")


def previous_change(page: Page, table: Table) -> None:
    press(page, "j", "j", "k")
    expect(entry(page)).to_contain_text("Second")


def read_here(page: Page, table: Table) -> None:
    reading = Reading.objects.get(user=table.kenji, board=table.board)
    press(page, "j")
    with page.expect_navigation():
        press(page, "Shift+U")
    assert Reading.objects.get(pk=reading.pk).seq > reading.seq


def show_news(page: Page, table: Table) -> None:
    with page.expect_navigation():
        press(page, ".")
    expect(page.locator("[data-entry]", has_text="Third")).to_have_count(1)


def next_group(page: Page, table: Table) -> None:
    articles = page.locator(".feed > article[tabindex='0']")
    press(page, "j", "PageDown")
    expect(articles.nth(1)).to_be_focused()
    press(page, "PageUp")
    expect(articles.nth(0)).to_be_focused()


def open_changed_card(page: Page, table: Table) -> None:
    press(page, "j")
    goes(page, rf"/c/{table.key(2)}/.*", "Enter")


def read_step(page: Page, table: Table) -> None:
    step = page.locator("[data-step]").get_attribute("data-step")
    with page.expect_navigation():
        press(page, "Space")
    assert page.locator(f"[data-step='{step}']").count() == 0


STANDUP: dict[Row, Check] = {
    **ALWAYS,
    ("F", "Filter"): open_filter,
    ("J", "Next change"): next_change,
    ("K", "Previous change"): previous_change,
    ("SHIFT U", "Read up to here"): read_here,
    (".", "Show new changes"): show_news,
    ("PageDown PageUp", "Next and previous group"): next_group,
    ("Enter", "Open the card"): open_changed_card,
}


# ---- the pages, each opened as its keys need it -----------------------------------------------------------


def ready(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-ready]")


def at_board(page: Page, table: Table) -> None:
    open_live(page, table.url)


def at_filtered(page: Page, table: Table) -> None:
    open_live(page, f"{table.url}?q=t")


def at_failed(page: Page, table: Table) -> None:
    open_live(page, table.url)
    page.route("**/do/moved/", lambda route: route.fulfill(status=500, body="no"))
    focus_card(page, table.key(1))
    press(page, "Shift+ArrowRight")
    page.wait_for_selector("#toasts [data-retry]")


def at_panel(page: Page, table: Table) -> None:
    open_live(page, table.url)
    open_card(page, table)


def at_card(page: Page, table: Table) -> None:
    open_live(page, f"/c/{table.key(2)}/")


def at_standup(page: Page, table: Table) -> None:
    """With a change that came after the page."""
    table.board.refresh_from_db()
    Reading.objects.filter(user=table.kenji, board=table.board).update(seq=table.board.seq)
    post_comment(table.card(1), "First", by=table.ana)
    post_comment(table.card(2), "Second", by=table.ana)
    post_comment(table.card(1), "Mine", by=table.kenji)
    ready(page, f"{table.url}standup/?kind=comments")
    post_comment(table.card(3), "Third", by=table.ana)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-show-news]")


def at_catch_up(page: Page, table: Table) -> None:
    table.board.refresh_from_db()
    Reading.objects.filter(user=table.kenji, board=table.board).update(seq=table.board.seq)
    actions.create_card(table.columns[0], "News", by=table.ana)
    ready(page, "/catch-up/")
    page.wait_for_selector("[data-step]")


@dataclass
class Case:
    """A page: how one comes there, which keys its help lists, and which of them another case has tried."""

    arrive: Check
    keys: dict[Row, Check]
    tried: dict[Row, Check] = field(default_factory=dict)
    who: str = "kenji"

    def person(self, table: Table) -> User:
        return getattr(table, self.who)


CASES = {
    "board": Case(at_board, BOARD),
    "viewer": Case(at_board, LOOKS, BOARD, who="priya"),
    "filtered": Case(at_filtered, {**BOARD, ("X", "Clear the filter"): clear}, BOARD),
    "failed": Case(at_failed, {**BOARD, ("R", "Retry what failed"): retry}, BOARD),
    "panel": Case(at_panel, {**BOARD, **CARD, **TURNS}, BOARD),
    "card": Case(at_card, CARD),
    "standup": Case(at_standup, STANDUP),
    "catch-up": Case(at_catch_up, {**ALWAYS, ("SPACE", "Read, and the next step"): read_step}, ALWAYS),
    "home": Case(lambda page, table: ready(page, "/"), ALWAYS),
    "past": Case(lambda page, table: ready(page, f"{table.url}at/"), ALWAYS),
    "past, a card": Case(lambda page, table: ready(page, f"{table.url}at/?card=1"), ALWAYS, ALWAYS),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_help_says_of_a_key_is_what_the_key_does(table: Table, page_for: PageFor, name: str) -> None:
    case = CASES[name]
    actions.create_label(table.board, "Payments", 3, by=table.ana)
    page = page_for(case.person(table), viewport={"width": 1440, "height": 900})
    case.arrive(page, table)
    press(page, "?")
    expect(page.locator("#keys-help")).to_be_visible()
    rows = [(keys, words) for keys, words in page.evaluate(ROWS)]
    assert len(rows) == len(set(rows))
    assert sorted(rows) == sorted(case.keys)
    for row in rows:
        if row in case.tried and case.tried[row] is case.keys[row]:
            continue
        Watch.objects.all().delete()
        page.unroute_all(behavior="ignoreErrors")
        case.arrive(page, table)
        case.keys[row](page, table)


def test_without_single_keys_the_help_lists_none_of_them(table: Table, page_for: PageFor) -> None:
    """The help has a key of its own only then, so it is asked for before they are switched off."""
    page = open_live(page_for(table.kenji), table.url)
    page.evaluate("document.body.dataset.shortcuts = '0'")
    press(page, "?")
    assert page.locator("dialog").count() == 0
    focus_card(page, table.key(1))
    press(page, ">", "z", "m", "t")
    assert focused(page) == table.key(1)
    assert not Activity.objects.on(table.board).filter(verb="card.moved").exists()
