"""A person who leaves is deactivated, and only an admin does that."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fluxboard.accounts.deactivation import CannotLeave, deactivate, reactivate
from fluxboard.accounts.models import Link, User
from fluxboard.accounts.one_time_links import welcome_link
from fluxboard.accounts.signals import person_changed
from tests.accounts.conftest import asked_again, signed_in


def test_sessions_end_at_once_and_stay_ended_when_the_person_returns(ana: User, admin: User) -> None:
    browser = signed_in(ana)
    assert browser.get("/me/").status_code == 200
    deactivate(ana, by=admin)
    assert browser.get("/me/").status_code == 302
    reactivate(ana)
    assert browser.get("/me/").status_code == 302
    assert Client().login(email=ana.email, password="ana")


def test_the_house_is_told_and_open_links_die(ana: User, admin: User) -> None:
    heard: list[tuple[str, str]] = []

    def listen(person: User, kind: str, **_: Any) -> None:
        heard.append((person.handle, kind))

    welcome_link(ana, "http://flux.example")
    person_changed.connect(listen)
    deactivate(ana, by=admin)
    deactivate(ana, by=admin)
    person_changed.disconnect(listen)
    assert heard == [("ana", "sessions"), ("ana", "deactivated")]
    assert not Link.objects.exists()


def test_nobody_deactivates_themselves(admin: User) -> None:
    with pytest.raises(CannotLeave, match="yourself"):
        deactivate(admin, by=admin)


def test_the_last_admin_stays(admin: User, ana: User) -> None:
    with pytest.raises(CannotLeave, match="last admin"):
        deactivate(admin, by=ana)


def test_the_admin_lists_searches_and_deactivates(admin: User, ana: User, kenji: User) -> None:
    browser = asked_again(admin)
    people = reverse("admin:accounts_user_changelist")
    assert "kenji@example.com" not in browser.get(people, {"q": "duarte"}).text
    chosen = {"action": "deactivate_people", "_selected_action": [ana.pk, admin.pk]}
    page = browser.post(people, chosen, follow=True).text
    assert "Ana Duarte is deactivated." in page
    assert "You cannot deactivate yourself" in page
    ana.refresh_from_db()
    assert not ana.is_active
    assert "Ana Duarte" in browser.get(people, {"is_active__exact": "0"}).text


def test_the_admin_adds_a_person_and_hands_them_a_link(admin: User) -> None:
    browser = asked_again(admin)
    new = {
        "name": "Lena Vogt",
        "email": "Lena@example.com",
        "handle": "",
        "hue": 4,
        "time_zone": "berlin",
        "work_days": [1, 2],
        "work_start": "09:00",
        "work_end": "17:00",
    }
    answer = browser.post(reverse("admin:accounts_user_add"), new)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    lena = User.objects.get(email="lena@example.com")
    assert (lena.handle, lena.time_zone, lena.is_claimed) == ("lena", "Europe/Berlin", False)
    chosen = {"action": "print_links", "_selected_action": [lena.pk]}
    page = browser.post(reverse("admin:accounts_user_changelist"), chosen, follow=True).text
    assert "/accounts/welcome/" in page


def test_the_last_admin_cannot_be_made_an_ordinary_person(admin: User) -> None:
    change = reverse("admin:accounts_user_change", args=[admin.pk])
    fields = {"name": admin.name, "email": admin.email, "handle": admin.handle, "hue": 8, "work_days": [1]}
    clock = {"time_zone": "UTC", "work_start": "09:00", "work_end": "17:00"}
    answer = asked_again(admin).post(change, fields | clock)
    assert "last admin stays" in answer.text


def test_nobody_is_deleted_in_the_admin(admin: User, ana: User) -> None:
    assert signed_in(admin).get(reverse("admin:accounts_user_delete", args=[ana.pk])).status_code == 403
    page = signed_in(admin).get(reverse("admin:accounts_user_changelist")).text
    assert "delete_selected" not in page


def test_for_people_who_are_no_admins_there_is_no_admin(ana: User, client: Client) -> None:
    assert signed_in(ana).get("/admin/", follow=True).status_code == 404
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")
