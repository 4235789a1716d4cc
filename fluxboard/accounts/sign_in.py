"""django-allauth's forms of signing in, where ours ask or say more."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, RequestLoginCodeForm, ResetPasswordForm
from django import forms

from fluxboard.core.public_url import MISSING, public_url


class SignInForm(LoginForm):
    """django-allauth's own, with the address as the username that browsers remember."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "spellcheck": "false"}


class NewPasswordForm(ChangePasswordForm):
    """Attempts at the present password count as those of a sign-in do."""

    def clean_oldpassword(self) -> str:
        typed: str = self.cleaned_data.get("oldpassword", "")
        if not get_adapter().reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class ResetForm(ResetPasswordForm):
    """Says where no link can be mailed; the same to everybody, whoever is meant."""

    def clean(self) -> Any:
        _needs_public_url()
        return super().clean()


class CodeForm(RequestLoginCodeForm):
    """Likewise, for a code."""

    def clean(self) -> Any:
        _needs_public_url()
        return super().clean()


def _needs_public_url() -> None:
    if public_url() is None:
        raise forms.ValidationError(MISSING)
