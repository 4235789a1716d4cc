"""What a file of state in an export is, and what the lines of most have in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Model

from fluxboard.features.board_export import field_types as k
from fluxboard.features.board_export.lines import Field


@dataclass(frozen=True)
class Table:
    """One file of state. `board` is the way from the model to its board; `order` that of its lines.

    `computed` are the model's fields that are counted anew, or that belong to this installation. `is_newer`:
    there are exports from before there was such a file.
    """

    name: str
    model: type[Model]
    board: str
    fields: tuple[Field, ...]
    order: str = "id"
    computed: frozenset[str] = field(default_factory=frozenset)
    is_newer: bool = False

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"


THING = (
    Field("uid", k.uid),
    Field("version", k.number()),
    Field("field_seqs", k.seqs),
)
POSITION = Field("position", k.position)
