"""An upload is imported as a job, and says how far it is."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection
from typing import Any

from activity.log.record import By
from activity.models import Via
from fluxboard.accounts.models import User
from fluxboard.features.trello.importer import import_trello_board
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.trello.read_json import ImportProblem
from fluxboard.features.uploads import jobs
from fluxboard.features.uploads.jobs import Job, TellProgress


def begin_import(job: Job, myself: str, asked: Collection[str] = ()) -> None:
    """Begin to import `job` in the background; `myself` is the Trello id of its owner, or empty.

    `asked` are the preview's confirmations of whom to ask.
    """
    jobs.begin_job(job, _work(myself, asked), (ImportProblem,))


def run_import(
    job: Job, myself: str, asked: Collection[str] = (), begun: threading.Event | None = None
) -> None:
    """Import `job` now, unless someone does already or has done; its state tells the outcome."""
    jobs.run_job(job, _work(myself, asked), (ImportProblem,), begun)


def _work(myself: str, asked: Collection[str]) -> jobs.Work:
    def work(job: Job, state: dict[str, Any], progress: TellProgress) -> dict[str, Any]:
        data = job.data()
        owner = User.objects.get(pk=state["owner"], is_active=True)
        export = parse_export(data, state["file"])
        outcome = import_trello_board(
            export,
            hashlib.sha256(data).digest(),
            by=By(owner, via=Via.IMPORT),
            myself=myself if myself in export.people else "",
            asked=asked,
            progress=progress,
        )
        return {"report": outcome.report, "board": outcome.board.pk, "is_new": outcome.is_new}

    return work
