"""Who the people of a file are here. What the file says of them is a claim, and proves nothing.

Everyone comes as a person without a sign-in, also who was somebody here by an earlier import: whoever
imports may have those asked whom they know, by name, and they say themselves whether they are that person.
Nobody is matched by name: two people of one name are two. Who imported their own board may say which of the
file's people they are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from boards.models import Board, ImportedPerson
from boards.person_changes import colleagues
from boards.placeholders import reusable
from fluxboard.accounts.models import HUES, User
from fluxboard.features.trello.model import Export, Person
from fluxboard.features.trello.read_json import ImportProblem

SOURCE = "trello"
NAMELESS = "Someone from Trello"
_MOST_PEOPLE = 2000


@dataclass
class TrelloPeople:
    """The person here for each of the file's people, by Trello's id; and whom to ask to be whom."""

    people: dict[str, Any] = field(default_factory=dict)
    to_ask: list[tuple[Any, Any]] = field(default_factory=list)


def known_here(ids: Collection[str], reader: Any, *, sees_all: bool = False) -> dict[str, User]:
    """Who can sign in here and was taken for one of a file's people (`ids`) before, by Trello's id.

    Only those whom `reader` shares a board with, unless they may see everybody; nobody where it might be one
    or the other; never `reader`, who says so themselves.
    """
    rows = ImportedPerson.objects.filter(source=SOURCE, source_id__in=list(ids))
    users: dict[str, set[int]] = {}
    for id_, user in rows.values_list("source_id", "user"):
        users.setdefault(id_, set()).add(user)
    pks = {pk for known in users.values() for pk in known} - {reader.pk}
    told = pks if sees_all else colleagues(reader, pks) & pks
    people = User.objects.able_to_sign_in().in_bulk(told)
    found = {id_: [people[pk] for pk in known if pk in people] for id_, known in users.items()}
    return {id_: known[0] for id_, known in found.items() if len(known) == 1}


def confirmation(id_: str, user: User) -> str:
    """What the preview sends back for someone who is to be asked: it names both."""
    return f"{id_} {user.pk}"


def settle_trello_people(
    export: Export,
    board: Board,
    owner: Any,
    myself: str = "",
    *,
    asked: Collection[str] = (),
    sees_all: bool = False,
    accept: bool = False,
) -> TrelloPeople:
    """Who each of the file's people is on `board`; makes those who are not here yet.

    `myself` is the id of the one who is `owner`, if any. `asked` are the confirmations of the preview.
    `accept`: whoever runs the machine answers for it that those known here are who the file says, and they
    are taken in at once. Raises `ImportProblem` for too many.
    """
    if len(export.people) > _MOST_PEOPLE:
        raise ImportProblem(
            f"The board speaks of {len(export.people):,} people; an import takes {_MOST_PEOPLE:,} at most."
        )
    known = known_here(export.people, owner, sees_all=sees_all) if asked or accept else {}
    nobody = _placeholders(export, owner)
    settled = TrelloPeople()
    rows = []
    for id_, person in export.people.items():
        if id_ == myself:
            settled.people[id_] = owner
            continue
        if accept and id_ in known:
            user = settled.people[id_] = known[id_]
        else:
            user = settled.people[id_] = nobody.get(id_) or _newcomer(person)
            if id_ in known and confirmation(id_, known[id_]) in asked:
                if id_ in nobody:  # theirs alone, so that they take over nothing else
                    user = settled.people[id_] = _newcomer(person)
                settled.to_ask.append((known[id_], user))
        rows.append(ImportedPerson(source=SOURCE, source_id=id_, user=user, board=board))
    ImportedPerson.objects.bulk_create(rows)
    return settled


def _placeholders(export: Export, owner: Any) -> dict[str, Any]:
    """Those of the file's people who came with the owner's own imports and are on boards of theirs alone."""
    rows = ImportedPerson.objects.filter(source=SOURCE, source_id__in=export.people)
    rows = rows.select_related("user").order_by("-pk")
    mine = reusable({row.user for row in rows}, owner)
    return {row.source_id: row.user for row in rows if row.user_id in mine}


def _newcomer(person: Person) -> Any:
    """A person without an address or a password, to be claimed by an invitation."""
    return User.objects.create_user(
        email=None,
        name=person.name or person.username or NAMELESS,
        handle=User.objects.free_handle(person.username or person.name or "someone"),
        hue=HUES[sum(person.id.encode()) % len(HUES)],
    )
