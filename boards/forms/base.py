"""A form that does one verb: what it asks for, who may, how it is worded, where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import Http404
from django.urls import reverse

from activity.log.record import By
from boards.verb_urls import do_url

FORMS: dict[str, type[ChangeForm]] = {}


def with_choices[F: forms.BaseForm](form: F) -> F:
    """`form` with the choices of its fields loaded: it is about to be drawn, which asks for nothing."""
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField):
            choices: Any = field.choices
            field.choices = list(choices)
    return form


class ChangeForm(forms.Form):
    """A form for one verb.

    `verb` registers it. `least` is the role that it takes. `heading` heads it on a page of its own, `submit`
    is on its button, `said` is the status once it is done. `look` is how it stands on a page: `row` (fields
    and button in one line), `stack`, or `button` (nothing but the button). `tone` is the button's.
    `is_new`: it makes a thing, and `thing` is its parent. `beside`: a template after its first field.
    """

    verb: ClassVar[str] = ""
    least: ClassVar[str] = "owner"
    heading: ClassVar[str] = ""
    submit: ClassVar[str] = "Save"
    said: ClassVar[str] = "Saved."
    look: ClassVar[str] = "stack"
    tone: ClassVar[str] = "btn--line"
    page: ClassVar[str] = "boards:settings"
    is_new: ClassVar[bool] = False
    part: str = "boards/_form.html"
    beside: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.verb:
            FORMS[cls.verb] = cls

    def __init__(self, thing: Any = None, data: Mapping[str, Any] | None = None, **initial: Any) -> None:
        self.thing = thing
        self.slug = f"{self.verb.replace('.', '-')}-{getattr(thing, 'pk', None) or 'new'}"
        super().__init__(
            data,
            auto_id=f"{self.slug}-%s",
            initial={**self.start(thing), **initial},
            label_suffix="",
            use_required_attribute=True,
        )
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("data-field", name)

    def start(self, thing: Any) -> dict[str, Any]:
        """What the fields hold at first; by default what the thing holds under their names."""
        if self.is_new:
            return {}
        return {name: getattr(thing, name) for name in self.base_fields if hasattr(thing, name)}

    @classmethod
    def stands_on(cls) -> str:
        """The class of the `thing` that this form is for."""
        noun = cls.verb.partition(".")[0]
        if cls.is_new:
            return "NoneType" if noun == "board" else "Board"
        return "Membership" if noun == "member" else noun.capitalize()

    @property
    def action(self) -> str:
        return do_url(self.verb, self.thing)

    @property
    def board(self) -> Any:
        return self.thing if type(self.thing).__name__ == "Board" else self.thing.board

    @property
    def versioned(self) -> Any:
        """The thing whose version the form stands on; a new thing stands on none."""
        return None if self.is_new else self.thing

    def part_context(self) -> dict[str, Any]:
        """What else the form's part needs when it comes back by itself."""
        return {}

    def about_to_show(self, reader: Any) -> None:
        """Load what the form shows besides its fields: it is about to be drawn for `reader`."""

    def perform(self, by: By, seen: int | None) -> Any:
        """Do the verb with the cleaned data; returns the changed thing."""
        raise NotImplementedError

    def back(self, done: Any) -> str:
        """The page that shows what was done; `done` is what `perform` returned."""
        return reverse(self.page, args=[self.board.key])


def change_form(verb: str, thing: Any) -> type[ChangeForm]:
    """The form that does `verb` to `thing`; a 404 where there is none."""
    form = FORMS.get(verb)
    if form is None or type(thing).__name__ != form.stands_on():
        raise Http404
    return form


def name_field(label: str, longest: int, **attrs: Any) -> forms.CharField:
    """One line of text, checked by the action itself, so that its words are the same from every door."""
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        widget=forms.TextInput({"maxlength": longest, "autocomplete": "off", **attrs}),
    )


def text_field(label: str, *, rows: int, help_text: str = "") -> forms.CharField:
    """A text of several lines, checked by the action itself; nothing of it goes before that."""
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": rows}),
        help_text=help_text,
    )
