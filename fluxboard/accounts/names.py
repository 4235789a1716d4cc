"""How people are called."""

from __future__ import annotations


def first_name(name: str) -> str:
    """`Ana` of `Ana Duarte`; empty for an empty name."""
    return next(iter(name.split()), "")
