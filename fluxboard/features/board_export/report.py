"""What an import brought in, as lines for people; the commands and the pages use the same words."""

from __future__ import annotations

from typing import Any

COUNTED = {
    "activities": ("activity", "activities"),
    "columns": ("column", "columns"),
    "cards": ("card", "cards"),
    "labels": ("label", "labels"),
    "searches": ("saved search", "saved searches"),
    "templates": ("card template", "card templates"),
    "schedules": ("schedule", "schedules"),
    "checkins": ("check-in", "check-ins"),
    "trials": ("trial without a standup", "trials without a standup"),
    "meetings": ("meeting", "meetings"),
    "topics": ("topic of a meeting", "topics of meetings"),
    "checklists": ("checklist", "checklists"),
    "items": ("checklist item", "checklist items"),
    "comments": ("comment", "comments"),
    "decisions": ("decision", "decisions"),
    "people": ("person", "people"),
}


def counted(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Name, number and words of each count, in the order in which people read them."""
    return [
        (name, int(report.get(name, 0)), words[int(report.get(name, 0)) != 1])
        for name, words in COUNTED.items()
    ]


def lines(report: dict[str, Any], *, is_new: bool) -> list[str]:
    """The whole report as lines of text."""
    seq, head = report["seq"], report["head"]
    if not is_new:
        return [f"{report['board']} is here already, exactly as in the file; nothing was changed."]
    told = [f"{report['name']} is now the board {report['board']}, verified at seq {seq}, head {head}"]
    told += [f"  {number:>6}  {words}" for _, number, words in counted(report)]
    told += [
        f"  {report['people_here']:>6}  of them here or asked; the others can be invited to claim their names"
    ]
    if report["notes"]:
        told += ["Good to know:", *(f"  - {line}" for line in report["notes"])]
    return told
