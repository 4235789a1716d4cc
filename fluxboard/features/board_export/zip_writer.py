"""Writing the ZIP: file after file as a stream, each with its size and SHA-256 for the manifest.

Equal content makes equal bytes: names in a fixed order, one date for all entries, JSON in one way.
"""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from activity.log.hashing import canonical_json

_EPOCH = (1980, 1, 1, 0, 0, 0)
MANIFEST = "manifest.json"


class Packing:
    """An export being written. `files` says of each file how many bytes it has, and their SHA-256."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.files: dict[str, dict[str, Any]] = {}

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[Writing]:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
        with self.archive.open(info, "w", force_zip64=True) as raw:
            writing = Writing(raw)
            yield writing
        self.files[name] = {"bytes": writing.size, "sha256": writing.sum.hexdigest()}

    def lines(self, name: str, rows: Iterable[dict[str, Any]]) -> int:
        """A file of JSON Lines; comes back with their number."""
        count = 0
        with self.file(name) as writing:
            for row in rows:
                writing.write(canonical_json(row) + b"\n")
                count += 1
        return count

    def text(self, name: str, text: str) -> None:
        with self.file(name) as writing:
            writing.write(text.encode())

    def close(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, which names every other file."""
        with self.file(MANIFEST) as writing:
            named = dict(sorted(self.files.items()))
            writing.write(canonical_json(manifest | {"files": named}) + b"\n")


class Writing:
    """One entry: what is written is counted and summed."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw, self.size, self.sum = raw, 0, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self.sum.update(data)
        self.raw.write(data)
