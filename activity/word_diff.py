"""A text's change, word by word: what went is struck, what came is marked."""

from __future__ import annotations

import difflib
import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
LONGEST = 6000


def word_diff(before: str, after: str) -> SafeString:
    """HTML of `after` with `<del>` and `<ins>` against `before`; both are plain text and come out escaped.

    Beyond 6,000 words on a side comparing takes too long: then it is all of the one and all of the other.
    """
    old, new = WORDS.findall(before), WORDS.findall(after)
    if max(len(old), len(new)) > LONGEST:
        return _changed(before, after)
    steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return format_html_join(
        "",
        "{}",
        (
            ("".join(new[b1:b2]) if kind == "equal" else _changed("".join(old[a1:a2]), "".join(new[b1:b2])),)
            for kind, a1, a2, b1, b2 in steps
        ),
    )


def _changed(before: str, after: str) -> SafeString:
    went = format_html("<del>{}</del>", before) if before else mark_safe("")
    came = format_html("<ins>{}</ins>", after) if after else mark_safe("")
    return went + came
