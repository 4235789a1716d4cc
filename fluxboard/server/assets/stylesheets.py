"""Every file of `static/css` as one: a page asks for one stylesheet, a person reads one file a thing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from fluxboard.server.assets import esbuild

NAME = "css/fluxboard.css"
_ORDER = {"tokens.css": 0, "base.css": 1, "print.css": 3}  # all others 2, by name


def stylesheet_parts() -> list[Path]:
    """The stylesheets in the order in which they apply: tokens, the base, the others by name, print."""
    files = (settings.BASE_DIR / "static" / "css").glob("*.css")
    return sorted(files, key=lambda file: (_ORDER.get(file.name, 2), file.name))


def one_stylesheet() -> str:
    """All parts in their order, without what only people read."""
    return esbuild.styles("\n".join(file.read_text() for file in stylesheet_parts()))


class JoinedStyles(BaseFinder):
    """Finds `css/fluxboard.css`, which is joined anew each time that it is asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != NAME:
            return []
        joined = str(self._join() / NAME)
        return [joined] if find_all else joined

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        yield NAME, FileSystemStorage(location=self._join())

    def _join(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="fluxboard-css-")
        folder = Path(self._folder.name)
        (folder / NAME).parent.mkdir(exist_ok=True)
        (folder / NAME).write_text(one_stylesheet())
        return folder
