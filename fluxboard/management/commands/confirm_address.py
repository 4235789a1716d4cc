"""`bin/manage confirm_address EMAIL`: for who knows that an address is its person's."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from fluxboard.accounts.email_addresses import CannotConfirm, confirm_by_hand
from fluxboard.accounts.models import User


class Command(BaseCommand):
    help = (
        "Confirms the change of address that the person waits for, or else that their present address is "
        "theirs. With a mail server a new address still has to be confirmed by the link that is mailed to it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that they have, or the one that they wait for")

    def handle(self, *, email: str, **_: Any) -> None:
        """Raises CommandError with exit status 2 when nobody is meant, several are, or nothing waits."""
        typed = email.strip().lower()
        found = list(User.objects.filter(Q(email=typed) | Q(address_change__email=typed))[:2])
        if len(found) != 1:
            who = "several people have or want" if found else "nobody here has or wants"
            raise CommandError(f"{who} the address {typed}.", returncode=2)
        try:
            self.stdout.write(f"{found[0].name}: {confirm_by_hand(found[0])}")
        except CannotConfirm as reason:
            raise CommandError(f"{found[0].name}: {reason}", returncode=2) from reason
