"""A card over its board and on its own page: forms without a reload, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from boards import actions
from boards.models import Item
from tests.browser.conftest import Table
from tests.browser.steps import (
    Held,
    begin_edit,
    card,
    focus_card,
    focused,
    open_live,
    order,
    said,
    wait_until,
)

PageFor = Callable[..., Page]


def open_panel(page: Page, key: str) -> None:
    card(page, key).locator(".card__link").click()
    page.wait_for_selector(f'.panel[data-role][data-card="{key}"]')


def test_a_click_opens_the_panel_and_back_closes_it(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 800}), table.url)
    open_panel(page, table.key(2))
    assert page.url.endswith(f"/c/{table.key(2)}/")
    page.wait_for_function("() => document.activeElement.tagName === 'H1'")
    page.keyboard.press("j")
    page.wait_for_selector(f'.panel[data-role][data-card="{table.key(3)}"]')
    assert page.url.endswith(f"/c/{table.key(3)}/")
    page.keyboard.press("F6")
    assert focused(page) == table.key(3)
    page.keyboard.press("F6")
    page.wait_for_function("() => document.activeElement.tagName === 'H1'")
    page.go_back()
    page.wait_for_selector(".panel", state="detached")
    assert page.url.endswith(table.url)
    wait_until(lambda: focused(page) == table.key(3))
    page.go_forward()
    page.wait_for_selector(f'.panel[data-role][data-card="{table.key(3)}"]')
    page.keyboard.press("Escape")
    page.wait_for_selector(".panel", state="detached")
    assert page.url.endswith(table.url)


def test_a_click_beside_the_title_of_a_card_that_is_moving_opens_it(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    box = page.evaluate(
        """key => { const card = document.querySelector(`.card[data-card="${key}"]`);
             card.style.transition = "none";
             const { right, bottom } = card.getBoundingClientRect();
             return { x: right - 6, y: bottom - 6 }; }""",
        table.key(2),
    )
    under = "({ x, y }) => document.elementFromPoint(x, y).matches('a')"
    assert not page.evaluate(under, box), "nothing but the card itself is to be clicked here"
    page.mouse.click(box["x"], box["y"])
    page.wait_for_selector(f'.panel[data-role][data-card="{table.key(2)}"]')


def test_the_panel_and_the_page_show_the_same(table: Table, page_for: PageFor) -> None:
    actions.specify_card(table.card(2), "why", "Because", by=table.ana)
    page = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 800}), table.url)
    open_panel(page, table.key(2))
    parts = "[...document.querySelectorAll('.detail [data-part]')].map(part => part.innerText).join()"
    in_panel = page.evaluate(parts)
    page.reload()
    assert page.locator(".panel--page").count() == 1
    assert page.evaluate(parts) == in_panel


def test_on_a_narrow_screen_the_card_is_a_page(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 390, "height": 844}), table.url)
    card(page, table.key(2)).locator(".card__link").click()
    page.wait_for_selector("main.cardpage")


def test_ticks_and_titles_show_before_the_server_answers(table: Table, page_for: PageFor) -> None:
    checklist = actions.add_checklist(table.card(2), "Steps", by=table.ana)
    actions.add_items(checklist, "one\ntwo", by=table.ana)
    page = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 800}), table.url)
    open_panel(page, table.key(2))
    held = []
    page.route("**/do/**", lambda route: held.append(route))
    page.click(".panel .tick >> nth=0")
    assert page.get_attribute(".panel .tick >> nth=0", "aria-checked") == "true"
    assert "1 of 2" in page.inner_text(".panel .checklists")
    begin_edit(page, "title", ".panel")
    page.fill(".panel [data-edit=title] textarea", "A better title")
    page.keyboard.press("Enter")
    page.wait_for_selector('.panel h1:has-text("A better title")')
    assert card(page, table.key(2)).locator(".card__link").inner_text() == "A better title"
    wait_until(lambda: len(held) == 2, page)
    held[0].fulfill(status=500, body="no")
    held[1].continue_()
    page.wait_for_selector('.panel .tick[aria-checked="false"] >> nth=1')
    page.wait_for_selector('.toast:has-text("Not saved")')
    wait_until(lambda: table.card(2).title == "A better title")
    page.unroute("**/do/**")
    page.click(".toast button:has-text('Retry')")
    wait_until(lambda: Item.objects.filter(checklist=checklist, checked_at__isnull=False).count() == 1)


def test_what_is_sent_while_the_form_is_under_way_goes_after_it(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    held = []
    page.route("**/do/retitled/", lambda route: held.append(route))
    begin_edit(page, "title")
    for title in ("A first title", "A second title"):
        page.fill("[data-edit=title] textarea", title)
        page.keyboard.press("Enter")
    wait_until(lambda: len(held) == 1, page)
    held[0].continue_()
    wait_until(lambda: len(held) == 2, page)
    held[1].continue_()
    wait_until(lambda: table.card(1).title == "A second title", page)
    assert not page.locator("#conflict").count()


def test_an_answer_whose_place_is_gone_changes_nothing_else(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 800}), table.url)
    open_panel(page, table.key(2))
    held = []
    page.route("**/c/**tab=history", lambda route: held.append(route))
    page.click(".panel [data-tab=history]")
    wait_until(lambda: len(held) == 1, page)
    page.click(".panel [data-panel=close]")
    page.wait_for_selector(".panel", state="detached")
    over = "new Promise((go) => document.addEventListener('htmx:finally:request', () => go(true)))"
    page.evaluate(f"window.over = {over}; null")
    held[0].continue_()
    assert page.evaluate("window.over")
    assert page.locator("#board .card").count() > 1


def test_a_comment_is_there_at_once_and_comes_back_when_it_fails(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.route("**/do/posted/", lambda route: route.fulfill(status=500, body="no"))
    page.fill(".composer textarea", "A remark")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('.toast:has-text("Not saved")')
    assert page.input_value(".composer textarea") == "A remark"
    assert page.locator(".comment").count() == 0
    page.unroute("**/do/posted/")
    page.click(".toast button:has-text('Retry')")
    page.wait_for_selector('.comment:not(.comment--pending):has-text("A remark")')
    assert page.input_value(".composer textarea") == ""
    assert page.locator(".comment").count() == 1


def test_what_is_typed_while_a_comment_is_under_way_stays(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    held: list[Any] = []
    page.route("**/do/posted/", lambda route: held.append(route))
    page.fill(".composer textarea", "First")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('.comment--pending:has-text("First")')
    page.keyboard.type("Second, half wri")
    wait_until(lambda: len(held) == 1, page)
    held[0].continue_()
    page.wait_for_selector('.comment:not(.comment--pending):has-text("First")')
    assert page.input_value(".composer textarea") == "Second, half wri"


def test_a_draft_survives_a_reload(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.click(".composer textarea")
    page.keyboard.type("Not yet sent")
    page.reload()
    page.wait_for_function("() => document.querySelector('.composer textarea').value === 'Not yet sent'")
    page.click(".composer button[type=submit]")
    page.wait_for_selector('.comment:not(.comment--pending):has-text("Not yet sent")')
    page.reload()
    page.wait_for_selector("[data-ready]")
    assert page.input_value(".composer textarea") == ""


def test_a_half_written_edit_survives_closing_the_panel(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 800}), table.url)
    open_panel(page, table.key(2))
    begin_edit(page, "why", ".panel")
    page.keyboard.type("Half a reas")
    page.click(".panel [data-panel=close]")
    page.wait_for_selector(".panel", state="detached")
    actions.specify_card(table.card(2), "why", "Ana was quicker", by=table.ana)
    open_panel(page, table.key(2))
    assert page.input_value(".panel [data-edit=why] textarea") == "Half a reas"
    page.press(".panel [data-edit=why] textarea", "Control+Enter")
    page.wait_for_selector("dialog[open] [data-theirs]")
    page.click("dialog label:has-text('Ana’s')")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog[open]", state="detached")
    page.reload()
    page.wait_for_selector("[data-ready]")
    assert page.input_value("[data-edit=why] textarea") == "Ana was quicker"


def test_cancel_brings_in_what_was_kept_out(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    begin_edit(page, "why")
    page.keyboard.type("Never mind")
    actions.specify_card(table.card(1), "why", "Ana's reason", by=table.ana)
    page.wait_for_selector("[data-edit=why] .form-note")
    page.click("[data-edit=why] [data-cancel]")
    page.wait_for_selector('[data-field=why]:has-text("Ana\'s reason")')
    page.wait_for_function(
        "() => document.querySelector('[data-edit=why] textarea').value === \"Ana's reason\""
    )


def test_the_same_field_edited_twice_opens_the_dialog(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    begin_edit(page, "title")
    page.fill("[data-edit=title] textarea", "Kenji's title")
    actions.retitle_card(table.card(1), "Ana's title", by=table.ana)
    page.wait_for_selector('[data-edit=title] .form-note:has-text("Ana changed this")')
    page.press("[data-edit=title] textarea", "Enter")
    page.wait_for_selector("dialog[open]")
    dialog = page.locator("dialog[open]")
    assert "Ana changed this while you were editing" in dialog.inner_text()
    assert dialog.locator("[data-yours] ins").first.inner_text().startswith("Kenji's")
    assert dialog.locator("[data-theirs] ins").first.inner_text().startswith("Ana's")
    page.wait_for_function("() => document.activeElement.matches('dialog h2')")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    page.keyboard.type("!")
    assert page.input_value("[data-edit=title] textarea") == "Kenji's title!"
    page.press("[data-edit=title] textarea", "Enter")
    page.wait_for_selector("dialog[open]")
    page.click("dialog label:has-text('Write a mix')")
    page.fill("dialog textarea", "Both titles")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog[open]", state="detached")
    page.wait_for_selector('h1:has-text("Both titles")')
    assert table.card(1).title == "Both titles"


def test_what_is_wrong_stands_beside_the_field_with_the_text_kept(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    begin_edit(page, "title")
    field = page.locator("[data-edit=title] textarea")
    field.evaluate("field => { field.removeAttribute('maxlength'); field.value = 'x'.repeat(600); }")
    field.press("Enter")
    page.wait_for_selector("[data-edit=title] [role=alert]")
    assert field.input_value() == "x" * 600
    field.fill("Short")
    field.press("Enter")
    page.wait_for_selector('h1:has-text("Short")')


def test_quick_add_makes_three_cards_in_a_row(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    focus_card(page, table.key(6))
    page.keyboard.press("n")
    page.wait_for_function("() => document.activeElement.matches('textarea[name=title]')")
    page.keyboard.press("Escape")
    page.click(f"#column-{table.columns[1].pk} .adder > summary")
    page.wait_for_function("() => document.activeElement.matches('textarea[name=title]')")
    forms = Held()
    page.route("**/cards/new/", forms)
    for title in ("First", "Second", "Third"):
        page.keyboard.type(title)
        page.keyboard.press("Enter")
    wait_until(lambda: bool(forms.routes), page)
    forms.let_go()
    page.wait_for_selector('.card__link:text-is("Third")')
    page.wait_for_selector(".ghost", state="detached")
    page.keyboard.type("Kept")
    page.keyboard.press("Escape")
    titles = page.locator(f"#column-{table.columns[1].pk} .card__link").all_inner_texts()
    made = [title for title in titles if title in ("First", "Second", "Third")]
    assert made == ["First", "Second", "Third"]
    assert order(page) == table.order
    page.reload()
    page.wait_for_selector("[data-ready]")
    assert "Kept" in page.evaluate("[...document.querySelectorAll('textarea[name=title]')].map(f => f.value)")


def test_a_mention_completes_to_a_handle(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.click(".composer textarea")
    page.keyboard.type("Ask @an")
    page.wait_for_selector("#mentions [role=option]")
    page.keyboard.press("Enter")
    assert page.input_value(".composer textarea") == f"Ask @{table.ana.handle} "
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('.comment .mention:has-text("Ana Duarte")')


def test_single_keys_can_be_switched_off(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    page.keyboard.press("?")
    page.wait_for_selector("dialog#keys-help[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#keys-help", state="detached")
    table.kenji.shortcuts = False
    table.kenji.save()
    page.reload()
    page.wait_for_selector("[data-ready]")
    page.keyboard.press("?")
    assert page.locator("dialog").count() == 0
    focus_card(page, table.key(1))
    page.keyboard.press("Space")
    said(page, f"Lifted {table.key(1)}. Ready, 1 of 5.")
