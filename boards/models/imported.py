"""What has been brought in from elsewhere, so that the same file twice makes one board."""

from django.conf import settings
from django.db import models


class Import(models.Model):
    source = models.CharField(max_length=20)
    source_id = models.CharField(max_length=64)
    fingerprint = models.BinaryField(max_length=32)
    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    report = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="one_import_a_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"


class ImportedPerson(models.Model):
    """Who someone of another tool is here, so that one person stays one over several imports."""

    source = models.CharField(max_length=20)
    source_id = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "imported people"
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="one_person_a_source_id")]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"
