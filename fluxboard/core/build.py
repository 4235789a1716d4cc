"""The id of the release that runs here."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from django.conf import settings


@functools.cache
def build_id() -> str:
    """Names what is installed, so that a page can tell that it is older than the server.

    FLUXBOARD_BUILD, else a digest of the collected static files' manifest, else `dev`.
    """
    given = os.environ.get("FLUXBOARD_BUILD", "")
    manifest = Path(settings.STATIC_ROOT or ".") / "staticfiles.json"
    if given or not manifest.exists():
        return given or "dev"
    return hashlib.sha256(manifest.read_bytes()).hexdigest()[:12]
