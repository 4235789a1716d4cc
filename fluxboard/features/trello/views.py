"""`/import/`: a Trello board export is uploaded, looked at, imported, and reported on. Needs no script.

A ZIP of a workspace shows its boards; each that is chosen becomes an upload of its own.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest, HttpResponse

from boards.http.doors import signed_in
from boards.http.responses import only
from boards.models import Board
from fluxboard.accounts.rate_limits import limited
from fluxboard.core import limits
from fluxboard.features.trello.job import begin_import
from fluxboard.features.trello.losses import loss_counts
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.trello.people import confirmation, known_here
from fluxboard.features.trello.read_json import ImportProblem, check_size, is_zip
from fluxboard.features.trello.report import counted
from fluxboard.features.trello.workspace import PackedBoard, Workspace, board_data, look_into
from fluxboard.features.uploads import jobs
from fluxboard.features.uploads.jobs import Job, look
from fluxboard.features.uploads.views import TRELLO, UploadFailed, show_import, show_running

_LISTED = 50
ASKED = 100


@signed_in
@limited("upload", "POST")
def imports(request: HttpRequest) -> HttpResponse:
    """GET: the upload form, and what one has uploaded. POST `file`: keep it and show what is in it."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    jobs.sweep()
    if request.method != "POST":
        return _upload_page(request)
    file = request.FILES.get("file")
    if file is None:
        return _upload_page(request, "Choose the file that Trello gave you.")
    name = str(file.name or "export.json")[:200]
    try:
        check_size(file.size or 0, name)
        kept = TRELLO.keep(file, name, request)
    except (ImportProblem, UploadFailed) as problem:
        return _upload_page(request, str(problem))
    try:
        if is_zip(kept.path):
            kept = _open_workspace(request, kept)
        else:
            _keep_summary(kept)
    except (ImportProblem, UploadFailed) as problem:
        kept.forget()
        return _upload_page(request, str(problem))
    return TRELLO.to(kept)


def _open_workspace(request: HttpRequest, kept: Job) -> Job:
    """Note what boards the ZIP `kept` holds. Comes back with it, or with its board where it holds just one.

    Raises `ImportProblem` and `UploadFailed`.
    """
    workspace = look_into(kept.path, kept.state["file"])
    if len(workspace.boards) == 1 and not workspace.boards[0].problem:
        data = board_data(kept.path, workspace.boards[0], kept.state["file"])
        kept.forget()
        return _keep_board(request, data, workspace.boards[0])
    kept.note(workspace=workspace.as_object())
    return kept


def _keep_board(request: HttpRequest, data: bytes, board: PackedBoard, workspace: Job | None = None) -> Job:
    """A board out of a ZIP as an upload of its own. Raises `ImportProblem` and `UploadFailed`."""
    file = board.file.rpartition("/")[2][:200]
    kept = TRELLO.keep(SimpleUploadedFile(file, data), file, request)
    try:
        _keep_summary(kept)
    except ImportProblem:
        kept.forget()
        raise
    if workspace is not None:
        kept.note(workspace_id=str(workspace.id))
    return kept


def _keep_summary(kept: Job) -> dict[str, Any]:
    """Parse the upload once, and keep beside it what its preview shows; the state with it.

    Raises `ImportProblem`, and OSError when the upload is gone.
    """
    export = parse_export(kept.data(), kept.state["file"])
    people = sorted(export.people.values(), key=lambda person: (not person.role, person.name.casefold()))
    listed = [
        {"id": person.id, "name": person.name, "username": person.username, "role": person.role}
        for person in people
    ]
    summary = {
        "name": export.name,
        "counts": loss_counts(export),
        "people": listed[:_LISTED],
        "members": [person for person in listed if person["role"]][: limits.MEMBERS],
        "problems": export.problems.lines(),
        "notes": export.notes.lines(),
    }
    return kept.note(summary=summary)


def _upload_page(request: HttpRequest, error: str = "") -> HttpResponse:
    context = {"error": error, "mine": TRELLO.of(request)}
    return show_import(request, "trello/upload.html", context, status=422 if error else 200)


@signed_in
def upload(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """One upload as it stands: a preview, the progress, the report, or why not."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    kept = TRELLO.mine(request, id)
    state = look(kept)
    if "workspace" in state:
        return _workspace_page(request, kept, state)
    match state["step"]:
        case "waiting":
            return _preview(request, kept, state)
        case "running":
            return show_running(request, state)
        case "done":
            return _report(request, kept, state)
    return show_import(request, "trello/failed.html", {"state": state, "id": kept.id})


def _workspace_page(request: Any, kept: Job, state: dict[str, Any], error: str = "") -> HttpResponse:
    """The boards of a ZIP, each with what came of it so far."""
    workspace = Workspace.from_object(state["workspace"])
    chosen = {number: _chosen(request, id_) for number, id_ in state.get("chosen", {}).items()}
    context = {
        "id": kept.id,
        "file": state["file"],
        "others": workspace.others,
        "boards": [{"packed": board, "upload": chosen.get(str(board.number))} for board in workspace.boards],
        "error": error,
    }
    return show_import(request, "trello/workspace.html", context, status=422 if error else 200)


def _chosen(request: Any, id_: str) -> dict[str, Any] | None:
    job = jobs.find_job(uuid.UUID(id_), request.user, TRELLO.room)
    return {"id": job.id, **look(job)} if job is not None else None


@signed_in
@limited("upload", "POST")
def choose(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """POST `board`, a number in the ZIP: show what is in that board, as if it had been uploaded by itself."""
    if refused := only(request, "POST"):
        return refused
    kept = TRELLO.mine(request, id)
    state = look(kept)
    boards = Workspace.from_object(state.get("workspace", {})).boards
    board = next((board for board in boards if str(board.number) == request.POST.get("board")), None)
    if board is None or board.problem:
        raise Http404
    earlier = state.get("chosen", {}).get(str(board.number))
    job = jobs.find_job(uuid.UUID(earlier), request.user, TRELLO.room) if earlier else None
    if job is None:
        try:
            job = _keep_board(request, board_data(kept.path, board, state["file"]), board, kept)
        except (ImportProblem, UploadFailed) as problem:
            return _workspace_page(request, kept, state, str(problem))
        kept.note(chosen=kept.state.get("chosen", {}) | {str(board.number): str(job.id)})
    return TRELLO.to(job)


def _others(request: Any, state: dict[str, Any]) -> dict[str, Any] | None:
    """The ZIP that a board was taken out of, as long as it is kept."""
    found = state.get("workspace_id")
    job = jobs.find_job(uuid.UUID(found), request.user, TRELLO.room) if found else None
    return {"id": job.id, "file": job.state.get("file", "")} if job is not None else None


def _preview(request: Any, kept: Job, state: dict[str, Any]) -> HttpResponse:
    if "summary" not in state:  # uploaded before summaries were kept
        try:
            state = _keep_summary(kept)
        except ImportProblem as problem:
            kept.forget()
            return _upload_page(request, str(problem))
        except OSError:
            raise Http404 from None
    summary = state["summary"]
    context = summary | {
        "id": kept.id,
        "message": state.get("message", ""),
        "counts": counted(summary["counts"]),
        "people": _people(summary["people"]),
        "others": _others(request, state),
        "known": _to_ask(summary.get("members", []), request.user),
    }
    return show_import(request, "trello/preview.html", context)


def _people(listed: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The file's people, those who are on the board first."""
    return [
        person | {"name": person["name"] or person["username"] or "Someone without a name"}
        for person in listed
    ]


def _to_ask(members: list[dict[str, str]], reader: Any) -> list[dict[str, Any]]:
    """Whom the preview offers to ask, by name here. Who is no longer on the board is asked onto none."""
    in_file = {person["id"]: person for person in members}
    known = known_here(in_file, reader)
    here = sorted(known.items(), key=lambda one: (one[1].name.casefold(), one[0]))
    return [
        {"id": id_, "here": user, "file": in_file[id_], "ask": confirmation(id_, user)} for id_, user in here
    ][:ASKED]


def _report(request: Any, kept: Job, state: dict[str, Any]) -> HttpResponse:
    board = Board.objects.visible_to(request.user).filter(pk=state["board"]).first()
    if board is None:
        raise Http404
    context = {
        "id": kept.id,
        "made": board,
        "is_new": state["is_new"],
        "report": state["report"],
        "others": _others(request, state),
        "counts": counted(state["report"]),
    }
    return show_import(request, "trello/report.html", context)


@signed_in
def start(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """POST: import the upload. `myself` is the Trello id of the one of its people who imports, or empty.

    Each `ask` confirms one person by name: they are asked whether they are who the file says.
    """
    if refused := only(request, "POST"):
        return refused
    kept = TRELLO.mine(request, id)
    state = look(kept)
    if state.get("step") == "waiting" and "workspace" not in state:
        begin_import(
            kept, request.POST.get("myself", "")[:64], frozenset(request.POST.getlist("ask")[:ASKED])
        )
    return TRELLO.to(kept)
