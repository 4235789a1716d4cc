"""A board goes out and comes in by pages, each step of it seen before it is done."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from activity.models import Activity
from boards import actions as act
from boards.models import Board
from fluxboard.features.board_export import views as board_export
from fluxboard.features.uploads import jobs
from fluxboard.features.verification.verify import verify
from fluxboard.server import limits
from tests import cast
from tests.board_export.board import a_board
from tests.board_export.files import lines_of, taken_back
from tests.live import PATIENCE

IN_A_THREAD = jobs.begin_job


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files go to the test's own folder; work is done at once, in the test's transaction."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(jobs, "begin_job", jobs.run_job)
    return tmp_path


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def uploaded(client: Client, data: bytes, name: str = "FLY.zip") -> Any:
    file = SimpleUploadedFile(name, data, "application/zip")
    return client.post("/import/board/", {"file": file})


def exported_by_page(client: Client, key: str) -> bytes:
    assert client.post(f"/b/{key}/export/")["Location"] == f"/b/{key}/export/"
    html = page(client, f"/b/{key}/export/")
    address = html.split('class="btn btn--primary" href="')[1].split('"')[0]
    answer = client.get(address)
    assert answer["Content-Type"] == "application/zip"
    data = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(data)
    assert f'filename="{key}-' in answer["Content-Disposition"]
    return data


@pytest.mark.django_db
def test_a_board_goes_out_and_comes_in_by_its_pages():
    with taken_back():
        board = a_board()
        client = signed_in(board.members.get(handle="ana"))
        assert "/b/FLY/export/" in page(client, "/b/FLY/settings/record/")
        data = exported_by_page(client, "FLY")
        head = bytes(Activity.objects.get(board=board, seq=board.seq).hash).hex()
        assert head in page(client, "/b/FLY/export/")
    ana, kenji = cast.person("ana"), cast.person("kenji")
    client = signed_in(ana)
    assert "/import/board/" in page(client, "/")
    answer = uploaded(client, data)
    assert answer.status_code == 303
    html = page(client, answer["Location"])
    assert "Nothing has been made yet" in html and head[:12] in html
    assert "here as Ana Duarte, by the address" in html and "Ask Kenji" not in html
    assert not Board.objects.exists()
    assert client.post(f"{answer['Location']}start/").status_code == 303
    html = page(client, answer["Location"])
    assert "verified up to seq" in html and 'href="/b/FLY/">Open the board' in html
    made = Board.objects.get()
    assert verify(made) == [] and made.role_of(ana) == "owner" and made.role_of(kenji) is None
    assert lines_of(exported_by_page(client, "FLY"))["log.jsonl"] == lines_of(data)["log.jsonl"]
    again = uploaded(client, data)
    client.post(f"{again['Location']}start/")
    assert "exactly as in the file; nothing was changed" in page(client, again["Location"])


def test_only_owners_export(board, ana, kenji, priya, sam):
    assert "/b/FLX/export/" not in page(signed_in(kenji), "/b/FLX/settings/record/")
    exported_by_page(signed_in(ana), "FLX")
    job = jobs.of(ana, jobs.BOARDS_OUT)[0]
    for person, status in ((kenji, 403), (priya, 403), (sam, 404)):
        assert signed_in(person).post("/b/FLX/export/").status_code == status
        assert signed_in(person).get(f"/b/FLX/export/{job.id}/").status_code == 404
    act.add_member(board, sam, "owner", by=ana)
    assert signed_in(sam).get(f"/b/FLX/export/{job.id}/").status_code == 404
    act.change_role(board, ana, "member", by=sam)
    assert signed_in(ana).get(f"/b/FLX/export/{job.id}/").status_code == 404


def test_one_export_a_board_is_kept(board, ana):
    client = signed_in(ana)
    for _ in range(7):
        exported_by_page(client, "FLX")
    assert len(jobs.of(ana, jobs.BOARDS_OUT)) == 1
    act.rename_board(board, "Another name", by=ana)
    assert "1 change since" in page(client, "/b/FLX/export/")


def test_progress_is_shown_and_a_dead_worker_noticed(board, ana):
    client = signed_in(ana)
    exported_by_page(client, "FLX")
    job = jobs.of(ana, jobs.BOARDS_OUT)[0]
    with job.held():
        job.note(step="running", doing="The log", done=2000, total=5000)
        answer = client.get("/b/FLX/export/")
        assert answer["Refresh"] == "2" and '<progress class="progress progress--whole" value="2000"' in str(
            answer.content
        )
        client.post("/b/FLX/export/")
        assert jobs.of(ana, jobs.BOARDS_OUT)[0].id == job.id
    assert "The export was interrupted" in page(client, "/b/FLX/export/")


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"Hello", "This is no ZIP file"), (b"", "The file is empty|Choose the ZIP|no ZIP file")],
)
def test_a_file_that_is_none_is_refused_at_once(ana, data, words):
    answer = uploaded(signed_in(ana), data)
    assert answer.status_code == 422
    assert any(one in answer.content.decode() for one in words.split("|"))
    assert jobs.of(ana, jobs.BOARDS_IN) == []


def test_what_only_the_whole_look_finds_is_told_with_nothing_left(out):
    from tests.board_export.files import files_of, packed
    from tests.board_export.test_damaged import FORGED

    sam = cast.person("sam")
    client = signed_in(sam)
    answer = uploaded(client, packed(FORGED["a card's title"][0](files_of(out))))
    client.post(f"{answer['Location']}start/")
    html = page(client, answer["Location"])
    assert "was not imported" in html and "title: the log says" in html
    assert not Board.objects.exists()
    assert client.post(f"{answer['Location']}discard/").status_code == 302
    assert client.get(answer["Location"]).status_code == 404


def test_a_taken_key_is_said_in_the_preview(out):
    sam = cast.person("sam")
    act.create_board("Flights", by=sam, key="FLY")
    client = signed_in(sam)
    assert "Another board here has the key FLY" in page(client, uploaded(client, out)["Location"])


def test_an_upload_is_its_owner_s(out):
    sam = cast.person("sam")
    address = uploaded(signed_in(sam), out)["Location"]
    other = signed_in(cast.person("ana"))
    assert other.get(address).status_code == 404
    assert other.post(f"{address}start/").status_code == 404


def test_too_large_a_file_is_sent_to_the_command(out, monkeypatch):
    monkeypatch.setattr(board_export, "MOST_BYTES", 2**10)
    answer = uploaded(signed_in(cast.person("sam")), out)
    assert answer.status_code == 422 and "bin/manage import_board" in answer.content.decode()


def test_what_would_unpack_to_too_much_is_refused_on_the_page(out, monkeypatch):
    monkeypatch.setattr(board_export, "MOST_UNPACKED", 2**10)
    answer = uploaded(signed_in(cast.person("sam")), out)
    assert answer.status_code == 422 and "It would unpack to" in answer.content.decode()


def test_work_goes_on_in_the_background(transactional_db, monkeypatch, board, ana):
    monkeypatch.setattr(jobs, "begin_job", IN_A_THREAD)
    client = signed_in(ana)
    client.post("/b/FLX/export/")
    until = time.monotonic() + PATIENCE
    while jobs.of(ana, jobs.BOARDS_OUT)[0].state["step"] != "done" and time.monotonic() < until:
        assert client.get("/b/FLX/export/").status_code == 200
        time.sleep(0.05)
    assert "Download" in page(client, "/b/FLX/export/")
    for thread in threading.enumerate():
        if thread.name.startswith("job-"):
            thread.join(PATIENCE)


def test_what_the_page_promises_to_take_gets_in():
    assert board_export.MOST_BYTES < limits.UPLOAD_BYTES
