"""Who comes and goes on a board."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from activity.recording import Log
from boards.actions.writing import action, person_fact, writing
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
    membership, is_new = Membership.objects.get_or_create(
        board=log.board, user=person, defaults={"role": role, "version": log.next_seq}
    )
    if is_new:
        write_member(log, person, role)
    return membership


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
