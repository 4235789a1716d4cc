"""Forms about who is on a board."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from activity.errors import Refused
from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm
from boards.models import Role
from fluxboard.accounts.email_addresses import person_with_address

ROLES = [("member", "Member"), ("viewer", "Viewer"), ("owner", "Owner")]


class MemberForm(ChangeForm):
    page = "boards:settings_members"


class AddMember(MemberForm):
    """Someone who has an account here already; `thing` is the board. Others are invited."""

    verb = "member.added"
    is_new = True
    heading = "Add someone who is here already"
    submit = "Add"
    look = "row"

    person = forms.CharField(
        label="Handle or e-mail",
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "required": True}),
    )
    role = forms.ChoiceField(label="Role", choices=ROLES)

    def perform(self, by: By, seen: int | None) -> Any:
        person = _person_called(self.cleaned_data["person"])
        return actions.add_member(self.thing, person, self.cleaned_data["role"], by=by)


class ChangeRole(MemberForm):
    """`thing` is the membership."""

    verb = "member.role_changed"
    heading = "Change the role"
    submit = "Set"
    look = "row"

    role = forms.ChoiceField(label="Role", choices=Role.choices)

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.change_role(self.thing.board, self.thing.user, self.cleaned_data["role"], by=by)


class RemoveMember(MemberForm):
    """`thing` is the membership. Everyone may take themselves off, so the view asks for no role."""

    verb = "member.removed"
    least = "viewer"
    heading = "Take this person off the board"
    submit = "Remove"
    said = "Gone from the board. Their name stays in its history."
    look = "button"

    by_themselves: bool = False

    def perform(self, by: By, seen: int | None) -> Any:
        self.by_themselves = by.user.pk == self.thing.user_id
        return actions.remove_member(self.thing.board, self.thing.user, by=by)

    def back(self, done: Any) -> str:
        return "/" if self.by_themselves else super().back(done)


def _person_called(words: str) -> Any:
    """Someone who can sign in, by `@handle`, handle or confirmed e-mail. Raises `Refused` for nobody.

    A person without a sign-in belongs to the boards that they came with, so that nobody takes them over.
    """
    words = words.strip().removeprefix("@")
    if "@" in words:
        person = person_with_address(words)
    else:
        person = get_user_model().objects.able_to_sign_in().filter(handle=words.lower()).first()
    if person is None:
        raise Refused("Nobody here has that handle or e-mail. Invite them instead.", "person")
    return person
