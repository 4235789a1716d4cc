"""The admin pages answer whatever is sent to them: a page, or a 400, and nothing is changed by it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from activity.models import Activity
from boards.models import Board
from fluxboard.accounts.admin_site import SHOWN
from fluxboard.accounts.models import User
from tests import cast

pytestmark = pytest.mark.django_db

ODD = ["a\0b", "²", "-1", "1e9", "9" * 5_000, "\ud800", "", "1,2", "2026-99-99"]
LISTS = [f"/admin/{name.replace('.', '/')}/" for name in sorted(SHOWN)]
FILTERS = ("q", "p", "o", "e", "all", "_to_field", "_popup", "id__exact", "pk__in", "role__exact")
FILTERS += ("board__id__exact", "actor__id__exact", "created_at__year", "at__year", "is_active__exact")
FILTERS += ("verb", "address", "accepted_at__isempty", "time_zone")


@pytest.fixture
def admin(board: Board) -> Client:
    """An admin's browser that has just been asked for the password."""
    lena = cast.person("lena", is_staff=True, is_superuser=True)
    client = Client(raise_request_exception=False)
    client.force_login(lena)
    assert client.post("/accounts/reauthenticate/", {"password": "lena"}).status_code == 302
    return client


def post(admin: Client, address: str, sent: dict[str, Any]) -> Any:
    return admin.post(address, urlencode(sent), content_type="application/x-www-form-urlencoded")


def state() -> tuple[Any, ...]:
    people = User.objects.order_by("pk").values_list("pk", "is_active", "is_staff", "email", "session_epoch")
    return Activity.objects.count(), list(people)


@pytest.mark.parametrize("address", LISTS)
def test_a_list_filtered_by_anything_is_an_answer(admin: Client, address: str) -> None:
    for name in FILTERS:
        for value in ODD:
            answer = admin.get(address, {name: value.encode("utf-8", "surrogatepass")})
            assert answer.status_code < 500, (name, value[:20])


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("action", ["become_owner", "remove", "sign_out_people", "\0"])
def test_an_action_on_rows_that_are_none_is_an_answer_and_does_nothing(
    admin: Client, address: str, action: str
) -> None:
    before = state()
    for value in ODD:
        sent = {"action": action, "_selected_action": value.encode("utf-8", "surrogatepass")}
        answer = post(admin, address, sent)
        assert answer.status_code < 500, value[:20]
    assert state() == before


def test_the_form_of_a_membership_takes_anything(admin: Client, board: Board, ana: User) -> None:
    address, right = reverse("admin:boards_membership_add"), {"board": board.pk, "user": ana.pk, "role": "x"}
    before = state()
    for name in right:
        for value in ODD:
            odd = value.encode("utf-8", "surrogatepass")
            assert admin.get(address, {name: odd}).status_code < 500, (name, value[:20])
            assert post(admin, address, right | {name: odd}).status_code < 500, (name, value[:20])
    assert state() == before


def test_finding_a_person_by_anything_is_an_answer(admin: Client) -> None:
    right = {"app_label": "boards", "model_name": "membership", "field_name": "user"}
    right |= {"term": "a", "page": "1"}
    for name in right:
        for value in ODD:
            sent = right | {name: value.encode("utf-8", "surrogatepass")}
            answer = admin.get("/admin/autocomplete/", sent)
            assert answer.status_code < 500, (name, value[:20])
