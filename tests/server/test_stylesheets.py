"""One stylesheet a page, out of one file a thing."""

from __future__ import annotations

import re
from pathlib import Path

from django.contrib.staticfiles import finders

from fluxboard.server.assets.stylesheets import NAME, stylesheet_parts


def test_the_stylesheet_holds_every_file_tokens_first() -> None:
    joined = finders.find(NAME)
    assert joined
    text = Path(joined).read_text()
    assert text.index("@layer reset,tokens,base") < text.index("--canvas") < text.index("@layer base{")
    served = names(text)
    for part in stylesheet_parts():
        assert names(part.read_text()) <= served


def names(text: str) -> set[str]:
    return set(
        re.findall(
            r"\.[a-z][\w-]*(?=[^{}]*\{)|--[a-z][\w-]*(?=:)", re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        )
    )


def test_no_style_is_fetched_from_elsewhere() -> None:
    for part in stylesheet_parts():
        assert "@import" not in part.read_text()
        assert "url(" not in part.read_text()
