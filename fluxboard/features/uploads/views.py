"""What the pages of every import share: an upload is kept, found again by its owner only, and thrown away."""

from __future__ import annotations

import functools
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from boards.http.doors import signed_in
from boards.http.responses import only, show
from boards.page_frame import frame
from fluxboard.core import limits
from fluxboard.features.uploads import jobs
from fluxboard.features.uploads.jobs import Job

REFRESH = 2  # seconds between two looks at running work


class UploadFailed(Exception):
    """An upload could not be kept; the words say why."""


@dataclass(frozen=True)
class Uploads:
    """The uploads of one kind: the room of `fluxboard.features.uploads.jobs`, the names of the addresses of
    all and of one.
    """

    room: str
    all: str
    one: str

    def keep(self, file: UploadedFile, name: str, request: HttpRequest) -> Job:
        """Keep `file` under `name` for whoever asks. Raises `UploadFailed`."""
        try:
            return jobs.keep(file.chunks(), name, request.user, self.room)
        except jobs.TooMany:
            raise UploadFailed(
                "You have five uploads waiting. Import or discard one of them first."
            ) from None
        except jobs.TooMuch:
            most = f"{limits.UPLOADED_BYTES // 2**20} MB"
            words = (
                f"Your uploads and exports would take more than {most}. Import or discard some of them first."
            )
            raise UploadFailed(words) from None
        except OSError:
            words = "The file could not be kept: the server's disk is full or read-only."
            raise UploadFailed(words) from None

    def of(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The uploads of whoever asks, newest first: their state, and their `id`."""
        return [{"id": job.id, **jobs.look(job)} for job in jobs.of(request.user, self.room)]

    def mine(self, request: HttpRequest, id_: uuid.UUID) -> Job:
        """The upload `id_` of whoever asks. Raises Http404."""
        job = jobs.find_job(id_, request.user, self.room)
        if job is None:
            raise Http404
        return job

    def to(self, job: Job) -> HttpResponse:
        """Lead to the page of `job`."""
        return HttpResponseRedirect(reverse(self.one, args=[job.id]), status=303)

    def discard(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:
        """A view. POST: forget the upload, unless it is being imported just now."""
        if refused := only(request, "POST"):
            return refused
        job = self.mine(request, id)
        with job.held() as is_free:
            if not is_free:
                return self.to(job)
            job.forget()
        messages.success(request, "The upload is gone.")
        return redirect(self.all)


def show_import(request: Any, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of an import, in the frame of the signed-in person."""
    return show(request, template, frame(request.user, None, None, "import") | context, status)


def show_running(request: Any, state: dict[str, Any]) -> HttpResponse:
    """How far an import is; the page looks again by itself."""
    response = show_import(request, "trello/running.html", {"state": state})
    response["Refresh"] = str(REFRESH)
    return response


TRELLO = Uploads(jobs.TRELLO, "imports", "import")
BOARDS = Uploads(jobs.BOARDS_IN, "board_imports", "board_import")


@functools.cache
def upload_paths() -> frozenset[str]:
    """The addresses that take files, and so larger bodies than others (fluxboard.server.request_bodies)."""
    return frozenset(reverse(uploads.all, urlconf="fluxboard.urls") for uploads in (TRELLO, BOARDS))


discard_trello = signed_in(TRELLO.discard)
discard_board = signed_in(BOARDS.discard)
