"""The secrets under `var` are the server's own user's, whoever PostgreSQL runs as."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fluxboard.server.embedded_postgres import binaries, cluster
from fluxboard.server.environment import secret_key


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may pass through, as `var` of an installation is."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def is_ours_alone(path: Path) -> bool:
    found = path.stat()
    return (found.st_uid, stat.S_IMODE(found.st_mode)) == (os.geteuid(), 0o600)


def reads(user: str, path: Path) -> bool:
    done = subprocess.run(["cat", path], user=user, group=pwd.getpwnam(user).pw_gid, extra_groups=[],
                          capture_output=True, check=False)  # fmt: skip
    return done.returncode == 0


def test_the_passwords_of_the_database_never_belong_to_nobody(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started by root where user namespaces are closed, PostgreSQL runs as nobody."""
    monkeypatch.setattr(binaries, "_namespaces_work", lambda: False)
    home = open_folder / "postgres"
    for _ in range(2):  # made, and started again
        with cluster.ensure(open_folder, durable=False) as lease:
            psycopg.connect(lease.addresses.app).close()
            pid = int(next(home.glob("data-*/postmaster.pid")).read_text().split()[0])
            runs_as = Path(f"/proc/{pid}").stat().st_uid
            assert is_ours_alone(home / "passwords.json")
            assert not (home / "initdb.password").exists()
            if os.geteuid() == 0:
                assert pwd.getpwuid(runs_as).pw_name == "nobody"
                assert home.stat().st_uid == 0
                assert not reads("nobody", home / "passwords.json")
            else:
                assert runs_as == os.geteuid()


def test_what_nobody_owned_before_is_taken_back(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_namespaces_work", lambda: False)
    home = open_folder / "postgres"
    with cluster.ensure(open_folder, durable=False):
        pass
    if os.geteuid() == 0:  # as an older release left it
        shutil.rmtree(home / "run")
        nobody = pwd.getpwnam("nobody")
        for path in (home, *home.iterdir()):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    with cluster.ensure(open_folder, durable=False) as lease:
        psycopg.connect(lease.addresses.app).close()
    assert is_ours_alone(home / "passwords.json")


def test_the_key_that_signs_is_ours_alone(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert len(secret_key(open_folder)) > 40
    assert is_ours_alone(open_folder / "secret_key")
