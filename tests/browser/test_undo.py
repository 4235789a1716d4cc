"""Undo in the browser: the notice after an own change, its keys, and what others see of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from activity.models import Activity
from boards import actions
from tests.browser.conftest import Table
from tests.browser.steps import Held, open_live, shows_order, wait_until
from tests.browser.test_accessibility import check

PageFor = Callable[..., Page]
NOTICE = ".toast:has(.toast__undo)"


def focus(page: Page, key: str) -> None:
    page.locator(f'#board .card[data-card="{key}"] .card__link').focus()


def move_right(page: Page, key: str) -> None:
    focus(page, key)
    page.keyboard.press("Shift+ArrowRight")


@pytest.fixture
def page(table: Table, page_for: PageFor) -> Page:
    return open_live(page_for(table.kenji), table.url)


def test_z_takes_a_move_back_here_and_on_another_screen(table: Table, page: Page, page_for: PageFor) -> None:
    other = open_live(page_for(table.ana), table.url)
    before = table.order
    move_right(page, table.key(2))
    notice = page.locator(NOTICE)
    expect(notice).to_contain_text(f"{table.key(2)} moved to In progress")
    shows_order(other, table.order)
    assert table.order != before
    page.keyboard.press("z")
    shows_order(page, before)
    shows_order(other, before)
    assert table.order == before
    expect(page.locator(NOTICE)).to_contain_text(f"Undone: {table.key(2)} moved")
    told = Activity.objects.on(table.board).latest("seq")
    assert (told.verb, told.effect, told.actor) == ("change.undone", "card.moved", table.kenji)
    check(page, "notice")
    page.click(f"{NOTICE} button:has-text('Redo')")
    page.wait_for_function(
        "() => document.querySelector('.toast__undo button')?.textContent.includes('Undo')"
    )
    assert table.order != before


def test_z_before_the_answer_takes_back_what_was_just_done(table: Table, page: Page) -> None:
    before = table.order
    moves = Held()
    page.route("**/do/moved/", moves)
    move_right(page, table.key(1))
    wait_until(lambda: bool(moves.routes), page)
    page.keyboard.press("z")
    moves.let_go()
    page.locator(NOTICE, has_text="Undone").wait_for()
    assert table.order == before
    shows_order(page, before)


def test_z_twice_at_once_takes_two_changes_back(table: Table, page: Page) -> None:
    before = table.order
    move_right(page, table.key(1))
    move_right(page, table.key(2))
    page.keyboard.press("z")
    page.keyboard.press("z")
    wait_until(lambda: table.order == before)
    shows_order(page, before)
    assert Activity.objects.on(table.board).filter(verb="change.undone").count() == 2


def test_ctrl_z_undoes_outside_of_fields_only(table: Table, page: Page) -> None:
    before = table.order
    move_right(page, table.key(1))
    expect(page.locator(NOTICE)).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("A title")
    page.keyboard.press("Control+z")
    assert table.order != before
    page.keyboard.press("Escape")
    focus(page, table.key(3))
    page.keyboard.press("Control+z")
    asks(page, table.key(1))
    page.keyboard.press("Control+z")
    shows_order(page, before)


def asks(page: Page, key: str, keys: str = "Ctrl Z") -> None:
    """One notice asks about the move of this card."""
    question = f"Undo: {key} moved to In progress? Press {keys} again."
    expect(page.locator(f"{NOTICE}:has-text('Press {keys} again') > span")).to_have_text(question)


def test_ctrl_z_undoes_what_it_asked_about_whatever_came_between(
    table: Table, page: Page, page_for: PageFor
) -> None:
    tab = open_live(page_for(table.kenji), table.url)
    move_right(page, table.key(1))
    expect(page.locator(NOTICE)).to_be_visible()
    page.keyboard.press("Control+z")
    asks(page, table.key(1))
    move_right(tab, table.key(3))
    shows_order(
        page, [[table.key(n) for n in (2, 4, 5)], [table.key(n) for n in (3, 1, 6, 7)], [table.key(8)]]
    )
    actions.retitle_card(table.card(1), "Renamed by Ana", by=table.ana)
    actions.move_card(table.card(4), to=table.columns[2], by=table.ana)
    expect(page.locator(f"#column-{table.columns[2].pk} [data-card='{table.key(4)}']")).to_be_visible()
    move_right(page, table.key(2))
    expect(page.locator(f"{NOTICE}:has-text('{table.key(2)} moved')")).to_be_visible()
    asks(page, table.key(1))
    page.keyboard.press("Control+z")
    back = [
        [table.key(n) for n in (1, 5)],
        [table.key(n) for n in (2, 3, 6, 7)],
        [table.key(n) for n in (8, 4)],
    ]
    shows_order(page, back)
    assert table.order == back
    assert Activity.objects.on(table.board).filter(verb="change.undone").count() == 1
    page.keyboard.press("Control+z")
    asks(page, table.key(2))


def test_what_can_not_be_undone_any_more_says_why_and_nothing_else_is(
    table: Table, page: Page, page_for: PageFor
) -> None:
    tab = open_live(page_for(table.kenji), table.url)
    move_right(page, table.key(1))
    expect(page.locator(NOTICE)).to_be_visible()
    seq = Activity.objects.on(table.board).latest("seq").seq
    page.keyboard.press("Control+z")
    asks(page, table.key(1))
    tab.goto(f"/b/{table.board.key}/undo/{seq}/")
    tab.click("form[data-verb] button[type=submit], main form button[type=submit]")
    wait_until(lambda: Activity.objects.on(table.board).filter(verb="change.undone").count() == 1, tab)
    order = table.order
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("undone already")
    assert table.order == order
    assert Activity.objects.on(table.board).filter(verb="change.undone").count() == 1


def test_escape_or_waiting_drops_the_question(table: Table, page: Page) -> None:
    page.clock.install()
    before = table.order
    move_right(page, table.key(2))
    page.clock.run_for(1000)
    wait_until(lambda: table.order != before, page)
    moved = table.order
    page.keyboard.press("Control+z")
    page.clock.run_for(1000)
    asks(page, table.key(2))
    page.keyboard.press("Escape")
    expect(page.locator(NOTICE)).to_have_count(0)
    page.keyboard.press("Control+z")
    page.clock.run_for(1000)
    asks(page, table.key(2))
    page.clock.run_for(9000)
    expect(page.locator(NOTICE)).to_have_count(0)
    page.keyboard.press("z")
    page.clock.run_for(1000)
    asks(page, table.key(2), "Z")
    assert table.order == moved


def test_the_notice_waits_under_the_pointer_and_under_focus(table: Table, page: Page) -> None:
    page.clock.install()
    move_right(page, table.key(2))
    page.clock.run_for(1000)
    notice = page.locator(NOTICE)
    expect(notice).to_be_visible()
    notice.hover()
    page.clock.run_for(20_000)
    expect(notice).to_be_visible()
    page.mouse.move(700, 300)
    page.keyboard.press("F6")
    assert page.evaluate("() => document.activeElement.closest('.toast') !== null")
    page.clock.run_for(20_000)
    expect(notice).to_be_visible()
    page.keyboard.press("F6")
    assert page.evaluate("() => document.activeElement.closest('.card')?.dataset.card") == table.key(2)
    page.clock.run_for(9000)
    expect(notice).to_have_count(0)
    page.keyboard.press("z")
    expect(notice).to_contain_text("moved to In progress")  # shown again, not done behind one's back


def test_more_than_three_fold_into_one(table: Table, page: Page) -> None:
    before = table.order
    for number in (1, 2, 3, 4):
        move_right(page, table.key(number))
        expect(page.locator(f"{NOTICE}:has-text('{table.key(number)}')")).to_be_visible()
    assert page.locator(".toast").count() == 3
    folded = page.locator(".toast").first
    expect(folded).to_contain_text("2 changes")
    page.keyboard.press("z")
    page.wait_for_function("() => document.querySelectorAll('.toast').length <= 3")
    expect(page.locator(".toast:has-text('Undone')")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator(f".toast:has-text('Undone: {table.key(3)}')")).to_be_visible()
    page.click("button:has-text('Undo all')")
    shows_order(page, before)
    assert table.order == before


def test_a_field_changed_since_is_asked_about_in_a_dialog(table: Table, page: Page) -> None:
    card = table.card(6)
    page.goto(f"/c/{card.key}/")
    page.wait_for_selector('[data-connection="live"]', state="attached")
    page.keyboard.press("e")
    page.fill("[name=title]", "Reserve API")
    page.keyboard.press("Enter")
    expect(page.locator(NOTICE)).to_contain_text("renamed")
    actions.retitle_card(card, "Move to the new API", by=table.ana)
    page.wait_for_selector("[data-field=title]:has-text('new API')")
    page.click(f"{NOTICE} button:has-text('Undo')")
    dialog = page.locator("dialog#conflict")
    expect(dialog).to_contain_text("Ana changed this since")
    for words in ("Before", "Now, Ana’s", "Reserve API"):
        expect(dialog).to_contain_text(words)
    check(page, "undo conflict")
    dialog.locator("button[type=submit]").click()
    page.wait_for_selector("[data-field=title]:has-text('Move to the reserve API')")
    card.refresh_from_db()
    assert card.title == "Move to the reserve API"


def test_what_is_final_has_no_undo(table: Table, page: Page) -> None:
    page.goto(f"/c/{table.key(6)}/decide/")
    page.fill("[name=text]", "We use the reserve API.")
    page.locator("form[data-verb='decision.recorded'] button[type=submit]").first.click()
    page.wait_for_selector(".decision")
    assert page.locator(NOTICE).count() == 0


def test_from_the_history_without_scripts(table: Table, page_for: PageFor) -> None:
    card = actions.retitle_card(table.card(6), "Another title", by=table.ana)
    page = page_for(table.kenji, java_script_enabled=False)
    page.goto(f"/c/{card.key}/?tab=history")
    page.locator(".event__undo").first.click()
    page.click("button:has-text('Undo')")
    page.wait_for_selector("text=undid: renamed this")
    assert table.card(6).title == "Move to the reserve API"
