"""What django-allauth asks of us: nobody signs themselves up, and a person is called by their name."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from fluxboard.accounts.attempts import Attempt, account_of, network_of
from fluxboard.accounts.safe_redirect import way_on
from fluxboard.core.mail import Mail, can_send_mail
from fluxboard.core.public_url import public_url

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress

    from fluxboard.accounts.models import User

STARTING = "fluxboard_starting"
LOCKED_WITHOUT_MAIL = "Too many attempts. Wait five minutes, or ask an admin for a one-time link."

log = logging.getLogger("fluxboard.mail")


class ByInvitation(DefaultAccountAdapter):
    """The account adapter: sign-up is closed, people come by a link that somebody gave them."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account has been deactivated.",
        "email_password_mismatch": "The email address and the password do not belong together.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, or sign in by a mail instead.",
        "rate_limited": "Too many requests. Wait a minute, then try again.",
        "incorrect_code": "This code is not right, or it has expired.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your present password.",
        "email_taken": "Somebody here already has this email address.",
    }
    _attempt: Attempt | None = None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by `fluxboard.accounts.signup` alone."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address in the mail: of the public address, whatever host the request named."""
        return in_public(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Likewise."""
        return in_public(super().get_email_confirmation_url(request, emailconfirmation))

    def is_safe_url(self, url: str | None) -> bool:
        """Whether somebody may be sent on to `url`; what cannot be read as one is not."""
        return bool(url) and bool(way_on(self.request, str(url)))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail of django-allauth; over a mail server, once the answer is on its way.

        The mail server's time, and its faults, would tell whether an address has an account.
        """
        public = public_url()
        if public is None:
            log.error(
                "no mail sent: set FLUXBOARD_URL, since ALLOWED_HOSTS names no host that links could lead to"
            )
            return
        site = MailSite(*[urlsplit(public).netloc] * 2)
        about = {"request": self.request, "email": email, "current_site": site}
        mail = Mail.of(self.render_mail(template_prefix, email, about | context))
        if settings.MAILERS["default"]["BACKEND"].endswith("smtp.EmailBackend"):
            threading.Thread(target=_send, args=(mail,), name="account-mail").start()
        else:
            mail.send()

    def validation_error(self, code: str, *args: Any) -> Any:
        """The message of `code`; none of them sends people to a mailbox that nothing reaches."""
        error = super().validation_error(code, *args)
        if code == "too_many_login_attempts" and not can_send_mail():
            error = type(error)(LOCKED_WITHOUT_MAIL, code=code)
        return error

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address; one of IPv4 is the same in the notation of IPv6."""
        ip: str = super().get_client_ip(request)
        return network_of(ip) if ip.lower().startswith("::ffff:") else ip

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, by account and network; a validation error when there were too many."""
        typed = str(credentials.get("email") or credentials.get("username") or "")
        self._attempt = Attempt(account_of(typed), network_of(self.get_client_ip(request)))
        if not self._attempt.is_allowed:
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person with these credentials, or None. A right password is not counted."""
        person = super().authenticate(request, **credentials)
        if person and self._attempt:
            self._attempt.was_right()
        return person

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Never by django-allauth's own link: `fluxboard.accounts.address_views` asks more of it."""
        messages.error(request, "This link no longer works. Ask for another one on your profile.")
        return False

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


class MailSite(NamedTuple):
    """What the mails call this place: no request is asked."""

    domain: str
    name: str


def in_public(address: str) -> str:
    """`address` under the public address; without one it leads nowhere, and is not sent."""
    return (public_url() or "") + urlunsplit(("", "", *urlsplit(address)[2:]))


def _send(mail: Any) -> None:
    try:
        mail.send()
    except OSError:  # smtplib's errors are some
        log.exception("a mail about an account could not be sent")


def display_name(person: User) -> str:
    """The name by which mails and messages of django-allauth call a person."""
    return person.name
