"""Parts that are drawn once for each state that they show, and joined into pages from there.

A part's key holds all that the part shows. What must differ each time stands in it as a mark: the token and
the request id of its forms are put in when a page is joined, and `<time>` is filled on the reader's clock.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Hashable
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from fluxboard.core.lru import LastUsed

register = template.Library()

MOST = 16_000_000  # characters
PLAIN = (str, int)
TOKEN_MARK = "{csrf}"  # noqa: S105 — where a token goes, not one
_FRESH = re.compile(
    r'name="csrfmiddlewaretoken" value="\{csrf\}"'
    r'|name="request_id" value="[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"'
)

_parts: LastUsed[Hashable, str] = LastUsed(MOST, len)


@register.simple_tag(takes_context=True)
def cached(context: Context, template_name: str, key: Hashable, **values: Any) -> SafeString:
    """The part `template_name` in the state that `key` names, drawn with `values` unless it is known already.

    `key` has to hold all that the part shows of things and does not fill in later; words, numbers and flags
    among `values` count by themselves. Each use has fresh request ids.
    """
    whole = (template_name, key, *(value for value in values.values() if isinstance(value, PLAIN)))
    html = _parts.get(whole)
    if html is None:
        html = render_to_string(template_name, values | {"csrf_token": TOKEN_MARK}).strip()
        _parts.keep(whole, html)
    return _freshened(html, str(context.get("csrf_token", "")))


def _freshened(html: str, token: str) -> SafeString:
    token_field = f'name="csrfmiddlewaretoken" value="{escape(token)}"'

    def fill(match: re.Match[str]) -> str:
        return (
            token_field if match[0].startswith('name="csrf') else f'name="request_id" value="{uuid.uuid4()}"'
        )

    return mark_safe(_FRESH.sub(fill, html))  # noqa: S308 — drawn by a template, which escapes
