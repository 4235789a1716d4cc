"""How the demo's history is written down: a board, its cards, and what people did to them.

A step is `(ago, who, verb, *words)`: `ago` in working days before now, `who` a handle, `verb` one of
`fluxboard.features.demo.play.DOING`. A card's steps happen in the order given, each when its person is at
work. In texts `{name}` stands for the key of the card of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

StoryStep = tuple[Any, ...]


@dataclass(frozen=True)
class CardStory:
    """A card and its life. `made` is when and by whom, `to` the column (default: the board's first).

    `name` is for other cards to speak of it.
    """

    title: str
    made: tuple[float, str]
    to: str = ""
    name: str = ""
    labels: str = ""
    what: str = ""
    why: str = ""
    done_when: str = ""
    constraints: str = ""
    steps: tuple[StoryStep, ...] = ()

    def all_steps(self) -> Iterator[StoryStep]:
        """The making, its labels, and what came after, one thing a step."""
        ago, who = self.made
        yield (ago, who, "create", self)
        for label in self.labels.split():
            yield (ago, who, "label", label)
        for step in self.steps:
            yield from _singly(step)


def _singly(step: StoryStep) -> Iterator[StoryStep]:
    ago, who, verb, *words = step
    if verb in {"tick", "join"} and len(words) > 1:
        for word in words:
            yield (ago, who, verb, word)
    else:
        yield step


@dataclass(frozen=True)
class BoardStory:
    """A board as it was set up on its first day, by its owner, and the cards on it.

    `done` names the column that counts as done, the last of `columns`; `later` columns follow it.
    """

    key: str
    name: str
    owner: str
    description: str
    columns: tuple[str, ...]
    cards: tuple[CardStory, ...]
    roles: dict[str, str] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    limits: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    open_to: str = ""
    stale_after: int = 5
    folded_by: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def setting_up(self) -> list[StoryStep]:
        """What its owner did on the first day, in order."""
        who = self.owner
        steps: list[StoryStep] = [(0.0, who, "board", self)]
        steps += [(0.0, who, "member", handle, role) for handle, role in self.roles.items()]
        steps += [(0.0, who, "column", name) for name in self.later]
        steps += [(0.0, who, "limit", name, limit) for name, limit in self.limits.items()]
        steps += [(0.0, who, "make_label", name, hue) for name, hue in self.labels.items()]
        steps.append((0.0, who, "configure", self.stale_after))
        if self.open_to:
            steps.append((0.0, who, "open", self.open_to))
        return steps


def finished(
    ago: float,
    who: str,
    title: str,
    *steps: StoryStep,
    by: str = "ana",
    checked: str = "",
    days: float = 2.4,
    through: tuple[str, str, str] = ("In progress", "In review", "Done"),
    **fields: Any,
) -> CardStory:
    """A card that `who` finished `ago` working days before now, `days` after it was made.

    `by` made it, `checked` (default: `by`) looked at it and moved it to the last column of `through`. The
    `ago` of the further steps counts back from the end.
    """
    begun, shown, end = through
    checker = checked or (by if by != who else "lena")
    steps_there = [
        (ago + days * 0.8, who, "assign", who),
        (ago + days * 0.6, who, "move", begun),
        *((ago + before, *rest) for before, *rest in steps),
        (ago + min(0.35, days * 0.2), who, "move", shown),
        (ago, checker, "move", end),
    ]
    later_first = sorted(steps_there, key=lambda step: -step[0])
    return CardStory(title, (ago + days, by), steps=tuple(later_first), **fields)
