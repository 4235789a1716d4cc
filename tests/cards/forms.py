"""A browser with JavaScript off: reads pages, finds forms by their verb, fills them in and sends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"input", "img", "br", "hr", "meta", "link", "use", "path"}


@dataclass
class Form:
    """A form as it stands on a page: where it goes, its verb, its fields with their values, its buttons."""

    action: str
    verb: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Page:
    """An answer, with its forms and the texts of its `data-field` elements."""

    response: Any
    forms: list[Form]
    texts: dict[str, str]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.content.decode()

    def all(self, verb: str) -> list[Form]:
        return [form for form in self.forms if form.verb == verb]

    def form(self, verb: str, **having: str) -> Form:
        """The one form of `verb` whose fields have these values (or exist, for "")."""
        found = [
            form
            for form in self.all(verb)
            if all(form.fields.get(name, "-") == value or value == "" for name, value in having.items())
            and having.keys() <= form.fields.keys()
        ]
        assert len(found) == 1, f"{len(found)} forms of {verb} with {having}"
        return found[0]


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.texts: dict[str, str] = {}
        self._form: Form | None = None
        self._open: list[tuple[str, str]] = []
        self._area = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, got.get("data-field", "")))
        if got.get("data-field"):
            self.texts.setdefault(got["data-field"], "")
        if tag == "form":
            self._form = Form(got.get("action", ""), got.get("data-verb", ""))
            self.forms.append(self._form)
        if self._form is not None:
            self._field(tag, got)

    def _field(self, tag: str, got: dict[str, str]) -> None:
        assert self._form is not None
        name = got.get("name", "")
        if tag == "input" and name and got.get("type") not in ("radio", "checkbox"):
            self._form.fields[name] = got.get("value", "")
        elif tag == "input" and name and "checked" in got:
            self._form.fields[name] = got.get("value", "on")
        elif tag == "textarea":
            self._area, self._form.fields[name] = name, ""
        elif tag == "select":
            self._select = name
            self._form.choices[name] = []
        elif tag == "option":
            self._form.choices[self._select].append(got.get("value", ""))
            if "selected" in got or len(self._form.choices[self._select]) == 1:
                self._form.fields[self._select] = got.get("value", "")
        elif tag == "button" and got.get("type") == "submit":
            self._form.buttons.append((name, got.get("value", "")))

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area] += data
        for _, name in self._open:
            if name:
                self.texts[name] += data


class Visitor:
    """One person's browser."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, address: str, **headers: str) -> Page:
        return self._page(self.client.get(address, headers=headers))

    def send(
        self, form: Form, *, press: tuple[str, str] | None = None, headers: Any = None, **typed: str
    ) -> Page:
        """Send `form` with what is typed over its fields, and the button that was pressed. No redirect."""
        fields = {name: value.lstrip("\n") if "\n" in value else value for name, value in form.fields.items()}
        data = fields | typed | ({press[0]: press[1]} if press and press[0] else {})
        return self._page(self.client.post(form.action, data, headers=headers or {}))

    def follow(self, page: Page) -> Page:
        assert page.status == 303, page.html[:2000]
        return self.get(page.response["Location"].partition("#")[0])

    def _page(self, response: Any) -> Page:
        kind = response.get("Content-Type", "")
        reader = _Reader(response.content.decode() if kind.startswith("text/html") else "")
        return Page(response, reader.forms, {name: text.strip() for name, text in reader.texts.items()})
