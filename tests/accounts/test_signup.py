"""Joining: a new person, or a placeholder who is claimed."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django import forms

from fluxboard.accounts.models import User
from fluxboard.accounts.signals import person_changed
from fluxboard.accounts.signup import JoinForm, join
from tests.accounts.test_one_time_links import JOIN


def filled(invited: str = "", person: User | None = None, **changes: Any) -> JoinForm:
    form = JoinForm(JOIN | changes, email=invited, person=person)
    form.is_valid()
    return form


def test_an_invited_address_cannot_be_swapped(db: None) -> None:
    person = join(filled("Lena@Example.com", email="eve@example.com"))
    assert person.email == "lena@example.com"
    assert EmailAddress.objects.get(user=person).verified


def test_a_typed_address_is_theirs_to_sign_in_with_and_proves_nothing(db: None) -> None:
    address = EmailAddress.objects.get(user=join(filled()))
    assert (address.email, address.verified, address.primary) == ("ana@example.com", False, True)


def test_an_address_that_somebody_has_is_refused(ana: User) -> None:
    assert "already" in str(filled().errors["email"])


def test_two_at_once_with_one_address_the_second_is_told(db: None) -> None:
    first, second = filled(), filled()
    join(first)
    with pytest.raises(forms.ValidationError):
        join(second)
    assert "already" in str(second.errors["email"])
    assert User.objects.count() == 1


def test_a_placeholder_of_an_import_is_claimed_and_keeps_its_handle(db: None) -> None:
    heard: list[str] = []
    lena = User.objects.create_user(name="lena v")

    def listen(kind: str, **_: Any) -> None:
        heard.append(kind)

    person_changed.connect(listen)
    person = join(filled(person=lena, name="Lena Vogt", email="lena@example.com"))
    person_changed.disconnect(listen)
    assert (person.pk, person.name, person.handle) == (lena.pk, "Lena Vogt", "lena")
    assert person.is_claimed
    assert heard == ["looks"]


def test_the_password_must_not_be_the_name(db: None) -> None:
    assert "similar" in str(filled(name="Bartholomew", password="Bartholomew").errors["password"])


def test_a_placeholder_is_claimed_by_one_only(db: None) -> None:
    lena = User.objects.create_user(name="lena v")
    first, second = (
        filled(person=lena, email="lena@example.com"),
        filled(person=lena, email="eve@example.com"),
    )
    join(first)
    with pytest.raises(forms.ValidationError):
        join(second)
    assert "joined as this person" in str(second.non_field_errors())
    lena.refresh_from_db()
    assert lena.email == "lena@example.com"


def test_eight_people_who_join_have_eight_colours(db: None) -> None:
    people = [join(filled(f"person{number}@example.com")) for number in range(8)]
    assert people[0].hue == 6
    assert {person.hue for person in people} == {*range(1, 9)}
