"""What was typed and not taken is never lost: it goes back to its field, is sent again, or can be copied."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from comments.models import Comment
from tests.browser.conftest import Table
from tests.browser.steps import Held, begin_edit, card, focus_card, open_live, wait_until
from tests.browser.test_copying import SELECTED

PageFor = Callable[..., Page]
WIDE = {"width": 1280, "height": 800}
POSTED = "**/do/posted/"
COMPOSER = ".composer textarea"


def fail(held: Held, status: int = 500) -> None:
    """Answer what is held, and all that comes, with an error."""
    for route in held.routes:
        route.fulfill(status=status, body="no")
    held.routes.clear()


def write_comment(page: Page, text: str, then: str = "") -> Held:
    """Send a comment whose answer is held, and go on with other text."""
    held = Held()
    page.route(POSTED, held)
    page.fill(COMPOSER, text)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(f'.comment--pending:has-text("{text}")')
    page.keyboard.type(then)
    wait_until(lambda: len(held.routes) == 1, page)
    return held


def texts(table: Table) -> list[str]:
    return list(Comment.objects.filter(card__board=table.board).order_by("pk").values_list("text", flat=True))


def open_panel(page: Page, key: str) -> None:
    card(page, key).locator(".card__link").click()
    page.wait_for_selector(f'.panel[data-role][data-card="{key}"]')


def close_panel(page: Page) -> None:
    page.click('.panel [aria-label="Close (Esc)"]')
    expect(page.locator(".panel")).to_have_count(0)


def test_a_refused_comment_goes_behind_what_is_typed_by_then_and_is_sent_again_alone(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    fail(write_comment(page, "First", then="Second, half wri"))
    expect(page.locator(COMPOSER)).to_have_value("Second, half wri\n\nFirst")
    page.unroute(POSTED)
    page.click(".toast button:has-text('Retry')")
    page.wait_for_selector('.comment:not(.comment--pending):has-text("First")')
    expect(page.locator(COMPOSER)).to_have_value("Second, half wri")
    assert texts(table) == ["First"]


def test_a_refused_title_goes_behind_what_is_typed_by_then(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    held = Held()
    page.route("**/cards/new/", held)
    focus_card(page, table.key(1))
    page.keyboard.press("n")
    page.keyboard.type("One")
    page.keyboard.press("Enter")
    page.keyboard.type("Two, half")
    wait_until(lambda: len(held.routes) == 1, page)
    fail(held)
    field = page.locator(f"#column-{table.columns[0].pk}-quick [name=title]")
    expect(field).to_have_value("Two, half\n\nOne")
    page.unroute("**/cards/new/")
    page.click(".toast button:has-text('Retry')")
    wait_until(lambda: table.board.cards.filter(title="One").exists(), page)
    expect(field).to_have_value("Two, half")


def test_a_comment_whose_panel_is_closed_is_sent_again(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    open_panel(page, table.key(2))
    held = write_comment(page, "A remark")
    close_panel(page)
    fail(held)
    retry = page.locator(".toast button:has-text('Retry')")
    expect(retry).to_be_visible()
    page.unroute(POSTED)
    retry.click()
    wait_until(lambda: texts(table) == ["A remark"], page)
    expect(page.locator(".toast--bad")).to_have_count(0)
    open_panel(page, table.key(2))
    expect(page.locator(COMPOSER)).to_have_value("")


def test_a_refused_comment_whose_panel_is_closed_can_be_copied(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_panel(page, table.key(2))
    held = write_comment(page, "A remark")
    close_panel(page)
    fail(held, 403)
    page.click(".toast button:has-text('Copy the text')")
    expect(page.locator(".toast button:has-text('Copied')")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "A remark"


def test_where_the_browser_does_not_copy_the_text_stands_there_selected(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no')); null")
    open_panel(page, table.key(2))
    held = write_comment(page, "A remark")
    close_panel(page)
    fail(held, 422)
    page.click(".toast button:has-text('Copy the text')")
    expect(page.get_by_label("What you typed")).to_have_value("A remark")
    assert page.evaluate(SELECTED) == "A remark"


def test_an_edit_that_was_cancelled_since_is_sent_again_as_typed(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.route("**/do/retitled/", lambda route: route.fulfill(status=500, body="no"))
    begin_edit(page, "title")
    page.keyboard.press("Control+A")
    page.keyboard.type("Another title")
    page.keyboard.press("Enter")
    retry = page.locator(".toast button:has-text('Retry')")
    expect(retry).to_be_visible()
    page.locator("form[data-verb='card.retitled']").evaluate("form => form.reset()")
    page.unroute("**/do/retitled/")
    retry.click()
    expect(page.locator("h1 [data-field=title], h1[data-field=title]")).to_have_text("Another title")
    wait_until(lambda: table.card(1).title == "Another title", page)


def test_a_move_of_a_card_that_is_not_shown_any_more_is_made_by_retry(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    page.route("**/do/moved/", lambda route: route.fulfill(status=500, body="no"))
    focus_card(page, table.key(2))
    page.keyboard.press("Shift+ArrowRight")
    retry = page.locator(".toast button:has-text('Retry')")
    expect(retry).to_be_visible()
    page.keyboard.press("q")
    expect(card(page, table.key(2))).to_have_count(0)
    page.unroute("**/do/moved/")
    retry.click()
    wait_until(lambda: table.card(2).column == table.columns[1], page)


def test_a_kept_comment_that_is_refused_after_a_reload_can_be_copied(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(True)
    page.wait_for_selector('[data-connection="offline"]')
    page.fill(COMPOSER, "Kept remark")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#offline-note")).to_contain_text("1 change kept")
    page.fill(COMPOSER, "Another")
    page.route(POSTED, lambda route: route.abort())
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(COMPOSER)).to_have_value("Another")
    page.unroute(POSTED)
    page.route(POSTED, lambda route: route.fulfill(status=403, body="no"))
    expect(page.locator(".toast--bad")).to_contain_text("A kept change was not made.")
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no')); null")
    page.click(".toast button:has-text('Copy the text')")
    expect(page.get_by_label("What you typed")).to_have_value("Kept remark")
