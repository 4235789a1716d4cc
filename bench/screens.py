"""From one person's key to another person's screen: two browsers on one board, the real server between them.

A card is moved by a key on one page, and by the clock of the machine the time is taken until the frame in
which the other page has it in its new place. Both pages, the server and the database share the machine.
"""

from __future__ import annotations

import statistics
import time

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figure
from bench.place import place
from boards import actions
from boards.models import Role
from fluxboard.accounts.models import User
from tests.live import CHROMIUM_ARGUMENTS, chromium

MOVES = 60
WARM_UP = 5
CARDS = 30

# `window.seen` resolves to the time (ms since 1970) of the frame in which the card has a later version.
WATCH = """([key, version]) => { window.seen = new Promise((resolve) => {
  const look = () => {
    const card = document.querySelector(`#board .card[data-card="${key}"]`);
    if (Number(card?.dataset.version) > version) resolve(Date.now());
    else requestAnimationFrame(look);
  };
  look();
}); }"""


def run() -> list[Figure]:
    with place("screens") as here:
        key, people = _board()  # before the browser: Playwright's loop and Django's queries share no thread
        cookies = [here.app.cookies_for(person) for person in people]
        with sync_playwright() as playwright:
            chrome = playwright.chromium.launch(
                executable_path=chromium(), args=CHROMIUM_ARGUMENTS, chromium_sandbox=False
            )
            mover, onlooker = (_page(here.app.url, chrome, each) for each in cookies)
            taken = [_move(key, mover, onlooker, turn) for turn in range(WARM_UP + MOVES)][WARM_UP:]
            chrome.close()
    return [
        Figure("other_screen_p50", statistics.median(taken), "ms"),
        Figure("other_screen_p95", statistics.quantiles(taken, n=20)[18], "ms"),
    ]


def _board() -> tuple[str, list[User]]:
    """The key of the card that goes to and fro, and both people."""
    ana, kenji = (User.objects.create_user(f"{name}@example.com", name=name) for name in ("Ana", "Kenji"))
    board = actions.create_board("Seen", by=ana, key="SEEN", starter=False)
    actions.add_member(board, kenji, Role.MEMBER, by=ana)
    titles = "\n".join(f"Card {number}" for number in range(CARDS))
    cards = actions.create_cards(board.columns.in_board_order()[0], titles, by=ana)
    return cards[0].key, [ana, kenji]


def _page(url: str, chrome: Browser, cookies: dict[str, str]) -> Page:
    page = chrome.new_context(base_url=url).new_page()
    page.context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    page.goto("/b/SEEN/")
    page.wait_for_selector('[data-connection="live"]', state="attached")
    return page


def _move(key: str, mover: Page, onlooker: Page, turn: int) -> float:
    """Milliseconds of one move, to the next column or back."""
    card = f'#board .card[data-card="{key}"]'
    onlooker.evaluate(WATCH, [key, int(onlooker.get_attribute(card, "data-version") or 0)])
    mover.focus(f"{card} .card__link")
    began = time.time()
    mover.keyboard.press("Shift+ArrowLeft" if turn % 2 else "Shift+ArrowRight")
    seen: float = onlooker.evaluate("() => window.seen")
    mover.wait_for_selector(".card--pending", state="detached")
    return seen - began * 1000
