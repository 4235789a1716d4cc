"""The addresses of static files, before and after they are collected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from fluxboard.static_files import HashedStaticFiles


def storage(place: Path) -> HashedStaticFiles:
    return HashedStaticFiles(location=str(place), base_url="/static/")


def test_before_files_are_collected_a_command_that_draws_a_card_has_addresses(tmp_path: Path) -> None:
    assert storage(tmp_path).url("icons.svg") == "/static/icons.svg"


def test_a_collected_file_has_its_digest_in_its_address(tmp_path: Path) -> None:
    (tmp_path / "icons.svg").write_text(Path(str(finders.find("icons.svg"))).read_text())
    collecting = storage(tmp_path)
    list(collecting.post_process({"icons.svg": (collecting, "icons.svg")}))
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())
    assert storage(tmp_path).url("icons.svg") == f"/static/{manifest['paths']['icons.svg']}"
    assert manifest["paths"]["icons.svg"] != "icons.svg"


def test_a_file_that_was_forgotten_is_still_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "staticfiles.json").write_text(
        json.dumps({"version": "1.1", "hash": "", "paths": {"icons.svg": "icons.1.svg"}})
    )
    with pytest.raises(ValueError, match=r"Missing staticfiles manifest entry for 'gone\.svg'"):
        storage(tmp_path).url("gone.svg")
