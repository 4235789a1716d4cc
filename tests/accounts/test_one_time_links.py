"""One-time links: the first account, and people who set their own password."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from fluxboard.accounts.first_start import first_link
from fluxboard.accounts.models import Link, User
from fluxboard.accounts.one_time_links import LinkSpent, find_link, spend, welcome_link
from tests.accounts.conftest import signed_in

BASE = "http://flux.example"
JOIN = {
    "name": "Ana Duarte",
    "email": "Ana@Example.com",
    "password": "correct horse battery",
    "time_zone": "lisbon",
    "work_days": [1, 2, 3, 4],
    "work_start": "09:00",
    "work_end": "17:30",
    "digest_on": "on",
    "digest_at": "08:30",
}


def path(link: str | None) -> str:
    assert link and link.startswith(BASE + "/accounts/welcome/")
    return urlsplit(link).path


def test_the_first_start_makes_an_admin_who_is_signed_in(client: Client, db: None) -> None:
    link = path(first_link(BASE))
    assert "Make the first account" in client.get(link).text
    answer = client.post(link, JOIN)
    person = User.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert (person.name, person.email, person.handle) == ("Ana Duarte", "ana@example.com", "ana")
    assert (person.time_zone, person.work_days) == ("Europe/Lisbon", [1, 2, 3, 4])
    assert person.is_staff and person.is_superuser
    assert (person.digest_on, person.digest_at) == (True, dt.time(8, 30))
    assert client.get("/me/").status_code == 200


def test_who_joins_says_when_they_work_and_is_not_asked_again(client: Client, db: None) -> None:
    link = path(first_link(BASE))
    page = client.get(link).text
    assert 'name="digest_on"' in page and "checked" in page
    answer = client.post(link, JOIN | {"time_zone": "UTC"})
    assert answer["Location"] == "/"


def test_the_first_link_works_once(client: Client, db: None) -> None:
    link = path(first_link(BASE))
    client.post(link, JOIN)
    answer = Client().post(link, JOIN | {"email": "eve@example.com"})
    assert answer.status_code == 410
    assert "no longer works" in answer.text
    assert User.objects.count() == 1


def test_there_is_no_first_link_once_somebody_can_sign_in(ana: User) -> None:
    assert first_link(BASE) is None


def test_people_of_an_import_do_not_count_as_somebody(db: None) -> None:
    User.objects.create_user(name="Lena of Trello")
    assert first_link(BASE)


def test_a_first_link_from_before_is_worthless_when_there_is_an_admin(client: Client, db: None) -> None:
    link = path(first_link(BASE))
    User.objects.create_superuser("root@example.com", "root")
    assert client.get(link).status_code == 410


def test_a_second_start_replaces_the_first_link(client: Client, db: None) -> None:
    old, new = path(first_link(BASE)), path(first_link(BASE))
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200


def test_a_link_expires(client: Client, db: None) -> None:
    link = path(first_link(BASE))
    Link.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(link).status_code == 410


def test_only_the_digest_of_a_link_is_kept(db: None) -> None:
    secret = path(first_link(BASE)).split("/")[-2]
    assert len(secret) >= 40
    assert secret not in str(Link.objects.values())


def test_of_two_who_use_a_link_at_once_one_gets_in(db: None) -> None:
    now, secret = timezone.now(), path(first_link(BASE)).split("/")[-2]
    first, second = find_link(secret, now), find_link(secret, now)
    assert first and second
    spend(first, now)
    with pytest.raises(LinkSpent), transaction.atomic():
        spend(second, now)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "short"}, "too short"),
        ({"password": "ana@example.com"}, "too similar"),
        ({"time_zone": "Gotham"}, "no time zone called"),
        ({"work_end": "09:00"}, "end at another time"),
        ({"email": "nobody"}, "valid email"),
        ({"name": " "}, "required"),
    ],
)
def test_what_will_not_do_comes_back_with_what_was_typed(
    client: Client, db: None, wrong: dict[str, Any], said: str
) -> None:
    link = path(first_link(BASE))
    answer = client.post(link, JOIN | {"name": "Ana"} | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="17:30"' in answer.text or "work_end" in wrong
    assert not User.objects.exists()
    assert client.post(link, JOIN).status_code == 302


def test_who_forgot_a_password_sets_another_one_by_the_link_and_old_sessions_end(ana: User) -> None:
    """Where there is no mail server an admin hands it to them; a second factor is asked for all the same."""
    User.objects.filter(pk=ana.pk).update(digest_on=False)
    ana.refresh_from_db()
    before = signed_in(ana)
    link = path(welcome_link(ana, BASE))
    client = Client()
    assert not client.get(link).context["form"]["digest_on"].value()
    assert client.post(link, JOIN).status_code == 302
    assert client.get("/me/").status_code == 200
    assert before.get("/me/").status_code == 302
    assert Client().login(email="ana@example.com", password=JOIN["password"])


def test_a_welcomed_person_keeps_their_address_and_becomes_no_admin(client: Client, db: None) -> None:
    kenji = User.objects.create_user("kenji@example.com", name="Kenji Mori")
    link = path(welcome_link(kenji, BASE))
    page = client.get(link).text
    assert "Welcome, <bdi>Kenji</bdi>" in page and "kenji@example.com" in page
    client.post(link, JOIN | {"email": "eve@example.com", "name": "Kenji Mori"})
    kenji.refresh_from_db()
    assert (kenji.email, kenji.is_staff, kenji.is_claimed) == ("kenji@example.com", False, True)
    assert Client().login(email="kenji@example.com", password=JOIN["password"])
