"""What an import brought in and what it could not, as one JSON object and as lines for people."""

from __future__ import annotations

from typing import Any

_COUNTS = {
    "columns": ("column", "columns"),
    "cards": ("card", "cards"),
    "archived_cards": ("of them archived", "of them archived"),
    "labels": ("label", "labels"),
    "checklists": ("checklist", "checklists"),
    "checklist_items": ("checklist item", "checklist items"),
    "comments": ("comment", "comments"),
    "people": ("person", "people"),
    "history": ("entry of earlier history", "entries of earlier history"),
    "attachments": ("attachment, as a link", "attachments, as links"),
}


HEAD = ("board", "name", "source", "archived_columns")
FINDINGS = ("problems", "notes")


def in_order(report: dict[str, Any]) -> dict[str, Any]:
    """The same report, its keys in the order of a new one (the database keeps none)."""
    return {name: report[name] for name in (*HEAD, *_COUNTS, *FINDINGS) if name in report}


def counted(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Name, number and words of each count that is worth a line, in the order people read them."""
    rows = [(name, int(report.get(name, 0)), _COUNTS[name]) for name in _COUNTS]
    return [
        (name, number, words[number != 1])
        for name, number, words in rows
        if number or name not in ("archived_cards", "attachments")
    ]


def lines(report: dict[str, Any]) -> list[str]:
    """The whole report as lines of text."""
    told = [f"{report['name']} is now the board {report['board']}."]
    told += [f"  {number:>6}  {words}" for _, number, words in counted(report)]
    for heading, key in (("Could not come along", "problems"), ("Good to know", "notes")):
        if report.get(key):
            told += [f"{heading}:", *(f"  - {line}" for line in report[key])]
    return told
