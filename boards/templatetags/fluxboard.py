"""Template tags that every template has: icons, people, times, the addresses and hidden fields of changes."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import cache
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from boards.addresses import address
from boards.verb_urls import do_url
from fluxboard.core import limits, texts
from fluxboard.core.build import build_id
from fluxboard.core.counting import counted
from fluxboard.core.plain_text import plain as words_of

register = template.Library()


@register.simple_tag
def stylesheets() -> SafeString:
    """The link to all of `static/css`, which is served as one file."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/fluxboard.css"))


@register.simple_tag
def build() -> str:
    """What is installed here; a page that hears of another on its stream loads itself again."""
    return build_id()


@register.simple_tag
def limit(name: str) -> int:
    """A number of `fluxboard.core.limits`, for `maxlength`: `{% limit "TEXT" %}`."""
    return int(getattr(limits, name))


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


register.simple_tag(do_url)


@register.simple_tag(name="address")
def address_tag(name: str, *words: str | int) -> str:
    """Like `url`, kept: for addresses that stand on a page once for each of its rows."""
    return address(name, *words)


@register.simple_tag(takes_context=True)
def change_fields(context: Context, thing: Any = None) -> SafeString:
    """The hidden fields of every form that changes something: token, request id, the version seen."""
    fresh = context.get("fresh_id") or uuid.uuid4()  # a mark, where a page is kept without its ids
    fields = [("csrfmiddlewaretoken", context.get("csrf_token", "")), ("request_id", str(fresh))]
    if thing is not None:
        fields.append(("version", str(thing.version)))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.simple_tag
def posts(verb: str, thing: Any) -> SafeString:
    """Where a form that does `verb` to `thing` goes, by the browser's hand or by htmx's."""
    way = do_url(verb, thing)
    return format_html('method="post" action="{}" hx-post="{}" data-verb="{}"', way, way, verb)


@register.simple_tag
def time(at: dt.datetime | dt.date | None, kind: str = "when", stale: int | None = None) -> SafeString:
    """A placeholder that `boards.rendering.fragments.fill_times` (or time.js) fills: kind `when`, `age`,
    `exact`, `due` or `day`.

    `stale`: the days after which an age is old.
    """
    if at is None:
        return mark_safe("")
    old = format_html(' data-stale="{}"', stale) if stale else ""
    return format_html('<time datetime="{}" data-as="{}"{}></time>', at.isoformat(), kind, old)


@register.inclusion_tag("boards/_form.html", takes_context=True, name="change_form")
def change_form_tag(context: Context, verb: str, thing: Any, **options: Any) -> dict[str, Any]:
    """The form of `verb` on `thing`. Options: `look`, `submit`, `tone`, `bare` (labels for readers only)."""
    from boards.forms import change_form

    options = {"is_plain": True, **options}
    return {"form": change_form(verb, thing)(thing), "csrf_token": context.get("csrf_token", ""), **options}


@register.filter
def plain(text: str) -> str:
    """What a Markdown text says, in one paragraph."""
    return words_of(text)


register.filter(counted)


@register.filter(is_safe=True)
def isolated(text: str) -> str:
    """A text where there is no markup, such as a page's title: its direction is its own."""
    return texts.isolated(text)


@register.simple_tag
def word_diff(before: str, after: str) -> SafeString:
    """What changed between two texts, word by word, as `<del>` and `<ins>`."""
    from fluxboard.core.word_diff import word_diff

    return word_diff(before, after)


@register.filter
def is_typed(difference: Any) -> bool:
    """Whether two versions of this field can be mixed: a text, rather than one of several choices."""
    return difference.is_long or difference.field in {"title", "name", "text", "reason"}


@register.simple_tag
def conflict_fields(problem: Any) -> SafeString:
    """What a form that settles a conflict carries along: all that was sent and is not in question.

    It stands on the version that it shows, so a third change meanwhile is noticed as well.
    """
    asked = {difference.field for difference in problem.differences}
    made = ("pick-", "yours-", "theirs-", "mix-")
    left_out = asked | {"csrfmiddlewaretoken", "request_id", "version"}
    fields = [
        (name, value)
        for name, values in problem.typed.lists()
        if name not in left_out and not name.startswith(made)
        for value in values
    ]
    fields += [("request_id", str(uuid.uuid4())), ("version", str(problem.version))]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)
