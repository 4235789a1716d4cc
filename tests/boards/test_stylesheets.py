"""One stylesheet a page, out of one file a thing."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders

from fluxboard.stylesheets import NAME, parts


def test_the_joined_stylesheet_holds_every_file_tokens_first() -> None:
    joined = finders.find(NAME)
    assert joined
    text = Path(joined).read_text()
    assert text.index("@layer reset, tokens, base") < text.index("--canvas") < text.index("@layer base")
    for part in parts():
        assert part.read_text() in text


def test_no_style_is_fetched_from_elsewhere() -> None:
    for part in parts():
        assert "@import" not in part.read_text()
        assert "url(" not in part.read_text()
