"""The addresses of static files, before and after they are collected."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from fluxboard.server.assets.storage import HashedStaticFiles, collect


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


@pytest.fixture
def sources(tmp_path: Path, settings: Any) -> Path:
    """A folder of one source file, and nothing else to collect."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "note.txt").write_text("first")
    settings.STATIC_ROOT = str(tmp_path / "var" / "static")
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    staticfiles = {"BACKEND": "fluxboard.server.assets.storage.HashedStaticFiles"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": staticfiles}
    return folder


def test_what_was_collected_is_collected_again_only_when_something_changed(
    sources: Path, settings: Any
) -> None:
    note, root = sources / "note.txt", Path(settings.STATIC_ROOT)
    assert [collect(), collect()] == [True, False]
    times = note.stat()
    note.write_text("other")
    os.utime(note, ns=(times.st_atime_ns, times.st_mtime_ns))  # as a checkout of another release may leave it
    assert [collect(), collect()] == [True, False]
    (served,) = json.loads((root / "staticfiles.json").read_text())["paths"].values()
    assert (root / served).read_text() == "other"
    (root / served).unlink()
    assert [collect(), collect()] == [True, False]
    assert (root / served).exists()
    (sources / "more.txt").write_text("more")
    assert [collect(), collect()] == [True, False]
