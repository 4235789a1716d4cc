"""An export that somebody unpacked and packed again is the same export, in whatever folder it stands."""

from __future__ import annotations

import io
import zipfile

import pytest

from fluxboard.features.board_export.zip_reader import Damaged
from tests import cast
from tests.board_export.files import brought_in, exported, files_of, lines_of

ADDED = {
    "__MACOSX/._bread": b"\0\5",
    "__MACOSX/bread/._log.jsonl": b"\0\5",
    "bread/.DS_Store": b"\0",
    "bread/decisions/.DS_Store": b"\0",
    "bread/Thumbs.db": b"\0",
    "bread/desktop.ini": b"x",
}


def packed_again(data: bytes, folder: str, between: str = "/", **more: bytes) -> bytes:
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in more.items():
            archive.writestr(name, content)
        for name, content in files_of(data).items():
            info = zipfile.ZipInfo((folder + name).replace("/", between))
            archive.writestr(info, content)
    return again.getvalue()


@pytest.mark.parametrize(
    ("folder", "between", "more"),
    [
        ("bread/", "/", {}),
        ("bread/", "/", {"bread/": b"", "bread/decisions/": b""}),
        ("bread/", "/", ADDED),
        ("Export of March/bread/", "/", {}),
        ("", "/", {".DS_Store": b"\0", "__MACOSX/._log.jsonl": b"\0"}),
        ("bread/", "\\", {}),
    ],
)
def test_an_export_packed_again_is_read_from_its_folder(folder, between, more, out: bytes):
    board = brought_in(packed_again(out, folder, between, **more), cast.person("ana")).board
    assert lines_of(exported(board)) == lines_of(out)


@pytest.mark.parametrize(
    "more", [{"beside.txt": b"x"}, {"bread/more.txt": b"x"}, {"log.jsonl": b"x"}, {"other/log.jsonl": b"x"}]
)
def test_what_stands_beside_or_in_the_folder_and_is_no_part_is_refused(more, out: bytes):
    with pytest.raises(Damaged, match="which its manifest does not name"):
        brought_in(packed_again(out, "bread/", **more), cast.person("sam"))


def test_two_exports_in_one_zip_are_none(out: bytes):
    both = {f"b/{name}": content for name, content in files_of(out).items()}
    with pytest.raises(Damaged, match="no manifest"):
        brought_in(packed_again(out, "a/", **both), cast.person("sam"))


def test_a_path_upwards_is_refused_in_a_folder_too(out: bytes):
    with pytest.raises(Damaged, match="leads out of it"):
        brought_in(packed_again(out, "bread/", **{"bread/..\\x": b"x"}), cast.person("sam"))
