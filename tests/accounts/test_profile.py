"""The profile: what others see of a person, and by which clock the person reads."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fluxboard.accounts.models import User
from fluxboard.accounts.profile import presented
from fluxboard.accounts.signals import person_changed
from tests.accounts.conftest import signed_in
from tests.cast import NOW

GIVEN = {
    "name": "Ana Duarte",
    "handle": "ana",
    "hue": 5,
    "time_zone": "Europe/Lisbon",
    "work_days": [1, 2, 3, 4, 5],
    "work_start": "09:00",
    "work_end": "17:30",
    "theme": "",
    "shortcuts": "on",
}


def test_saving_answers_303_and_says_so(ana: User) -> None:
    client = signed_in(ana)
    answer = client.post("/me/", GIVEN | {"name": "  Ana   D. ", "theme": "dark"})
    assert (answer.status_code, answer["Location"]) == (303, "/me/")
    page = client.get("/me/").text
    assert 'role="status"' in page and "Saved." in page
    assert 'data-theme="dark"' in page
    ana.refresh_from_db()
    assert ana.name == "Ana D."


def test_only_what_changed_is_told(ana: User) -> None:
    heard: list[str] = []

    def listen(kind: str, **_: Any) -> None:
        heard.append(kind)

    person_changed.connect(listen)
    client = signed_in(ana)
    client.post("/me/", GIVEN | {"theme": "light"})
    assert heard == []
    client.post("/me/", GIVEN | {"hue": 3})
    assert heard == ["looks"]
    client.post("/me/", GIVEN | {"hue": 3, "time_zone": "tokyo"})
    assert heard == ["looks", "clock"]
    person_changed.disconnect(listen)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"handle": "kenji"}, "Somebody else has this handle"),
        ({"handle": "no spaces"}, "Use a-z"),
        ({"time_zone": "Gotham"}, "no time zone called “Gotham”"),
        ({"work_end": "09:00"}, "end at another time"),
        ({"hue": 9}, "valid choice"),
        ({"name": ""}, "required"),
    ],
)
def test_what_will_not_do_answers_422_and_keeps_what_was_typed(
    ana: User, kenji: User, wrong: dict[str, Any], said: str
) -> None:
    answer = signed_in(ana).post("/me/", GIVEN | {"name": "Ana the Typed"} | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Ana the Typed" in answer.text or "name" in wrong
    ana.refresh_from_db()
    assert ana.name == "Ana Duarte"


def test_a_handle_may_be_typed_with_its_at_sign_and_in_capitals(ana: User) -> None:
    signed_in(ana).post("/me/", GIVEN | {"handle": "@Ana.D"})
    ana.refresh_from_db()
    assert ana.handle == "ana.d"


def test_nights_are_working_hours_too(ana: User) -> None:
    answer = signed_in(ana).post("/me/", GIVEN | {"work_start": "22:00", "work_end": "06:00"})
    assert answer.status_code == 303


def test_others_see_until_when_ana_is_at_work(ana: User) -> None:
    assert presented(ana, NOW) == "Ana, Lisbon, at work until 17:30"
    assert presented(ana, NOW.replace(hour=20)) == "Ana, Lisbon, at work again tomorrow 09:00"


def test_the_readers_zone_is_the_current_one_and_only_for_their_request(
    kenji: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def presented(*_: Any) -> str:
        seen.append(timezone.get_current_timezone_name())
        return ""

    monkeypatch.setattr("fluxboard.accounts.views.presented", presented)
    signed_in(kenji).get("/me/")
    assert seen == ["Asia/Tokyo"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_signing_out_everywhere_else_keeps_this_browser(ana: User) -> None:
    here, elsewhere = signed_in(ana), signed_in(ana)
    assert here.post("/me/sessions/").status_code == 303
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302


def test_nobodys_profile_is_the_sign_in(client: Client, db: None) -> None:
    assert client.get("/me/").status_code == 302


def test_days_off_are_lines_of_days_and_stretches(ana: User) -> None:
    client = signed_in(ana)
    typed = "2026-12-31 to 2027-01-02\n2026-12-24"
    assert client.post("/me/", GIVEN | {"days_off": typed}).status_code == 303
    ana.refresh_from_db()
    assert [str(day) for day in ana.days_off] == ["2026-12-24", "2026-12-31", "2027-01-01", "2027-01-02"]
    assert "2026-12-24\n2026-12-31 to 2027-01-02</textarea>" in client.get("/me/").text


@pytest.mark.parametrize(
    "typed",
    ["Christmas", "2026-02-30", "2026-12-24 to 2026-12-20", "2026-01-01 to 2027-01-01", "to", "0026-12-24"],
)
def test_what_is_no_day_off_is_said(ana: User, typed: str) -> None:
    answer = signed_in(ana).post("/me/", GIVEN | {"days_off": typed})
    assert answer.status_code == 422
    assert typed in answer.text


def test_mail_comes_as_it_was_asked_for(ana: User) -> None:
    client = signed_in(ana)
    client.post("/me/", GIVEN | {"digest_on": "on", "digest_at": "07:45", "nudge_on": "on"})
    ana.refresh_from_db()
    assert (ana.digest_on, str(ana.digest_at), ana.nudge_on) == (True, "07:45:00", True)
    client.post("/me/", GIVEN)
    ana.refresh_from_db()
    assert (ana.digest_on, str(ana.digest_at), ana.nudge_on) == (False, "07:45:00", False)
