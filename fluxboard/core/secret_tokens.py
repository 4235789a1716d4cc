"""The secret at the end of an address: shown or mailed once, of which only a digest is kept."""

from __future__ import annotations

import secrets
from hashlib import sha256


def new_token() -> str:
    """43 characters that stand in an address as they are, out of 32 random bytes."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """32 bytes by which a token is known again. It is random enough to need no salt."""
    return sha256(token.encode()).digest()
