"""What a person does on a page, and what they see."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

from tests.live import PATIENCE

ORDER = """[...document.querySelectorAll('.column__list')]
    .map(list => [...list.querySelectorAll(':scope > .card')].map(card => card.dataset.card))"""

# What the board shows, without what is this reader's own or passes by itself. Actions done by the test draw
# fronts outside the server, where static files have their plain names.
PICTURE = """() => {
  const board = document.querySelector('#columns').cloneNode(true);
  board.querySelectorAll('.card__editing').forEach(mark => mark.remove());
  board.querySelectorAll('[name=request_id], [name=csrfmiddlewaretoken]').forEach(field => field.remove());
  for (const element of [board, ...board.querySelectorAll('*')]) {
    for (const name of ['tabindex', 'data-drafted', 'style', 'aria-describedby'])
      element.removeAttribute(name);
    if (element.matches('time')) element.textContent = '';
    if (element.matches('.card')) element.classList.remove('card--selected');
    const sorted = [...element.attributes].map(({ name, value }) => [name, value.trim()]).sort();
    sorted.forEach(([name]) => element.removeAttribute(name));
    sorted.forEach(([name, value]) => element.setAttribute(name, value));
  }
  const chips = [...document.querySelectorAll('[data-filter]')].map(chip => chip.textContent.trim());
  const html = board.outerHTML.replace(/icons\\.[0-9a-f]+\\./g, 'icons.');
  return chips.join('|') + html.replace(/>\\s+/g, '>').replace(/\\s+</g, '<');
}"""


def open_live(page: Page, address: str) -> Page:
    """Open a page and wait until its stream is there."""
    page.goto(address)
    page.wait_for_selector('[data-connection="live"]', state="attached")
    return page


def order(page: Page) -> list[list[str]]:
    return page.evaluate(ORDER)


def shows_order(page: Page, expected: list[list[str]]) -> None:
    """Wait until the columns of the page hold exactly these cards."""
    page.wait_for_function(f"expected => JSON.stringify({ORDER}) === JSON.stringify(expected)", arg=expected)


def picture(page: Page) -> str:
    """The board as HTML, comparable between two pages of the same person."""
    page.wait_for_function("() => !document.querySelector('.card--changed, .card--pending, .card__who')")
    return page.evaluate(PICTURE)


def assert_same_picture(page: Page, fresh: Page) -> None:
    """The page that lived through the changes looks like one that was loaded after them."""
    ours, theirs = (picture(one).replace("><", ">\n<").splitlines() for one in (page, fresh))
    assert ours == theirs, "\n".join(difflib.unified_diff(theirs, ours, "fresh", "live", n=1, lineterm=""))


def card(page: Page, key: str) -> Any:
    return page.locator(f'#board .card[data-card="{key}"]')


def focus_card(page: Page, key: str) -> None:
    page.focus(f'#board .card[data-card="{key}"] .card__link')


def focused(page: Page) -> str:
    """The key of the card whose link has the focus, else the tag and id of what has it."""
    return page.evaluate(
        """() => { const a = document.activeElement; const card = a.closest('#board .card');
        return card && a.matches('.card__link') ? card.dataset.card : `${a.tagName}#${a.id}`; }"""
    )


def said(page: Page, words: str, region: str = "announce") -> None:
    """Wait until the region for screen readers says exactly this."""
    page.wait_for_function(
        "([id, words]) => document.getElementById(id).textContent === words", arg=[region, words]
    )


def begin_edit(page: Page, field: str, within: str = "") -> None:
    """Open the editor of a card's field, and wait until the keys go there."""
    page.click(f"{within} [data-edit={field}] > summary")
    page.wait_for_function(
        "field => document.activeElement.matches(`[data-edit=${field}] textarea`)", arg=field
    )


def lift_with_mouse(page: Page, key: str) -> None:
    """Press on a card and pull it far enough that it lifts; not while cards are on their way elsewhere."""
    page.wait_for_selector("#board .card[style]", state="detached")
    box = card(page, key).bounding_box()
    x, y = box["x"] + 60, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y + 4)
    page.mouse.move(x + 12, y + 8, steps=3)
    page.wait_for_selector(".drag-layer")


def drag_over(page: Page, x: float, y: float) -> None:
    """Go on to a point, and stay until the slot has followed."""
    page.mouse.move(x, y, steps=8)
    frames(page)


def frames(page: Page, count: int = 6) -> None:
    """Let the page draw so many frames: whatever it does frame by frame has been done by then."""
    page.evaluate(
        """async count => { while (count--) await new Promise(requestAnimationFrame);
        await new Promise(done => setTimeout(done)); }""",
        count,
    )


class Held:
    """In place of the network, as a handler of `page.route`: keeps each request back until `let_go()`."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.is_over = False

    def __call__(self, route: Route) -> None:
        if self.is_over:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self) -> None:
        """Send what was kept back, and from now on everything at once."""
        self.is_over = True
        for route in self.routes:
            route.continue_()


def over_top_of(page: Page, key: str) -> tuple[float, float]:
    """A point at which a lifted card lands before card `key`."""
    box = card(page, key).bounding_box()
    return box["x"] + 80, box["y"] + 4


def wait_until(true: Callable[[], bool], page: Page | None = None) -> None:
    """Ask until it is so. With `page`, what the test is told of that page comes in meanwhile."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "it never came true"
        if page is None:
            time.sleep(0.02)
        else:
            page.wait_for_timeout(20)
