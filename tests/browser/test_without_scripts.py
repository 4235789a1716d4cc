"""Everything that changes a board works with scripts switched off."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from boards import actions
from boards.models import Item
from comments.models import Comment
from tests.browser.conftest import Table

PageFor = Callable[..., Page]


def test_create_move_edit_tick_comment_filter(table: Table, page_for: PageFor) -> None:
    checklist = actions.add_checklist(table.card(1), "Steps", by=table.ana)
    actions.add_items(checklist, "one\ntwo", by=table.ana)
    page = page_for(table.kenji, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page.goto(table.url)
    assert order_without_scripts(page) == table.order
    page.click("a[data-verb-link='card.created'] >> visible=true >> nth=0")
    page.fill("[name=title] >> visible=true", "Made by hand")
    page.click("form[data-verb='card.created'] button.btn--primary >> visible=true")
    page.goto(table.url)
    assert page.locator(".card__link:text-is('Made by hand')").count() == 1
    page.click(f'.card[data-card="{table.key(1)}"] .card__link')
    page.click("summary:has([data-field=column])")
    page.select_option("form[data-verb='card.moved'] select[name=column]", str(table.columns[1].pk))
    page.click("form[data-verb='card.moved'] button:text-is('Move')")
    assert table.card(1).column_id == table.columns[1].pk
    page.goto(f"/c/{table.key(1)}/")
    page.click("[data-edit=title] > summary")
    page.fill("[data-edit=title] textarea", "Edited by hand")
    page.click("[data-edit=title] button[type=submit]")
    assert page.inner_text("h1") == "Edited by hand"
    page.click(".tick >> nth=0")
    assert Item.objects.filter(checklist=checklist, checked_at__isnull=False).count() == 1
    page.fill(".composer textarea", "Said by hand")
    page.click(".composer button[type=submit]")
    assert Comment.objects.get(card=table.card(1)).text == "Said by hand"
    assert page.locator(".comment:has-text('Said by hand')").count() == 1
    actions.assign_card(table.card(2), table.kenji, by=table.ana)
    page.goto(table.url)
    page.click("[data-filter=mine]")
    assert [key for column in order_without_scripts(page) for key in column] == [table.key(2)]


def order_without_scripts(page: Page) -> list[list[str]]:
    """The same question, asked without evaluating anything in the page."""
    return [
        [card.get_attribute("data-card") for card in column.locator(".card").all()]
        for column in page.locator(".column:not([data-folded])").all()
    ]
