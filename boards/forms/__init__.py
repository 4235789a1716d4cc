"""The plain form of each verb about a board and what it has, and about new cards."""

from boards.forms import boards, cards, columns, labels, members, schedules, searches, templates
from boards.forms.base import FORMS, ChangeForm, change_form, with_choices

__all__ = [
    "FORMS",
    "ChangeForm",
    "boards",
    "cards",
    "change_form",
    "columns",
    "labels",
    "members",
    "schedules",
    "searches",
    "templates",
    "with_choices",
]
