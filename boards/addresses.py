"""Addresses of boards and of what stands on them, each found once."""

from __future__ import annotations

import functools

from django.urls import reverse


@functools.lru_cache(maxsize=10_000)
def address(name: str, *words: str | int) -> str:
    """What `reverse` answers for `name` with `words`; a page of sixty changes asks some 250 times.

    Kept for the process: what stands before all paths belongs to the installation, not to a request.
    """
    return reverse(name, args=words)
