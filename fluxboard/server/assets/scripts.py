"""The modules behind a page's entry in `static/js` as one script; a person reads one behaviour a file.

There are three entries: `app.js` for boards and cards, `meetings.js` for a meeting, `pages.js` for every
other page. esbuild bundles them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from fluxboard.server.assets import esbuild

ENTRIES = {
    "js/fluxboard.js": "app.js",
    "js/fluxboard-pages.js": "pages.js",
    "js/fluxboard-meetings.js": "meetings.js",
}


def folder() -> Path:
    return Path(settings.BASE_DIR) / "static" / "js"


class JoinedScripts(BaseFinder):
    """Finds the scripts of `ENTRIES`, each joined anew each time that it is asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in ENTRIES:
            return []
        joined = str(self._join(path) / path)
        return [joined] if find_all else joined

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in ENTRIES:
            yield name, FileSystemStorage(location=self._join(name))

    def _join(self, name: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="fluxboard-js-")
        place = Path(self._folder.name)
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(esbuild.script(folder() / ENTRIES[name]))
        return place
