"""What a board is made of besides its cards and people: what its copies and templates begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from boards.models import SPEC_FIELDS, Board, Column


@dataclass(frozen=True)
class ColumnPlan:
    name: str
    wip_limit: int | None = None
    is_done: bool = False


@dataclass(frozen=True)
class LabelPlan:
    """A label in one of eight hues, 1 to 8."""

    name: str
    hue: int


@dataclass(frozen=True)
class TemplatePlan:
    """A card template; its labels by their names."""

    name: str
    title: str = ""
    what: str = ""
    why: str = ""
    done_when: str = ""
    constraints: str = ""
    steps: str = ""
    labels: tuple[str, ...] = ()
    is_default: bool = False


@dataclass(frozen=True)
class BoardPlan:
    """Columns in order, labels, card templates, what it is for and how it is worked on, and its settings."""

    columns: tuple[ColumnPlan, ...]
    labels: tuple[LabelPlan, ...] = ()
    templates: tuple[TemplatePlan, ...] = ()
    description: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, board: Board, columns: list[Column] | None = None) -> BoardPlan:
        """The plan of a board as it is now; `columns` are its own, where they are read already."""
        if columns is None:
            columns = list(board.columns.current().in_board_order())
        templates = board.templates.filter(removed_at=None).prefetch_related("labels").order_by("name")
        return cls(
            tuple(ColumnPlan(one.name, one.wip_limit, one.is_done) for one in columns),
            tuple(LabelPlan(one.name, one.hue) for one in board.labels.filter(removed_at=None)),
            tuple(
                TemplatePlan(
                    one.name,
                    one.title,
                    **{name: getattr(one, name) for name in SPEC_FIELDS},
                    steps=one.steps,
                    labels=tuple(label.name for label in one.labels.all() if label.removed_at is None),
                    is_default=one.is_default,
                )
                for one in templates
            ),
            board.description,
            {name: getattr(board, name) for name in SETTINGS},
        )

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> BoardPlan:
        """The plan that `written` wrote."""
        return cls(
            tuple(ColumnPlan(**one) for one in kept["columns"]),
            tuple(LabelPlan(**one) for one in kept["labels"]),
            tuple(TemplatePlan(**{**one, "labels": tuple(one["labels"])}) for one in kept["templates"]),
            kept["description"],
            kept["settings"],
        )

    def written(self) -> dict[str, Any]:
        """The plan as JSON has it."""
        return asdict(self)

    @property
    def rows(self) -> int:
        """How many rows of the log a board by this plan makes, about."""
        return 2 + len(self.columns) + len(self.labels) + len(self.templates)


SETTINGS = ("wip_rule", "stale_after", "answer_days", "check_ins", "card_fields")
