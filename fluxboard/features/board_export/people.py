"""Who the people of an export may be here. What the file says of them is a claim, and proves nothing.

Everyone comes as a person to be claimed. Where somebody here has an address of the file and has confirmed
it, or a uid that the file names, whoever imports may have them asked, by name; they say themselves whether
they are that person. Nobody is matched by name. A person who is made here has no sign-in until they claim an
invitation; the address that the file gives is kept beside the board and signs nobody in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from boards.models import Board, CarriedPerson, ImportedPerson
from boards.placeholders import placeholders, reusable
from fluxboard.accounts.email_addresses import people_with_addresses
from fluxboard.accounts.models import User
from fluxboard.accounts.time_zones import known
from fluxboard.features.board_export.lines import PERSON
from fluxboard.features.board_export.zip_reader import Archive, Damaged

_MOST_PEOPLE = 5000


@dataclass(frozen=True)
class Match:
    """One person of the file, and who that may be here (None: nobody). `by` is "email" or "uid"."""

    line: dict[str, Any]
    user: User | None
    by: str = ""

    @property
    def uids(self) -> list[Any]:
        return [self.line["uid"], *self.line["also"]]

    @property
    def confirmation(self) -> str:
        """What the preview sends back for someone who is to be asked: it names both."""
        return f"{self.line.get('uid')} {self.user.pk}" if self.user is not None else ""


@dataclass
class FilePeople:
    """The person here by each uid of the file; whom to ask to be whom; how many are here, or asked."""

    people: dict[Any, User] = field(default_factory=dict)
    to_ask: list[tuple[User, User]] = field(default_factory=list)
    here: int = 0


def match_people(archive: Archive) -> list[Match]:
    """The file's people, each with who they may be here, who can sign in. Raises `Damaged`.

    Two people of the file are never one here: the first of them is, by address before uid.
    """
    if archive.manifest.counts["people"] > _MOST_PEOPLE:
        raise Damaged(f"It names {archive.manifest.counts['people']:,} people; {_MOST_PEOPLE:,} is the most.")
    lines = list(archive.rows("people", PERSON))
    _refuse_twice(lines)
    by_email = people_with_addresses(line["email"] for line in lines)
    by_uid = _by_uid(lines)
    found: dict[int, Match] = {}
    taken: set[int] = set()
    for number, line in enumerate(lines):
        user = by_email.get(line["email"].lower())
        if user is not None:
            found[number] = Match(line, user, "email")
            taken.add(user.pk)
    for number, line in enumerate(lines):
        user = next((by_uid[uid] for uid in (line["uid"], *line["also"]) if uid in by_uid), None)
        if number not in found and user is not None and user.pk not in taken:
            found[number] = Match(line, user, "uid")
            taken.add(user.pk)
    return [found.get(number, Match(line, None)) for number, line in enumerate(lines)]


def _by_uid(lines: Iterable[dict[str, Any]]) -> dict[Any, User]:
    """Who can sign in here and has a uid that the file names, or had it in a board that came before."""
    uids = [uid for line in lines for uid in (line["uid"], *line["also"])]
    before = CarriedPerson.objects.filter(uid__in=uids).order_by("pk")
    pks = dict(before.values_list("uid", "user"))
    pks |= dict(User.objects.filter(uid__in=uids).values_list("uid", "pk"))
    people = User.objects.able_to_sign_in().in_bulk(set(pks.values()))
    return {uid: people[pk] for uid, pk in pks.items() if pk in people}


def _refuse_twice(lines: list[dict[str, Any]]) -> None:
    seen: set[Any] = set()
    for number, line in enumerate(lines, start=1):
        names = {line["uid"], *line["also"], *filter(None, [line["email"].lower()])}
        if names & seen or len(names) < 1 + len(line["also"]):
            raise Damaged(f"people.jsonl, line {number}: this person is named before.")
        seen |= names


def settle_people(
    matches: list[Match],
    board: Board,
    owner: User,
    *,
    asked: Collection[str] = (),
    ask_all: bool = False,
    accept: bool = False,
) -> FilePeople:
    """Who each person of the file is on `board`; makes who isn't here yet, and keeps who is who.

    `owner` imports, and is there at once. `asked` are the confirmations of the preview; `ask_all` confirms
    every match. `accept`: whoever runs the machine answers for the file, and who is matched is taken in.
    """
    settled = FilePeople()
    nobody = _placeholders(matches, owner)
    carried, origins = [], []
    for match in matches:
        user, is_known = match.user, True
        is_asked = user is not None and (ask_all or match.confirmation in asked)
        if user is None or not (user == owner or accept):
            reused = next((nobody[uid] for uid in match.uids if uid in nobody), None)
            is_known = is_asked
            if user is not None and is_asked:
                reused = None  # theirs alone, so that they take over nothing else
            claims = reused or _newcomer(match.line)
            if user is not None and is_asked:
                settled.to_ask.append((user, claims))
            user = claims
        settled.here += is_known
        for uid in match.uids:
            settled.people[uid] = user
            carried.append(CarriedPerson(board=board, uid=uid, user=user, email=match.line["email"]))
        if user != owner:
            origins += [
                ImportedPerson(source=source, source_id=id_, user=user, board=board)
                for source, id_ in match.line["origins"]
            ]
    CarriedPerson.objects.bulk_create(carried)
    ImportedPerson.objects.bulk_create(origins, ignore_conflicts=True)
    return settled


def _placeholders(matches: list[Match], owner: User) -> dict[Any, User]:
    """Who came with an earlier import of the owner's, by uid, and is nobody's but theirs."""
    uids = [uid for match in matches for uid in match.uids]
    pks = dict(CarriedPerson.objects.filter(uid__in=uids).order_by("pk").values_list("uid", "user"))
    pks |= dict(User.objects.filter(uid__in=uids).values_list("uid", "pk"))
    people = placeholders().in_bulk(set(pks.values()))
    mine = reusable(people.values(), owner)
    return {uid: people[pk] for uid, pk in pks.items() if pk in mine}


def _newcomer(line: dict[str, Any]) -> User:
    """A person without an address or a password, to be claimed by an invitation.

    They keep the uid of the file while nobody here has it; it names them, and gives them nothing.
    """
    handle_is_taken = User.objects.filter(handle=line["handle"]).exists()
    uid_is_taken = User.objects.filter(uid=line["uid"]).exists()
    zone = line["zone"]
    return User.objects.create_user(
        email=None,
        **({} if uid_is_taken else {"uid": line["uid"]}),
        name=line["name"],
        handle=User.objects.free_handle(line["handle"]) if handle_is_taken else line["handle"],
        hue=line["hue"],
        time_zone=zone if zone in known() else "UTC",
        is_active=line["is_active"],
    )
