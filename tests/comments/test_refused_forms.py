"""Forms of questions and outcomes that were refused come back with all that was typed, whatever was wrong."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from activity.models import Activity
from fluxboard.accounts.models import User

SCRIPT = {"HX-Request": "true"}
REFUSED = {
    "an item that is too long": "Fine\n" + "x" * 1_001,
    "too many items": "\n".join(f"Item {n}" for n in range(60)),
    "an item with a NUL": "Fine\nNot \0 fine",
}


@pytest.fixture
def client(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["as a page", "by a script"])
@pytest.mark.parametrize("choice", ["items", "cards"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_action_item_loses_nothing(case: str, choice: str, headers: Any, client: Client, card: Any):
    """The field is called `items`, as the method of a dict is."""
    before = Activity.objects.count()
    typed = {"decisions": "Blue it is.", "items": REFUSED[case], "as": choice, "how": "here"}
    typed |= {"column": card.column_id, "title": "About the colour"}
    for path in ("/c/FLX-1/outcome/", "/b/FLX/outcomes/new/"):
        answer = client.post(path, typed, headers=headers)
        page = unescape(answer.text)
        assert answer.status_code == 422, path
        assert "Blue it is." in page
        assert REFUSED[case].replace("\0", "\N{REPLACEMENT CHARACTER}") in page
        assert 'role="alert"' in page
    assert Activity.objects.count() == before


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["as a page", "by a script"])
def test_an_outcome_without_a_field_is_no_method_of_a_dict(headers: Any, client: Client, card: Any):
    answer = client.post("/c/FLX-1/outcome/", {"how": "here"}, headers=headers)
    assert answer.status_code == 422
    (items,) = re.findall(r'<textarea id="outcome-items"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
    assert items.strip() == ""


@pytest.mark.parametrize(
    "person", ["²", "٣", "9" * 5_000, "-1", "1.0", "1e3", "\0", "9223372036854775808", "me"]
)
def test_a_person_that_is_no_number_is_refused_beside_the_question(person: str, client: Client, card: Any):
    for path, field in (("/c/FLX-1/do/asked/", "ask"), ("/c/FLX-1/do/recorded/", "decided_by")):
        for headers in ({}, SCRIPT):
            answer = client.post(path, {"text": "Is it blue?", field: [person, "1"]}, headers=headers)
            assert answer.status_code == 422, (path, headers)
            assert "Is it blue?" in answer.text


@pytest.mark.parametrize("key", ["FLX-²", "FLX-٣", "FLX-" + "9" * 5_000, "FLX-", "²", "FLX-1\0", "OTH-1"])
def test_a_neighbour_that_is_no_key_is_refused_beside_the_new_card(key: str, client: Client, card: Any):
    for field in ("before", "after"):
        typed = {"title": "Another card", "column": card.column_id, field: key}
        for more in ({}, {"quick": "1"}):
            answer = client.post("/b/FLX/cards/new/", typed | more)
            assert answer.status_code == 422 and "Another card" in answer.text


def test_no_template_asks_a_mapping_of_fields_for_one_of_its_methods():
    """`errors.items` is the field `items` where there is one. `problem.messages` are all of them."""
    for file in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        assert not re.search(r"\berrors\.(items|keys|values|get|pop|copy|update)\b", file.read_text()), file
