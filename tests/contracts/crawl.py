"""Every page that can be reached, and every form on one: by links, and by the URL configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.urls import URLPattern, URLResolver, get_resolver

from activity.log.verbs import VERBS
from boards.views.cards import FORMS
from comments.views import DEEDS, ON_DECISION
from tests.attacks.site import PostForm, post_forms
from tests.contracts.markup import parse

# Where a crawl would leave, sign out, or wait for a stream.
LEFT_OUT = ("/static/", "/accounts/logout/")
LIVE = "/live/"


@dataclass
class Reached:
    """Pages by their shape, forms by theirs, and the names that links and forms put into addresses."""

    pages: dict[str, str] = field(default_factory=dict)
    forms: dict[tuple[str, frozenset[str]], PostForm] = field(default_factory=dict)
    parameters: set[str] = field(default_factory=set)

    @property
    def shapes(self) -> set[str]:
        return {shape for shape, _ in self.forms}


def shape_of(path: str) -> str:
    """An address with its keys, numbers, ids and secrets replaced, so that two of a kind are one."""
    path = re.sub(r"(?<=/)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=/)", "UUID", path)
    path = re.sub(r"(?<=/)[A-Z][A-Z0-9]{1,7}-[0-9]+(?=/)", "CARD", path)
    path = re.sub(r"(?<=/b/)[A-Z][A-Z0-9]{1,7}(?=/)", "BOARD", path)
    path = re.sub(r"(?<=/)[0-9]+(?=/)", "N", path)
    return re.sub(r"^/(join|accounts/welcome|digest/off)/[^/]+/", r"/\1/SECRET/", path)


def crawl(client: Any, first: Iterable[str], reached: Reached, *, under: str = "/") -> Reached:
    """Follow every link from `first`, one of each shape and set of parameters."""
    waiting = list(first)
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        if parts.path.startswith(LEFT_OUT) or LIVE in parts.path or not parts.path.startswith(under):
            continue
        names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        reached.parameters |= names
        shape = f"{shape_of(parts.path)}?{'&'.join(sorted(names))}"
        if shape in reached.pages:
            continue
        answer = client.get(address)
        assert answer.status_code < 500, (address, answer.status_code)
        if answer.status_code in {301, 302, 303}:
            reached.pages[shape] = address
            waiting.append(urljoin(address, answer["Location"]))
        if answer.status_code != 200:
            continue
        reached.pages[shape] = address
        if not answer.get("Content-Type", "").startswith("text/html") or answer.streaming:
            continue
        html = answer.content.decode()
        note_forms(reached, html, parts.path)
        waiting += links(reached, html, address)
    return reached


def note_forms(reached: Reached, html: str, page: str) -> None:
    for form in post_forms(html, page):
        form.action = urljoin(page, form.action)
        key = (shape_of(urlsplit(form.action).path), frozenset(form.names))
        reached.forms.setdefault(key, form)


def links(reached: Reached, html: str, page: str) -> Iterator[str]:
    for node in parse(html):
        for name in ("href", "hx-get", "data-url", "data-href"):
            to = urljoin(page, node.attrs[name]) if node.attrs.get(name) else ""
            if to.startswith("/") and not to.startswith("//"):
                yield to.partition("#")[0]
        if node.tag == "form" and node.attrs.get("method", "get").lower() == "get":
            reached.parameters |= {one.attrs["name"] for one in node if one.attrs.get("name")}


# ---- the URL configuration ---------------------------------------------------------------------------------


def routes(patterns: Any = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Every route with the name of its address, django-allauth's included; the admin's not."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not route.startswith("admin"):
                yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.name or ""


def words_of(name: str, route: str) -> list[str]:
    """What may stand for `<slug:part>` or `<slug:form>` in a route."""
    if "<slug:form>" in route:
        return sorted(FORMS)
    if "<slug:part>" not in route:
        return [""]
    noun = name.removesuffix("_do")
    verbs = [verb.partition(".")[2] for verb in VERBS if verb.startswith(f"{noun}.")]
    more: dict[str, list[str]] = {
        "column_cards": ["moved", "archived"],
        "comment_do": sorted(DEEDS),
        "decision_do": sorted(ON_DECISION),
        "checklist_do": ["item-added"],
    }
    return list(dict.fromkeys(verbs + more.get(name, [])))


def addresses(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every address of the URL configuration with `values` for its variables, and its name.

    `values` maps a variable, or `noun/<variable>` where it depends on what stands before it, to a value.
    """
    for route, name in routes():
        if "(?P<" in route:
            continue
        path = "/" + route
        for variable in sorted(values, key=lambda one: "/" not in one):
            noun = variable.partition("<")[0]
            path = path.replace(variable, f"{noun}{values[variable]}")
        for word in words_of(name, path):
            yield path.replace("<slug:part>", word).replace("<slug:form>", word), name
