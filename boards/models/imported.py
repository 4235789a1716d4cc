"""What has been brought in from elsewhere, so that the same file twice makes one board."""

from django.conf import settings
from django.db import models


class Import(models.Model):
    """By which file a board came. What the file says of itself is a claim: another board may say the same."""

    source = models.CharField(max_length=20)
    source_id = models.CharField(max_length=64)
    fingerprint = models.BinaryField(max_length=32)
    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    report = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id", "board"], name="one_import_a_board")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"


class ImportedPerson(models.Model):
    """Whom an import of `board` took someone of another tool for: what that file says, and no proof.

    A later import offers to ask them, and never puts them on a board by itself. Rows without a board are
    from before boards were noted.
    """

    source = models.CharField(max_length=20)
    source_id = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    board = models.ForeignKey("boards.Board", null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "imported people"
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id", "board"], name="one_person_a_source_id")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"
