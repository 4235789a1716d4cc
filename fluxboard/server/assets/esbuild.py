"""Scripts and styles bundled and made small by esbuild, which npm brings as one program; no Node runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from django.conf import settings

SECONDS = 30
OPTIONS = ["--minify", "--target=esnext", "--legal-comments=none", "--log-level=warning"]


class NotBundled(Exception):
    """esbuild is not there, or refused a file; the message is what it said."""


def program() -> Path | None:
    """The esbuild of this machine's kind; None where npm has not brought one."""
    return next(Path(settings.BASE_DIR).glob("node_modules/@esbuild/*/bin/esbuild"), None)


def script(entry: Path, *options: str) -> str:
    """The module `entry` and all that it imports as one small module. Raises NotBundled."""
    return _run([str(entry), "--bundle", "--format=esm", *OPTIONS, *options], "")


def styles(text: str) -> str:
    """`text` without what only people read; nothing is translated for older browsers. Raises NotBundled."""
    return _run(["--loader=css", *OPTIONS], text)


def _run(words: list[str], text: str) -> str:
    here = program()
    if here is None:
        raise NotBundled("esbuild is missing: npm ci brings it into node_modules, for most kinds of machine")
    done = subprocess.run(
        [str(here), *words], input=text, capture_output=True, encoding="utf-8", timeout=SECONDS
    )
    if done.returncode:
        raise NotBundled(done.stderr.strip() or f"esbuild ended with {done.returncode}")
    return done.stdout
