"""Template tags that every template has: icons, people, times, the addresses and hidden fields of changes."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Where a new thing's form posts to: its parent's address, because the thing itself has none yet.
NEW = {
    "board.created": ("board_new", ""),
    "column.added": ("column_new", ""),
    "label.created": ("label_new", ""),
    "member.added": ("member_new", ""),
    "card.created": ("card_new", ""),
    "checklist.added": ("card_do", "checklist-added"),
    "item.added": ("checklist_do", "item-added"),
    "comment.posted": ("card_do", "posted"),
}


@register.simple_tag
def stylesheets() -> SafeString:
    """A link for each file of `static/css`: tokens first, then the base, then by name."""
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((url,) for url in _stylesheets()))


@cache
def _stylesheets() -> tuple[str, ...]:
    folder = settings.BASE_DIR / "static" / "css"
    first = {"tokens.css": 0, "base.css": 1}
    names = sorted((file.name for file in folder.glob("*.css")), key=lambda name: (first.get(name, 2), name))
    return tuple(static(f"css/{name}") for name in names)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """The symbol `name` of `static/icons.svg`, hidden from readers of the accessible tree."""
    return _icon(name, extra)


@cache
def _icon(name: str, extra: str) -> SafeString:
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {extra}" if extra else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def avatar(person: Any, extra: str = "", named: bool = True) -> SafeString:
    """A person as a disc with initials; `named=False` where the name stands beside it."""
    more = f" {extra}" if extra else ""
    if not named:
        return format_html(
            '<span class="avatar p{}{}" data-i="{}" aria-hidden="true"></span>',
            person.hue,
            more,
            person.initials,
        )
    return format_html(
        '<span class="avatar p{}{}" data-i="{}" role="img" aria-label="{}" title="{}"></span>',
        person.hue,
        more,
        person.initials,
        person.name,
        person.name,
    )


@register.simple_tag
def do_url(verb: str, thing: Any = None) -> str:
    """The one address that does `verb` to `thing`; for a new thing, `thing` is what it is added to."""
    if verb in NEW:
        name, part = NEW[verb]
        return reverse(f"boards:{name}", args=[*_place(thing), *([part] if part else [])])
    noun, _, part = verb.partition(".")
    return reverse(f"boards:{noun}_do", args=[*_place(thing), part])


def _place(thing: Any) -> list[Any]:
    """What names `thing` in an address: FLX, FLX 3, FLX-12, or FLX-12 7."""
    match type(thing).__name__:
        case "NoneType":
            return []
        case "Board" | "Card":
            return [thing.key]
        case "Checklist" | "Comment":
            return [thing.card.key, thing.pk]
        case "Item":
            return [thing.checklist.card.key, thing.pk]
        case _:
            return [thing.board.key, thing.pk]


@register.simple_tag(takes_context=True)
def change_fields(context: Context, thing: Any = None) -> SafeString:
    """The hidden fields of every form that changes something: token, request id, the version seen."""
    fields = [("csrfmiddlewaretoken", context.get("csrf_token", "")), ("request_id", str(uuid.uuid4()))]
    if thing is not None:
        fields.append(("version", str(thing.version)))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.simple_tag
def time(at: dt.datetime | dt.date | None, kind: str = "when") -> SafeString:
    """A placeholder that `boards.parts.fill_times` (or time.js) fills: kind `when`, `age` or `due`."""
    if at is None:
        return mark_safe("")
    return format_html('<time datetime="{}" data-as="{}"></time>', at.isoformat(), kind)
