"""Signing in with a real browser: passkeys, and pages that everybody can use."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fluxboard.accounts.models import User
from fluxboard.accounts.one_time_links import welcome_link
from tests.live import LiveApp

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def lena(shared_app: LiveApp) -> User:
    """A person of this test's own who has a password that the real server knows how to check."""
    person = User.objects.create_user(f"{uuid.uuid4().hex}@example.com", name="Lena Vogt", hue=4)
    person.set_unusable_password()
    person.save()
    return person


def at_localhost(app: LiveApp, path: str) -> str:
    """Browsers make passkeys for names only, never for an IP address."""
    return app.url.replace("127.0.0.1", "localhost") + path


def with_device(page: Page) -> None:
    """A device that keeps passkeys and checks a finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def join(page: Page, app: LiveApp, person: User) -> None:
    page.goto(welcome_link(person, at_localhost(app, "")))
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(re.compile(r"localhost:\d+/$"))


def test_lena_joins_adds_a_passkey_and_signs_in_with_it_alone(
    shared_app: LiveApp, page_for: Callable[..., Page], lena: User
) -> None:
    page = page_for()
    with_device(page)
    join(page, shared_app, lena)

    page.goto(at_localhost(shared_app, "/accounts/2fa/webauthn/add/"))
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passkey: sign in with it alone").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.goto(at_localhost(shared_app, "/me/"))
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto(at_localhost(shared_app, "/accounts/login/?next=/me/"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(at_localhost(shared_app, "/me/"))
    expect(page.get_by_label("Name")).to_have_value("Lena Vogt")


def test_the_browsers_zone_is_filled_in_and_the_password_can_be_seen(
    shared_app: LiveApp, page_for: Callable[..., Page], lena: User
) -> None:
    page = page_for(timezone_id="Asia/Tokyo")
    page.goto(welcome_link(lena, shared_app.url))
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    field = page.get_by_label("Password", exact=True)
    field.fill("correct horse battery")
    page.get_by_role("button", name="Show the password").click()
    expect(field).to_have_attribute("type", "text")


def test_without_javascript_joining_works_and_keys_are_not_offered(
    shared_app: LiveApp, page_for: Callable[..., Page], lena: User
) -> None:
    page = page_for(java_script_enabled=False)
    page.goto(shared_app.url + "/accounts/login/")
    expect(page.get_by_text("passkey")).to_be_hidden()
    page.goto(welcome_link(lena, shared_app.url))
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("Time zone").fill("Berlin")
    page.get_by_role("button", name="Join").click()
    page.goto(shared_app.url + "/me/")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    page.get_by_label("Name").fill("Lena V.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_everybody_can_use_the_pages(
    shared_app: LiveApp, page_for: Callable[..., Page], lena: User, scheme: str, width: int
) -> None:
    look: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 844}}
    stranger, known = page_for(**look, bypass_csp=True), page_for(lena, **look, bypass_csp=True)
    stranger.goto(shared_app.url + "/accounts/login/")
    stranger.get_by_label("Email").fill("a@example.com")
    stranger.get_by_label("Password", exact=True).fill("no")
    stranger.get_by_role("button", name="Sign in", exact=True).click()
    expect(stranger.locator("#form-errors")).to_be_focused()
    problems = [*found(stranger)]
    stranger.goto(welcome_link(lena, shared_app.url))
    problems += found(stranger)
    for path in ("/me/", "/accounts/2fa/", "/accounts/2fa/webauthn/", "/accounts/email/"):
        known.goto(shared_app.url + path)
        problems += found(known)
        assert known.evaluate("document.documentElement.scrollWidth") <= width, path
    assert not problems


def found(page: Page) -> list[str]:
    """What axe-core objects to on this page, one line each."""
    page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run()")
    return [f"{page.url} {v['id']}: {v['nodes'][0]['html'][:200]}" for v in result["violations"]]
