"""The form of a stretch of days for which someone is away."""

from __future__ import annotations

from typing import Any

from django import forms

from boards.actions.absences import LONGEST_REASON
from fluxboard.accounts.away import Absence
from fluxboard.accounts.models import User
from fluxboard.core.parsing import EARLIEST_YEAR


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__({"required": True}, format="%Y-%m-%d")


class AwayForm(forms.Form):
    """A new stretch of somebody's, or `absence`, which is to be changed; `people` are those who can cover.

    Who covers already and is not among them stays, unless another is chosen.
    """

    first = forms.DateField(
        label="First day", widget=DateInput, error_messages={"required": "Say which day."}
    )
    last = forms.DateField(label="Last day", widget=DateInput, error_messages={"required": "Say which day."})
    cover = forms.ModelChoiceField(
        User.objects.none(), label="Who covers", required=False, empty_label="Nobody"
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        strip=False,
        widget=forms.TextInput({"maxlength": LONGEST_REASON, "autocomplete": "off"}),
        help_text="Not needed. Everyone on the boards can read it, and it stays in their history.",
    )

    def __init__(self, people: Any, absence: Absence | None = None, data: Any = None) -> None:
        initial: dict[str, Any] = {}
        self.unseen_cover = None
        if absence is not None:
            cover = User.objects.filter(uid=absence.cover).first() if absence.cover else None
            if cover is not None and not people.filter(pk=cover.pk).exists():
                self.unseen_cover, cover = cover, None
            initial = {**vars(absence), "cover": cover}
        name = absence.id[:8] if absence is not None else "new"
        super().__init__(data, auto_id=f"away-{name}-%s", initial=initial, label_suffix="")
        cover_field: Any = self.fields["cover"]
        cover_field.queryset = people
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("data-field", name)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        for name in ("first", "last"):
            if name in typed and typed[name].year < EARLIEST_YEAR:
                self.add_error(name, "Write the year with four digits.")
        typed["cover"] = typed.get("cover") or self.unseen_cover
        return typed
