"""The forms that take a passkey's answer, whatever else may be sent in its place.

django-allauth and python-fido2 read it as if a browser had made it, and pass on whatever goes wrong with a
list in place of an object, a number of five thousand digits or a signature that does not fit.
"""

from __future__ import annotations

import struct
from typing import Any

from allauth.mfa.webauthn import forms as theirs
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.core.exceptions import ValidationError

NOT_A_PASSKEY = "That is not the answer of a passkey. Try again."
_LONGEST = 20_000  # characters; a browser's answer has one or two thousand
READING = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)
PROVING = (InvalidSignature, UnsupportedAlgorithm)


class _ReadWithCare:
    """A form with a `credential`: what cannot be read is an error of the form, as a wrong one is."""

    def full_clean(self: Any) -> None:
        """Afterwards an answer that will not do is gone: nobody typed it, and to show it is to read it."""
        if len(str(self.data.get("credential", ""))) > _LONGEST:
            self._put_away()
        try:
            super().full_clean()  # type: ignore[misc]
        except (*READING, *PROVING):
            self.add_error("credential", ValidationError(NOT_A_PASSKEY))
        if self.is_bound and self.errors:
            self._put_away()

    def _put_away(self: Any) -> None:
        self.data = self.data.copy()
        self.data["credential"] = ""


class AddPasskey(_ReadWithCare, theirs.AddWebAuthnForm):
    """A new passkey of somebody who is signed in."""


class AuthenticateByPasskey(_ReadWithCare, theirs.AuthenticateWebAuthnForm):
    """A passkey as the second step of a sign-in."""


class LoginByPasskey(_ReadWithCare, theirs.LoginWebAuthnForm):
    """A passkey in place of a password."""


class ReauthenticateByPasskey(_ReadWithCare, theirs.ReauthenticateWebAuthnForm):
    """A passkey before something that asks for it again."""
