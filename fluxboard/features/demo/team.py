"""The five of the demo. Their working days reach once around the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from fluxboard.accounts.models import User

# handle: name, city, time zone, hue, working hours
TEAM = {
    "ana": ("Ana Duarte", "Lisbon", "Europe/Lisbon", 5, (9, 0), (17, 30)),
    "kenji": ("Kenji Mori", "Tokyo", "Asia/Tokyo", 7, (9, 30), (18, 0)),
    "priya": ("Priya Nair", "Bengaluru", "Asia/Kolkata", 8, (10, 0), (18, 30)),
    "sam": ("Sam Okafor", "New York", "America/New_York", 2, (9, 0), (17, 30)),
    "lena": ("Lena Vogt", "Auckland", "Pacific/Auckland", 4, (8, 30), (17, 0)),
}
ADMIN = "ana"


def email(handle: str) -> str:
    return f"{handle}@example.com"


def password(handle: str) -> str:
    """Easy to type, and no secret: the demo is for looking at."""
    return f"{handle}-in-{TEAM[handle][1].lower().replace(' ', '-')}"


def facts(handle: str) -> dict[str, Any]:
    """One of the five, as the fields of a person."""
    name, _, zone, hue, starts, ends = TEAM[handle]
    return {
        "name": name,
        "handle": handle,
        "hue": hue,
        "time_zone": zone,
        "work_start": dt.time(*starts),
        "work_end": dt.time(*ends),
    }


def hire(now: dt.datetime) -> dict[str, Any]:
    """The five people, by handle; Ana is the admin of the installation."""
    people = {}
    for handle in TEAM:
        is_admin = handle == ADMIN
        people[handle] = User.objects.create_user(
            email(handle),
            **facts(handle),
            is_staff=is_admin,
            is_superuser=is_admin,
            joined_at=now - dt.timedelta(days=30),
        )
        people[handle].password = quickly_hashed(password(handle))
        people[handle].save(update_fields=["password"])
    return people


def quickly_hashed(word: str) -> str:
    """A hash in few rounds, for a password that is printed anyway; the first sign-in makes it a full one."""
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(word, hasher.salt(), iterations=1000)


def sign_ins() -> str:
    """The sign-ins as a table of text."""
    rows = [("Person", "City", "Email", "Password")]
    rows += [(TEAM[h][0], TEAM[h][1], email(h), password(h)) for h in TEAM]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
