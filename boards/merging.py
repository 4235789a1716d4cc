"""Two people, one text: what merges, and what is a clash.

Three-way merge by line (Khanna, Kunal, Pierce, "A Formal Investigation of Diff3", 2007).
"""

from __future__ import annotations

from merge3 import Merge3


def merge_lines(base: str, theirs: str, yours: str) -> str | None:
    """Both changes to `base` in one text; None where they touch the same lines."""
    if theirs == yours or yours == base:
        return theirs
    if theirs == base:
        return yours
    merge = Merge3(_lines(base), _lines(theirs), _lines(yours))
    if any(group[0] == "conflict" for group in merge.merge_groups()):
        return None
    merged = "".join(merge.merge_lines())
    return merged if all(text.endswith("\n") for text in (theirs, yours)) else merged.rstrip("\n")


def _lines(text: str) -> list[str]:
    return [line if line.endswith("\n") else f"{line}\n" for line in text.splitlines(keepends=True)]
