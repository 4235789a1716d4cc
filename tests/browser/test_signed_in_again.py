"""Signed out elsewhere: the page goes on once the same person is back, and never as somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from tests.browser.conftest import Table
from tests.browser.steps import focus_card, open_live, shows_order, wait_until
from tests.live import LiveApp

PageFor = Callable[..., Page]

OUT = "You are signed out. What you typed is kept."


def sign_out_elsewhere(page: Page) -> Page:
    """In another tab of the same browser."""
    other = page.context.new_page()
    other.goto("/accounts/logout/")
    other.click("main form [type=submit]")
    other.wait_for_url("**/accounts/login/**")
    return other


def sign_in(page: Page, app: LiveApp, person: Any) -> None:
    """As a sign-in in another document leaves the browser: with the cookies of a new session."""
    cookies = app.cookies_for(person)
    page.context.add_cookies([{"name": k, "value": v, "url": app.url} for k, v in cookies.items()])


def open_and_sign_out(page: Page, address: str, typed: str = "") -> None:
    open_live(page, address)
    page.evaluate("window.isOld = true")
    if typed:
        page.fill(".composer textarea", typed)
    sign_out_elsewhere(page).close()
    expect(page.locator(".toast--bad")).to_contain_text(OUT)
    expect(page.locator(".link-state .txt")).to_have_text("Not connected")


def test_the_page_goes_on_after_a_sign_in_in_another_tab(
    table: Table, page_for: PageFor, shared_app: LiveApp
) -> None:
    page = page_for(table.kenji)
    open_and_sign_out(page, f"/c/{table.key(1)}/", "Half writ")
    actions.retitle_card(table.card(1), "Meanwhile", by=table.ana)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".form-note")).to_contain_text(OUT)
    sign_in(page, shared_app, table.kenji)
    page.wait_for_selector('[data-connection="live"]', state="attached")
    page.wait_for_selector('h1:has-text("Meanwhile")')
    assert page.locator(".toast--bad, .form-note").count() == 0
    assert page.input_value(".composer textarea") == "Half writ"
    page.focus(".composer textarea")
    page.keyboard.press("End")
    page.keyboard.type("ten")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('.comment:not(.comment--pending):has-text("Half written")')
    assert page.evaluate("window.isOld") is True, "it was not loaded again"


def test_a_board_goes_on_too_and_takes_moves(table: Table, page_for: PageFor, shared_app: LiveApp) -> None:
    page = page_for(table.kenji)
    open_and_sign_out(page, table.url)
    actions.move_card(table.card(1), by=table.ana, to=table.columns[2])
    sign_in(page, shared_app, table.kenji)
    shows_order(page, table.order)
    page.wait_for_selector('[data-connection="live"]', state="attached")
    focus_card(page, table.key(2))
    page.keyboard.press("Shift+ArrowRight")
    wait_until(lambda: table.card(2).column == table.columns[1], page)
    assert page.evaluate("window.isOld") is True


def test_what_was_kept_waits_for_the_sign_in(table: Table, page_for: PageFor, shared_app: LiveApp) -> None:
    page = page_for(table.kenji)
    open_live(page, table.url)
    page.context.set_offline(True)
    focus_card(page, table.key(1))
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#offline-note")).to_contain_text("1 change kept")
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    expect(page.locator(".toast--bad")).to_contain_text(OUT)
    expect(page.locator("#offline-note")).to_contain_text("1 change kept")
    sign_in(page, shared_app, table.kenji)
    wait_until(lambda: table.card(1).column == table.columns[1], page)
    expect(page.locator("#offline-note")).to_be_hidden()


def test_a_page_does_not_go_on_as_the_other_person_who_signed_in(
    table: Table, page_for: PageFor, shared_app: LiveApp
) -> None:
    page = page_for(table.kenji)
    open_and_sign_out(page, table.url)
    sign_in(page, shared_app, table.ana)
    page.wait_for_function("() => window.isOld === undefined && document.body?.dataset.me")
    assert page.evaluate("document.body.dataset.me") == str(table.ana.pk)


def test_what_was_typed_stays_when_another_person_signed_in(
    table: Table, page_for: PageFor, shared_app: LiveApp
) -> None:
    page = page_for(table.kenji)
    open_and_sign_out(page, f"/c/{table.key(1)}/", "Mine alone")
    sign_in(page, shared_app, table.ana)
    expect(page.locator(".toast--bad")).to_contain_text("Somebody else is signed in now.")
    assert page.input_value(".composer textarea") == "Mine alone"
    assert page.evaluate("window.isOld") is True


@pytest.mark.parametrize("person", ["ana", "sam"])
def test_a_hidden_page_that_wakes_up_in_another_session_loads_itself_again(
    table: Table, page_for: PageFor, shared_app: LiveApp, person: str
) -> None:
    page = open_live(page_for(table.kenji), table.url)
    page.evaluate("window.isOld = true")
    show = """hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange')); }"""
    page.evaluate(show, True)
    sign_in(page, shared_app, getattr(table, person))
    page.evaluate(show, False)
    page.wait_for_function("() => window.isOld === undefined && document.body?.dataset.me")
    assert page.evaluate("document.body.dataset.me") == str(getattr(table, person).pk)
