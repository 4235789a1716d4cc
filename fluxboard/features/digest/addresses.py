"""Whole addresses, for mails: they are read away from any page."""

from __future__ import annotations

import os

from fluxboard.core.public_url import public_url


def base_url() -> str:
    """The address that people use, without a slash at its end."""
    return public_url() or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"


def absolute(address: str) -> str:
    return f"{base_url()}{address}"
