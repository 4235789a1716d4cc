"""Long work on a file, in a thread of the worker that was asked: imports and exports, and how far they are.

Each is a folder under `var`, its owner's alone: the bytes, what is known of the job (`state.json`), and a
lock that whoever works on it holds for as long as they live. So a worker that dies is noticed by anyone who
asks: the state says `running`, and the lock is free. The work is one transaction, so nothing is left of it
then. The bytes of an import go when it is done, everything goes after a day.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import close_old_connections, connection

from activity.errors import Busy, NotDone
from fluxboard.core import limits
from fluxboard.core.postgres.deadlines import deadlines

KEPT = dt.timedelta(days=1)
DATA, STATE, LOCK = "data", "state.json", "lock"
TELL_EVERY = 0.3
STARTS_WITHIN = 2.0
INTERRUPTED = "The {what} was interrupted, and nothing of it was kept. Begin it again."
_BROKEN = "The {what} failed, and nothing of it was kept. The server's log says why; you can try it again."

log = logging.getLogger("fluxboard.features.uploads.jobs")

TellProgress = Callable[[str, int, int], None]


class TooMany(Exception):
    """Someone has as many files waiting as one may have."""


class TooMuch(Exception):
    """All files of someone would take more room than one person's may."""


@dataclass(frozen=True)
class Job:
    """One file and what is to be done with it.

    `state` holds `owner`, `file`, `what` (`import`, `export`), `step` (`waiting`, `running`, `done`,
    `failed`) and more.
    """

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

    @property
    def path(self) -> Path:
        """Where the bytes are, or are to be."""
        return self.folder / DATA

    @property
    def size(self) -> int:
        """How many bytes there are; none when they are gone."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def data(self) -> bytes:
        """The bytes. Raises OSError when they are gone."""
        return self.path.read_bytes()

    def forget_data(self) -> None:
        self.path.unlink(missing_ok=True)

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


# A room is a folder of jobs of one kind.
ROOMS = TRELLO, BOARDS_IN, BOARDS_OUT = "imports", "imports-of-boards", "exports"


def keep(chunks: Iterable[bytes], file: str, owner: Any, room: str = TRELLO, **known: Any) -> Job:
    """Keep a file of `owner`, with what is `known` of it.

    Raises `TooMany`, `TooMuch`, and OSError when it can't.
    """
    root = _root(room)
    mine = of(owner, room)
    done = [job for job in mine if not job.size]
    if len(mine) - len(done) >= limits.UPLOADS_WAITING:
        raise TooMany
    for job in done[limits.UPLOADS_DONE - 1 :]:
        job.forget()
    left = limits.UPLOADED_BYTES - sum(job.size for each in ROOMS for job in of(owner, each))
    if left <= 0:
        raise TooMuch
    job = Job(root / str(uuid.uuid4()))
    job.folder.mkdir(mode=0o700)
    try:
        _write(job.path, _no_more_than(left, chunks))
        job.note(**{"what": "import"} | known, owner=owner.pk, file=file, step="waiting", since=time.time())
    except BaseException:
        job.forget()
        raise
    return job


def find_job(id_: uuid.UUID, owner: Any, room: str = TRELLO) -> Job | None:
    """The job `id_`, if it is `owner`'s."""
    job = Job(_root(room) / str(id_))
    return job if job.state.get("owner") == owner.pk else None


def of(owner: Any, room: str = TRELLO) -> list[Job]:
    """`owner`'s jobs, newest first."""
    mine = [job for job in _all(_root(room)) if job.state.get("owner") == owner.pk]
    return sorted(mine, key=lambda job: -float(job.state.get("since", 0)))


def sweep(room: str = TRELLO) -> None:
    """Forget what is older than a day and not worked on."""
    for job in _all(_root(room)):
        try:
            age = time.time() - job.folder.stat().st_mtime
        except OSError:
            continue
        if age > KEPT.total_seconds():
            with job.held() as is_free:
                if is_free:
                    job.forget()


def _root(room: str) -> Path:
    root = Path(settings.VAR_DIR) / room
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def _all(root: Path) -> list[Job]:
    found = []
    for folder in root.iterdir():
        with contextlib.suppress(ValueError):
            uuid.UUID(folder.name)
            found.append(Job(folder))
    return found


def _no_more_than(most: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        most -= len(chunk)
        if most < 0:
            raise TooMuch
        yield chunk


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    file: IO[bytes]
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            file.write(chunk)


# ---- doing it ---------------------------------------------------------------------------------------------

Work = Callable[[Job, dict[str, Any], TellProgress], dict[str, Any]]


def begin_job(job: Job, work: Work, problems: tuple[type[Exception], ...]) -> None:
    """Begin `work` in the background. Comes back once the state says so, so that the next page shows it."""
    begun = threading.Event()
    name = f"job-{job.id}"
    threading.Thread(target=_in_thread, args=(job, work, problems, begun), name=name, daemon=True).start()
    begun.wait(STARTS_WITHIN)


def _in_thread(job: Job, work: Work, problems: tuple[type[Exception], ...], begun: threading.Event) -> None:
    close_old_connections()
    try:
        with deadlines.within(settings.COMMAND_SECONDS):
            run_job(job, work, problems, begun)
    finally:
        begun.set()
        connection.close()


def run_job(
    job: Job, work: Work, problems: tuple[type[Exception], ...], begun: threading.Event | None = None
) -> None:
    """Do `work` now, unless someone does already or has done; the job's state tells the outcome.

    `work` gets the job, its state and whom to tell how far it is, and gives what the state says once it is
    `done`. One of `problems` makes it `failed`, with its words.
    """
    with job.held() as is_mine:
        state = job.state
        if not is_mine or state.get("step") not in ("waiting", "running"):
            return
        job.note(step="running", doing="Reading the file", done=0, total=1, message="")
        if begun is not None:
            begun.set()
        try:
            outcome = work(job, state, _telling(job))
        except Busy as problem:
            job.note(step="waiting", message=problem.message)
        except Exception as problem:
            if isinstance(problem, (NotDone, *problems)):
                job.note(step="failed", message=str(problem).removeprefix(f"{state['file']}: "))
                job.forget_data()
                return
            log.exception("job %s failed", job.id)
            job.note(step="waiting", message=_BROKEN.format(what=state["what"]))
        else:
            job.note(step="done", **outcome)
            if state["what"] == "import":
                job.forget_data()


def _telling(job: Job) -> TellProgress:
    told = 0.0

    def progress(doing: str, done: int, total: int) -> None:
        nonlocal told
        if done in (0, total) or time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            job.note(doing=doing, done=done, total=total)

    return progress


def look(job: Job) -> dict[str, Any]:
    """The state of `job`; one whose worker died is back to waiting, and says so."""
    state = job.state
    if state.get("step") != "running":
        return state
    with job.held() as is_free:
        if is_free and job.state.get("step") == "running":
            return job.note(step="waiting", message=INTERRUPTED.format(what=state["what"]))
    return job.state
