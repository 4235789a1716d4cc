"""The form that invites someone to a board."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from boards.forms.members import ROLES
from boards.invitations import DAYS
from boards.placeholders import placeholders
from fluxboard.core.mail import has_mail_server

_NO_MAIL = "This server sends no mail: you get the link to hand on yourself, with an address or without."


class InviteForm(forms.Form):
    """Without an e-mail address it makes a link to hand on; `claims` is someone an import brought along."""

    email = forms.EmailField(
        label="E-mail",
        required=False,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off"}),
        help_text="Left empty, you get a link to hand on yourself.",
    )
    role = forms.ChoiceField(label="Role", choices=ROLES)
    days = forms.TypedChoiceField(
        label="Works for",
        coerce=int,
        choices=[(days, f"{days} day" if days == 1 else f"{days} days") for days in DAYS],
        initial=7,
    )
    claims = forms.ModelChoiceField(
        get_user_model()._default_manager.none(),
        label="Becomes",
        required=False,
        empty_label="A new person",
        help_text="Someone who came in with an import, and whose cards and comments they take over: on all "
        "boards that you own.",
    )

    def __init__(self, board: Any, data: Any = None, **initial: Any) -> None:
        super().__init__(data, auto_id="invite-%s", initial=initial, label_suffix="")
        if not has_mail_server():
            self.fields["email"].help_text = _NO_MAIL
        people = placeholders().filter(memberships__board=board, is_active=True)
        claims: Any = self.fields["claims"]
        claims.queryset = people.order_by("name")
        if not people.exists():
            del self.fields["claims"]
