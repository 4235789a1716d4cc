"""How much waits on the reader, for the bars around every page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from comments.waiting import waiting_count

register = template.Library()


@register.simple_tag
def waits_on(reader: Any) -> int:
    """The number of things that wait on `reader` and are not put off."""
    return waiting_count(reader, timezone.now())
