"""A board goes out (`/b/KEY/export/`) and comes in (`/import/board/`) by pages that need no script."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Collection
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from activity.log.record import By
from activity.models import Via
from boards.http.doors import on_board, require, signed_in
from boards.http.responses import only, show
from boards.models import Board, Role
from boards.page_frame import frame
from boards.person_changes import colleagues
from fluxboard.accounts.models import User
from fluxboard.accounts.rate_limits import limited
from fluxboard.features.board_export.exporter import export_board
from fluxboard.features.board_export.importer import import_board, refuse_taken
from fluxboard.features.board_export.people import Match, match_people
from fluxboard.features.board_export.report import counted
from fluxboard.features.board_export.zip_reader import Archive, Damaged, opened_export
from fluxboard.features.uploads import jobs
from fluxboard.features.uploads.jobs import BOARDS_IN, BOARDS_OUT, Job, TellProgress, TooMany, TooMuch
from fluxboard.features.uploads.views import BOARDS, REFRESH, UploadFailed, show_import, show_running

_LISTED = 100
MOST_BYTES = 100 * 2**20  # the door lets 112 MiB in, with what stands around the file
MOST_UNPACKED = 512 * 2**20  # proving a board takes memory in proportion


# ---- out --------------------------------------------------------------------------------------------------


@on_board
@limited("export", "POST")
def export(request: Any, board: Board) -> HttpResponse:
    """GET, owners: what an export is, and how far mine is. POST: begin one; leads back here."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.OWNER)
    jobs.sweep(BOARDS_OUT)
    mine = _exports_of(request.user, board)
    if request.method == "POST":
        return _begin_export(request, board, mine)
    return _export_page(request, board, mine[0] if mine else None)


def _export_page(request: Any, board: Board, job: Job | None, error: str = "") -> HttpResponse:
    state = jobs.look(job) if job else {}
    context = frame(request.user, board, request.role, "settings") | {
        "tab": "record",
        "job": job,
        "state": state,
        "error": error,
        "size": job.path.stat().st_size if job and state.get("step") == "done" and job.path.exists() else 0,
        "behind": board.seq - state["seq"] if state.get("step") == "done" else 0,
    }
    response = show(request, "board_export/export.html", context, 422 if error else 200)
    if state.get("step") == "running":
        response["Refresh"] = str(REFRESH)
    return response


def _exports_of(owner: Any, board: Board) -> list[Job]:
    return [job for job in jobs.of(owner, BOARDS_OUT) if job.state.get("board") == board.pk]


def _begin_export(request: Any, board: Board, mine: list[Job]) -> HttpResponse:
    """One export of a board at a time; a new one takes the place of what was there."""
    if not any(jobs.look(job).get("step") == "running" for job in mine):
        for job in mine:
            job.forget()
        known = {"what": "export", "board": board.pk}
        try:
            job = jobs.keep([], f"{board.key}.zip", request.user, BOARDS_OUT, **known)
        except TooMany:
            return _export_page(request, board, None, "You have five exports here. They go after a day.")
        except TooMuch:
            return _export_page(request, board, None, "Your files take up all the room. They go after a day.")
        except OSError:
            words = "The file could not be written: the server's disk is full or read-only."
            return _export_page(request, board, None, words)
        jobs.begin_job(job, work_of_export, ())
    return HttpResponseRedirect(reverse("boards:export", args=[board.key]), status=303)


def work_of_export(job: Job, state: dict[str, Any], progress: TellProgress) -> dict[str, Any]:
    """Write the board of `job` into its file."""
    with job.path.open("wb") as file:
        manifest = export_board(Board.objects.get(pk=state["board"]), file, progress)
    key, head = manifest["board"]["key"], manifest["head"]
    return {"file": f"{key}-{head['seq']}.zip", "seq": head["seq"], "head": head["hash"]}


@on_board
def export_file(request: Any, board: Board, id: uuid.UUID) -> Any:
    """GET, owners: the finished export of this board that is mine."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    job = jobs.find_job(id, request.user, BOARDS_OUT) if request.role == Role.OWNER else None
    if job is None or job.state.get("board") != board.pk or job.state.get("step") != "done":
        raise Http404
    try:
        file = job.path.open("rb")
    except OSError:
        raise Http404 from None
    response = FileResponse(
        file, as_attachment=True, filename=job.state["file"], content_type="application/zip"
    )
    response["Cache-Control"] = "no-store"
    return response


# ---- in ---------------------------------------------------------------------------------------------------


@signed_in
@limited("upload", "POST")
def imports(request: HttpRequest) -> HttpResponse:
    """GET: the upload form, and what one has uploaded. POST `file`: keep it and show what is in it."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    jobs.sweep(BOARDS_IN)
    if request.method != "POST":
        return _upload_page(request)
    file = request.FILES.get("file")
    if file is None:
        return _upload_page(request, "Choose the ZIP that Fluxboard gave you.")
    if (file.size or 0) > MOST_BYTES:
        words = f"The file has {(file.size or 0) / 2**20:,.0f} MB; this page takes {MOST_BYTES // 2**20}. "
        return _upload_page(request, f"{words}Use bin/manage import_board for it.")
    try:
        job = BOARDS.keep(file, str(file.name or "board.zip")[:200], request)
    except UploadFailed as problem:
        return _upload_page(request, str(problem))
    try:
        with opened_export(job.path, MOST_UNPACKED) as archive:
            job.note(preview=_preview_of(archive, request.user))
    except Damaged as problem:
        job.forget()
        return _upload_page(request, str(problem))
    return BOARDS.to(job)


def _upload_page(request: HttpRequest, error: str = "") -> HttpResponse:
    context = {"error": error, "mine": BOARDS.of(request), "most": MOST_BYTES // 2**20}
    return show_import(request, "board_export/upload.html", context, status=422 if error else 200)


def _preview_of(archive: Archive, reader: Any) -> dict[str, Any]:
    """What the page shows before anything is made; a plain object, so that it can be kept with the upload."""
    head, counts = archive.manifest, archive.manifest.counts
    try:
        if not Board.objects.filter(uid=head.uid).exists():
            refuse_taken(archive)
        hint = ""
    except Damaged as problem:
        hint = str(problem)
    matches = match_people(archive)
    return {
        "name": head.name,
        "key": head.key,
        "seq": head.seq,
        "head": head.hash.hex(),
        "exported_at": head.exported_at,
        "counts": {**counts, "activities": counts["log"]},
        "hint": hint,
        "people": shown_to(reader, matches[:_LISTED]),
        "more_people": max(0, len(matches) - _LISTED),
        "known": [person for person in shown_to(reader, matches) if "ask" in person][:_LISTED],
    }


def shown_to(reader: Any, matches: list[Match]) -> list[dict[str, Any]]:
    """The file's people, and who they are here as far as `reader` shares a board with them.

    Of others it stays open: a preview would be a way to ask which addresses have accounts.
    """
    known = colleagues(reader, [match.user.pk for match in matches if match.user])
    shown = []
    for match in matches:
        user = match.user if match.user and match.user.pk in known else None
        here = {"here": user.name, "by": match.by} if user else {"here": "", "by": ""}
        if user and user != reader:
            here |= {"handle": user.handle, "ask": match.confirmation}
        shown.append({"name": match.line["name"], "email": match.line["email"], **here})
    return shown


@signed_in
def upload(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """One upload as it stands: a preview, the progress, the report, or why not."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    job = BOARDS.mine(request, id)
    state = jobs.look(job)
    context = {"id": job.id, "state": state}
    match state["step"]:
        case "waiting":
            preview = state["preview"]
            context |= {"preview": preview, "counts": counted(preview["counts"])}
            return show_import(request, "board_export/preview.html", context)
        case "running":
            return show_running(request, state)
        case "done":
            board = Board.objects.visible_to(request.user).filter(pk=state["board"]).first()
            if board is None:
                raise Http404
            context |= {"made": board, "report": state["report"], "counts": counted(state["report"])}
            return show_import(request, "board_export/report.html", context)
    return show_import(request, "board_export/failed.html", context)


@signed_in
def start(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """POST: import the upload. Each `ask` confirms one person by name, who is then asked."""
    if refused := only(request, "POST"):
        return refused
    job = BOARDS.mine(request, id)
    if jobs.look(job).get("step") == "waiting":
        asked = request.POST.getlist("ask")[:_LISTED]
        jobs.begin_job(job, functools.partial(work_of_import, asked=asked), (Damaged,))
    return BOARDS.to(job)


def work_of_import(
    job: Job, state: dict[str, Any], progress: TellProgress, asked: Collection[str] = ()
) -> dict[str, Any]:
    """Make the board of the file, owned by whoever uploaded it; `asked` confirms whom to ask.

    Of those the preview named nobody but whom they share a board with, and so it is looked at again.
    """
    owner = User.objects.get(pk=state["owner"], is_active=True)
    with opened_export(job.path, MOST_UNPACKED) as archive:
        offered = {one["ask"] for one in shown_to(owner, match_people(archive)) if "ask" in one}
        by = By(owner, via=Via.IMPORT)
        outcome = import_board(archive, by=by, asked=offered & {*asked}, progress=progress)
    return {"report": outcome.report, "board": outcome.board.pk, "is_new": outcome.is_new}
