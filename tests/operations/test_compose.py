"""compose.yaml passes on what an installation is set up by; what is left empty there is as if left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fluxboard.server.environment import flag, mailers
from fluxboard.server.serve import sends_digests

PROJECT = Path(__file__).parents[2]
MAIL = re.compile(r"\b(?:EMAIL_[A-Z_]+|DEFAULT_FROM_EMAIL|FLUXBOARD_DIGESTS)\b")


def test_every_setting_of_mails_is_passed_on() -> None:
    documented = set(MAIL.findall((PROJECT / "docs" / "settings.md").read_text()))
    passed = set(re.findall(r"^ +(\w+): \$\{\1:-", (PROJECT / "compose.yaml").read_text(), re.M))
    assert len(documented) > 7
    assert documented <= passed


def test_what_is_empty_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MAIL.findall((PROJECT / "docs" / "settings.md").read_text()):
        monkeypatch.setenv(name, "")
    assert flag("FLUXBOARD_DIGESTS", default=True)
    assert not sends_digests()
    assert "console" in str(mailers())
    monkeypatch.setenv("EMAIL_HOST", "mail.example.org")
    assert sends_digests()
    assert "mail.example.org" in str(mailers())
