"""An upload is imported in a thread of the worker that was asked, and says how far it is.

The import is one transaction, so a worker that dies in the middle leaves nothing of it; the next look at the
upload finds its lock free, says so, and offers to begin again.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from typing import Any

from django.db import close_old_connections, connection

from activity.errors import Busy, NotDone
from activity.models import Via
from activity.recording import By
from fluxboard.accounts.models import User
from fluxboard.integrations.trello.parse import parse
from fluxboard.integrations.trello.reading import ImportProblem
from fluxboard.integrations.trello.waiting import Waiting
from fluxboard.integrations.trello.write import import_board

TELL_EVERY = 0.3
STARTS_WITHIN = 2.0
INTERRUPTED = "The import was interrupted, and nothing of it was kept. Begin it again."
BROKEN = "The import failed, and nothing of it was kept. The server's log says why; you can try it again."

log = logging.getLogger("fluxboard.imports")


def begin(waiting: Waiting, myself: str) -> None:
    """Start importing `waiting` in the background; `myself` is the Trello id of its owner, or empty.

    Comes back once the state says so, that the next page shows it.
    """
    begun = threading.Event()
    name = f"import-{waiting.id}"
    threading.Thread(target=_in_thread, args=(waiting, myself, begun), name=name, daemon=True).start()
    begun.wait(STARTS_WITHIN)


def _in_thread(waiting: Waiting, myself: str, begun: threading.Event) -> None:
    close_old_connections()
    try:
        run(waiting, myself, begun)
    finally:
        begun.set()
        connection.close()


def run(waiting: Waiting, myself: str, begun: threading.Event | None = None) -> None:
    """Import `waiting` now, unless someone does already or has done; its state tells the outcome."""
    with waiting.held() as is_mine:
        state = waiting.state
        if not is_mine or state.get("step") not in ("waiting", "running"):
            return
        waiting.note(step="running", doing="Reading the file", done=0, total=1, message="")
        if begun is not None:
            begun.set()
        try:
            outcome = _import(waiting, state, myself)
        except Busy as problem:
            waiting.note(step="waiting", message=problem.message)
            return
        except (ImportProblem, NotDone) as problem:
            waiting.note(step="failed", message=_without_name(str(problem), state["file"]))
        except Exception:
            log.exception("import %s failed", waiting.id)
            waiting.note(step="waiting", message=BROKEN)
            return
        else:
            waiting.note(step="done", report=outcome.report, board=outcome.board.pk, is_new=outcome.is_new)
        waiting.forget_data()


def _import(waiting: Waiting, state: dict[str, Any], myself: str) -> Any:
    data = waiting.data()
    owner = User.objects.get(pk=state["owner"], is_active=True)
    export = parse(data, state["file"])
    told = 0.0

    def progress(doing: str, done: int, total: int) -> None:
        nonlocal told
        if done in (0, total) or time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            waiting.note(doing=doing, done=done, total=total)

    return import_board(
        export,
        hashlib.sha256(data).digest(),
        by=By(owner, via=Via.IMPORT),
        myself=myself if myself in export.people else "",
        progress=progress,
    )


def look(waiting: Waiting) -> dict[str, Any]:
    """The state of `waiting`; an import whose worker died is back to waiting, and says so."""
    state = waiting.state
    if state.get("step") != "running":
        return state
    with waiting.held() as is_free:
        if is_free and waiting.state.get("step") == "running":
            return waiting.note(step="waiting", message=INTERRUPTED)
    return waiting.state


def _without_name(message: str, name: str) -> str:
    return message.removeprefix(f"{name}: ")
