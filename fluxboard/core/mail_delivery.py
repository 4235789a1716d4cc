"""Handing a mail to the mail server, so that nothing goes out twice and every failure is told apart."""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Callable, Iterator
from typing import Any

from django.core.mail import EmailMessage, mailers

# What a server answers when it did not take a mail. After anything else nobody can know.
NO = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)


class Unreachable(Exception):
    """There is no mail server to talk to. Nothing has been sent."""


class Refusal(Exception):
    """The mail server did not take the mail."""


def hand_over(mail: EmailMessage, begin: Callable[[], bool]) -> bool:
    """Give a mail to the server. `begin` is asked once the line is open; False when it says no.

    Raises `Unreachable` before anything went out, `Refusal` when the server said no, and OSError (smtplib's
    errors are some) when the line broke on the way, so that it may have arrived or not.
    """
    with _line() as connection:
        if not begin():
            return False
        try:
            connection.send_messages([mail])
        except (*NO, ValueError) as no:  # ValueError: an address that is none
            raise Refusal from no
    return True


@contextlib.contextmanager
def _line() -> Iterator[Any]:
    connection: Any = mailers["default"]
    try:
        connection.open()
    except OSError as problem:
        raise Unreachable from problem
    try:
        yield connection
    finally:
        with contextlib.suppress(OSError):  # the goodbye changes nothing
            connection.close()
