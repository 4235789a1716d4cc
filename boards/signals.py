"""What follows from a change of a person, and from somebody coming to a board."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from activity.feed.read_marker import begin_reading
from boards.models import Membership, Schedule, Welcome
from boards.person_changes import access_changed, looks_changed
from fluxboard.accounts.signals import person_changed


@receiver(person_changed)
def follow_person(sender: Any, person: Any, kind: str, **kwargs: Any) -> None:
    if kind in ("deactivated", "sessions"):
        access_changed(person)
    elif kind == "looks":
        looks_changed(person)
    if kind in ("clock", "deactivated", "reactivated"):
        Schedule.objects.by_clock_of(person).wait_anew()


@receiver((post_save, post_delete), sender=Membership)
def take_turns(sender: Any, instance: Membership, raw: bool = False, **kwargs: Any) -> None:
    """Whoever comes or goes may be in a rota that opens cards by the clock of whose turn it is."""
    if not raw:
        Schedule.objects.filter(board=instance.board_id).by_clock_of(instance.user_id).wait_anew()


@receiver(post_save, sender=Membership)
def begin_to_read(sender: Any, instance: Membership, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """News on a board is what happens after one comes to it; what was before is introduced."""
    if created and not raw:
        now = instance.came_at or timezone.now()
        begin_reading(instance.user, instance.board, now)
        Welcome.objects.offer(instance.user, instance.board, now)
