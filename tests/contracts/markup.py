"""Pages as a script without a browser reads them: a tree of elements, and the forms that change something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass(eq=False)
class Node:
    """An element with its attributes and what is in it: elements and texts."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Node]:
        """The element and all within it, in document order."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child

    def all(self, tag: str = "", **attrs: str | None) -> list[Node]:
        """Elements of that name whose attributes (`data_verb` for `data-verb`) are so; None: are there."""
        wanted = {name.replace("_", "-"): value for name, value in attrs.items()}
        return [
            node
            for node in self
            if (not tag or node.tag == tag)
            and all(
                name in node.attrs and value in (None, node.attrs[name]) for name, value in wanted.items()
            )
        ]

    def has_class(self, name: str) -> bool:
        return name in self.attrs.get("class", "").split()

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def html(self) -> str:
        """The element as text, alike for two that a browser shows alike; words of times left out."""
        if self.tag == "time":
            return f"<time {self.attrs.get('datetime')} {self.attrs.get('data-as')}>"
        attrs = "".join(
            f' {name}="{escape(" ".join(value.split()))}"' for name, value in sorted(self.attrs.items())
        )
        inner = "".join(
            " ".join(child.split()) if isinstance(child, str) else child.html for child in self.children
        )
        return f"<{self.tag}{attrs}>{inner}</{self.tag}>"


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        tags = [node.tag for node in self.open]
        if tag in tags[1:]:
            del self.open[len(tags) - 1 - tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Node:
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


@dataclass
class Control:
    """A field of a form. `kind` is an input's type, `select` or `textarea`; `choices` a select's values."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form that changes something: where it goes, the verb that it names, its fields and named buttons."""

    verb: str
    action: str
    controls: list[Control]
    buttons: list[tuple[str, str]]


def change_forms(page: Node) -> list[Form]:
    """Every `<form data-verb>` of a page."""
    return [form_of(page, node) for node in page.all("form", data_verb=None)]


def form_of(page: Node, form: Node) -> Form:
    """A form of a page with all that a browser would send, also where its fields stand elsewhere."""
    inside = list(form)
    if form.attrs.get("id"):
        inside += page.all(form=form.attrs["id"])
    live = [node for node in inside if node.attrs.get("name") and "disabled" not in node.attrs]
    controls = [_control(node) for node in live if node.tag in {"input", "select", "textarea"}]
    buttons = [(node.attrs["name"], node.attrs.get("value", "")) for node in live if node.tag == "button"]
    return Form(form.attrs.get("data-verb", ""), form.attrs.get("action", ""), controls, buttons)


def _control(node: Node) -> Control:
    name = node.attrs["name"]
    if node.tag == "textarea":
        return Control(name, "textarea", node.text.removeprefix("\n"))
    if node.tag == "select":
        options = node.all("option")
        chosen = [option for option in options if "selected" in option.attrs] or options[:1]
        values = [option.attrs.get("value", option.text) for option in options]
        return Control(name, "select", chosen[0].attrs.get("value", "") if chosen else "", values)
    return Control(name, node.attrs.get("type", "text"), node.attrs.get("value", ""))
