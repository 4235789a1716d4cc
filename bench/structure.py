"""How the code is laid out, in figures: circles, lengths, long lines, private names, names defined twice.

`bin/structure` prints them; `tests/contracts/test_structure.py` holds those that have a bound. Nothing here
runs the code that it reads; grimp reads imports as import-linter does, and esbuild bundles the scripts.
"""

from __future__ import annotations

import ast
import functools
import gzip
import os
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grimp

from fluxboard.server.assets import esbuild, scripts

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("fluxboard", "activity", "boards", "comments")
LONG_LINE = 120  # characters
# Attributes with an underscore that their libraries document.
PUBLIC_ANYWAY = {
    "_meta",
    "_default_manager",
    "_base_manager",
    "_state",
    "_replace",
    "_asdict",
    "_fields",
    "_make",
}
OWN_OBJECTS = {"self", "cls", "mcs"}
# What begins a function of a script, as biome lays it out; the next line that begins with a brace ends it.
SCRIPT_FUNCTION = re.compile(
    r"(?:export )?(?:async )?(?:function (?P<name>[\w$]+)|const (?P<arrow>[\w$]+) = .*=> \{$)"
)


@dataclass(frozen=True)
class Function:
    """A function or method: where it stands and how many lines it takes, decorators included."""

    path: str
    name: str
    lines: int


@functools.cache
def tracked(*endings: str) -> tuple[str, ...]:
    """The paths of the project's files with these endings, as git lists them, new ones included."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(path for path in listed if path.endswith(endings) and (ROOT / path).is_file())


def production() -> list[str]:
    """Our own Python without tests, tools and migrations."""
    starts = tuple(f"{package}/" for package in PACKAGES)
    return [path for path in tracked(".py") if path.startswith(starts) and "/migrations/" not in path]


@functools.cache
def tree_of(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), path)


def lines_of(path: str) -> int:
    return len((ROOT / path).read_text().splitlines())


def functions(path: str) -> Iterator[Function]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield Function(path, node.name, (node.end_lineno or node.lineno) - first + 1)


def scripts_of_ours() -> list[str]:
    return [path for path in tracked(".js") if path.startswith("static/")]


def script_functions(path: str) -> Iterator[Function]:
    """The functions of a script that stand by themselves; one within another counts as part of it."""
    name, first = "", 0
    for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1):
        if begins := SCRIPT_FUNCTION.match(line):
            name, first = begins["name"] or begins["arrow"], number
        elif name and line.startswith("}"):
            yield Function(path, name, number - first + 1)
            name = ""


def circles() -> list[list[str]]:
    """Modules that import each other, directly or by others, at load time or later; each circle once."""
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    found: list[list[str]] = []
    left = {name for name in graph.modules if ".migrations" not in name}
    while left:
        name = left.pop()
        around = graph.find_upstream_modules(name) & graph.find_downstream_modules(name)
        left -= around
        if around:
            found.append(sorted(around | {name}))
    return sorted(found)


def long_lines() -> dict[str, int]:
    """How many lines are longer than LONG_LINE, by kind of file."""
    found: dict[str, int] = defaultdict(int)
    for path in (*production(), *tracked(".html", ".css", ".js")):
        if path.startswith(("fluxboard/", "activity/", "boards/", "comments/", "templates/", "static/")):
            long = sum(len(line) > LONG_LINE for line in (ROOT / path).read_text().splitlines())
            found[path.rpartition(".")[2]] += long
    return dict(found)


def private_names() -> list[str]:
    """Private names that belong to something else: `path:line name`.

    An import of `_name`, and an attribute `._name` of what is not the object at hand, unless the same file
    defines that name or a documented exception lists it.
    """
    found = []
    for path in production():
        tree = tree_of(path)
        own = {name for node in ast.walk(tree) for name in _bound(node)}
        for node in ast.walk(tree):
            name = ""
            if isinstance(node, ast.ImportFrom):
                parts = [*(node.module or "").split("."), *(one.name for one in node.names)]
                name = next((part for part in parts if _is_private(part)), "")
            elif isinstance(node, ast.Attribute) and _is_private(node.attr) and node.attr not in own:
                holder = node.value
                if not (isinstance(holder, ast.Name) and holder.id in OWN_OBJECTS):
                    name = node.attr
            if name:
                found.append(f"{path}:{node.lineno} {name}")
    return found


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC_ANYWAY


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a statement gives to something of this file, attributes of `self` among them."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id


def defined_twice() -> dict[str, list[str]]:
    """Public functions, classes and constants of two modules or more, and those modules."""
    where: dict[str, list[str]] = defaultdict(list)
    for path in production():
        for node in tree_of(path).body:
            for name in _bound(node) if not isinstance(node, ast.Assign) else _targets(node):
                if not name.startswith("_"):
                    where[name].append(path)
    return {name: paths for name, paths in sorted(where.items()) if len(paths) > 1}


def _targets(node: ast.Assign) -> Iterator[str]:
    for target in node.targets:
        if isinstance(target, ast.Name):
            yield target.id


def script_sizes() -> dict[str, int]:
    """What a browser loads of our own script, by entry, in bytes after gzip. How much that may be:
    `tests/browser/test_scripts.py`.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluxboard.settings")
    bundles = {entry: esbuild.script(scripts.folder() / entry) for entry in scripts.ENTRIES.values()}
    return {entry: len(gzip.compress(bundle.encode())) for entry, bundle in bundles.items()}


def main() -> None:
    """Print every figure, one a line; with `-v` also the places behind it."""
    telling = "-v" in sys.argv[1:]
    files = sorted(((lines_of(path), path) for path in production()), reverse=True)
    every = sorted((one for path in production() for one in functions(path)), key=lambda one: -one.lines)
    own = scripts_of_ours()
    around, private, twice = circles(), private_names(), defined_twice()
    print(f"files                       {len(files):6}   {sum(lines for lines, _ in files)} lines")
    print(f"median file                 {statistics.median(lines for lines, _ in files):6.0f} lines")
    print(f"longest file                {files[0][0]:6} lines   {files[0][1]}")
    print(f"median function             {statistics.median(one.lines for one in every):6.0f} lines")
    print(f"longest function            {every[0].lines:6} lines   {every[0].path} {every[0].name}")
    print(f"circles of imports          {len(around):6}   {sum(map(len, around))} modules")
    print(f"private names of others     {len(private):6}")
    print(f"public names defined twice  {len(twice):6}")
    print(f"lines over {LONG_LINE} characters   {sum(long_lines().values()):6}   {long_lines()}")
    print(f"own script                  {sum(map(lines_of, own)):6} lines in {len(own)} files")
    for entry, size in script_sizes().items():
        print(f"{entry:27} {size:6} bytes compressed")
    if telling:
        told = [" ".join(circle) for circle in around] + private
        print(*told, *(f"{name}: {', '.join(paths)}" for name, paths in twice.items()), sep="\n")


if __name__ == "__main__":
    main()
