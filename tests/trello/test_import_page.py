"""The import by hand: upload, preview, import, report; each person sees their own, and a crash says so."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from boards.models import Board, Import, Role
from fluxboard.accounts.models import User
from fluxboard.core import limits
from fluxboard.features.trello import job
from fluxboard.features.trello.importer import import_trello_board
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.uploads import jobs
from tests.live import PATIENCE
from tests.trello.files import REAL, ROOT, bakery, encoded, real

BAKERY = ROOT / "tests" / "data" / "trello" / "bakery.json"


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Uploads go to the test's own folder; imports run at once, in the test's transaction."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("fluxboard.features.trello.views.begin_import", job.run_import)
    return tmp_path


@pytest.fixture
def browser_of(client: Client):
    def signed_in(person: User) -> Client:
        client.force_login(person)
        return client

    return signed_in


def send(client: Client, content: bytes, name: str = "bakery.json") -> Any:
    return client.post("/import/", {"file": SimpleUploadedFile(name, content, "application/json")})


def uploaded(client: Client, content: bytes) -> str:
    answer = send(client, content)
    assert answer.status_code == 303, answer.content
    return answer["Location"]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_nobody_imports_unseen(client: Client, db: None):
    answer = client.get("/import/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_an_upload_is_shown_before_anything_is_made(browser_of: Any, ana: User):
    client = browser_of(ana)
    html = page(client, uploaded(client, BAKERY.read_bytes()))
    assert "Nothing has been made yet" in html
    assert '<dd data-count="cards">8</dd>' in html
    for words in ("Mika Saari", "@noor_k", "no longer on the board", "A comment without text was left out"):
        assert words in html
    assert not Board.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", REAL)
def test_a_real_export_is_imported_by_its_page_alone(name: str, browser_of: Any, ana: User):
    client = browser_of(ana)
    address = uploaded(client, real(name).read_bytes())
    before = page(client, address)
    answer = client.post(f"{address}start/")
    assert (answer.status_code, answer["Location"]) == (303, address)
    html = page(client, address)
    board = Board.objects.get()
    assert board.role_of(ana) == Role.OWNER
    assert f'href="/b/{board.key}/">Open the board</a>' in html
    for count in ("cards", "comments", "history", "people", "labels", "checklist_items"):
        told = f'<dd data-count="{count}">{Import.objects.get().report[count]}</dd>'
        assert told in html
        assert told in before


def test_one_of_the_people_can_be_oneself(browser_of: Any, ana: User):
    client = browser_of(ana)
    mika = next(p.id for p in parse_export(BAKERY.read_bytes(), "f").people.values() if p.username == "mika")
    address = uploaded(client, BAKERY.read_bytes())
    client.post(f"{address}start/", {"myself": mika})
    assert Board.objects.get().cards.get(number=2).assignee == ana


def test_a_second_click_makes_no_second_board(browser_of: Any, ana: User):
    client = browser_of(ana)
    address = uploaded(client, BAKERY.read_bytes())
    client.post(f"{address}start/")
    client.post(f"{address}start/")
    again = uploaded(client, BAKERY.read_bytes())
    client.post(f"{again}start/")
    assert "This file was imported before" in page(client, again)
    assert Board.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"<html>", "not JSON"),
        (b"[" * 10_000, "nested more than 64 levels deep"),
        (b'{"id": "x"}', "not a Trello board"),
        (BAKERY.read_bytes()[:9000], "cut off"),
    ],
)
def test_what_is_no_board_comes_back_with_one_line_and_leaves_nothing(
    content: bytes, words: str, browser_of: Any, ana: User, var: Path
):
    client = browser_of(ana)
    answer = send(client, content)
    if answer.status_code == 303:
        answer = client.get(answer["Location"])
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert list((var / "imports").iterdir()) == []
    assert not Board.objects.exists()


def test_a_file_over_the_limit_is_refused(browser_of: Any, ana: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fluxboard.features.trello.read_json.MOST_JSON_BYTES", 10_000)
    answer = send(browser_of(ana), BAKERY.read_bytes())
    assert answer.status_code == 422
    assert "is too large" in answer.content.decode()


def test_no_file_is_said_beside_the_field(browser_of: Any, ana: User):
    answer = browser_of(ana).post("/import/", {})
    assert answer.status_code == 422
    assert "Choose the file that Trello gave you." in answer.content.decode()


def test_an_upload_is_its_owners_alone(browser_of: Any, ana: User, kenji: User, var: Path):
    address = uploaded(browser_of(ana), BAKERY.read_bytes())
    client = browser_of(kenji)
    assert client.get(address).status_code == 404
    assert client.post(f"{address}start/").status_code == 404
    assert client.post(f"{address}discard/").status_code == 404
    assert client.get(f"/import/{uuid.uuid4()}/").status_code == 404
    folder = next((var / "imports").iterdir())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_the_bytes_go_when_the_import_is_done(browser_of: Any, ana: User, var: Path):
    client = browser_of(ana)
    address = uploaded(client, BAKERY.read_bytes())
    client.post(f"{address}start/")
    folder = next((var / "imports").iterdir())
    assert not (folder / jobs.DATA).exists()
    client.post(f"{address}discard/")
    assert list((var / "imports").iterdir()) == []


def test_uploads_are_forgotten_after_a_day(browser_of: Any, ana: User, var: Path):
    client = browser_of(ana)
    uploaded(client, BAKERY.read_bytes())
    folder = next((var / "imports").iterdir())
    yesterday = time.time() - jobs.KEPT.total_seconds() - 60
    os.utime(folder, (yesterday, yesterday))
    assert "bakery.json" not in page(client, "/import/")
    assert not folder.exists()


def test_a_person_keeps_five_uploads_at_most(browser_of: Any, ana: User):
    client = browser_of(ana)
    for number in range(limits.UPLOADS_WAITING):
        uploaded(client, encoded(bakery(id=str(number) * 24)))
    answer = send(client, BAKERY.read_bytes())
    assert answer.status_code == 422
    assert "five uploads waiting" in answer.content.decode()


def test_a_board_that_someone_else_imported_is_not_told_and_stands_in_nobodys_way(
    browser_of: Any, ana: User, kenji: User
):
    """A file only claims which board it is of: who came first with that claim must not keep others out."""
    data = BAKERY.read_bytes()
    board = import_trello_board(parse_export(data, "f"), hashlib.sha256(data).digest(), by=ana).board
    client = browser_of(kenji)
    address = uploaded(client, data)
    client.post(f"{address}start/")
    html = page(client, address)
    assert "Open the board" in html and f"/b/{board.key}/" not in html
    mine = Board.objects.get(memberships__user=kenji)
    assert mine != board and mine.memberships.filter(user=ana).count() == 0
    assert set(mine.members.exclude(pk=kenji.pk)).isdisjoint(board.members.all())
    again = uploaded(client, encoded(bakery(name="Newer")))
    client.post(f"{again}start/")
    assert f"already imported as {mine.key}" in page(client, again)


def test_a_running_import_shows_how_far_it_is(browser_of: Any, ana: User):
    client = browser_of(ana)
    address = uploaded(client, BAKERY.read_bytes())
    kept = jobs.of(ana)[0]
    with kept.held():
        kept.note(step="running", doing="Cards, comments and history", done=200, total=750)
        answer = client.get(address)
        html = answer.content.decode()
        assert '<progress class="progress progress--whole" value="200" max="750"' in html
        assert answer["Refresh"] == "2"
        client.post(f"{address}start/")
        client.post(f"{address}discard/")
    assert kept.data()
    assert not Board.objects.exists()


def test_an_import_whose_worker_died_says_so_and_can_begin_again(browser_of: Any, ana: User):
    client = browser_of(ana)
    address = uploaded(client, BAKERY.read_bytes())
    jobs.of(ana)[0].note(step="running", doing="Cards, comments and history", done=200, total=750)
    html = page(client, address)
    assert "The import was interrupted, and nothing of it was kept." in html
    client.post(f"{address}start/")
    assert "Open the board" in page(client, address)


def test_an_unforeseen_failure_leaves_nothing_and_keeps_the_file(
    browser_of: Any, ana: User, monkeypatch: pytest.MonkeyPatch
):
    client = browser_of(ana)
    address = uploaded(client, BAKERY.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("fluxboard.features.trello.writer.Writer._keep", lambda self, steps: 1 / 0)
        client.post(f"{address}start/")
    assert "The import failed, and nothing of it was kept." in page(client, address)
    assert not Board.objects.exists()
    client.post(f"{address}start/")
    assert Board.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_import_runs_beside_the_page(monkeypatch: pytest.MonkeyPatch, client: Client):
    monkeypatch.setattr("fluxboard.features.trello.views.begin_import", job.begin_import)
    ana = User.objects.create_user("ana@example.com", name="Ana Duarte")
    client.force_login(ana)
    address = uploaded(client, BAKERY.read_bytes())
    client.post(f"{address}start/")
    until = time.monotonic() + PATIENCE
    while jobs.of(ana)[0].state["step"] != "done" and time.monotonic() < until:
        assert client.get(address).status_code == 200
        time.sleep(0.05)
    assert "Open the board" in page(client, address)


def test_an_upload_is_parsed_once_and_its_preview_read_from_what_was_kept(
    browser_of: Any, ana: User, monkeypatch: pytest.MonkeyPatch
):
    client = browser_of(ana)
    address = uploaded(client, BAKERY.read_bytes())
    first = page(client, address)
    monkeypatch.setattr("fluxboard.features.trello.views.parse_export", None)
    monkeypatch.setattr(jobs.Job, "data", None)
    assert "Mika Saari" in first and page(client, address).count("Mika Saari") == first.count("Mika Saari")


def test_what_is_no_board_is_told_at_once_and_not_kept(browser_of: Any, ana: User, var: Path):
    answer = send(browser_of(ana), b"[1, 2]")
    assert answer.status_code == 422 and "not a Trello board" in answer.content.decode()
    assert list((var / "imports").iterdir()) == []


def test_all_files_of_one_person_have_a_room_of_a_size(
    browser_of: Any, ana: User, var: Path, monkeypatch: pytest.MonkeyPatch
):
    data = BAKERY.read_bytes()
    monkeypatch.setattr(limits, "UPLOADED_BYTES", len(data) + 10)
    client = browser_of(ana)
    address = uploaded(client, data)
    answer = send(client, data)
    assert answer.status_code == 422 and "would take more than" in answer.content.decode()
    assert len(list((var / "imports").iterdir())) == 1
    client.post(f"{address}discard/")
    uploaded(client, data)
