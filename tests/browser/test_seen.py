"""Two people at once: what one sees the other do is no news to her later; what happens behind her back is."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from activity.feed.read_marker import news_of
from activity.models import Reading
from boards import actions
from tests.browser.conftest import Table
from tests.browser.steps import open_live, shows_order

PageFor = Callable[..., Page]
HIDE = """hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange')); }"""


def told(page: Page) -> object:
    """The page's next word on what was seen, and its answer."""
    return page.expect_response(lambda answer: answer.url.endswith("/seen/"))


def counted(table: Table) -> int:
    return news_of(table.ana, [table.board.pk])[table.board.pk].count


def everything_read(table: Table) -> None:
    table.board.refresh_from_db()
    for person in (table.ana, table.kenji):
        Reading.objects.filter(user=person, board=table.board).update(seq=table.board.seq)


def test_what_happens_before_ones_eyes_is_read(table: Table, page_for: PageFor) -> None:
    everything_read(table)
    ana, kenji = (open_live(page_for(person), table.url) for person in (table.ana, table.kenji))
    with told(ana) as answer:
        actions.move_card(table.card(1), to=table.columns[2], by=table.kenji)
        for page in (ana, kenji):
            shows_order(page, table.order)
    assert answer.value.status == 204
    assert counted(table) == 0
    assert Reading.objects.get(user=table.priya, board=table.board).seq < table.board.seq, "she wasn't there"
    ana.reload()
    expect(ana.locator("#catch-up-strip")).to_have_count(0)


def test_what_came_in_while_the_tab_was_hidden_is_not(table: Table, page_for: PageFor) -> None:
    everything_read(table)
    ana = open_live(page_for(table.ana), table.url)
    with told(ana):
        actions.move_card(table.card(1), to=table.columns[2], by=table.kenji)
        shows_order(ana, table.order)
        ana.evaluate(HIDE, True)  # at once, so that it is told by the way out
    assert counted(table) == 0
    actions.move_card(table.card(2), to=table.columns[2], by=table.kenji)
    ana.evaluate(HIDE, False)
    shows_order(ana, table.order)
    ana.wait_for_selector('[data-connection="live"]')
    with told(ana):
        actions.move_card(table.card(3), to=table.columns[2], by=table.kenji)
        shows_order(ana, table.order)
    assert counted(table) == 1, "the one behind her back alone"
    ana.reload()
    expect(ana.locator("#catch-up-strip")).to_contain_text("1 moved")
    ana.goto(f"{table.url}catch-up/")
    expect(ana.locator("[data-step]")).to_contain_text(table.card(2).title)
    expect(ana.locator("[data-step]")).not_to_contain_text(table.card(1).title)


def test_what_was_missed_without_a_network_is_not(table: Table, page_for: PageFor) -> None:
    everything_read(table)
    ana = open_live(page_for(table.ana), table.url)
    ana.context.set_offline(True)
    ana.wait_for_selector('[data-connection="offline"]')
    actions.move_card(table.card(1), to=table.columns[2], by=table.kenji)
    ana.context.set_offline(False)
    shows_order(ana, table.order)
    ana.wait_for_selector('[data-connection="live"]')
    with told(ana):
        actions.move_card(table.card(2), to=table.columns[2], by=table.kenji)
        shows_order(ana, table.order)
    assert counted(table) == 1


def test_an_open_card_page_counts_as_being_there(table: Table, page_for: PageFor) -> None:
    everything_read(table)
    ana = open_live(page_for(table.ana), f"/c/{table.key(1)}/")
    with told(ana):
        actions.retitle_card(table.card(1), "Another title", by=table.kenji, seen=None)
        expect(ana.locator("h1")).to_contain_text("Another title")
    assert counted(table) == 0
