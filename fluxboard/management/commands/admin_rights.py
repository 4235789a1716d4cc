"""`bin/manage admin_rights EMAIL --give | --take`: who is an admin, said on the server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from fluxboard.accounts.models import User
from fluxboard.accounts.one_time_links import withdraw_links


class Command(BaseCommand):
    help = "Makes somebody an admin, or an ordinary person again: in the pages nobody changes another admin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--give", action="store_true", dest="is_admin", help="they become an admin")
        what.add_argument("--take", action="store_false", dest="is_admin", help="they are one no more")

    @transaction.atomic
    def handle(self, *, email: str, is_admin: bool, **_: Any) -> None:
        """Raises CommandError with exit status 2 for an unknown address and for the last admin."""
        admins = set(User.objects.admins().select_for_update().values_list("pk", flat=True))
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(f"nobody here has the address {email}.", returncode=2)
        if not is_admin and admins == {person.pk}:
            raise CommandError(
                f"{person.name} is the last admin. Make somebody else one first.", returncode=2
            )
        person.is_staff = person.is_superuser = is_admin
        person.save(update_fields=["is_staff", "is_superuser"])
        withdraw_links(person)
        self.stdout.write(f"{person.name} is {'an admin' if is_admin else 'no admin'} now.")
