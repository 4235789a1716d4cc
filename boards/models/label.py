from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from boards.models.thing import Thing


class Label(Thing):
    """A word in one of eight hues. A removed one stays as a row, so that history keeps its name."""

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=40)
    hue = models.PositiveSmallIntegerField(default=6, validators=[MinValueValidator(1), MaxValueValidator(8)])
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["board", "name"], condition=models.Q(removed_at=None), name="one_label_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
