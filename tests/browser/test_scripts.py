"""One script a page, out of one behaviour a file."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from fluxboard.server.assets import esbuild
from fluxboard.server.assets.scripts import NotJoinable, folder, join, modules, one_script
from fluxboard.server.assets.stylesheets import one_stylesheet


def served(name: str) -> str:
    joined = finders.find(name)
    assert joined
    return Path(joined).read_text()


def compressed(text: str) -> int:
    return len(gzip.compress(text.encode()))


def test_every_module_comes_once_and_what_it_needs_before_it() -> None:
    order = modules(folder() / "app.js")
    assert len(order) == len(set(order))
    assert order[-1].name == "app.js"
    used = [file.name for file in order]
    assert used.index("dom.js") < used.index("apply.js") < used.index("live.js")


@pytest.mark.parametrize(("name", "limit"), [("js/fluxboard.js", 30_000), ("js/fluxboard-pages.js", 17_000)])
def test_what_a_page_loads_is_one_small_script(name: str, limit: int) -> None:
    text = served(name)
    assert not re.search(r"^(import|export)\b|\bimport\(", text, re.M)
    assert compressed(text) <= limit
    assert "\n//" not in text


def test_a_page_without_a_board_loads_neither_dragging_nor_the_stream() -> None:
    used = {file.name for file in modules(folder() / "pages.js")}
    assert not used & {"drag.js", "live.js", "sse.js", "forms.js", "drafts.js", "mentions.js"}


def test_without_esbuild_they_are_the_same_only_larger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = folder() / "app.js"
    small, small_styles = one_script(entry), one_stylesheet()
    monkeypatch.setattr(esbuild, "esbuild", lambda: None)
    assert one_script(entry) == join(entry)
    assert compressed(small) < 0.85 * compressed(join(entry))
    assert compressed(small_styles) < 0.95 * compressed(one_stylesheet())


def test_what_esbuild_refuses_is_said(tmp_path: Path) -> None:
    program = esbuild.esbuild()
    assert program
    (tmp_path / "app.js").write_text("const = 1;\n")
    with pytest.raises(esbuild.NotSmaller, match="Expected identifier"):
        esbuild.script(program, tmp_path / "app.js")


def test_imports_are_renamed_and_scopes_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text("// A note.\nexport const start = 1;\nconst own = 2;\n")
    (tmp_path / "two.js").write_text(
        'import { start as begin } from "./one.js";\nconst own = 3;\n'
        "export function sum() { return begin + own; }\n"
    )
    (tmp_path / "app.js").write_text('import * as two from "./two.js";\ntwo.sum();\n')
    assert join(tmp_path / "app.js") == (
        "const m0 = (() => {\nconst start = 1;\nconst own = 2;\nreturn { start };\n})();\n"
        "const m1 = (() => {\nconst { start: begin } = m0;\nconst own = 3;\n"
        "function sum() { return begin + own; }\nreturn { sum };\n})();\n"
        "const m2 = (() => {\nconst two = m1;\ntwo.sum();\nreturn {  };\n})();\n"
    )


@pytest.mark.parametrize(
    "text",
    ["export default 1;\n", "export { one };\n", "export let one = 1;\n", 'import one from "./app.js";\n'],
)
def test_what_joining_does_not_know_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "app.js").write_text(text)
    with pytest.raises(NotJoinable):
        join(tmp_path / "app.js")


def test_a_circle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text('import { b } from "./b.js";\nexport const a = 1;\n')
    (tmp_path / "b.js").write_text('import { a } from "./app.js";\nexport const b = 1;\n')
    with pytest.raises(NotJoinable):
        join(tmp_path / "app.js")
