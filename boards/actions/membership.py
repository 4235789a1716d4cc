"""Who comes and goes on a board."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, writing
from boards.actions.facts import person_fact
from boards.models import Board, Membership, Role


def valid_role(role: str) -> Role:
    if role not in Role.values:
        raise Refused("Choose owner, member or viewer.", "role")
    return Role(role)


def write_member(log: Log, person: Any, role: str) -> None:
    """Record that `person` is on the board as `role`, within an open change."""
    log.record("member.added", person, after={"person": person_fact(person), "role": str(role)})


@action
def add_member(board: Board, person: Any, role: str, *, by: Any) -> Membership:
    """Put a person on the board. Someone who is on it already keeps their role."""
    with writing(board, by, Role.OWNER) as log:
        return enter(log, person, valid_role(role))


def enter(log: Log, person: Any, role: Role) -> Membership:
    """A membership within an open change; nothing happens for someone who is on the board already."""
    if not person.email:
        _still_nobodys(person)
    membership, is_new = Membership.begin(log.board, person, role, at=log.now, version=log.next_seq)
    if is_new:
        write_member(log, person, role)
    return membership


def _still_nobodys(person: Any) -> None:
    """Whoever was meant to be put on a board as a name only has not become somebody's account meanwhile.

    The foreign key would be looked at too late: with the commit. `boards.invitations` takes the same lock.
    """
    people = get_user_model()._default_manager.select_for_update(no_key=True)
    if people.values_list("email", flat=True).get(pk=person.pk):
        raise Refused(f"{person.name} can sign in by now. Look who that is, and add them again.", "person")


@action
def change_role(board: Board, person: Any, role: str, *, by: Any) -> Membership:
    with writing(board, by, Role.OWNER) as log:
        membership, role = _membership(log, person), valid_role(role)
        if role != membership.role:
            _keep_an_owner(log, membership)
            before, membership.role, membership.version = membership.role, role, log.next_seq
            log.record(
                "member.role_changed",
                person,
                before={"role": before},
                after={"person": person_fact(person), "role": str(role)},
            )
            membership.save(update_fields=["role", "version"])
        return membership


@action
def remove_member(board: Board, person: Any, *, by: Any) -> Any:
    """Take a person off the board: an owner anyone, everyone themselves. Their cards stay theirs."""
    leaving = person.pk == by.user.pk
    with writing(board, by, Role.VIEWER if leaving else Role.OWNER) as log:
        membership = _membership(log, person)
        _keep_an_owner(log, membership)
        membership.delete()
        log.record("member.removed", person, before={"person": person_fact(person), "role": membership.role})
        return person


def _membership(log: Log, person: Any) -> Membership:
    membership = Membership.objects.filter(board=log.board, user=person).first()
    if membership is None:
        raise Refused(f"{person.name} is not on this board.", "person")
    return membership


def _keep_an_owner(log: Log, membership: Membership) -> None:
    others = Membership.objects.filter(board=log.board, role=Role.OWNER).exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.exists():
        raise Refused("A board needs an owner. Make someone else an owner first.", "role")
