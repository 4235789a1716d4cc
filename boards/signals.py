"""What boards do when `fluxboard.accounts` says that a person has changed."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from boards.people import access_changed, looks_changed
from fluxboard.accounts.signals import person_changed


@receiver(person_changed)
def follow_person(sender: Any, person: Any, kind: str, **kwargs: Any) -> None:
    if kind in ("deactivated", "sessions"):
        access_changed(person)
    elif kind == "looks":
        looks_changed(person)
