"""Numbers with the word for what they count."""

from __future__ import annotations


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 card`, `3 cards`, `1,200 people`. `plural` is for words that take no *s*."""
    return f"{number:,} {word if number == 1 else plural or f'{word}s'}"
