"""What django-allauth asks of us: nobody signs themselves up, and a person is called by their name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

if TYPE_CHECKING:
    from fluxboard.accounts.models import User


class ByInvitation(DefaultAccountAdapter):
    """The account adapter: sign-up is closed, people come by a link that somebody gave them."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account has been deactivated.",
        "email_password_mismatch": "The email address and the password do not belong together.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, then try again.",
        "rate_limited": "Too many requests. Wait a minute, then try again.",
        "incorrect_code": "This code is not right, or it has expired.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your present password.",
        "email_taken": "Somebody here already has this email address.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by `fluxboard.accounts.joining` alone."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the profile, where the message about it shows."""
        return reverse("profile")


def display_name(person: User) -> str:
    """The name by which mails and messages of django-allauth call a person."""
    return person.name
