"""Decisions as they are shown: on their card, and in the registers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString

from boards.markdown import Names, render
from boards.models import Card
from comments.models import Decision


@dataclass
class DecisionShown:
    """A decision with what it took the place of (`older`, folded under it) and what the reader may do."""

    decision: Decision
    html: SafeString
    deciders: list[Any]
    agreeing: list[Any]
    may_agree: bool
    is_here: bool
    older: list[DecisionShown] = field(default_factory=list)

    @property
    def why(self) -> str:
        """The address of the comment that it grew from; its own comment where it stands alone."""
        pk = self.decision.grew_from_id or self.decision.comment_id
        return f"{self.decision.card.get_absolute_url()}?comments=all#c-{pk}"


def with_people(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """All that showing decisions needs, in three queries."""
    return decisions.select_related(
        "board", "card__board", "comment", "recorded_by", "superseded_by__card__board"
    ).prefetch_related("decided_by", "agreed_by")


def decisions_on(card: Card, reader: Any, names: Names | None = None) -> list[DecisionShown]:
    """The card's decisions: those that stand, each with its older ones; then those superseded elsewhere."""
    rows = list(
        with_people(Decision.objects.filter(Q(card=card) | Q(superseded_by__card=card))).order_by("id")
    )
    if not rows:
        return []
    names = names or Names.on(card.board)
    shown = {row.pk: _shown(row, card, reader, names) for row in rows}
    tops = []
    for row in reversed(rows):
        newer = shown.get(row.superseded_by_id or 0)
        if newer is not None:
            newer.older.append(shown[row.pk])
        elif row.card_id == card.pk:
            tops.append(shown[row.pk])
    return sorted(tops, key=lambda one: (not one.decision.is_standing, -one.decision.pk))


def decision_shown(decision: Decision, reader: Any) -> DecisionShown:
    """One decision with those that it took the place of, however far back."""
    names = Names.on(decision.board)
    rows = {row.pk: row for row in with_people(Decision.objects.filter(board=decision.board_id))}
    shown = {pk: _shown(row, decision.card, reader, names) for pk, row in rows.items()}
    for pk, row in rows.items():
        if row.superseded_by_id in shown:
            shown[row.superseded_by_id].older.append(shown[pk])
    return shown[decision.pk]


def _shown(decision: Decision, card: Card, reader: Any, names: Names) -> DecisionShown:
    deciders, agreeing = list(decision.decided_by.all()), list(decision.agreed_by.all())
    return DecisionShown(
        decision,
        render(decision.text, names, breaks=True),
        deciders,
        agreeing,
        decision.is_standing and reader not in [*deciders, *agreeing],
        decision.card_id == card.pk,
    )
