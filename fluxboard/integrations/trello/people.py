"""Who the people of a file are here: the same ones as in an earlier import, else people without a sign-in.

Nobody is matched by name: two people of one name are two. Who imported their own board may say which of the
file's people they are.
"""

from __future__ import annotations

from typing import Any

from boards.models import ImportedPerson
from fluxboard.accounts.models import HUES, User
from fluxboard.integrations.trello.export import Export, Person
from fluxboard.integrations.trello.reading import ImportProblem

SOURCE = "trello"
NAMELESS = "Someone from Trello"
MOST_PEOPLE = 2000


def settle_people(export: Export, owner: Any, myself: str = "") -> dict[str, Any]:
    """The person here for each of the file's people, by Trello's id; makes those who are not here yet.

    `myself` is the id of the one who is `owner`, if any. Raises `ImportProblem` for too many.
    """
    if len(export.people) > MOST_PEOPLE:
        raise ImportProblem(
            f"The board speaks of {len(export.people):,} people; an import takes {MOST_PEOPLE:,} at most."
        )
    known = dict(
        ImportedPerson.objects.filter(source=SOURCE, source_id__in=export.people)
        .select_related("user")
        .values_list("source_id", "user_id")
    )
    users = User.objects.in_bulk(known.values())
    people = {id_: users[user_id] for id_, user_id in known.items()}
    for id_, person in export.people.items():
        if id_ == myself:
            people[id_] = owner
        elif id_ not in people:
            people[id_] = _newcomer(person)
    return people


def _newcomer(person: Person) -> Any:
    """A person without an address or a password, to be claimed by an invitation."""
    user = User.objects.create_user(
        email=None,
        name=person.name or person.username or NAMELESS,
        handle=User.objects.free_handle(person.username or person.name or "someone"),
        hue=HUES[sum(person.id.encode()) % len(HUES)],
    )
    ImportedPerson.objects.create(source=SOURCE, source_id=person.id, user=user)
    return user
