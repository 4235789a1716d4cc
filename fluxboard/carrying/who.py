"""Who the people of an export are here: by e-mail, else by uid, else people to be claimed.

Nobody is matched by name. A person who is made here has no sign-in until they claim an invitation; the
address that the file gives is kept beside the board and signs nobody in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django.db.models.functions import Lower

from boards.models import Board, CarriedPerson, ImportedPerson
from fluxboard.accounts.models import User
from fluxboard.carrying.shape import PERSON
from fluxboard.carrying.unpacking import Archive, Damaged

MOST_PEOPLE = 5000


@dataclass(frozen=True)
class Match:
    """One person of the file, and who that is here (None: nobody yet). `by` is "email" or "uid"."""

    line: dict[str, Any]
    user: User | None
    by: str = ""

    @property
    def uids(self) -> list[Any]:
        return [self.line["uid"], *self.line["also"]]


def match_people(archive: Archive) -> list[Match]:
    """The file's people, each with who they are here. Raises `Damaged`, also where the two disagree."""
    if archive.manifest.counts["people"] > MOST_PEOPLE:
        raise Damaged(f"It names {archive.manifest.counts['people']:,} people; {MOST_PEOPLE:,} is the most.")
    lines = list(archive.rows("people", PERSON))
    _refuse_twice(lines)
    emails = [line["email"].lower() for line in lines if line["email"]]
    uids = [uid for line in lines for uid in (line["uid"], *line["also"])]
    known = User.objects.annotate(address=Lower("email"))
    by_email = {user.address: user for user in known.filter(address__in=emails)}
    by_uid = {user.uid: user for user in User.objects.filter(uid__in=uids)}
    earlier = set(
        CarriedPerson.objects.filter(uid__in=uids).values_list("uid", "user", Lower("email")).distinct()
    )
    matches = [_match(line, by_email, by_uid, earlier) for line in lines]
    seen: dict[int, str] = {}
    for match in matches:
        if match.user is not None:
            other = seen.setdefault(match.user.pk, match.line["name"])
            if other != match.line["name"] or sum(m.user == match.user for m in matches) > 1:
                raise Damaged(f"people.jsonl: {other} and {match.line['name']} are one person here.")
    return matches


def _refuse_twice(lines: list[dict[str, Any]]) -> None:
    seen: set[Any] = set()
    for number, line in enumerate(lines, start=1):
        names = {line["uid"], *line["also"], *filter(None, [line["email"].lower()])}
        if names & seen or len(names) < 1 + len(line["also"]):
            raise Damaged(f"people.jsonl, line {number}: this person is named before.")
        seen |= names


def _match(line: dict[str, Any], by_email: Any, by_uid: Any, earlier: set[Any]) -> Match:
    email = line["email"].lower()
    user = by_email.get(email)
    if user is not None:
        for uid in (line["uid"], *line["also"]):
            if by_uid.get(uid, user) != user:
                raise Damaged(
                    f"people.jsonl: {line['name']} has the address of {user.name} here, "
                    f"and the uid of {by_uid[uid].name}."
                )
        return Match(line, user, "email")
    for uid in (line["uid"], *line["also"]):
        user = by_uid.get(uid)
        if user is None:
            continue
        if email and user.email and (uid, user.pk, email) not in earlier:
            raise Damaged(
                f"people.jsonl: {line['name']} is here as {user.name}, with another e-mail address. "
                "Give them the same address in both places."
            )
        return Match(line, user, "uid")
    return Match(line, None)


def settle_people(matches: list[Match], board: Board, *, is_trusted: bool = False) -> dict[Any, User]:
    """The person here by each uid of the file; makes who isn't here yet, and keeps who is who.

    Who someone was in Trello decides on which boards a later import puts them. For a person who was here
    before, the file is believed only when `is_trusted`.
    """
    people: dict[Any, User] = {}
    carried, origins = [], []
    for match in matches:
        user = match.user or _newcomer(match.line)
        for uid in match.uids:
            people[uid] = user
            carried.append(CarriedPerson(board=board, uid=uid, user=user, email=match.line["email"]))
        if match.user is None or is_trusted:
            origins += [
                ImportedPerson(source=source, source_id=id_, user=user)
                for source, id_ in match.line["origins"]
            ]
    CarriedPerson.objects.bulk_create(carried)
    ImportedPerson.objects.bulk_create(origins, ignore_conflicts=True)
    return people


def _newcomer(line: dict[str, Any]) -> User:
    """A person without an address or a password, to be claimed by an invitation."""
    taken = User.objects.filter(handle=line["handle"]).exists()
    zone = line["zone"]
    return User.objects.create_user(
        email=None,
        uid=line["uid"],
        name=line["name"],
        handle=User.objects.free_handle(line["handle"]) if taken else line["handle"],
        hue=line["hue"],
        time_zone=zone if zone in available_timezones() else "UTC",
        is_active=line["is_active"],
    )
