"""A mail as it goes over the wire: whole links, plain headers, and signs by which machines know each other.

Every mail that Fluxboard sends is a `Mail`; `tests/operations/test_mail_on_the_wire.py` sees to it.
"""

from __future__ import annotations

import email.policy
from collections.abc import Sequence
from email.utils import make_msgid
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from fluxboard.core.public_url import public_url

# RFC 5322, 2.1.1. Python folds at 78 by default: it then encodes an address of more than that in a header as
# if it were not ASCII, and breaks one in a text by quoted-printable.
_LONGEST_LINE = 998


def has_mail_server() -> bool:
    """Whether mails are handed to a mail server; else they are printed where the server runs."""
    return not settings.MAILERS["default"]["BACKEND"].endswith("console.EmailBackend")


def can_send_mail() -> bool:
    """Whether mails reach mailboxes: there is a mail server, and links know where they lead."""
    return has_mail_server() and public_url() is not None


def prints_mail() -> bool:
    """Whether a mail with a link is printed where the server runs, for whoever runs it to hand on."""
    return not has_mail_server() and public_url() is not None


def mail_host() -> str:
    """What stands behind the @ of our Message-IDs: the host that people use, never the machine's name."""
    return urlsplit(public_url() or "").hostname or "127.0.0.1"


def message_id(name: str) -> str:
    """`<name@host>`; the same name gives the same one, so that a mail made twice is known as one."""
    return f"<{name}@{mail_host()}>"


class Mail(EmailMultiAlternatives):
    """A mail from a program, which says so (RFC 3834), so that no absence notice answers it.

    `name` makes its Message-ID, else it is random. `answers` are the names of earlier mails that it goes on
    from, the first one first; mail programs then show them as one conversation.
    """

    def __init__(
        self,
        subject: str,
        body: str,
        to: Sequence[str],
        *,
        name: str = "",
        answers: Sequence[str] = (),
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> None:
        ours = {
            "Message-ID": message_id(name) if name else make_msgid(domain=mail_host()),
            "Auto-Submitted": "auto-generated",
        }
        if answers:
            ours["In-Reply-To"] = message_id(answers[-1])
            ours["References"] = " ".join(map(message_id, answers))
        subject = " ".join(subject.split())
        super().__init__(subject, body, to=list(to), headers=ours | (headers or {}), **options)

    @classmethod
    def of(cls, mail: Any) -> Self:
        """The same mail, made by a package of others."""
        more = {"from_email": mail.from_email, "alternatives": getattr(mail, "alternatives", None)}
        return cls(mail.subject, mail.body, mail.to, headers=mail.extra_headers, **more)

    def message(self, *, policy: Any = email.policy.default) -> Any:
        """As Django makes it, with no line folded that may stay whole."""
        return super().message(policy=policy.clone(max_line_length=_LONGEST_LINE))
