"""Forms about the searches that are saved for a board."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.http import urlencode

from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm, name_field
from fluxboard.core import limits


class SearchForm(ChangeForm):
    least = "member"

    def back(self, done: Any) -> str:
        """The search itself, while there is one."""
        search = done if done is not None else None if self.is_new else self.thing
        query = {"q": search.query} if search is not None and search.removed_at is None else {}
        return f"{reverse('search')}{'?' if query else ''}{urlencode(query)}"


class SaveSearch(SearchForm):
    verb = "search.saved"
    is_new = True
    heading = "Save a search for this board"
    submit = "Save"
    look = "row"

    name = name_field("Name", limits.SEARCH_NAME, required=True)
    query = forms.CharField(
        label="Search for",
        required=False,
        strip=False,
        widget=forms.TextInput({"maxlength": limits.SEARCH, "autocomplete": "off", "required": True}),
    )

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.save_search(self.thing, self.cleaned_data["name"], self.cleaned_data["query"], by=by)


class RenameSearch(SearchForm):
    verb = "search.renamed"
    heading = "Rename this search"
    submit = "Rename"
    look = "row"

    name = name_field("Name", limits.SEARCH_NAME, required=True)

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.rename_search(self.thing, self.cleaned_data["name"], by=by, seen=seen)


class RemoveSearch(SearchForm):
    verb = "search.removed"
    heading = "Remove this search for everyone on the board"
    submit = "Remove"
    said = "The search is gone for everyone on the board."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.remove_search(self.thing, by=by)


class RestoreSearch(SearchForm):
    verb = "search.restored"
    heading = "Restore this search"
    submit = "Restore"
    said = "The search is back."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.restore_search(self.thing, by=by)
