"""Uploaded exports that wait to be imported: a folder each under `var/imports`, its owner's alone.

A folder holds the bytes, what is known of them (`state.json`), and a lock that whoever imports them holds for
as long as they live. So a worker that dies is noticed by anyone who asks: the state says `running`, and the
lock is free. The bytes go when the import is done, everything goes after a day.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings

KEPT = dt.timedelta(days=1)
MOST_WAITING = 5
DATA, STATE, LOCK = "export.json", "state.json", "lock"


class TooMany(Exception):
    """Someone has as many uploads waiting as one may have."""


@dataclass(frozen=True)
class Waiting:
    """One upload. `state` holds `owner`, `file`, `step` (`waiting`, `running`, `done`, `failed`) and more."""

    folder: Path

    @property
    def id(self) -> uuid.UUID:
        return uuid.UUID(self.folder.name)

    @property
    def state(self) -> dict[str, Any]:
        """What is known; empty when the upload is gone."""
        try:
            found = json.loads((self.folder / STATE).read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def note(self, **changes: Any) -> dict[str, Any]:
        """Change the state; whoever reads meanwhile sees the old one or the new one."""
        state = self.state | changes
        fresh = self.folder / f"{STATE}.{uuid.uuid4().hex}"
        _write(fresh, [json.dumps(state).encode()])
        fresh.replace(self.folder / STATE)
        return state

    def data(self) -> bytes:
        """The uploaded bytes. Raises OSError when they are gone."""
        return (self.folder / DATA).read_bytes()

    def forget_data(self) -> None:
        (self.folder / DATA).unlink(missing_ok=True)

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock, unless someone else does: yields whether it is held. Ends with the process too."""
        try:
            descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            yield False
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(descriptor)


def keep(chunks: Iterable[bytes], file: str, owner: Any) -> Waiting:
    """Keep an upload of `owner`. Raises `TooMany`, and OSError when it cannot be written."""
    root = _root()
    if sum(waiting.state.get("owner") == owner.pk for waiting in _all(root)) >= MOST_WAITING:
        raise TooMany
    waiting = Waiting(root / str(uuid.uuid4()))
    waiting.folder.mkdir(mode=0o700)
    try:
        _write(waiting.folder / DATA, chunks)
        waiting.note(owner=owner.pk, file=file, step="waiting", since=time.time())
    except BaseException:
        waiting.forget()
        raise
    return waiting


def find(id_: uuid.UUID, owner: Any) -> Waiting | None:
    """The upload `id_`, if it is `owner`'s."""
    waiting = Waiting(_root() / str(id_))
    return waiting if waiting.state.get("owner") == owner.pk else None


def of(owner: Any) -> list[Waiting]:
    """`owner`'s uploads, newest first."""
    mine = [waiting for waiting in _all(_root()) if waiting.state.get("owner") == owner.pk]
    return sorted(mine, key=lambda waiting: -float(waiting.state.get("since", 0)))


def sweep() -> None:
    """Forget what is older than a day and not being imported."""
    for waiting in _all(_root()):
        try:
            age = time.time() - waiting.folder.stat().st_mtime
        except OSError:
            continue
        if age > KEPT.total_seconds():
            with waiting.held() as is_free:
                if is_free:
                    waiting.forget()


def _root() -> Path:
    root = Path(settings.VAR_DIR) / "imports"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def _all(root: Path) -> list[Waiting]:
    found = []
    for folder in root.iterdir():
        with contextlib.suppress(ValueError):
            uuid.UUID(folder.name)
            found.append(Waiting(folder))
    return found


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    file: IO[bytes]
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
