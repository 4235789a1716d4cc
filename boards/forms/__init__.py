"""The plain form of each verb about boards, columns, labels, members, saved searches and new cards."""

from boards.forms import boards, cards, columns, labels, members, searches
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
    "searches",
    "with_choices",
]
