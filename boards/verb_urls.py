"""The address of the form that makes a change, by its verb."""

from __future__ import annotations

from typing import Any

from boards.addresses import address

# Where a new thing's form posts to: its parent's address, because the thing itself has none yet.
_NEW = {
    "board.created": ("board_new", ""),
    "column.added": ("column_new", ""),
    "label.created": ("label_new", ""),
    "search.saved": ("search_new", ""),
    "template.saved": ("template_new", ""),
    "schedule.saved": ("schedule_new", ""),
    "trial.started": ("trial_new", ""),
    "member.added": ("member_new", ""),
    "meeting.planned": ("meeting_new", ""),
    "topic.added": ("meeting_do", "topic-added"),
    "card.created": ("card_new", ""),
    "checklist.added": ("card_do", "checklist-added"),
    "item.added": ("checklist_do", "item-added"),
    "comment.posted": ("card_do", "posted"),
}


def do_url(verb: str, thing: Any = None) -> str:
    """The one address that does `verb` to `thing`; for a new thing, `thing` is what it is added to."""
    if verb in _NEW:
        name, part = _NEW[verb]
        return address(f"boards:{name}", *_place(thing), *([part] if part else []))
    noun, _, part = verb.partition(".")
    return address(f"boards:{noun}_do", *_place(thing), part)


def _place(thing: Any) -> list[Any]:
    """What names `thing` in an address: FLX, FLX 3, FLX-12, or FLX-12 7."""
    match type(thing).__name__:
        case "NoneType":
            return []
        case "Board" | "Card":
            return [thing.key]
        case "Checklist" | "Comment":
            return [thing.card.key, thing.pk]
        case "Meeting":
            return [thing.board.key, thing.number]
        case "Topic":
            return [thing.meeting.board.key, thing.meeting.number, thing.pk]
        case "Item":
            return [thing.checklist.card.key, thing.pk]
        case _:
            return [thing.board.key, thing.pk]
