"""Whatever is sent to any form: an answer, no fault, nothing half done, and what was typed comes back.

The forms are found on the pages, the pages by links and by the URL configuration; so a new form is walked
without being named here, and one that no page leads to fails `test_every_form_is_reached`. The short form
sends each form a part of the odd values, always the same; `FLUXBOARD_LONG=1` sends each of them all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from activity.models import Activity
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify
from tests.attacks.site import PostForm
from tests.board_export.files import exported
from tests.contracts import odd
from tests.contracts.crawl import Reached, addresses, crawl, routes, shape_of
from tests.contracts.markup import Control
from tests.contracts.world import World, made

LONG = bool(os.environ.get("FLUXBOARD_LONG"))
WAYS_A_FORM = len(odd.WAYS) if LONG else 1
# Sent by a script, or in the middle of signing in, with no form on a page here: where, and the fields.
BY_SCRIPT = {
    "/b/BOARD/presence/": ["card", "editing"],
    "/b/BOARD/seen/": ["first", "last", "me"],
    "/b/BOARD/columns/N/fold/": ["folded"],
    "/b/BOARD/trial/N/answer/": ["answer", "text", "next"],  # open from Friday on, whenever the walk is
    "/import/UUID/choose/": ["board"],  # the page of a workspace: the walk sees one upload, a board
    "/accounts/signup/": ["email", "password1", "next"],
    "/accounts/password/set/": ["password1", "password2"],
    "/accounts/login/code/confirm/": ["code"],
    "/accounts/2fa/authenticate/": ["code", "credential"],
    "/accounts/2fa/reauthenticate/": ["code"],
    "/accounts/2fa/webauthn/login/": ["credential"],
    "/accounts/2fa/webauthn/reauthenticate/": ["credential"],
    "/accounts/2fa/webauthn/keys/N/edit/": ["name"],
    "/accounts/2fa/webauthn/keys/N/remove/": [],
}
# What changes with every request or is counted beside it, and says nothing about what a form did.
NOT_COMPARED = {"django_session", "django_migrations", "accounts_spent", "accounts_attempt", "accounts_cache"}
OWN_WORDS = {"text", "textarea", "search"}
NOT_KEPT = {"confirm", "code"}  # what has to be typed anew
OUR_OWN = {"request_id", "version", "next"}  # of nearly every form, and read in one place


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One for all tests here, which take back what they do; it takes as long to make as to walk."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(settings, "VAR_DIR", tmp_path_factory.mktemp("var"))
        patch.setattr(
            "fluxboard.features.uploads.jobs.begin_job", lambda *args: None
        )  # a thread would not see what is made here
        with transaction.atomic():
            yield made()
            transaction.set_rollback(True)


def signed_in(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


@pytest.fixture(scope="module")
def owner(world: World) -> Client:
    """Ana, who owns the board, has just given her password, and has uploads that wait."""
    client = signed_in(world.ana)
    assert client.post("/accounts/reauthenticate/", {"password": "ana"}).status_code == 302
    trello = (Path(__file__).parent.parent / "data" / "trello" / "bakery.json").read_bytes()
    for address, name, data in (
        ("/import/", "b.json", trello),
        ("/import/board/", "b.zip", exported(world.board)),
    ):
        answer = client.post(address, {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 303, answer.text
    return client


@pytest.fixture(scope="module")
def reached(world: World, owner: Client) -> Reached:
    """All that Ana can come to."""
    first = ["/", *world.pages, *dict.fromkeys(path for path, _ in addresses(world.values))]
    return crawl(owner, first, Reached())


@pytest.fixture(scope="module")
def reached_by_guests(world: World) -> Reached:
    return crawl(Client(raise_request_exception=False), world.doors, Reached())


def values_of(cookies: SimpleCookie) -> dict[str, Any]:
    """What stands in a jar, for a new one: the jar itself shares its cookies with copies of it."""
    return {name: morsel.value for name, morsel in cookies.items()}


def taken_by_post(client: Client, world: World) -> Iterator[str]:
    """The shape of every address that does something when it is posted to."""
    cookies = values_of(client.cookies)
    for path, _ in addresses(world.values):
        with transaction.atomic():
            status = client.post(path).status_code
            client.cookies = SimpleCookie(cookies)
            transaction.set_rollback(True)
        shape = shape_of(path)
        is_of_an_upload = "/UUID/" in shape.removesuffix("/UUID/")  # of which that id is none
        if status not in {404, 405, 410} or is_of_an_upload:
            yield shape


FORM_OF_A_VERB = r"""<form[^>]*(?:data-verb="|{% posts ')([a-z_.]+)["']"""


def test_every_form_is_reached(reached: Reached, reached_by_guests: Reached, world: World, owner: Client):
    """Each address that takes a POST has a form on a page of the walk; each verb of a template too."""
    known = reached.shapes | reached_by_guests.shapes | BY_SCRIPT.keys()
    missing = set(taken_by_post(owner, world)) - known
    assert not missing, f"no page of the walk has a form for {sorted(missing)}"
    written = set()
    for file in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        written |= set(re.findall(FORM_OF_A_VERB, file.read_text()))
    assert not written - {form.verb for form in reached.forms.values()}


# ---- sending what nobody should ---------------------------------------------------------------------------


def everything() -> dict[str, tuple[int, int]]:
    """Which version of which row of every table is there, but for what is counted beside a request."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        names = [name for (name,) in cursor.fetchall() if name not in NOT_COMPARED]
        version = "hashtext(xmin::text || ctid::text)::bigint"
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', count(*), coalesce(sum({version}), 0) FROM {name}" for name in names
            )
        )
        return {name: (count, versions) for name, count, versions in cursor.fetchall()}


@dataclass
class Walk:
    """Sends to forms, looks at each answer and at what it left, and takes it back."""

    client: Client
    world: World
    faults: list[str] = field(default_factory=list)
    answers: dict[str, set[int]] = field(default_factory=dict)
    tried: int = 0

    def __post_init__(self) -> None:
        self.cookies = values_of(self.client.cookies)
        self.before = everything()

    def send(self, form: PostForm, sent: odd.Sent, what: str, kept: Iterable[str] = ()) -> None:
        body, kind = sent
        with transaction.atomic():
            last = self._last()
            answer = self.client.generic("POST", form.action, body, kind)
            status = answer.status_code
            problem = ""
            if status >= 500 or status < 200:
                problem = (
                    f"{status} {answer.exc_info[1]!r}" if getattr(answer, "exc_info", None) else str(status)
                )
            elif status >= 400 and (now := everything()) != self.before:
                changed = [name for name, rows in now.items() if rows != self.before[name]]
                problem = f"{status}, and {changed} changed"
            elif status < 400 and self._last() != last:
                problem = "; ".join(verify(self.world.board)[:2])
            if status == 422 and not problem:
                page = unescape(answer.content.decode())
                lost = [words for words in kept if words not in page]
                problem = f"422 without {lost}" if lost else ""
            self.client.cookies = SimpleCookie(self.cookies)
            transaction.set_rollback(True)
        self.tried += 1
        self.answers.setdefault(shape_of(urlsplit(form.action).path), set()).add(status)
        if problem:
            self.faults.append(f"{form.action} {what[:80]!r}: {problem}")

    def _last(self) -> Any:
        return Activity.objects.order_by("-pk").values_list("pk", flat=True).first()


def walk_forms(walk: Walk, forms: Iterable[PostForm]) -> None:
    """Odd values one field at a time, the other texts holding words that have to come back; odd ways."""
    values, ways = Rotation(list(odd.VALUES)), Rotation(list(odd.WAYS))
    for form in sorted(forms, key=lambda form: "/discard/" in form.action):  # which throws a file away
        own = {one.name for one in form.controls if one.kind in OWN_WORDS} - NOT_KEPT
        words = {name: f"Kept words of {name}" for name in own}
        plain = form.filled()
        for name in sorted(form.names - {"csrfmiddlewaretoken"}):
            odd_ones = values.next(1 if name in OUR_OWN or not LONG else len(odd.VALUES))
            if name not in own | OUR_OWN:  # the name of something: digits that are none of ASCII, always
                odd_ones.insert(0, odd.DIGITS[0])
            for value in dict.fromkeys(odd_ones):
                others = {n: w for n, w in words.items() if n != name}
                fields = form.filled(**others) | {name: value}
                walk.send(form, (odd.encoded(fields), odd.URLENCODED), f"{name}={value}", others.values())
        for way in dict.fromkeys(["as it is", *ways.next(WAYS_A_FORM)]):
            walk.send(form, odd.WAYS[way](plain), way)


class Rotation:
    """The next few of a list, over and over, so that each comes up with different forms."""

    def __init__(self, of: list[str]) -> None:
        self.of, self.at = of, 0

    def next(self, many: int) -> list[str]:
        taken = [self.of[(self.at + n) % len(self.of)] for n in range(many)]
        self.at += many
        return taken


def by_script(world: World, under: str = "/") -> list[PostForm]:
    """What has no form on a page, as forms."""
    found = {}
    for path, _ in addresses(world.values):
        if (shape := shape_of(path)) in BY_SCRIPT and path.startswith(under):
            controls = [Control(name, "hidden") for name in BY_SCRIPT[shape]]
            found[shape] = PostForm("", path, controls, [], path)
    return list(found.values())


def test_no_form_of_the_owner_s_is_a_fault_or_half_done(reached: Reached, world: World, owner: Client):
    walk = Walk(owner, world)
    walk_forms(walk, [*reached.forms.values(), *by_script(world)])
    assert not walk.faults, "\n".join(walk.faults)
    assert walk.tried > 400
    # Each address was really asked: not only turned away for the way there.
    turned_away = {403, 404, 405, 429}
    assert not {at: got for at, got in walk.answers.items() if got <= turned_away and at not in BY_SCRIPT}
    assert verify(world.board) == []


def test_no_form_of_a_guest_s_is_a_fault_or_half_done(reached_by_guests: Reached, world: World):
    walk = Walk(Client(raise_request_exception=False), world)
    walk_forms(walk, [*reached_by_guests.forms.values(), *by_script(world, under="/accounts/")])
    assert not walk.faults, "\n".join(walk.faults)
    assert walk.tried > 20


# ---- addresses --------------------------------------------------------------------------------------------

ASKS = re.compile(r"""(?:GET|query|typed|said)\.get(?:list)?\(["'](\w+)["']""")


def parameters(reached: Reached) -> list[str]:
    """Every name that the code reads from an address, and all that links and forms put there."""
    found = set(reached.parameters)
    for app in ("activity", "boards", "comments", "fluxboard"):
        for file in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            found |= set(ASKS.findall(file.read_text()))
    return sorted(found)


def test_no_parameter_header_or_cookie_of_a_page_is_a_fault(reached: Reached, world: World, owner: Client):
    """All parameters at once, each with the next odd value, and a few odd headers and cookies."""
    names, values = parameters(reached), Rotation(odd.VALUES)
    headers, held, cookies = Rotation(odd.HEADERS), Rotation(odd.IN_HEADERS), Rotation(odd.COOKIES)
    before, faults = everything(), list[str]()
    kept = values_of(owner.cookies)
    for address in reached.pages.values():
        for turn in range(len(odd.VALUES) if LONG else 2):
            path, more = urlsplit(address).path, {}
            if turn % 2 == 0:
                asked = dict(zip(names, values.next(len(names)), strict=True))
                path += "?" + odd.encoded({name: value[:3_000] for name, value in asked.items()}).decode()
            else:
                more = dict(zip(headers.next(5), held.next(5), strict=True))
                path = address
                for name in ("sessionid", "csrftoken", "messages"):
                    (value,) = cookies.next(1)
                    if name != "sessionid" or turn % 4 == 1:
                        owner.cookies.load(f"{name}={value}")
            with transaction.atomic():
                answer = owner.get(path, headers=more)
                if answer.status_code >= 500:
                    why = getattr(answer, "exc_info", None)
                    faults.append(f"{path[:300]} {more}: {answer.status_code} {why and why[1]!r}")
                elif answer.status_code >= 400 and everything() != before:
                    faults.append(f"{path[:300]} {more}: {answer.status_code}, and something was changed")
                transaction.set_rollback(True)
            owner.cookies = SimpleCookie(kept)
    assert not faults, "\n".join(faults)
    assert len(names) > 30 and len(reached.pages) > 60


IN_PATHS = [
    "²",
    "٣",
    "１２",
    "0",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "9223372036854775808",
    "9" * 30,
    "9" * 5_000,
    " ",
    "%00",
]
IN_PATHS += [
    "%ff",
    "%ED%A0%80",
    "%0a",
    "1%0a",
    "%2e%2e",
    "FLX-²",
    "FLX-٣",
    f"FLX-{'9' * 30}",
    "FLX-0",
    "flx-1",
    "ⅧX",
]
IN_PATHS += ["00000000-0000-0000-0000-00000000000٣", "0" * 36, "nonsense", "items", "\u202e", "x" * 3_000]


NOT_THERE = {403, 404, 405, 410, 429}


def test_no_part_of_a_path_is_a_fault(world: World, owner: Client):
    """Each variable of each route with what it cannot hold, read and posted to: nothing is there."""
    faults = []
    parts = Rotation(IN_PATHS)
    for route, name in routes():
        for variable in re.findall(r"<\w+:\w+>", route):
            for part in parts.next(len(IN_PATHS) if LONG else 4):
                path = "/" + route.replace(variable, part, 1)
                for known, value in sorted(world.values.items(), key=lambda one: "/" not in one[0]):
                    noun = known.partition("<")[0]
                    path = path.replace(known, f"{noun}{value}")
                path = path.replace("<slug:part>", "renamed").replace("<slug:form>", "title")
                for method in ("get", "post"):
                    with transaction.atomic():
                        answer = getattr(owner, method)(quote(path, safe="/%"))
                        status = answer.status_code
                        transaction.set_rollback(True)
                    is_secret = variable.startswith("<str") or "/2fa/" in path
                    fits = NOT_THERE | ({200, 302} if is_secret else set())
                    if status not in fits:
                        faults.append(f"{method} {path[:200]} ({name}): {status}")
    assert not faults, "\n".join(faults)
