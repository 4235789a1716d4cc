"""A form that cannot be saved just now, kept on the page that says so."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

# What people type into the forms of changes; all else there is chosen, or the form's own.
_TYPED = {
    "title",
    "what",
    "why",
    "done_when",
    "constraints",
    "text",
    "items",
    "name",
    "reason",
    "description",
}


def unsaved(request: HttpRequest) -> dict[str, Any]:
    """What `503_database.html` needs to send a form of ours again.

    Only forms with a `request_id`, so never a password, and under the token that came with them: one that
    another site sent is refused later as it would have been now.
    """
    if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
        return {}
    if not request.POST.get("request_id"):
        return {}
    fields = [
        {"name": name, "value": value, "is_text": name in _TYPED and bool(value)}
        for name, values in request.POST.lists()
        for value in values
    ]
    return {"address": request.get_full_path(), "fields": fields}
