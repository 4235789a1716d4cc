"""What django-allauth asks of us: nobody signs themselves up, and a person is called by their name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress

    from fluxboard.accounts.models import User

STARTING = "fluxboard_starting"


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

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Whether the new address became the person's; not when somebody else has it by now."""
        others = get_user_model().objects.exclude(pk=email_address.user_id)
        if others.filter(email__iexact=email_address.email).exists():
            messages.error(request, "Somebody here already has this email address.")
            return False
        return super().confirm_email(request, email_address)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Note whose first sign-in this is, and whose clock nobody has set yet."""
        answer = super().pre_login(request, user, **kwargs)
        if answer is None and user.last_login is None and user.time_zone == "UTC" and not user.has_started:
            request.session[STARTING] = True
        return answer

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """On their first sign-in they are asked once for their clock, on the way to where they go."""
        answer = super().post_login(request, user, **kwargs)
        if request.session.pop(STARTING, False):
            answer["Location"] = f"{reverse('start')}?{urlencode({'next': answer['Location']})}"
        return answer

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the profile, where the message about it shows."""
        return reverse("profile")


def display_name(person: User) -> str:
    """The name by which mails and messages of django-allauth call a person."""
    return person.name
