"""One script a page, out of one behaviour a file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from fluxboard.scripts import NAME, NotJoinable, folder, join, modules


def test_the_joined_script_holds_every_module_once_and_what_it_needs_before_it() -> None:
    order = modules(folder() / "app.js")
    assert len(order) == len(set(order))
    assert order[-1].name == "app.js"
    used = [file.name for file in order]
    assert used.index("dom.js") < used.index("apply.js") < used.index("live.js")
    joined = finders.find(NAME)
    assert joined
    text = Path(joined).read_text()
    assert text.count("(() => {\n") >= len(order)
    assert "\nimport " not in text
    assert "\nexport " not in text


def test_the_joined_script_stays_small() -> None:
    joined = finders.find(NAME)
    assert joined
    assert len(gzip.compress(Path(joined).read_bytes())) <= 36_000


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
