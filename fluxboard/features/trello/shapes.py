"""What the parts of the parser share: the things of a list in order, people, what a card is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fluxboard.core import limits
from fluxboard.features.trello import values as v
from fluxboard.features.trello.findings import Findings
from fluxboard.features.trello.model import Person, TrelloCard


def things(
    holder: dict[str, Any], key: str, what: str, problems: Findings
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects with an id under `key`, each id once; says what it passes over."""
    seen: set[str] = set()
    found = holder.get(key)
    if found is not None and not isinstance(found, list):
        words = f'"{key}" is not a list and was passed over'
        problems.add(words, words)
    for place, thing in enumerate(v.sequence(found)):
        id_ = v.identity(v.mapping(thing).get("id"))
        if not id_:
            problems.add(
                f"An entry that is no {what} was left out",
                f"{{n}} entries that are no {what} were left out",
                f"{key}[{place}]",
            )
        elif id_ in seen:
            problems.add(
                f"A {what} that stands in the file twice was taken once",
                f"{{n}} {what}s that stand in the file twice were taken once",
                f"{key}[{place}]",
            )
        else:
            seen.add(id_)
            yield id_, thing


def order_of(raw: dict[str, Any], place: int) -> tuple[float, int]:
    position = v.number(raw.get("pos"))
    return (float("inf") if position is None else position, place)


def in_order[T](found: list[tuple[Any, T]]) -> list[T]:
    return [thing for _, thing in sorted(found, key=lambda pair: pair[0])]


def person_in(id_: str, raw: dict[str, Any]) -> Person:
    """The person whom `raw` describes: a member, or the author of an action."""
    name = v.line(raw.get("fullName")) or v.line(raw.get("name"))
    return Person(id_, v.line(raw.get("username"))[:60], name[: limits.PERSON_NAME])


def named(card: TrelloCard) -> str:
    return f"card {card.number}" if card.number else f'card "{card.title[:60]}"'


def count_of(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
