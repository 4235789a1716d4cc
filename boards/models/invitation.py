"""An invitation to a board: by e-mail or by a link, for one role, until it expires."""

import uuid

from django.conf import settings
from django.db import models


class Invitation(models.Model):
    """Holds only the SHA-256 of its token; the token itself is shown or mailed once.

    `person` is someone who is here already and whom an import names: they answer on their home page, and
    nobody knows the token. `claims` is the person without a sign-in whose things they take over.
    `was_shown`: the inviter saw the token, so who comes by it has not shown that they read mail at `email`.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=6)
    email = models.EmailField(blank=True)
    claims = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="claimed_by"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="asked_by"
    )
    was_shown = models.BooleanField(default=False, db_default=False)
    token_hash = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email or 'a link'} to {self.board}"
