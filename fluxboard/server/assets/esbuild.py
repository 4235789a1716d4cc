"""Scripts and styles made small by esbuild, which npm brings as one program; no Node is needed to run it.

Where npm has no esbuild for a machine there is none to run: files are then served as they are, only larger.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from django.conf import settings

SECONDS = 30
OPTIONS = ["--minify", "--target=esnext", "--legal-comments=none", "--log-level=warning"]


class NotSmaller(Exception):
    """esbuild refused a file; the message is what it said."""


def esbuild() -> Path | None:
    """The program of this machine's kind, or None."""
    return next(Path(settings.BASE_DIR).glob("node_modules/@esbuild/*/bin/esbuild"), None)


def script(program: Path, entry: Path) -> str:
    """The module `entry` and all that it imports as one small module. Raises NotSmaller."""
    return _run([str(program), str(entry), "--bundle", "--format=esm", *OPTIONS], "")


def styles(program: Path, text: str) -> str:
    """`text` without what only people read; nothing is translated for older browsers. Raises NotSmaller."""
    return _run([str(program), "--loader=css", *OPTIONS], text)


def _run(words: list[str], text: str) -> str:
    done = subprocess.run(words, input=text, capture_output=True, encoding="utf-8", timeout=SECONDS)
    if done.returncode:
        raise NotSmaller(done.stderr.strip() or f"esbuild ended with {done.returncode}")
    return done.stdout
