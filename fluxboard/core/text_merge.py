"""Two people, one text: what merges, and what is a clash.

Three-way merge by line (Khanna, Kunal, Pierce, "A Formal Investigation of Diff3", 2007).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from merge3 import Merge3

from fluxboard.core.sequences import TooLong, steps_between


class _Matcher:
    """What `Merge3` asks of difflib's matcher, in a time that has a bound. Raises `TooLong`."""

    def __init__(
        self,
        isjunk: Callable[[Any], bool] | None = None,
        a: Sequence[str] = "",
        b: Sequence[str] = "",
        autojunk: bool = True,
    ) -> None:
        self.steps = steps_between(a, b)
        self.end = len(a), len(b)

    def get_matching_blocks(self) -> list[tuple[int, int, int]]:
        """Where both are the same: a place in each, and for how long; then the end of both."""
        same = [(step.a1, step.b1, step.a2 - step.a1) for step in self.steps if step.is_same]
        return [*same, (*self.end, 0)]


def merge_lines(base: str, theirs: str, yours: str, *, keep_additions: bool = False) -> str | None:
    """Both changes to `base` in one text; None where they touch the same lines, or too many to compare.

    `keep_additions`: lines that both added at the same place are kept, theirs first.
    """
    if theirs == yours or yours == base:
        return theirs
    if theirs == base:
        return yours
    merge = Merge3(_lines(base), _lines(theirs), _lines(yours), sequence_matcher=_Matcher)
    try:
        lines: list[str] = []
        for kind, *groups in merge.merge_groups():
            if kind == "conflict" and (groups[0] or not keep_additions):
                return None
            lines += [line for group in groups for line in group]
    except TooLong:
        return None
    merged = "".join(lines)
    return merged if all(text.endswith("\n") for text in (theirs, yours)) else merged.rstrip("\n")


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "\n" else lines
