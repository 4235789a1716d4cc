"""Lines of a pasted text as titles or items."""

from __future__ import annotations

_MARKS = ("- [ ] ", "- [x] ", "- ", "* ", "• ", "– ")


def titles_in(text: str) -> list[str]:
    """One title for each line that has one, without list marks such as "- "."""
    lines = (line.strip() for line in text.replace("\r", "\n").split("\n"))
    return [bare for line in lines if (bare := _without_mark(line))]


def _without_mark(line: str) -> str:
    for mark in _MARKS:
        if line.startswith(mark):
            return line[len(mark) :].strip()
    return line
