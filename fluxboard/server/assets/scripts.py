"""The modules behind a page's entry in `static/js` as one script; a person reads one behaviour a file.

There are two entries: `app.js` for boards and cards, `pages.js` for every other page. esbuild joins and
shrinks them (fluxboard.server.assets.esbuild). Where there is none they are joined here, which knows only
our own modules, whose imports and exports begin a line: named imports and `import * as`, exported
functions and constants. Anything else raises `NotJoinable`, when files are collected.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from fluxboard.server.assets import esbuild

ENTRIES = {"js/fluxboard.js": "app.js", "js/fluxboard-pages.js": "pages.js"}

IMPORT = re.compile(
    r"^import\s+(?:\{(?P<names>[^}]*)\}|\*\s+as\s+(?P<whole>\w+))\s+from\s+\"(?P<path>\.[^\"]+)\";?[ \t]*\n",
    re.M,
)
EXPORT = re.compile(r"^export\s+(?=(?:async\s+function|function|const|class)\s+(?P<name>[\w$]+))", re.M)
LEFT_OVER = re.compile(r"^\s*(?:import|export)\b[^(]", re.M)
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*.*?\*/)[ \t]*\n", re.M | re.S)


class NotJoinable(Exception):
    """A module is written in a way that joining does not know, or modules import one another in a circle."""


def folder() -> Path:
    return Path(settings.BASE_DIR) / "static" / "js"


def modules(entry: Path) -> list[Path]:
    """`entry` and all that it imports, each once, after everything that it needs itself."""
    done: list[Path] = []
    under_way: list[Path] = []

    def visit(module: Path) -> None:
        if module in done:
            return
        if module in under_way:
            raise NotJoinable(f"{module.name} imports itself by way of {under_way[-1].name}")
        under_way.append(module)
        for found in IMPORT.finditer(module.read_text()):
            visit((module.parent / found["path"]).resolve())
        under_way.pop()
        done.append(module)

    visit(entry.resolve())
    return done


def join(entry: Path) -> str:
    """One script that does what `entry` does; each module keeps a scope of its own."""
    order = modules(entry)
    names = {module: f"m{number}" for number, module in enumerate(order)}
    return "".join(_scoped(module, names) for module in order)


def one_script(entry: Path) -> str:
    """What a page of that entry loads: as small as this machine can make it."""
    program = esbuild.esbuild()
    return esbuild.script(program, entry) if program else join(entry)


def _scoped(module: Path, names: dict[Path, str]) -> str:
    exported: list[str] = []

    def bring(found: re.Match[str]) -> str:
        other = names[(module.parent / found["path"]).resolve()]
        if found["whole"]:
            return f"const {found['whole']} = {other};\n"
        wanted = re.sub(r"\s+as\s+", ": ", " ".join(found["names"].split()))
        return f"const {{ {wanted} }} = {other};\n"

    def give(found: re.Match[str]) -> str:
        exported.append(found["name"])
        return ""

    body = EXPORT.sub(give, IMPORT.sub(bring, COMMENT.sub("", module.read_text())))
    if LEFT_OVER.search(body):
        raise NotJoinable(
            f"{module.name} imports or exports in a way that fluxboard.server.assets.scripts does not know"
        )
    return f"const {names[module]} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


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
        (place / name).write_text(one_script(folder() / ENTRIES[name]))
        return place
