"""Where a found text holds the words searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from fluxboard.core import limits
from fluxboard.core.folding import fold
from fluxboard.core.plain_text import plain
from fluxboard.features.search.syntax import UNSPACED, Term

_folded_letter = lru_cache(maxsize=2**14)(fold)

# A letter of a word that has spaces around it.
LETTER = rf"[^\W{UNSPACED}]"
AROUND = 70
SNIPPET = 190


@dataclass(frozen=True)
class Marks:
    """Where the words of a query stand in a text. What comes out is escaped, with `<mark>` around them."""

    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, terms: tuple[Term, ...], *, is_inside: bool = False) -> Marks:
        """`is_inside`: mark them within other words too. Stems are asked of PostgreSQL, in one query."""
        spaced = [run for term in terms for run, unspaced in term.runs if not unspaced and not term.is_phrase]
        stems = {} if is_inside or not spaced else _stems(spaced)
        parts = []
        for term in terms:
            for run, unspaced in term.runs:
                if unspaced or is_inside:
                    parts.append(re.escape(run))
                elif term.is_phrase:
                    parts.append(
                        rf"(?<!{LETTER})" + r"\s+".join(map(re.escape, run.split())) + f"(?!{LETTER})"
                    )
                else:
                    end = f"{LETTER}*" if term.is_last else f"(?!{LETTER})"
                    stem = re.escape(stems.get(run, run))
                    parts.append(f"(?<!{LETTER}){re.escape(run)}{end}")
                    parts.append(f"(?<!{LETTER}){stem}{LETTER}{{0,4}}(?!{LETTER})")
        return cls(re.compile("|".join(parts)) if parts else None)

    def first(self, text: str) -> int | None:
        """Where the first hit begins, None without any."""
        if self.pattern is None or not text:
            return None
        folded, origin = _folded_with_origin(text)
        found = self.pattern.search(folded)
        return origin[found.start()] if found and found[0] else None

    def line(self, text: str) -> SafeString:
        """All of a short text, marked."""
        return self._marked(text)

    def snippet(self, text: str) -> SafeString:
        """The part of a longer text around its first hit, on one line."""
        text = plain(_around(text, self.first(text[: limits.TEXT]) or 0))
        start = max((self.first(text) or 0) - AROUND, 0)
        if start:
            start = text.rfind(" ", 0, start + 1) + 1 or start
        part = text[start : start + SNIPPET]
        before, after = "… " if start else "", " …" if start + SNIPPET < len(text) else ""
        return mark_safe(f"{before}{self._marked(part)}{after}")  # noqa: S308

    def _spots(self, text: str) -> list[tuple[int, int]]:
        if self.pattern is None or not text:
            return []
        folded, origin = _folded_with_origin(text)
        return [
            (origin[found.start()], origin[found.end() - 1] + 1)
            for found in self.pattern.finditer(folded)
            if found.end() > found.start()
        ]

    def _marked(self, text: str) -> SafeString:
        html, done = "", 0
        for start, end in self._spots(text):
            if start >= done:
                html += f"{escape(text[done:start])}<mark>{escape(text[start:end])}</mark>"
                done = end
        return mark_safe(html + escape(text[done:]))  # noqa: S308


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """The text as the index has it, and for each of its characters the place that it comes from."""
    folded: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        for part in _folded_letter(character) if ord(character) > 127 else character.lower():
            folded.append(part)
            origin.append(place)
    return "".join(folded), origin


def _stems(words: list[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, ts_lexize('english_stem', word) FROM unnest(%s::text[]) AS word", [words]
        )
        return {word: stems[0] if stems else word for word, stems in cursor.fetchall()}


def _around(text: str, spot: int) -> str:
    """The lines around a hit, as many as an excerpt can need."""
    start = text.rfind("\n", 0, max(spot - SNIPPET, 0)) + 1
    if spot - start > 2 * SNIPPET:  # a long line: from a word on
        start = text.rfind(" ", 0, spot - SNIPPET) + 1
    return text[start : spot + 4 * SNIPPET]
