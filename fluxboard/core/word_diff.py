"""A text's change, word by word: what went is struck, what came is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from fluxboard.core.sequences import DiffStep, TooLong, steps_between

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Texts that share less than this are another text: showing them word by word would only be noise.
LEAST_ALIKE = 0.3


def word_diff(before: str, after: str) -> SafeString:
    """HTML of `after` with `<del>` and `<ins>` against `before`; both are plain text and come out escaped.

    Two long texts, or two that have little in common, are shown as all of the one and all of the other.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    try:
        steps = list(_steps(steps_between(old, new), old, new))
    except TooLong:
        return _changed(before, after)
    alike = sum(len(went) for went, came in steps if went == came and went.strip())
    if max(len(old), len(new)) > 8 and alike < LEAST_ALIKE * max(len(before), len(after)):
        return _changed(before, after)
    return format_html_join(
        "", "{}", ((came if went == came else _changed(went, came),) for went, came in steps)
    )


def _steps(steps: list[DiffStep], old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """What went and what came, in order. A blank between two changed words belongs to the change."""
    went = came = ""
    for at, (is_same, a1, a2, b1, b2) in enumerate(steps):
        kept = "".join(new[b1:b2])
        is_between = 0 < at < len(steps) - 1 and kept.isspace()
        if is_same and not is_between:
            if went or came:
                yield went, came
            yield kept, kept
            went = came = ""
        else:
            went += "".join(old[a1:a2])
            came += kept
    if went or came:
        yield went, came


def _changed(before: str, after: str) -> SafeString:
    went = format_html("<del>{}</del>", before) if before else mark_safe("")
    came = format_html("<ins>{}</ins>", after) if after else mark_safe("")
    return went + came
