"""`bin/manage add_person EMAIL --name NAME [--zone ZONE] [--board KEY:ROLE …]`."""

from __future__ import annotations

import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from activity.errors import NotDone
from activity.log.record import By
from activity.models import Via
from boards.actions.membership import add_member, change_role
from boards.models import Board, Role
from fluxboard.accounts.email_addresses import is_proved
from fluxboard.accounts.models import User
from fluxboard.accounts.one_time_links import welcome_link
from fluxboard.accounts.time_zones import meant, resolve
from fluxboard.core import limits, texts
from fluxboard.core.public_url import public_url


class Command(BaseCommand):
    help = (
        "Adds a person, or adds to what a person has: boards, and a password where there is none. "
        "The password comes from FLUXBOARD_PASSWORD; without it a one-time link is printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", help="as others read it; needed for a new person")
        parser.add_argument("--zone", help="time zone, such as Europe/Lisbon")
        parser.add_argument(
            "--board",
            action="append",
            default=[],
            metavar="KEY:ROLE",
            help="a board to be on, as owner, member or viewer; may be given several times",
        )

    def handle(self, *, email: str, name: str | None, zone: str | None, board: list[str], **_: Any) -> None:
        """Check everything first, then write; raises CommandError with exit status 2 for bad input."""
        email, zone = _address(email), _zone(zone)
        seats = [_seat(words) for words in board]
        person = User.objects.filter(email__iexact=email).first()
        if person is not None and not is_proved(person):
            raise _bad(
                f"{person.name} typed {email} and never confirmed that it is theirs. "
                f"If you know that it is: bin/manage confirm_address {email}"
            )
        if person is None:
            person = self._add(email, name, zone)
        else:
            self._add_to(person, zone)
        for key, role in seats:
            self._seat(person, key, role)
        if not person.has_usable_password():
            self.stdout.write(f"{person.name} sets a password here, once, within a week:")
            self.stdout.write(welcome_link(person, _base_url()))

    def _add(self, email: str, name: str | None, zone: str | None) -> User:
        try:
            name = texts.tidied(name or "", limits.PERSON_NAME)
        except texts.NotKept as problem:
            raise _bad(f"{email}: the name {problem}") from None
        if not name:
            raise _bad(f"{email} is new here: give a name with --name.")
        person = User.objects.create_user(email, self._password(), name=name, time_zone=zone or "UTC")
        self.stdout.write(f"Added {person.name} <{email}>, @{person.handle}, {person.time_zone}.")
        return person

    def _add_to(self, person: User, zone: str | None) -> None:
        changed = []
        password = None if person.has_usable_password() else self._password()
        if password:
            person.set_password(password)
            changed.append("password")
        if zone and person.time_zone == "UTC" != zone:
            person.time_zone = zone
            changed.append("time_zone")
        if changed:
            person.save(update_fields=changed)
        self.stdout.write(f"{person.name} <{person.email}> is here already; what was missing is added.")

    def _password(self) -> str | None:
        password = os.environ.get("FLUXBOARD_PASSWORD") or None
        if password:
            try:
                validate_password(password)
            except ValidationError as weak:
                self.stderr.write(
                    f"FLUXBOARD_PASSWORD is weak: {' '.join(weak.messages)} It is set all the same."
                )
        return password

    def _seat(self, person: User, board: Board, role: Role) -> None:
        by = By(person, via=Via.COMMAND)
        had = board.memberships.filter(user=person).values_list("role", flat=True).first()
        try:
            if had is None:
                add_member(board, person, role, by=by)
            elif had != role:
                change_role(board, person, role, by=by)
        except NotDone as reason:
            raise _bad(f"{board.key}: {getattr(reason, 'message', reason)}") from reason
        self.stdout.write(f"{board.key} {board.name}: {role.value}.")


def _bad(words: str) -> CommandError:
    return CommandError(words, returncode=2)


def _address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise _bad(f"“{email}” is no email address.") from error
    return email


def _zone(typed: str | None) -> str | None:
    if typed is None:
        return None
    name = resolve(typed)
    if name is None:
        if names := meant(typed):
            raise _bad(f"--zone {typed} does not say which clock. Use {' or '.join(names)}.")
        raise _bad(f"--zone {typed}: no such time zone. Use a name such as Europe/Lisbon.")
    return name


def _seat(words: str) -> tuple[Board, Role]:
    key, _, role = words.partition(":")
    board = Board.objects.filter(key=key.upper()).first()
    if board is None:
        raise _bad(f"--board {words}: there is no board {key.upper()}.")
    if role not in Role.values:
        raise _bad(f"--board {words}: write {board.key}:owner, {board.key}:member or {board.key}:viewer.")
    return board, Role(role)


def _base_url() -> str:
    return public_url() or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
