"""ZIP files, which anyone may have made: nothing is believed unchecked, nothing is unpacked to disk."""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

LONGEST_READ = 16 * 2**20  # so long may be the ZIP's own list of its files, which is read at once
NOT_A_ZIP = "This is no ZIP file, or its end is missing."
# What systems add to a ZIP by themselves, and nobody means.
_ADDED = re.compile(r"(?:^|/)(?:__MACOSX/|\._[^/]*$|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


class BadArchive(Exception):
    """The ZIP cannot be read; the message is a line for whoever brought it."""


class _Sparing(io.FileIO):
    """A file that is never read into memory by much at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        left = os.fstat(self.fileno()).st_size - self.tell()
        if (left if size is None or size < 0 else min(size, left)) > LONGEST_READ:
            raise BadArchive("It lists more files than an export has.")
        return super().read(size) or b""


@contextlib.contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The ZIP at `path`, of which just the list of files is read. Raises `BadArchive` and OSError."""
    with _Sparing(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, EOFError, NotImplementedError):
            raise BadArchive(NOT_A_ZIP) from None
        with archive:
            yield archive


def name_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry as it was written, with `/` between folders; some tools of Windows write `\\`."""
    return entry.orig_filename.replace("\\", "/")


def is_added(name: str) -> bool:
    """Whether a system adds files of this name by itself: `__MACOSX/`, `.DS_Store`, `Thumbs.db`."""
    return _ADDED.search(name) is not None


def is_folder(entry: zipfile.ZipInfo) -> bool:
    """Whether `entry` is a folder and nothing else."""
    return name_of(entry).endswith("/") and not entry.file_size


def hindrance(entry: zipfile.ZipInfo) -> str:
    """Why `entry` is not read, as the end of a sentence; empty when it can be."""
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG) or entry.is_dir():
        return "which is no plain file"
    if entry.flag_bits & 0x1:
        return "which is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "which is packed in a way that exports do not use"
    return ""


@contextlib.contextmanager
def entry_opened(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Iterator[IO[bytes]]:
    """An entry as a stream; messages call it `name`. Raises `BadArchive`."""
    try:
        with archive.open(entry) as raw:
            yield raw
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise BadArchive(f"{name} in it is damaged.") from None
