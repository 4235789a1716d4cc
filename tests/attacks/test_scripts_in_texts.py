"""Nothing that somebody types, imports or asks for runs in somebody else's browser: every page, in Chromium.

The pages' own policy is on, and its reports are collected: the words of an attack must not even try to run.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from activity.log.record import By
from activity.models import Via
from boards import actions as act
from boards.actions.membership import add_member
from boards.models import Board, Card, Role
from comments.actions import post_comment
from fluxboard.accounts.models import User
from fluxboard.features.digest.content import letter_for
from fluxboard.features.digest.mail import digest_mail
from fluxboard.features.trello.importer import import_trello_board
from fluxboard.features.trello.parse import parse_export
from tests.attacks.site import Site, fill
from tests.board_export.files import brought_in, exported, taken_back
from tests.browser.conftest import make_people
from tests.browser.steps import open_live
from tests.trello.files import bakery, encoded

pytestmark = pytest.mark.browser

DO = "pwned=1"
# One line each, short enough for a column's name (60) where it is cut.
LINES = [
    f"<script>{DO}</script>",
    f"<img src=x onerror={DO}>",
    f"<svg onload={DO}>",
    f'" onmouseover="{DO}" autofocus onfocus="{DO}',
    f"' onfocus='{DO}' autofocus='",
    f"</title></textarea><script>{DO}</script>",
    f"--><script>{DO}</script><!--",
    f"</template></flux-change><img src=x onerror={DO}>",
    f"javascript:{DO}",
    f"{{{{constructor.constructor('{DO}')()}}}}",
    "{% load x %}{{ request.user }}${pwned=1}",
    f"&lt;img src=x onerror={DO}&gt;",
    f"\u202e<img src=x onerror={DO}>\u202c",
    f"\uff1cscript\uff1e{DO}\uff1c/script\uff1e",
    f"\x85\u2028<img src=x onerror={DO}>\x85\u2028{DO}//",
    f"<iframe srcdoc='<script>parent.{DO}</script>'>",
    f"<style>@import'//x'</style><a style='x:expression({DO})'>",
    "<base href=//elsewhere.example><meta http-equiv=refresh content=0;url=//elsewhere.example>",
    f"<form action=javascript:{DO}><button autofocus formaction=javascript:{DO}>",
    f"<math><mtext><img src=x onerror={DO}></mtext></math>",
    f"<details open ontoggle={DO}>",
]
MARKDOWN = [
    f"[a](javascript:{DO})",
    f"[a](JaVaScRiPt&#58;{DO})",
    f"[a](&#x6A;avascript:{DO})",
    f"[a](\tjava\nscript:{DO})",
    "[a](data:text/html;base64,PHNjcmlwdD5wd25lZD0xPC9zY3JpcHQ+)",
    f"[a](vbscript:{DO})",
    f'![a](x"onerror="{DO})',
    f"![a](javascript:{DO})",
    f'[a](https://x "x\\" onmouseover={DO} y=\\"")',
    f"<javascript:{DO}>",
    f'<https://x/"onmouseover={DO}//>',
    f'https://x/"onmouseover={DO}//',
    f"[a]: javascript:{DO}\n\n[a]",
    f'```"><img src=x onerror={DO}>\n</code></pre><img src=x onerror={DO}>\n```',
    f"`<img src=x onerror={DO}>`",
    f'| <img src=x onerror={DO}> | b |\n|:-" onload={DO} |---|\n| a | <script>{DO}</script> |',
    f"- [x] <img src=x onerror={DO}>",
    f'@ana"><img src=x onerror={DO}> FLX-1"><img src=x onerror={DO}>',
    f"<div\n onclick={DO}\n>\n\n<img src=x\nonerror={DO}\n>",
    f"\\<img src=x onerror={DO}\\>",
]
TEXT = "\n\n".join([*MARKDOWN, *LINES])
QUERIES = [LINES[3], LINES[5] + LINES[1], "javascript:pwned=1"]

LISTEN = """
window.pwned = 0; window.tried = [];
addEventListener('securitypolicyviolation', event => tried.push(
  [event.violatedDirective, event.blockedURI, event.sourceFile, event.sample].join(' ')));
addEventListener('error', event => event.message && tried.push('error: ' + event.message));
window.alert = window.confirm = window.prompt = (...words) => { pwned = 1; };
"""
# What an attack leaves in a page when it was taken as HTML, run or not.
MARKS = """() => [...document.querySelectorAll('*')].flatMap(node => [...node.attributes]
  .filter(one => one.name.startsWith('on') || one.name === 'srcdoc'
    || /^\\s*(javascript|vbscript|data:text)/i.test(
      ['href', 'src', 'action', 'formaction'].includes(one.name) ? one.value : ''))
  .map(one => node.outerHTML.slice(0, 200)))
  .concat([...document.querySelectorAll('img[src=x], iframe, base, math, object, embed, meta[http-equiv]')]
    .map(node => node.outerHTML.slice(0, 200)))"""


class Watched:
    """A browser page that notes whatever an attack does in it, over all that it visits."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []
        page.add_init_script(LISTEN)
        page.on("dialog", lambda dialog: (self.found.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda one: "Content Security Policy" in one.text and self.found.append(one.text))
        page.on("request", self.note)

    def note(self, request: Any) -> None:
        host = request.url.split("/")[2] if "//" in request.url else ""
        if host and not host.startswith("127.0.0.1"):
            self.found.append(f"a request to {request.url}")

    def look(self, where: str) -> None:
        seen = self.page.evaluate("() => [pwned ? 'it ran' : '', ...tried].filter(Boolean)")
        left = [f"left: {mark}" for mark in self.page.evaluate(MARKS)]
        self.found += [f"{where}: {what}" for what in [*seen, *left]]

    def visit(self, address: str) -> None:
        answer = self.page.goto(address, wait_until="load")
        assert answer is not None and answer.status < 500, (address, answer and answer.status)
        assert "content-security-policy" in answer.headers, address
        self.look(address)


@pytest.fixture
def watched(page_for: Callable[..., Page]) -> Callable[[Any], Watched]:
    return lambda person: Watched(page_for(person))


def as_person(person: User, name: str) -> User:
    """With an attack for a name, past every form: as if one of them had let it through."""
    User.objects.filter(pk=person.pk).update(name=name)
    person.refresh_from_db()
    return person


@pytest.fixture
def attackers(shared_app: Any) -> tuple[User, User]:
    people = make_people()
    return as_person(people["ana"], LINES[1]), as_person(people["kenji"], LINES[3])


@pytest.fixture
def site(attackers: tuple[User, User]) -> tuple[Site, User, User]:
    return attacked(*attackers), *attackers


def attacked(ana: User, kenji: User) -> Site:
    """A board on which everything that can be typed is an attack."""
    keys = set(Board.objects.values_list("key", flat=True))
    key = next(key for key in (f"XS{n}" for n in range(1, 999)) if key not in keys)
    board = act.create_board("x", by=ana, key=key, starter=False)
    add_member(board, kenji, Role.MEMBER, by=ana)
    found = fill(board, ana, kenji, text=TEXT, line=LINES[0], other=f"{key}O")
    for line in LINES:
        card = act.create_card(
            board.columns.first(), line[:200], by=kenji, what=line, why=f"{line}\n\n{TEXT}"
        )
        act.create_label(board, f"{line[:36]} {LINES.index(line)}", 2, by=ana)
        act.add_checklist(card, line[:100], by=ana)
        act.block_card(card, line[:200], by=ana)
        post_comment(card, line, by=kenji)
    for line in LINES[1:6]:
        act.add_column(board, line[:60], by=ana)
    return found


def test_no_stored_text_runs_on_any_page(site: tuple[Site, User, User], watched: Any):
    found, ana, _ = site
    User.objects.filter(pk=ana.pk).update(is_staff=True, is_superuser=True)
    page = watched(ana)
    at = f"/b/{found.board.key}/"
    admin = [
        "/admin/",
        "/admin/accounts/user/",
        f"/admin/accounts/user/{ana.pk}/change/",
        "/admin/boards/board/",
    ]
    admin += [f"/admin/boards/board/{found.board.pk}/change/", "/admin/activity/activity/"]
    last = Card.objects.filter(board=found.board).order_by("-number")[0]
    for address in [*found.pages, *admin, last.get_absolute_url(), f"{at}at/?seq={found.board.seq}"]:
        page.visit(address)
    for query in QUERIES:
        typed = quote(query)
        for address in (
            f"/search/?q={typed}",
            f"{at}?q={typed}",
            f"/decisions/?q={typed}",
            f"{at}at/?time={typed}",
        ):
            page.visit(address)
        page.visit(f"{at}?label={typed}&is={typed}&due={typed}&column={typed}&assignee={typed}#{query}")
        page.visit(f"/{typed}/")
        page.visit(f"/accounts/login/?next={typed}")
        page.visit(f"{at}undo/2/?next={typed}")
    assert not page.found, "\n".join(page.found[:10])


def test_no_text_runs_while_it_arrives(site: tuple[Site, User, User], watched: Any):
    """By the stream, onto a board and a card that are open; and in the dialogs that scripts draw."""
    found, ana, kenji = site
    board, card = watched(ana), watched(ana)
    open_live(board.page, f"/b/{found.board.key}/")
    open_live(card.page, f"/c/{found.card.key}/")
    column = found.board.columns.first()
    for line in LINES:
        new = act.create_card(column, line[:200], by=kenji)
        act.retitle_card(new, f"{line} again"[:200], by=kenji)
        act.block_card(new, line[:200], by=kenji)
    act.retitle_card(found.card, f"{LINES[1]} arrived", by=kenji)
    act.specify_card(found.card, "why", f"{TEXT} arrived", by=kenji)
    post_comment(found.card, f"{TEXT}\n\nThe last to arrive", by=kenji)
    board.page.wait_for_function("n => document.querySelectorAll('.card').length >= n", arg=len(LINES))
    card.page.get_by_text("The last to arrive").first.wait_for()
    board.look("the board")
    card.look("the card")
    board.page.keyboard.press("/")
    board.page.keyboard.type(LINES[1])
    board.page.wait_for_timeout(500)
    board.look("the search dialog")
    board.page.keyboard.press("Escape")
    for one in (board, card):
        assert not one.found, "\n".join(one.found[:10])


def test_no_text_of_an_imported_file_runs(shared_app: Any, watched: Any):
    """Every string of a Trello export, names of people and files included, becomes an attack."""
    numbers = iter(range(10**9))

    def poison(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: poison(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [poison(one, key) for one in value]
        if isinstance(value, str) and key in {"name", "desc", "text", "fullName", "old", "username", "url"}:
            return (TEXT if key in {"desc", "text"} else LINES[next(numbers) % len(LINES)]) + value
        return value

    ana = make_people()["ana"]
    data = encoded(poison(bakery(id=uuid.uuid4().hex[:24])))
    board = import_trello_board(
        parse_export(data, "export.json"), sha256(data).digest(), by=By(ana, via=Via.IMPORT)
    ).board
    page = watched(ana)
    at = f"/b/{board.key}/"
    cards = [f"/c/{card.key}/?tab=history&comments=all" for card in board.cards.all()[:8]]
    for address in (at, f"{at}standup/", f"{at}archive/", f"{at}settings/members/", f"{at}at/?seq=5", *cards):
        page.visit(address)
    assert not page.found, "\n".join(page.found[:10])


def test_no_text_of_a_board_that_was_carried_here_runs(attackers: tuple[User, User], watched: Any):
    """As from an export that was made elsewhere: of a board that is not here any more."""
    ana, kenji = attackers
    with taken_back():
        data = exported(attacked(ana, kenji).board)
    board = brought_in(data, ana).board
    page = watched(ana)
    at = f"/b/{board.key}/"
    cards = [f"/c/{card.key}/{tab}" for card in board.cards.all()[:4] for tab in ("", "?tab=history")]
    rest = ("standup/", "archive/", "decisions/", "settings/", "settings/members/", "settings/labels/")
    for address in (at, *(at + part for part in rest), f"{at}at/?seq={board.seq}", *cards):
        page.visit(address)
    assert not page.found, "\n".join(page.found[:10])


def test_no_text_runs_in_the_digest(site: tuple[Site, User, User], page_for: Callable[..., Page]):
    """A mail has no policy of ours around it: nothing of it may act at all."""
    _, ana, _ = site
    now = dt.datetime.now(dt.UTC)
    mail = digest_mail(letter_for(ana, now), now.date())
    (html,) = [str(part[0]) for part in mail.alternatives]
    assert "pwned" in html
    page = page_for()
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.add_init_script(LISTEN)
    page.set_content(html)
    assert page.evaluate("() => window.pwned || 0") == 0 and not ran
    acting = (
        "script, iframe, img, object, embed, form, base, link, svg, [onclick], [onerror], [onload], [onfocus]"
    )
    assert (
        page.evaluate("found => [...document.querySelectorAll(found)].map(one => one.outerHTML)", acting)
        == []
    )
    links = page.evaluate("() => [...document.querySelectorAll('a')].map(one => one.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:"}


def test_the_policy_is_on_every_page_and_the_listener_hears(shared_app: Any, watched: Any, ana_page: Watched):
    """The counter-check: what does run is heard, and what is forbidden is reported."""
    ana_page.visit("/accounts/login/")
    ana_page.page.evaluate(
        "() => { const one = document.createElement('img'); one.setAttribute('onerror', 'x=1');"
        "one.src = 'x'; document.body.append(one); }"
    )
    ana_page.page.wait_for_function("() => tried.length > 0")
    ana_page.look("here")
    assert any("script-src" in what for what in ana_page.found)
    assert any("left: <img" in what for what in ana_page.found)


@pytest.fixture
def ana_page(watched: Any) -> Watched:
    return watched(None)
