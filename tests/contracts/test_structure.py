"""The shape of the code: short files and functions, no circle of imports, floors that only look down.

The floors themselves stand in pyproject.toml, where import-linter reads them.
"""

from __future__ import annotations

from bench import structure

FILE_LINES, FUNCTION_LINES = 400, 60
# Longer for a reason, and no longer than it is.
LONG_FILES = {
    "fluxboard/features/demo/stories/checkout.py": (815, "a team's work for two weeks, told in order"),
    "fluxboard/features/demo/stories/checkout_done.py": (560, "what that team has finished, told in order"),
}
LONG_FUNCTIONS: dict[str, tuple[int, str]] = {}


def test_no_file_is_longer_than_one_reads_at_a_time() -> None:
    every = [*structure.production(), *structure.scripts_of_ours()]
    lengths = {path: structure.lines_of(path) for path in every}

    allowed = dict.fromkeys(lengths, FILE_LINES) | {path: most for path, (most, _) in LONG_FILES.items()}
    too_long = {path: lines for path, lines in lengths.items() if lines > allowed[path]}

    assert lengths and not too_long
    assert not [path for path in LONG_FILES if lengths.get(path, 0) <= FILE_LINES], (
        "exceptions that none needs"
    )


def test_no_function_is_longer_than_a_screen() -> None:
    every = [one for path in structure.production() for one in structure.functions(path)]
    every += [one for path in structure.scripts_of_ours() for one in structure.script_functions(path)]
    assert {"fillTimes", "openMenu"} <= {one.name for one in every}, "scripts count too"

    def name_of(one: structure.Function) -> str:
        return f"{one.path} {one.name}"

    too_long = {
        name_of(one): one.lines
        for one in every
        if one.lines > LONG_FUNCTIONS.get(name_of(one), (FUNCTION_LINES, ""))[0]
    }

    assert every and not too_long
    long = {name_of(one) for one in every if one.lines > FUNCTION_LINES}
    assert not set(LONG_FUNCTIONS) - long, "exceptions that none needs"


def test_no_module_imports_one_that_imports_it() -> None:
    assert structure.circles() == []
