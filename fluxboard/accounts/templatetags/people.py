"""Form controls that name their error to those who cannot see it."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from fluxboard.core import mail

register = template.Library()
register.simple_tag(mail.can_send_mail)
register.simple_tag(mail.prints_mail)


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's control, described by its hint, its error and the error of the whole form."""
    attrs: dict[str, Any] = {}
    if field.form.non_field_errors():
        attrs["aria-describedby"] = " ".join(filter(None, ["form-errors", field.aria_describedby]))
        attrs["aria-invalid"] = "true"
    if field.widget_type in ("text", "email", "password", "emailinput"):
        field.field.widget.attrs.pop("placeholder", None)
    return field.as_widget(attrs=attrs)


@register.filter
def sentence(label: Any) -> str:
    """`Current Password` -> `Current password`."""
    words = str(label)
    return words[:1] + words[1:].lower()
