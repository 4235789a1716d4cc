"""The custom fields of a board in words: what a card's text says of them, and what of them is lost."""

from __future__ import annotations

from typing import Any

from fluxboard.features.trello import values as v
from fluxboard.features.trello.accounting import is_empty
from fluxboard.features.trello.findings import Findings
from fluxboard.features.trello.model import TrelloCard
from fluxboard.features.trello.shapes import named, things


class CustomFields:
    """The fields that the board `root` defines; what cannot be told goes to `problems`."""

    def __init__(self, root: dict[str, Any], problems: Findings) -> None:
        self.problems = problems
        self._used: set[str] = set()
        self._defined = {
            id_: (place, v.line(raw.get("name")) or "Field", _options(raw))
            for place, (id_, raw) in enumerate(things(root, "customFields", "custom field", problems))
        }

    def of(self, raw: dict[str, Any], card: TrelloCard) -> list[tuple[str, str]]:
        """Name and value of each field of `card`, which is `raw` in the file, in the board's order."""
        lines = []
        for item in map(v.mapping, v.sequence(raw.get("customFieldItems"))):
            id_ = v.identity(item.get("idCustomField"))
            place, name, options = self._defined.get(id_) or (0, "", {})
            value = options.get(v.identity(item.get("idValue"))) or _field_words(v.mapping(item.get("value")))
            if id_ not in self._defined:
                self.problems.add(
                    "The value of an unknown custom field was left out",
                    "{n} values of unknown custom fields were left out",
                    f"{named(card)} ({value[:60]})" if value else named(card),
                )
            elif value:
                self._used.add(id_)
                lines.append((place, name, value))
            elif not is_empty([item.get("value"), item.get("idValue")]):
                self.problems.add(
                    "The value of a custom field that the file does not describe was left out",
                    "{n} values of custom fields that the file does not describe were left out",
                    f"{named(card)} ({name[:60]})",
                )
        return [(name, value) for _, name, value in sorted(lines)]

    def tell_unused(self) -> None:
        """Name the fields that no card has a value of; called when all cards were asked for theirs."""
        for id_, (_, name, _) in self._defined.items():
            if id_ not in self._used:
                self.problems.add(
                    "A custom field has no value on any card, so nothing of it comes",
                    "{n} custom fields have no value on any card, so nothing of them comes",
                    f"“{name[:60]}”",
                )


def _options(raw: dict[str, Any]) -> dict[str, str]:
    return {
        v.identity(option.get("id")): v.line(v.mapping(option.get("value")).get("text"))
        for option in map(v.mapping, v.sequence(raw.get("options")))
        if v.identity(option.get("id"))
    }


def _field_words(value: dict[str, Any]) -> str:
    """A custom field's value in words; Trello writes numbers and ticks as strings."""
    if "checked" in value:
        return "yes" if value["checked"] in (True, "true") else "no"
    if "date" in value:
        found = v.moment(value["date"])
        return f"{found:%Y-%m-%d}" if found else v.line(value["date"])
    return v.line(value.get("text")) or v.line(value.get("number"))
