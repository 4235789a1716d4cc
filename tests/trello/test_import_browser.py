"""The import page in a real browser, on the real server with two workers, without JavaScript."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boards.models import Import
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify
from tests.trello.files import bakery, encoded


@pytest.mark.browser
def test_an_export_is_imported_with_javascript_off(
    shared_app: Any, page_for: Callable[..., Any], tmp_path: Path
):
    source_id = uuid.uuid4().hex[:24]
    path = tmp_path / "bakery.json"
    path.write_bytes(encoded(bakery(id=source_id)))
    owner = User.objects.create_user(f"{source_id}@example.com", name="Ana Duarte")
    page = page_for(owner, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Import a Trello board").click()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    page.get_by_label("Mika Saari").check()
    page.get_by_role("button", name="Import this board").click()
    page.get_by_role("link", name="Open the board").click()
    board = Import.objects.get(source_id=source_id).board
    assert page.url.endswith(f"/b/{board.key}/")
    assert page.locator(".card").count() == 6
    page.get_by_role("link", name="Second by place").click()
    assert page.locator("[data-field=assignee]").first.inner_text().strip() == "Ana Duarte"
    assert (
        page.get_by_role("link", name="Recipe [v2]").get_attribute("href")
        == "https://example.org/recipe?a=1&b=2"
    )
    assert verify(board) == []
