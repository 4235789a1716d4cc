"""The stream comes and goes; the board stays true, and says what it is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from activity.models import Activity
from boards import actions
from tests.browser.conftest import Table, lay, make_people
from tests.browser.steps import ORDER, assert_same_picture, begin_edit, open_live, order, shows_order
from tests.live import LiveApp

PageFor = Callable[..., Page]


def test_eight_tabs_are_live_and_can_all_be_navigated(table: Table, page_for: PageFor) -> None:
    first = open_live(page_for(table.kenji), table.url)
    tabs = [first] + [open_live(first.context.new_page(), table.url) for _ in range(7)]
    actions.move_card(table.card(1), by=table.ana, to=table.columns[2])
    for tab in tabs:
        shows_order(tab, table.order)
    for tab in tabs:
        tab.reload()
        assert order(tab) == table.order
    tabs[0].close()
    actions.move_card(table.card(2), by=table.ana, to=table.columns[1])
    for tab in tabs[1:]:
        shows_order(tab, table.order)


def test_offline_says_so_and_what_was_missed_comes_in(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    page.context.set_offline(True)
    page.wait_for_selector('[data-connection="offline"]')
    assert page.locator(".link-state .txt").inner_text() == "Offline, changes kept"
    for number in (1, 2, 3, 4):
        actions.move_card(table.card(number), by=table.ana, to=table.columns[2])
    page.wait_for_timeout(3200)
    page.context.set_offline(False)
    shows_order(page, table.order)
    page.wait_for_function(
        "() => document.getElementById('announce').textContent === 'Back. 4 changes came in.'"
    )
    page.wait_for_selector('[data-connection="live"]')
    fresh = open_live(page_for(table.kenji), table.url)
    assert_same_picture(page, fresh)


def test_a_stream_that_dies_is_named_within_four_seconds(table: Table, page_for: PageFor) -> None:
    """By the page's own clock, which stands still but for the seconds that the test lets pass."""
    page = page_for(table.kenji)
    page.clock.install()
    page.add_init_script(
        """window.refused = 0; const ask = window.fetch;
        window.fetch = (...words) => ask(...words).catch(why => {
          window.refused += why.name !== 'AbortError'; throw why; });"""
    )
    open_live(page, table.url)
    page.route("**/live/**", lambda route: route.abort())
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    page.evaluate(
        """Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        Object.defineProperty(document, 'hidden', { value: false, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));"""
    )
    page.clock.run_for(500)
    page.wait_for_function("() => window.refused")
    assert page.locator('[data-connection="live"]').count()
    page.clock.run_for(4000)
    page.wait_for_selector('[data-connection="catching-up"]')
    page.clock.resume()
    actions.move_card(table.card(1), by=table.ana, to=table.columns[2])
    page.unroute("**/live/**")
    shows_order(page, table.order)
    page.wait_for_selector('[data-connection="live"]')


def test_a_hidden_tab_gives_its_stream_back_and_catches_up(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    hide = """hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange')); }"""
    page.evaluate(hide, True)
    page.wait_for_timeout(300)
    before = order(page)
    actions.move_card(table.card(1), by=table.ana, to=table.columns[2])
    page.wait_for_timeout(1200)
    assert order(page) == before
    page.evaluate(hide, False)
    shows_order(page, table.order)


def test_a_page_without_a_session_says_how_to_sign_in(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.fill(".composer textarea", "Half written")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('.form-note:has-text("You are signed out")')
    assert page.input_value(".composer textarea") == "Half written"


def test_a_sign_in_in_another_tab_does_not_spoil_the_forms_of_this_one(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.context.clear_cookies(name="csrftoken")
    page.fill(".composer textarea", "Sent with a new token")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('.comment:not(.comment--pending):has-text("Sent with a new token")')
    assert page.locator(".toast--bad").count() == 0


@pytest.mark.faults
def test_killed_workers_cost_seconds_and_no_change(live_app: LiveApp, page_for: PageFor) -> None:
    table = lay(make_people())
    page = open_live(page_for(table.kenji), table.url)
    for worker in live_app.procs[1:]:
        os.kill(worker, signal.SIGKILL)
    for number in (1, 2, 3):
        actions.move_card(table.card(number), by=table.ana, to=table.columns[2])
    page.wait_for_function(
        f"expected => JSON.stringify({ORDER}) === JSON.stringify(expected)", arg=table.order
    )
    page.wait_for_selector('[data-connection="live"]')
    assert_same_picture(page, open_live(page_for(table.kenji), table.url))


def verbs_since(table: Table, seq: int) -> list[str]:
    return list(
        Activity.objects.on(table.board).filter(seq__gt=seq).order_by("seq").values_list("verb", flat=True)
    )


def test_changes_without_a_network_are_kept_counted_and_sent_in_order(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 1440, "height": 900}), table.url)
    seq = Activity.objects.on(table.board).latest("seq").seq
    note = page.locator("#offline-note")
    assert note.is_hidden()
    page.context.set_offline(True)
    expect(note).to_contain_text("What you change is kept")
    page.locator(f'#board .card[data-card="{table.key(1)}"] .card__link').focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(note).to_contain_text("1 change kept")
    expect(page.locator(f'.card--kept[data-card="{table.key(1)}"]')).to_be_visible()
    page.keyboard.press("n")
    for title in ("Kept one", "Kept two"):
        page.keyboard.type(title)
        page.keyboard.press("Enter")
    expect(note).to_contain_text("3 changes kept, to be sent in order when you are back.")
    assert page.locator(".ghost__state").all_inner_texts() == ["kept", "kept"]
    page.keyboard.press("Escape")
    assert verbs_since(table, seq) == []
    actions.retitle_card(table.card(3), "Meanwhile", by=table.ana)
    page.context.set_offline(False)
    expect(note).to_be_hidden()
    shows_order(page, table.order)
    assert verbs_since(table, seq) == ["card.retitled", "card.moved", "card.created", "card.created"]
    assert table.card(1).column == table.columns[1]
    assert page.locator(".ghost, .card--kept, .card--pending").count() == 0
    page.wait_for_selector('[data-connection="live"]')
    assert page.evaluate("sessionStorage.getItem('fluxboard-kept')") is None
    assert_same_picture(page, open_live(page_for(table.kenji), table.url))


def test_two_comments_are_kept_one_after_the_other(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 1440, "height": 900}), f"/c/{table.key(1)}/")
    page.context.set_offline(True)
    for number, text in enumerate(("First.", "Second."), start=1):
        page.fill(".composer textarea", text)
        page.press(".composer textarea", "Control+Enter")
        expect(page.locator("#offline-note")).to_contain_text(f"{number} change")
    page.context.set_offline(False)
    expect(page.locator(".comment:not(.comment--pending) .prose")).to_have_text(["First.", "Second."])
    assert page.locator(".comment--pending").count() == 0
    assert page.input_value(".composer textarea") == ""


def test_kept_conflicts_come_one_at_a_time(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 1440, "height": 900}), f"/c/{table.key(1)}/")
    for part in ("title", "why"):
        begin_edit(page, part)
    page.context.set_offline(True)
    page.fill("[data-edit=title] textarea", "Mine")
    page.press("[data-edit=title] textarea", "Enter")
    expect(page.locator("[data-edit=title] .form-note--kept")).to_be_visible()
    page.fill("[data-edit=why] textarea", "My reason")
    page.press("[data-edit=why] textarea", "Control+Enter")
    expect(page.locator("#offline-note")).to_contain_text("2 changes kept")
    actions.retitle_card(table.card(1), "Theirs", by=table.ana)
    actions.specify_card(table.card(1), "why", "Their reason", by=table.ana)
    page.context.set_offline(False)
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Theirs")
    page.wait_for_timeout(600)
    assert dialog.count() == 1 and "Their reason" not in dialog.inner_text()
    page.keyboard.press("Escape")
    expect(dialog).to_contain_text("Their reason")
    assert table.card(1).title == "Theirs", "nothing of theirs is overwritten unasked"
    assert page.input_value("[data-edit=title] textarea") == "Mine", "nor is what was typed lost"


def test_what_was_kept_survives_a_reload(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 1440, "height": 900}), table.url)
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(True)
    page.locator(f'#board .card[data-card="{table.key(1)}"] .card__link').focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#offline-note")).to_contain_text("1 change kept")
    page.route("**/do/**", lambda route: route.abort())
    page.context.set_offline(False)
    page.wait_for_timeout(100)
    page.reload()
    assert table.card(1).column == table.columns[0]
    page.unroute("**/do/**")
    page.locator(".toast", has_text="1 kept change was sent.").wait_for()
    shows_order(page, table.order)
    assert table.card(1).column == table.columns[1]
