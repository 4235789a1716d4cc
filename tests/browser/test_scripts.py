"""One script a page, out of one behaviour a file."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from bench import structure
from fluxboard.server.assets import esbuild
from fluxboard.server.assets.scripts import ENTRIES, folder
from fluxboard.server.assets.stylesheets import one_stylesheet, stylesheet_parts

LARGEST = {"app.js": 30_500, "pages.js": 7_500, "meetings.js": 7_500}  # bytes, compressed


def served(name: str) -> str:
    joined = finders.find(name)
    assert joined
    return Path(joined).read_text()


def compressed(text: str) -> int:
    return len(gzip.compress(text.encode()))


def bundled(entry: str, folder_for_facts: Path) -> set[str]:
    """The names of the modules that are in an entry's bundle, by esbuild's own account of it."""
    facts = folder_for_facts / "facts.json"
    esbuild.script(folder() / entry, f"--metafile={facts}", f"--outfile={folder_for_facts / entry}")
    return {Path(path).name for path in json.loads(facts.read_text())["inputs"]}


def test_every_module_is_in_a_bundle_or_loaded_by_a_template(tmp_path: Path) -> None:
    used = set().union(*(bundled(entry, tmp_path) for entry in ENTRIES.values()))
    templates = "".join(file.read_text() for file in (folder().parents[1] / "templates").rglob("*.html"))
    used |= set(re.findall(r"js/behaviours/(\w+\.js)", templates))
    assert {file.name for file in folder().rglob("*.js")} == used


def exported(text: str) -> list[str]:
    return re.findall(r"^export (?:async )?(?:const|let|function|class) (\w+)", text, re.M)


def test_what_a_module_exports_another_module_or_a_test_uses() -> None:
    modules = {file.resolve(): file.read_text() for file in folder().rglob("*.js")}
    unused = {(file, name) for file, text in modules.items() for name in exported(text)}
    for file, text in modules.items():
        for names, path in re.findall(r'import \{([^}]*)\} from "([^"]+)"', text):
            target = (file.parent / path).resolve()
            unused -= {(target, name.split()[0]) for name in names.split(",") if name.strip()}
        for whole, path in re.findall(r'import \* as (\w+) from "([^"]+)"', text):
            target = (file.parent / path).resolve()
            unused -= {(target, name) for name in re.findall(rf"\b{whole}\.(\w+)", text)}
    for text in (file.read_text() for file in (folder().parents[1] / "tests" / "scripts").glob("*.mjs")):
        for names, path in re.findall(r'const ([^=]+?) = await load\("([^"]+)"\)', text):
            target = folder().resolve() / path
            whole = rf"\b{names}\.(\w+)"
            used = re.findall(r"\w+", names) if "{" in names else re.findall(whole, text)
            unused -= {(target, name) for name in used}
    assert not {f"{file.name}: {name}" for file, name in unused}


@pytest.mark.parametrize("name", ENTRIES)
def test_what_a_page_loads_is_one_script(name: str) -> None:
    text = served(name)
    assert not re.search(r"^(import|export)\b|\bimport\(", text, re.M)
    assert "\n//" not in text


def test_what_a_page_loads_is_small() -> None:
    sizes = structure.script_sizes()
    assert sizes.keys() == LARGEST.keys()
    assert {entry: size for entry, size in sizes.items() if size > LARGEST[entry]} == {}


def test_a_page_without_a_board_loads_nothing_that_changes_or_moves_a_card(tmp_path: Path) -> None:
    used = bundled("pages.js", tmp_path)
    assert "keys.js" in used
    assert not used & {
        "drag.js",
        "live.js",
        "forms.js",
        "move.js",
        "menu.js",
        "post.js",
        "frames.js",
        "settle.js",
    }


def test_what_people_read_is_not_sent() -> None:
    whole = "".join(file.read_text() for file in folder().rglob("*.js"))
    assert compressed(served("js/fluxboard.js")) < 0.85 * compressed(whole)
    assert compressed(one_stylesheet()) < 0.95 * compressed(
        "".join(file.read_text() for file in stylesheet_parts())
    )


def test_what_esbuild_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("const = 1;\n")
    with pytest.raises(esbuild.NotBundled, match="Expected identifier"):
        esbuild.script(tmp_path / "app.js")


def test_a_missing_esbuild_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esbuild, "program", lambda: None)
    with pytest.raises(esbuild.NotBundled, match="npm ci brings it"):
        esbuild.script(folder() / "app.js")
