"""Typed texts as they are stored."""

from __future__ import annotations

from activity.errors import Refused
from fluxboard.core import limits, texts

LONG_TEXT = limits.TEXT


def cleaned(
    text: str | None, *, field: str, what: str, longest: int, lines: bool = False, needed: bool = True
) -> str:
    """Typed text as it is kept: composed (NFC), line breaks as \\n, no blanks around it.

    With `lines` the first line keeps its indent; else it is one line. A text of which nothing can be seen is
    empty. Raises `Refused` beside `field` when it is empty (and `needed`), longer than `longest` characters,
    or holds what is no text: control characters, or more combining marks in a row than `limits.MARKS`;
    nothing is dropped silently. The length is checked first, since every other check takes time by it.
    """
    try:
        kept = texts.tidied(text or "", longest, lines=lines)
    except texts.NotKept as problem:
        raise Refused(f"{what} {problem}", field) from None
    if needed and not kept:
        raise Refused(f"{what} can't be empty.", field)
    return kept
