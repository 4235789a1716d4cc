"""Moving a card by mouse, finger, keys and menu; at once, and back again when that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from tests.browser.conftest import Table
from tests.browser.steps import (
    card,
    drag_over,
    focus_card,
    focused,
    frames,
    lift_with_mouse,
    open_live,
    order,
    over_top_of,
    said,
    shows_order,
    wait_until,
)

PageFor = Callable[..., Page]


def saved(page: Page, table: Table) -> None:
    """The page and the database agree, and nothing is still under way."""
    page.wait_for_selector(".card--pending", state="detached")
    wait_until(lambda: order(page) == table.order, page)


def test_the_mouse_reorders_and_moves_across(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    lift_with_mouse(page, table.key(3))
    drag_over(page, *over_top_of(page, table.key(1)))
    page.mouse.up()
    assert order(page)[0][:2] == [table.key(3), table.key(1)]
    saved(page, table)
    lift_with_mouse(page, table.key(3))
    drag_over(page, *over_top_of(page, table.key(7)))
    page.mouse.up()
    assert order(page)[1] == [table.key(6), table.key(3), table.key(7)]
    said(page, f"{table.key(3)} moved from Ready to In progress, 2 of 3. Z to undo.")
    saved(page, table)
    page.reload()
    assert order(page) == table.order
    assert page.url.endswith(table.url)


def test_escape_a_second_button_and_the_outside_put_it_back(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    before = order(page)
    for cancel in (
        lambda: page.keyboard.press("Escape"),
        lambda: (page.mouse.move(700, 10, steps=4), page.mouse.up()),
        lambda: page.evaluate("dispatchEvent(new Event('blur'))"),
    ):
        lift_with_mouse(page, table.key(2))
        drag_over(page, *over_top_of(page, table.key(7)))
        cancel()
        page.wait_for_selector(".drag-layer", state="detached")
        page.mouse.up()
        assert order(page) == before
    assert page.locator(".slot").count() == 0
    assert table.order == before
    assert page.url.endswith(table.url), "the release did not open the card"


def test_a_live_change_does_not_end_a_drag(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    lift_with_mouse(page, table.key(2))
    drag_over(page, *over_top_of(page, table.key(7)))
    actions.retitle_card(table.card(2), "Renamed meanwhile", by=table.ana)
    actions.move_card(table.card(4), by=table.ana, to=table.columns[2])
    actions.rename_column(table.columns[2], "Shipped", by=table.ana, seen=None)
    page.wait_for_selector(f'#column-{table.columns[2].pk} [data-card="{table.key(4)}"]')
    assert page.locator(".drag-layer").count() == 1
    assert page.locator(".slot").count() == 1
    page.mouse.up()
    page.wait_for_selector(f'[data-card="{table.key(2)}"] >> text=Renamed meanwhile')
    page.wait_for_selector("h2 >> text=Shipped")
    assert order(page)[1] == [table.key(6), table.key(2), table.key(7)]
    saved(page, table)


def finger(page: Page) -> Callable[..., None]:
    """Touches of a real finger, by the browser's own protocol."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def phone(page_for: PageFor, person: Any) -> Page:
    return page_for(person, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})


def test_a_long_press_lifts_and_a_swipe_scrolls(table: Table, page_for: PageFor) -> None:
    """How long a finger rests is told by the page's own clock, which is stopped for the swipe."""
    page = page_for(table.kenji, has_touch=True, viewport={"width": 1280, "height": 800})
    page.clock.install()
    open_live(page, table.url)
    touch = finger(page)
    box = card(page, table.key(2)).bounding_box()
    x, y = box["x"] + 60, box["y"] + 30
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    touch("touchStart", x, y)
    touch("touchMove", x, y - 30)
    page.clock.run_for(400)
    assert page.locator(".drag-layer").count() == 0
    touch("touchEnd")
    page.clock.resume()
    touch("touchStart", x, y)
    page.wait_for_selector(".drag-layer")
    to = over_top_of(page, table.key(7))
    for i in range(1, 9):
        touch("touchMove", x + (to[0] - x) * i / 8, y + (to[1] - y) * i / 8)
    frames(page)
    touch("touchEnd")
    assert order(page)[1] == [table.key(6), table.key(2), table.key(7)]
    saved(page, table)


def test_the_edge_scrolls_while_dragging(table: Table, page_for: PageFor) -> None:
    titles = "\n".join(f"Card {i}" for i in range(18))
    actions.create_cards(table.columns[0], titles, by=table.ana)
    page = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 700}), table.url)
    lift_with_mouse(page, table.key(1))
    box = page.locator(".column__list").first.bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + box["height"] - 10, steps=6)
    page.wait_for_function(
        "() => { const l = document.querySelector('.column__list');"
        " return l.scrollTop + l.clientHeight > l.scrollHeight - 4; }"
    )
    frames(page)
    page.mouse.up()
    assert order(page)[0][-1] == table.key(1)
    saved(page, table)


def test_keys_lift_move_drop_and_put_back(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    focus_card(page, table.key(2))
    page.keyboard.press("Space")
    said(page, f"Lifted {table.key(2)}. Ready, 2 of 5.")
    page.keyboard.press("ArrowDown")
    said(page, "3 of 5, Ready.")
    page.keyboard.press("ArrowRight")
    said(page, "In progress, 1 of 3.")
    assert order(page)[1][0] == table.key(2), "it moves for real in the page"
    page.keyboard.press("End")
    said(page, "3 of 3, In progress.")
    page.keyboard.press("Escape")
    said(page, "Put back. Ready, 2 of 5.")
    assert order(page) == table.order
    assert focused(page) == table.key(2)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    said(page, f"{table.key(2)} moved from Ready to In progress, 2 of 3. Z to undo.")
    assert focused(page) == table.key(2)
    saved(page, table)
    page.keyboard.press("Shift+ArrowRight")
    said(page, f"{table.key(2)} moved from In progress to Done, 1 of 2. Z to undo.")
    assert focused(page) == table.key(2)
    saved(page, table)
    page.keyboard.press("<")
    saved(page, table)
    assert table.order[1][0] == table.key(2)


def test_the_menu_reaches_every_column_and_place(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    card(page, table.key(2)).hover()
    card(page, table.key(2)).locator(".card__menu").click()
    page.click("#card-menu button:has-text('Done')")
    shows_order(
        page,
        [[table.key(n) for n in (1, 3, 4, 5)], [table.key(6), table.key(7)], [table.key(8), table.key(2)]],
    )
    saved(page, table)
    focus_card(page, table.key(4))
    page.keyboard.press("m")
    page.click("#card-menu button:has-text('To top')")
    wait_until(lambda: order(page)[0][0] == table.key(4))
    saved(page, table)
    assert focused(page) == table.key(4)


def test_a_full_column_refuses_and_says_so(table: Table, page_for: PageFor) -> None:
    actions.configure_board(table.board, by=table.ana, wip_rule="refuse")
    actions.limit_column(table.columns[1], 2, by=table.ana)
    page = open_live(page_for(table.kenji), table.url)
    before = order(page)
    lift_with_mouse(page, table.key(2))
    drag_over(page, *over_top_of(page, table.key(7)))
    page.wait_for_selector('.slot--full:has-text("In progress is full (2 of 2)")')
    page.mouse.up()
    page.wait_for_selector('.toast:has-text("In progress is full (2 of 2)")')
    assert order(page) == before
    focus_card(page, table.key(2))
    page.keyboard.press("Shift+ArrowRight")
    said(page, "In progress is full, 2 of 2.")
    assert order(page) == before == table.order


def test_a_server_that_fails_puts_the_card_back_and_retry_works(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    before = order(page)
    page.route("**/do/moved/", lambda route: route.fulfill(status=500, body="no"))
    focus_card(page, table.key(2))
    page.keyboard.press("Shift+ArrowRight")
    said(page, f"{table.key(2)} could not be moved. It is back in Ready. R to retry.", "alert")
    assert order(page) == before
    assert "The server did not answer" in page.locator(".toast--bad").inner_text()
    page.unroute("**/do/moved/")
    page.keyboard.press("r")
    saved(page, table)
    assert table.order[1][0] == table.key(2)


def test_a_lost_answer_is_asked_for_again_and_moves_once(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    asked: list[str] = []

    def lose_the_first(route: Any) -> None:
        asked.append(route.request.post_data)
        if len(asked) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/do/moved/", lose_the_first)
    seq = table.board.seq
    focus_card(page, table.key(2))
    page.keyboard.press("Shift+ArrowRight")
    saved(page, table)
    wait_until(lambda: len(asked) == 2, page)
    table.board.refresh_from_db()
    assert table.board.seq == seq + 1
    assert page.locator(".toast--bad").count() == 0


def test_a_viewer_moves_nothing(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.priya), table.url)
    before = order(page)
    focus_card(page, table.key(2))
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    box = card(page, table.key(2)).bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 60, steps=5)
    assert page.locator(".drag-layer, .card--grabbed").count() == 0
    page.mouse.up()
    assert order(page) == before == table.order


def fold(page: Page, column: Any) -> Any:
    """Fold a column for who looks at the page; its strip."""
    page.click(f"#column-{column.pk}-menu > summary")
    page.click(f"#column-{column.pk}-menu button:has-text('Fold for me')")
    page.wait_for_selector(f"#column-{column.pk}[data-folded]")
    return page.locator(f"#column-{column.pk}")


def shows_count(page: Page, column: Any, words: str) -> None:
    expect(page.locator(f"#column-{column.pk}-count")).to_have_text(words)


def test_a_folded_column_opens_under_a_drag(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    strip = fold(page, table.columns[2])
    lift_with_mouse(page, table.key(2))
    box = strip.bounding_box()
    drag_over(page, box["x"] + 20, box["y"] + 60)
    page.wait_for_selector(f"#column-{table.columns[2].pk} .column__list")
    box = strip.bounding_box()
    drag_over(page, box["x"] + 60, box["y"] + 60)
    page.mouse.up()
    saved(page, table)
    assert table.key(2) in table.order[2]


def test_a_drop_on_a_folded_column_lands_in_it_however_soon(table: Table, page_for: PageFor) -> None:
    """The page's clock stands still, so that the column cannot have opened by itself; shared/cases, S1."""
    done, before = table.columns[2], table.order
    other = open_live(page_for(table.ana), table.url)
    page = page_for(table.kenji, viewport={"width": 1280, "height": 800})
    page.clock.install()
    open_live(page, table.url)
    strip = fold(page, done)
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    lift_with_mouse(page, table.key(2))
    page.mouse.move(*over_top_of(page, table.key(7)), steps=4)
    page.clock.run_for(100)
    assert page.locator(f"#column-{table.columns[1].pk} .slot").count() == 1
    box = strip.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.up()
    page.clock.resume()
    wait_until(lambda: table.order[2] == [table.key(8), table.key(2)], page)
    said(page, f"{table.key(2)} moved from Ready to Done, 2 of 2. Z to undo.")
    shows_count(page, done, "2 cards")
    expect(card(page, table.key(2))).to_have_count(0)
    assert strip.get_attribute("data-folded") is not None
    assert focused(page) == table.key(3), "the focus goes to what stands in the old place"
    shows_order(other, table.order)
    page.keyboard.press("z")
    shows_order(page, before[:2])
    assert table.order == before


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_a_finger_drops_on_a_folded_column(table: Table, page_for: PageFor, size: tuple[int, int]) -> None:
    """On a phone the strip is there while a card is dragged."""
    width, height = size
    page = page_for(table.kenji, has_touch=True, viewport={"width": 1280, "height": 800})
    page.clock.install()
    open_live(page, table.url)
    strip = fold(page, table.columns[1])
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_selector("#board .card[style]", state="detached")
    touch = finger(page)
    box = card(page, table.key(2)).bounding_box()
    x, y = box["x"] + 60, box["y"] + 30
    touch("touchStart", x, y)
    page.wait_for_selector(".drag-layer")
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    to = strip.bounding_box()
    touch("touchMove", to["x"] + 20, to["y"] + 60)
    touch("touchEnd")
    page.clock.resume()
    wait_until(lambda: table.order[1] == [table.key(n) for n in (6, 7, 2)], page)
    page.wait_for_selector(".card--pending", state="detached")
    expect(card(page, table.key(2))).to_have_count(0)
    assert strip.get_attribute("data-folded") is not None


def test_keys_go_into_a_folded_column_and_out_again(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    other = open_live(page_for(table.ana), table.url)
    fold(page, table.columns[1])
    focus_card(page, table.key(2))
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    said(page, "In progress, 3 of 3.")
    assert focused(page) == table.key(2)
    page.keyboard.press("ArrowRight")
    said(page, "Done, 1 of 2.")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    said(page, "Put back. Ready, 2 of 5.")
    assert focused(page) == table.key(2)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    said(page, f"{table.key(2)} moved from Ready to In progress, 3 of 3. Z to undo.")
    wait_until(lambda: table.order[1] == [table.key(n) for n in (6, 7, 2)], page)
    shows_order(page, [table.order[0], table.order[2]])
    page.wait_for_function(
        "key => document.activeElement.closest('#board .card')?.dataset.card === key", arg=table.key(3)
    )
    page.keyboard.press("Shift+ArrowRight")
    wait_until(lambda: table.order[1] == [table.key(n) for n in (6, 7, 2, 3)], page)
    shows_count(page, table.columns[1], "4 cards")
    shows_order(other, table.order)


def test_a_full_folded_column_refuses_by_mouse_and_keys(table: Table, page_for: PageFor) -> None:
    actions.configure_board(table.board, by=table.ana, wip_rule="refuse")
    actions.limit_column(table.columns[2], 1, by=table.ana)
    page = open_live(page_for(table.kenji), table.url)
    strip = fold(page, table.columns[2])
    before = order(page)
    lift_with_mouse(page, table.key(6))
    box = strip.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.up()
    page.wait_for_selector('.toast:has-text("Done is full (1 of 1)")')
    assert order(page) == before
    focus_card(page, table.key(6))
    page.keyboard.press("Shift+ArrowRight")
    said(page, "Done is full, 1 of 1.")
    assert order(page) == before
    assert len(table.order[2]) == 1


def test_a_folded_column_that_the_server_refuses_gives_the_card_back(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    fold(page, table.columns[1])
    before = order(page)
    page.route("**/do/moved/", lambda route: route.fulfill(status=500, body="no"))
    focus_card(page, table.key(2))
    page.keyboard.press("Shift+ArrowRight")
    said(page, f"{table.key(2)} could not be moved. It is back in Ready. R to retry.", "alert")
    assert order(page) == before
    page.unroute("**/do/moved/")
    page.keyboard.press("r")
    wait_until(lambda: table.key(2) in table.order[1], page)
