"""The essential path on another PostgreSQL than the one that comes along.

The oldest that is on this machine (from PostgreSQL 17 on, Debian's packages); with FLUXBOARD_LONG=1
each. The whole test run goes there by FLUXBOARD_POSTGRES_BIN, see docs/settings.md.
"""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from fluxboard.core.postgres import OLDEST_POSTGRES
from fluxboard.server.embedded_postgres import binaries
from tests.databases import Server

if TYPE_CHECKING:
    from tests.live import LiveApp

LOWEST, HIGHEST = OLDEST_POSTGRES, 18


def version(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found[1]) if found else 0


def others() -> dict[int, Path]:
    """The folders of other versions' programs, oldest first."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *binaries.of_the_wheel()]
    found = {version(place): place for place in places if (place / "postgres").exists()}
    ours = version(binaries.binaries())
    return {n: found[n] for n in sorted(found) if LOWEST <= n <= HIGHEST and n != ours}


OTHERS = others()
CHOSEN = list(OTHERS) if os.environ.get("FLUXBOARD_LONG") == "1" else list(OTHERS)[:1]

if CHOSEN:  # where no other is on the machine there is nothing to run, and nothing to leave out

    @pytest.mark.parametrize("major", CHOSEN)
    def test_migrations_walls_changes_their_stream_proof_and_export(
        major: int,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        static_root: str,
        django_db_setup: None,
        django_db_blocker: Any,
    ) -> None:
        monkeypatch.setenv("FLUXBOARD_POSTGRES_BIN", str(OTHERS[major]))
        server = Server(tmp_path / "var")
        try:
            with django_db_blocker.unblock(), server.superuser() as superuser:
                assert superuser.info.server_version // 10000 == major
                essential_path(server, static_root)
        finally:
            server.close()


def essential_path(server: Server, static_root: str) -> None:
    from activity.models import Activity
    from boards.models import Card
    from fluxboard.features.verification.verify import verify
    from tests.activity.sse import Audience, wait_for
    from tests.conftest import connect_to, own_database_name
    from tests.faults.ground import Watcher, header, make_board, someone
    from tests.faults.ledger import Client, Ledger
    from tests.live import LiveApp

    ours = os.environ["DATABASE_URL"]
    where = server.clone(own_database_name("other"))
    connect_to(where.app)
    app = LiveApp(where.app, static_root, WEB_CONCURRENCY="1")
    try:
        owner = someone("Ana Duarte")
        board, card = make_board(owner)
        cookies = app.cookies_for(owner)
        client, entry = Client(app.port, cookies), Ledger().open("Über die Brücke")
        watcher = Watcher({}, [f"{app.url}/b/{board.key}/live/"], header(cookies), board.pk, board.seq)
        with Audience() as audience:
            audience.seat(watcher)
            fields = {"title": entry.said, "request_id": entry.request_id}
            assert client.try_to("POST", f"/c/{card.key}/do/retitled/", fields) == 303
            wait_for(lambda: watcher.last == board.seq + 1, 5, "the change")
        assert Card.objects.get(pk=card.pk).title == entry.said
        assert Activity.objects.filter(request_id=entry.request_id).count() == 1
        for path in (f"/b/{board.key}/", f"/c/{card.key}/", "/standup/", f"/b/{board.key}/at/?seq=1"):
            assert client.ask("GET", path)[0] == 200, path
        assert f"/c/{card.key}/" in client.ask("GET", "/search/?q=Br%C3%BCcke")[2]
        assert not verify(board)
        for url in (where.app, where.owner):
            with psycopg.connect(url) as connection, pytest.raises(psycopg.Error):
                connection.execute("UPDATE activity_activity SET verb = 'card.moved'")
        packed = every_deed_and_an_erasure(app)
        connect_to(server.clone(own_database_name("other")).app)
        carried_in(packed)
    finally:
        app.kill()
        connect_to(ours)


def every_deed_and_an_erasure(app: LiveApp) -> bytes:
    """By its forms: cards, comments, decisions, a transfer, an undo, each sent twice and done once; then an
    owner's erasure. The board's export."""
    from activity.models import Activity
    from boards.actions import erase_card
    from fluxboard.features.verification.verify import verify
    from tests.board_export.files import exported
    from tests.faults.cutting import DEEDS, Place
    from tests.faults.ledger import Client

    place = Place()
    client = Client(app.port, app.cookies_for(place.ana))
    for name, deed in DEEDS.items():
        path, fields = deed(place)
        fields["request_id"] = str(uuid.uuid4())
        assert client.try_to("POST", path, fields) == 303, name
        done = Activity.objects.filter(request_id=fields["request_id"]).count()
        assert client.try_to("POST", path, fields) in (303, 307), name  # 307: the card has another key now
        assert Activity.objects.filter(request_id=fields["request_id"]).count() == done > 0, name
    erase_card(place.card, ["comments"], "Asked for", by=place.ana)
    assert not verify(place.board)
    assert not verify(place.other)
    return exported(place.board)


def carried_in(packed: bytes) -> None:
    """Into an empty installation on the same version, and out again as it was."""
    from fluxboard.features.verification.verify import verify
    from tests.board_export.files import brought_in, exported, lines_of
    from tests.faults.ground import someone

    outcome = brought_in(packed, someone("Sam Okafor"))
    assert outcome.is_new
    assert not verify(outcome.board)
    assert lines_of(exported(outcome.board))["cards.jsonl"] == lines_of(packed)["cards.jsonl"]
