"""An installation that others can reach passes Django's own list, and what it depends on is audited."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "FLUXBOARD_URL": "https://board.example.org",
    "FLUXBOARD_TRUST_PROXY": "1",
    "EMAIL_URL": "smtp://board:secret@mail.example.org:587",
    "SECRET_KEY": secrets.token_urlsafe(50),
}


def manage(*words: str, **environment: str) -> Any:
    ours = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**ours, **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_djangos_list_for_deployment_is_clean(db: None):
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_the_list_would_say_so(db: None):
    """The counter-check: it looks at these settings."""
    done = manage("check", "--deploy", "--fail-level", "WARNING", FLUXBOARD_URL="", DEBUG="1")
    assert done.returncode == 1
    assert {"W012", "W016", "W018"} <= {
        word.strip("?:()") for word in done.stderr.replace("security.", " ").split()
    }


ASK = """
import json
from django.conf import settings as s
print(json.dumps([s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0,
    s.SECURE_SSL_REDIRECT, s.SECURE_SSL_HOST, s.USE_X_FORWARDED_HOST, s.ALLOWED_HOSTS[-1]]))
"""


def test_https_turns_on_all_that_goes_with_it(db: None):
    done = manage("shell", "--no-imports", "-c", ASK)
    host = '"board.example.org"'
    assert done.stdout.strip().splitlines()[-1] == f"[false, true, true, true, true, {host}, false, {host}]"


# ---- bin/audit --------------------------------------------------------------------------------------------

SAYS = {
    "nothing known": ("exit 0", 0, "audit: no known weakness in"),
    "a weakness": ("echo 'Name   Version ID'; echo 'django 1.0     PYSEC-1'; exit 1", 1, "PYSEC-1"),
    "no way there": ("echo 'ConnectionError' >&2; exit 1", 0, "nothing was audited"),
}


@pytest.mark.parametrize("case", SAYS)
def test_a_weakness_fails_the_audit_and_an_absent_network_does_not(case: str, tmp_path: Path):
    says, status, words = SAYS[case]
    tools = tmp_path / "audit" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").symlink_to(shutil.which(sys.executable) or sys.executable)
    (tools / "pip-audit").write_text(f'#!/bin/sh\ngrep -q "^django==" "$2" || exit 9\n{says}\n')
    (tools / "pip-audit").chmod(0o755)
    environment = os.environ | {"FLUXBOARD_VAR": str(tmp_path)}
    done = subprocess.run(
        [ROOT / "bin" / "audit"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, words in done.stdout) == (status, True), done.stdout + done.stderr
