"""The ZIP of a Trello workspace: each of its boards is offered, by the page and by the command."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from boards.models import Board
from fluxboard.accounts.models import User
from fluxboard.core import archives, limits
from fluxboard.features.trello import job
from fluxboard.features.trello.read_json import ImportProblem
from fluxboard.features.trello.workspace import look_into
from fluxboard.features.uploads import jobs
from tests.trello.files import case, encoded, small
from tests.trello.test_import import run

Files = dict[str, bytes]


def board(name: str, at: int = 1, cards: int = 1) -> bytes:
    return encoded(small([{}] * cards, id=f"{at:024x}", name=name))


def packed(files: Files, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", kind) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


TWO: Files = {
    "workspace/rye/rye.json": board("Rye", 1, 3),
    "workspace/oats: porridge/oats.json": board("Oats", 2),
    "workspace/oats: porridge/attachments/oven.png": b"\x89PNG",
    "workspace/members.json": b'[{"id": "1"}]',
    "__MACOSX/workspace/rye/._rye.json": b"\0\5",
    "workspace/": b"",
}


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("fluxboard.features.trello.views.begin_import", job.run_import)
    return tmp_path


@pytest.fixture
def browser(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def send(client: Client, content: bytes, name: str = "workspace.zip") -> Any:
    return client.post("/import/", {"file": SimpleUploadedFile(name, content, "application/zip")})


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def kept(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "workspace.zip"
    path.write_bytes(content)
    return path


# ---- the page ----------------------------------------------------------------------------------------------


def test_a_zip_with_one_board_leads_to_its_preview(browser: Client, ana: User):
    answer = send(browser, case("trello-08").read_bytes())
    html = page(browser, answer["Location"])
    assert "Nothing has been made yet" in html and ">Zip</h1>" in html
    browser.post(f"{answer['Location']}start/")
    assert Board.objects.get().name == "Zip"
    assert len(jobs.of(ana)) == 1


def test_each_board_of_a_zip_is_offered_with_its_size(browser: Client):
    html = page(browser, send(browser, packed(TWO))["Location"])
    assert html.index("Oats") < html.index("Rye")
    assert "1 list, 3 cards" in html and "1 list, 1 card<" in html
    assert "2 other files in it are not read" in html
    assert not Board.objects.exists()


def test_boards_of_a_zip_are_imported_one_after_another(browser: Client):
    address = send(browser, packed(TWO))["Location"]
    for number in ("1", "2"):
        one = browser.post(f"{address}choose/", {"board": number})
        assert one.status_code == 303
        assert f'href="{address}">' in page(browser, one["Location"])
        browser.post(f"{one['Location']}start/")
        assert f'href="{address}">' in page(browser, one["Location"])
    assert set(Board.objects.values_list("name", flat=True)) == {"Rye", "Oats"}
    assert page(browser, address).count("· imported") == 2


def test_a_board_that_was_chosen_before_is_found_again(browser: Client, ana: User):
    address = send(browser, packed(TWO))["Location"]
    first = browser.post(f"{address}choose/", {"board": "1"})["Location"]
    assert browser.post(f"{address}choose/", {"board": "1"})["Location"] == first
    browser.post(f"{first}discard/")
    assert browser.post(f"{address}choose/", {"board": "1"})["Location"] != first
    assert len(jobs.of(ana)) == 2


def test_a_large_workspace_is_not_stopped_by_what_is_done(browser: Client, ana: User, monkeypatch: Any):
    monkeypatch.setattr(limits, "UPLOADS_DONE", 6)
    files = {f"{at}.json": board(f"Board {at}", at) for at in range(1, 9)}
    address = send(browser, packed(files))["Location"]
    for number in range(1, 9):
        one = browser.post(f"{address}choose/", {"board": str(number)})
        assert one.status_code == 303
        browser.post(f"{one['Location']}start/")
    assert Board.objects.count() == 8
    assert len(jobs.of(ana)) <= 6 + 2


def test_too_many_that_wait_are_said_on_the_page_of_the_zip(browser: Client):
    files = {f"{at}.json": board(f"Board {at}", at) for at in range(1, 9)}
    address = send(browser, packed(files))["Location"]
    for number in range(1, limits.UPLOADS_WAITING):
        assert browser.post(f"{address}choose/", {"board": str(number)}).status_code == 303
    answer = browser.post(f"{address}choose/", {"board": "8"})
    assert answer.status_code == 422
    assert "five uploads waiting" in answer.content.decode() and "Board 8" in answer.content.decode()


def test_a_damaged_board_is_named_and_the_others_are_offered(browser: Client):
    html = page(browser, send(browser, packed(TWO | {"bad.json": b'{"lists": ['}))["Location"])
    assert "bad.json: cut off" in html
    assert html.count(">Choose</button>") == 2


@pytest.mark.parametrize("number", ["0", "3", "x", "", "-1"])
def test_what_is_not_in_the_zip_cannot_be_chosen(number: str, browser: Client):
    files = {"bad.json": b"{", "a.json": board("Rye")}
    address = send(browser, packed(files))["Location"]
    assert browser.post(f"{address}choose/", {"board": number}).status_code == 404


def test_the_zip_of_somebody_else_is_not_there(browser: Client, kenji: User):
    address = send(browser, packed(TWO))["Location"]
    browser.force_login(kenji)
    assert browser.get(address).status_code == 404
    assert browser.post(f"{address}choose/", {"board": "1"}).status_code == 404


def test_a_zip_without_a_board_comes_back_with_a_line(browser: Client, ana: User):
    answer = send(browser, packed({"a.txt": b"x", "b.json": b"[]"}))
    assert answer.status_code == 422
    assert "there is no Trello board in this ZIP" in answer.content.decode()
    assert jobs.of(ana) == []


def test_an_export_of_ours_is_sent_to_its_own_page(browser: Client):
    answer = send(browser, packed({"FLY/manifest.json": b"{}", "FLY/log.jsonl": b""}))
    assert answer.status_code == 422
    assert "this is an export of Fluxboard, not of Trello" in answer.content.decode()


def test_a_zip_is_not_begun_as_if_it_were_a_board(browser: Client):
    address = send(browser, packed(TWO))["Location"]
    assert browser.post(f"{address}start/").status_code == 303
    assert not Board.objects.exists()
    assert browser.post(f"{address}choose/", {"board": "1"}).status_code == 303


# ---- what a ZIP may hold -----------------------------------------------------------------------------------


def refused(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(ImportProblem) as problem:
        look_into(kept(tmp_path, content), "workspace.zip")
    assert "\n" not in str(problem.value)
    return str(problem.value)


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr(limits, "WORKSPACE_BYTES", 1_000)
    monkeypatch.setattr(archives, "entry_opened", None)
    assert "would unpack to" in refused(tmp_path, packed({"a.json": bytes(2_000)}))


def test_a_board_that_is_too_large_is_named_and_not_read(tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr("fluxboard.features.trello.read_json.MOST_JSON_BYTES", 1_000)
    found = look_into(kept(tmp_path, packed({"a.json": bytes(2_000), "b.json": board("Rye")})), "f")
    assert [bool(one.problem) for one in found.boards] == [True, False]
    assert "is too large" in found.boards[0].problem


def test_more_boards_or_files_than_an_import_takes_are_refused(tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr(limits, "WORKSPACE_BOARDS", 1)
    assert "2 JSON files; an import takes 1" in refused(tmp_path, packed({"a.json": b"1", "b.json": b"1"}))
    monkeypatch.setattr(limits, "WORKSPACE_FILES", 1)
    assert "2 files; an import takes 1" in refused(tmp_path, packed({"a.json": b"1", "b.txt": b"1"}))


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + bytes(100), packed(TWO)[:-30]])
def test_a_zip_cut_off_is_refused_in_one_line(content: bytes, tmp_path: Path):
    assert "This is no ZIP file, or its end is missing." in refused(tmp_path, content)


def test_a_file_packed_otherwise_or_damaged_is_named(tmp_path: Path):
    packed_otherwise = packed({"a.json": board("Rye")}, zipfile.ZIP_BZIP2)
    assert "packed in a way" in look_into(kept(tmp_path, packed_otherwise), "f").boards[0].problem
    data = bytearray(packed({"a.json": board("Rye")}))
    data[60] ^= 0xFF
    assert "is damaged" in look_into(kept(tmp_path, bytes(data)), "f").boards[0].problem


# ---- the command -------------------------------------------------------------------------------------------


def test_the_command_imports_the_one_board_of_a_zip(ana: User, capsys: Any):
    status, out, err = run(capsys, str(case("trello-08")), "--owner", ana.email, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["board"] == Board.objects.get().key


def test_the_command_names_the_boards_of_a_zip_and_makes_none(ana: User, tmp_path: Path, capsys: Any):
    path = str(kept(tmp_path, packed(TWO)))
    status, out, err = run(capsys, path, "--owner", ana.email)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert f"{path}: it holds 2 boards, 1 “Oats”, 2 “Rye”; choose one with --board NAME_OR_NUMBER" in err
    assert not Board.objects.exists()


@pytest.mark.parametrize("wanted", ["2", "Rye", "rye"])
def test_the_command_imports_the_board_that_is_named(wanted: str, ana: User, tmp_path: Path, capsys: Any):
    path = str(kept(tmp_path, packed(TWO)))
    status, out, _ = run(capsys, path, "--owner", ana.email, "--board", wanted)
    assert status == 0 and out.startswith("Rye is now the board ")


@pytest.mark.parametrize(
    ("wanted", "words"), [("3", "has no such board; it has 1 “Oats”"), ("Wheat", "no such")]
)
def test_the_command_refuses_a_board_that_is_not_there(wanted, words, ana: User, tmp_path: Path, capsys: Any):
    status, _, err = run(capsys, str(kept(tmp_path, packed(TWO))), "--owner", ana.email, "--board", wanted)
    assert status == 2 and words in err and err.count("\n") == 1


def test_boards_of_one_name_are_chosen_by_number(ana: User, tmp_path: Path, capsys: Any):
    path = str(kept(tmp_path, packed({"a.json": board("Rye", 1), "b.json": board("Rye", 2)})))
    status, _, err = run(capsys, path, "--owner", ana.email, "--board", "rye")
    assert status == 2 and "choose by number: 1, 2" in err
    assert run(capsys, path, "--owner", ana.email, "--board", "2")[0] == 0


def test_the_command_imports_all_boards_at_once(ana: User, tmp_path: Path, capsys: Any):
    path = str(kept(tmp_path, packed(TWO)))
    status, out, _ = run(capsys, path, "--owner", ana.email, "--all", "--json")
    assert status == 0 and [report["name"] for report in json.loads(out)] == ["Oats", "Rye"]
    assert run(capsys, path, "--owner", ana.email, "--all", "--json")[1] == out
    assert Board.objects.count() == 2


def test_all_boards_but_one_that_is_damaged_make_none(ana: User, tmp_path: Path, capsys: Any):
    path = str(kept(tmp_path, packed(TWO | {"bad.json": b"{"})))
    status, out, err = run(capsys, path, "--owner", ana.email, "--all")
    assert (status, out) == (2, "") and "bad.json: cut off" in err
    assert not Board.objects.exists()


def test_a_board_alone_is_not_chosen_from(ana: User, capsys: Any):
    status, _, err = run(capsys, str(case("trello-01")), "--owner", ana.email, "--board", "1")
    assert status == 2 and "--board and --all are for the ZIP of a workspace" in err
