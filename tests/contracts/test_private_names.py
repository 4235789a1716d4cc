"""No private name of a dependency, but for those in `fluxboard/core/private.py`, which says why."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import tomllib
from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest
from django.contrib.sessions.models import Session

from bench import structure
from fluxboard.core import private
from fluxboard.server.embedded_postgres.addresses import PROJECT

PLACE = "fluxboard/core/private.py"
PACKAGES = ("activity", "boards", "comments", "fluxboard")
BY_NAME = {"getattr", "hasattr", "setattr", "delattr", "attrgetter"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_none_is_used() -> None:
    assert [found for found in structure.private_names() if not found.startswith(f"{PLACE}:")] == []


def test_none_is_asked_for_by_a_text() -> None:
    found = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path in structure.production()
        if path != PLACE
        for node in ast.walk(structure.tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in BY_NAME
        and any(is_private(str(one.value)) for one in node.args if isinstance(one, ast.Constant))
    ]
    assert found == []


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        for found in pkgutil.walk_packages([str(PROJECT / package)], f"{package}."):
            if not any(part in found.name for part in (".migrations", ".gunicorn_conf", ".asgi")):
                yield importlib.import_module(found.name)


def test_none_is_overridden() -> None:
    """A method of ours whose private name a foreign base class has too is called by that, or hides it."""
    found = {
        f"{ours.__module__}.{ours.__qualname__}.{name}"
        for module in modules()
        for _, ours in inspect.getmembers(module, inspect.isclass)
        if ours.__module__ == module.__name__
        for name, value in vars(ours).items()
        if is_private(name) and isinstance(value, FunctionType) and value.__module__ == module.__name__
        for base in ours.__mro__[1:]
        if base.__module__.partition(".")[0] not in PACKAGES and name in vars(base)
    }
    assert found == {"fluxboard.core.private.SessionStore._get_session_from_db"}


# ---- those that there are ---------------------------------------------------------------------------------


class Planted(private.SessionStore):
    row: Session | None = None
    reads = 0

    def read_row(self) -> Session | None:
        self.reads += 1
        return self.row


@pytest.mark.django_db
def test_a_session_is_read_by_our_row_and_a_key_without_one_is_nobodys() -> None:
    planted = Planted("a" * 32)
    assert planted.load() == {}
    assert planted.session_key is None, "else who planted the key would know it"
    assert planted.is_empty()
    there = Planted("b" * 32)
    there.row = Session(session_key="b" * 32, session_data=there.encode({"x": 1}))
    assert there["x"] == 1
    assert (there.session_key, there.reads, planted.reads) == ("b" * 32, 1, 1)


def test_the_versions_are_those_that_were_read() -> None:
    """With another minor version of Django, read its `SessionStore` again before this is raised."""
    needs = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert "django>=6.1,<6.2" in needs
    assert "Django 6.1" in (private.__doc__ or "")
