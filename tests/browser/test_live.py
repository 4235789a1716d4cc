"""Two people, two windows, one board."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from activity.live import presence, relay
from boards import actions
from comments.actions import post_comment
from comments.questions import ask_question, close_question
from tests.browser.conftest import Table
from tests.browser.steps import (
    assert_same_picture,
    begin_edit,
    card,
    focus_card,
    focused,
    open_live,
    order,
    shows_order,
)

PageFor = Callable[..., Page]
LAPSES_AFTER = presence.LASTS * 1000 / 2  # ms; who left without a word would be shown for twice as long
LOOKED_AT_AFTER = relay.BACKSTOP * 1000 / 2  # ms; who was not told so would be found out in twice as long

# What has become part of the page, in order: a change that came over the stream by its seq, all else as null.
LISTEN = """() => { window.came = [];
  document.addEventListener('flux:applied', ({ detail: frame }) =>
    window.came.push(frame && Number(frame.dataset.seq)));
}"""


class Screen:
    """A page that only looks on: what it is told, and what it asks for itself."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = open_live(page, address)
        self.page.evaluate(LISTEN)
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def shows(self, true: str) -> None:
        self.page.wait_for_function(f"() => {true}")

    def came(self) -> list[int | None]:
        """Fails when the page was loaded again in between: nothing listens on it then."""
        return self.page.evaluate("() => window.came")

    def again(self) -> list[str]:
        """Addresses of a second stream, of polls in its place, and of whole pages and boards."""
        return [url for url in self.asked if re.search(r"/live/|[?&](poll|part)=|/(b|c)/[^/]+/(\?|$)", url)]


def test_fifty_changes_reach_the_other_screen_one_by_one(table: Table, page_for: PageFor) -> None:
    """Each is waited for before the next is made; how soon they come is measured (`bin/bench screens`)."""
    number, key = 1, table.key(1)
    checklist = actions.add_checklist(table.card(number), "Steps", by=table.ana)
    actions.add_items(checklist, "\n".join(f"Step {i}" for i in range(12)), by=table.ana)
    table.board.refresh_from_db()
    first = table.board.seq + 1
    ana = open_live(page_for(table.ana), table.url)
    board = Screen(page_for(table.kenji), table.url)
    detail = Screen(page_for(table.kenji), f"/c/{key}/")
    move_twenty(table, ana, board)
    card(ana, key).locator(".card__link").click()
    ana.wait_for_selector(".panel[data-role] .composer textarea")
    for i in range(12):
        tick = f".item:nth-child({i + 1}) .tick"
        ana.eval_on_selector(f".panel {tick}", "tick => tick.click()")
        detail.shows(f"document.querySelector('{tick}').ariaChecked === 'true'")
    for i in range(9):
        ana.fill(".panel .composer textarea", f"Remark {i}")
        ana.keyboard.press("Control+Enter")
        detail.shows(f"document.querySelector('.thread')?.textContent.includes('Remark {i}')")
    for i in range(9):
        begin_edit(ana, "title", ".panel")
        ana.fill(".panel [data-edit=title] textarea", f"Title {i}")
        ana.keyboard.press("Enter")
        detail.shows(f"document.querySelector('h1').textContent === 'Title {i}'")
    table.board.refresh_from_db()
    every = list(range(first, table.board.seq + 1))
    assert len(every) == 50
    board.shows(f"window.came.length >= {len(every)}")
    assert board.came() == every
    assert [seq for seq in detail.came() if seq is not None] == every
    assert (board.again(), detail.again()) == ([], [])
    ana.keyboard.press("Escape")
    fresh = open_live(page_for(table.kenji), table.url)
    assert_same_picture(board.page, fresh)
    assert order(ana) == order(fresh) == table.order
    page = open_live(page_for(table.ana), table.url)
    assert_same_picture(ana, page)


def move_twenty(table: Table, ana: Page, board: Screen) -> None:
    """The five cards of the first column, two columns to the right and back."""
    for i in range(20):
        moved = table.key(i % 5 + 1)
        focus_card(ana, moved)
        version = card(board.page, moved).get_attribute("data-version")
        ana.keyboard.press("Shift+ArrowRight" if i // 5 < 2 else "Shift+ArrowLeft")
        shown = f"document.querySelector('#board .card[data-card=\"{moved}\"]')"
        board.shows(f"{shown}?.dataset.version > {version}")
        ana.wait_for_selector(".card--pending", state="detached")


def test_every_kind_of_change_leaves_the_page_as_a_fresh_one(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    ready, doing, done = table.columns
    one, two = table.card(1), table.card(2)
    label = actions.create_label(table.board, "bug", 1, by=table.ana)
    actions.label_card(one, label, by=table.ana)
    actions.assign_card(one, table.kenji, by=table.ana)
    actions.join_card(one, table.priya, by=table.ana)
    actions.block_card(one, "Needs the reserve API", by=table.ana, person=table.kenji)
    actions.specify_card(two, "why", "So that nobody waits.", by=table.ana)
    actions.assign_card(two, table.ana, by=table.ana)
    post_comment(two, "Look at this", by=table.ana)
    items = actions.add_items(actions.add_checklist(two, "Steps", by=table.ana), "a\nb\nc", by=table.ana)
    actions.check_item(items[0], by=table.ana)
    actions.promote_item(items[1], by=table.ana)
    actions.move_card(table.card(3), by=table.ana, to=done)
    actions.archive_card(table.card(4), by=table.ana)
    actions.restore_card(table.card(4), by=table.ana)
    actions.archive_card(table.card(5), by=table.ana)
    actions.create_cards(doing, "First\nSecond\nThird", by=table.ana)
    actions.rename_column(ready, "Next", by=table.ana, seen=None)
    actions.limit_column(doing, 3, by=table.ana)
    actions.add_column(table.board, "Later", by=table.ana)
    actions.recolour_label(label, 4, by=table.ana)
    actions.unblock_card(table.card(1), by=table.ana)
    table.board.refresh_from_db()
    page.wait_for_function(
        "seq => Number(document.querySelector('#board').dataset.seq) >= seq", arg=table.board.seq
    )
    page.wait_for_timeout(400)
    fresh = open_live(page_for(table.kenji), table.url)
    assert order(page) == table.order
    assert_same_picture(page, fresh)


def test_who_moved_it_stands_on_the_card_for_a_while_and_never_on_ones_own(
    table: Table, page_for: PageFor
) -> None:
    ana, kenji = open_live(page_for(table.ana), table.url), open_live(page_for(table.kenji), table.url)
    focus_card(ana, table.key(1))
    ana.keyboard.press("Shift+ArrowRight")
    who = f'[data-card="{table.key(1)}"].card--changed .card__who'
    kenji.wait_for_selector(f'{who}:text-is("Ana moved this just now")')
    assert ana.locator(".card--changed").count() == 0
    kenji.wait_for_selector(".card--changed", state="detached")


def test_remote_changes_move_neither_focus_nor_layout(table: Table, page_for: PageFor) -> None:
    page = page_for(table.kenji)
    page.add_init_script(
        """window.shift = 0; window.shifted = []; new PerformanceObserver(list => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) {
            window.shift += entry.value;
            window.shifted = entry.sources.map(({ node }) => node?.className || node?.nodeName);
          }
        }).observe({ type: 'layout-shift', buffered: true });"""
    )
    open_live(page_for(table.priya), table.url)
    open_live(page, table.url)
    page.wait_for_selector('#people-here [aria-label^="Priya"]')
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") <= 0.001, page.evaluate("window.shifted")
    focus_card(page, table.key(2))
    page.wait_for_timeout(500)
    columns = table.columns
    for i in range(50):
        number = (1, 3, 4, 5, 6)[i % 5]
        if i % 3 == 0:
            actions.move_card(table.card(number), by=table.ana, to=columns[(i // 3) % 3])
        elif i % 3 == 1:
            actions.retitle_card(table.card(number), f"Title {i} of the card", by=table.ana, seen=None)
        else:
            post_comment(table.card(number), f"Remark {i}", by=table.ana)
    table.board.refresh_from_db()
    page.wait_for_function(
        "seq => Number(document.querySelector('#board').dataset.seq) >= seq", arg=table.board.seq
    )
    page.wait_for_timeout(600)
    assert focused(page) == table.key(2)
    assert page.evaluate("window.shift") <= 0.001
    assert order(page) == table.order


@pytest.mark.parametrize("blurred", [False, True], ids=["focused", "blurred"])
def test_typed_text_survives_a_remote_change_of_the_same_field(
    table: Table, page_for: PageFor, blurred: bool
) -> None:
    actions.specify_card(table.card(1), "why", "Because of the tickets", by=table.ana)
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    begin_edit(page, "why")
    field = page.locator("[data-edit=why] textarea")
    field.press("End")
    page.keyboard.type(" and the ph")
    page.keyboard.press("ArrowLeft")
    if blurred:
        page.click(".composer textarea")
    actions.specify_card(table.card(1), "why", "Because of the law", by=table.ana)
    page.wait_for_selector('[data-edit=why] .form-note:has-text("Ana changed this")')
    assert field.input_value() == "Because of the tickets and the ph"
    if not blurred:
        page.keyboard.type("X")
        assert field.input_value() == "Because of the tickets and the pXh"
    page.click("[data-edit=why] .form-note button")
    page.wait_for_selector('.form-note__theirs:has-text("Because of the law")')


def test_a_change_beside_the_field_being_typed_in_comes_in(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    begin_edit(page, "what")
    page.keyboard.type("Half a sent")
    for field in ("why", "done_when", "constraints"):
        actions.specify_card(table.card(1), field, f"Text of {field}", by=table.ana)
    actions.retitle_card(table.card(1), "Another title", by=table.ana)
    page.wait_for_selector('h1:has-text("Another title")')
    page.wait_for_selector('[data-field=constraints]:has-text("Text of constraints")')
    assert page.locator("[data-edit=what] textarea").input_value() == "Half a sent"
    page.keyboard.type("ence")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-field=what]:has-text("Half a sentence")')
    table.card(1).refresh_from_db()
    assert table.card(1).what == "Half a sentence"
    assert table.card(1).why == "Text of why"


def test_presence_shows_who_is_here_and_who_edits(table: Table, page_for: PageFor) -> None:
    kenji = open_live(page_for(table.kenji), table.url)
    ana = open_live(page_for(table.ana), table.url)
    kenji.wait_for_selector('#people-here [aria-label^="Ana Duarte"]')
    card(ana, table.key(1)).locator(".card__link").click()
    begin_edit(ana, "title", ".panel[data-role]")
    kenji.wait_for_selector(f'[data-card="{table.key(1)}"] .card__editing:has-text("Ana is editing")')
    ana.close()
    kenji.wait_for_selector("#people-here [aria-label^='Ana']", state="detached", timeout=LAPSES_AFTER)


def test_a_removed_member_is_told_and_sees_no_more(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    actions.remove_member(table.board, table.kenji, by=table.ana)
    page.wait_for_selector('.toast:has-text("no longer on this board")', timeout=LOOKED_AT_AFTER)
    actions.retitle_card(table.card(1), "Secret", by=table.ana)
    page.wait_for_timeout(800)
    assert "Secret" not in page.content()


def test_a_filtered_board_stays_filtered(table: Table, page_for: PageFor) -> None:
    actions.assign_card(table.card(1), table.kenji, by=table.ana)
    page = open_live(page_for(table.kenji), table.url)
    page.click("[data-filter=mine]")
    shows_order(page, [[table.key(1)], [], []])
    assert page.url.endswith("?mine=1")
    actions.assign_card(table.card(2), table.kenji, by=table.ana)
    actions.retitle_card(table.card(3), "Not mine", by=table.ana)
    shows_order(page, [[table.key(1), table.key(2)], [], []])
    page.reload()
    assert order(page) == [[table.key(1), table.key(2)], [], []]
    page.go_back()
    shows_order(page, table.order)


def test_cards_that_come_in_above_what_one_sees_are_told_in_the_head(table: Table, page_for: PageFor) -> None:
    ready, doing, _ = table.columns
    actions.create_cards(ready, "\n".join(f"Card {n} of many" for n in range(18)), by=table.ana)
    page = open_live(page_for(table.kenji), table.url)
    column = page.locator(f"#column-{ready.pk}")
    last = table.order[0][-1]
    card(page, last).scroll_into_view_if_needed()
    seen = card(page, last).bounding_box()
    for number in (6, 7):
        actions.move_card(table.card(number), by=table.ana, to=ready, before=table.card(1))
    column.locator(".column__new:text-is('2 new ↑')").wait_for()
    assert card(page, last).bounding_box() == seen, "what one reads stays where it is"
    actions.move_card(table.card(6), by=table.ana, to=doing)
    column.locator(".column__new:text-is('1 new ↑')").click()
    column.locator(".column__new").wait_for(state="detached")
    assert focused(page) == table.key(7)
    actions.move_card(table.card(6), by=table.ana, to=ready, after=table.card(7))
    page.wait_for_timeout(800)
    assert column.locator(".column__new").count() == 0, "in sight needs no telling"


def test_what_waits_on_me_is_counted_live(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    shown = "[...document.querySelectorAll('#waits .num, #chip-waiting')].map(n => n.textContent).join()"
    assert page.evaluate(shown) == "0,0"
    page.focus("#waits")
    question = ask_question(table.card(1), "Which rate?", [table.kenji], by=table.ana)
    page.wait_for_function(f"() => {shown} === '1,1'")
    assert page.evaluate("document.activeElement.ariaLabel") == "Waiting on you: 1"
    actions.block_card(table.card(2), "Needs Kenji", person=table.kenji, by=table.ana)
    page.wait_for_function(f"() => {shown} === '2,2' && document.querySelector('#waits.waits--some')")
    close_question(question, by=table.ana)
    actions.unblock_card(table.card(2), by=table.ana)
    page.wait_for_function(f"() => {shown} === '0,0' && !document.querySelector('#waits.waits--some')")


@pytest.mark.parametrize("where", ["board with the card open", "the card's own page"])
def test_what_changes_for_the_whole_board_shows_on_an_open_card(
    table: Table, page_for: PageFor, where: str
) -> None:
    """A label made elsewhere can be put on; a renamed column can be moved to."""
    one, key = table.card(1), table.key(1)
    page = open_live(page_for(table.kenji), table.url if "board" in where else f"/c/{key}/")
    if "board" in where:
        card(page, key).get_by_role("link").first.click()
    detail = page.locator(f"#card-{one.pk}-detail")
    expect(detail.get_by_text("This board has no labels yet")).to_have_count(1)

    actions.create_label(table.board, "Urgent", 2, by=table.ana)
    actions.rename_column(table.columns[2], "Shipped", by=table.ana)

    expect(detail.locator("option", has_text="Shipped")).not_to_have_count(0)
    expect(detail.locator("option, button, label", has_text="Urgent")).not_to_have_count(0)
