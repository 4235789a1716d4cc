"""How often somebody may do what costs more than a page: counted in the database, by its clock.

So all worker processes and all hosts count together. One statement asks and counts at once (the generic
cell rate algorithm): what a person has used up is one moment, before which nothing more is free. What
counts is who is signed in; for passwords `fluxboard.accounts.attempts` says what. Codes, resets and
requests to the sign-in are counted by django-allauth (`ACCOUNT_RATE_LIMITS`), by network and address, in
the shared cache.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import InternalError, connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from fluxboard.accounts.models import Spent


class Rate(NamedTuple):
    """`most` at once, and as many again in each `seconds`."""

    most: int
    seconds: int


RATES = {
    "search": Rate(120, 60),
    "insight": Rate(60, 60),
    "weekly": Rate(60, 60),
    "stream": Rate(240, 60),
    "invite": Rate(60, 3600),
    "upload": Rate(30, 600),
    "export": Rate(20, 600),
    "verify": Rate(20, 600),
    "address": Rate(10, 3600),
    "password": Rate(5, 300),
    "password_network": Rate(60, 600),
}
NOT_KEPT = {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2", "code"}
WAIT_WITHOUT_A_NUMBER = 60

ASK = """
INSERT INTO accounts_spent AS spent (key, free_at)
VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(step)s))
ON CONFLICT (key) DO UPDATE
SET free_at = greatest(spent.free_at, clock_timestamp()) + make_interval(secs => %(step)s)
WHERE spent.free_at <= clock_timestamp() + make_interval(secs => %(ahead)s)
RETURNING 0.0
"""
HOW_LONG = """
SELECT extract(epoch FROM free_at - clock_timestamp()) - %(ahead)s FROM accounts_spent WHERE key = %(key)s
"""


GIVE_BACK = (
    "UPDATE accounts_spent SET free_at = free_at - make_interval(secs => %(step)s) WHERE key = %(key)s"
)


def wait_for(action: str, who: Any) -> int:
    """Count that the person `who` does `action` of `RATES` now; 0 when they may, else after how many seconds.

    A database that takes no writes just now counts nothing and turns nobody away.
    """
    return wait_by_name(action, str(who.pk))


def wait_by_name(action: str, name: str) -> int:
    """The same for whoever goes by `name`, at most 40 characters."""
    values = _values(action, name)
    with connection.cursor() as cursor:
        try:
            cursor.execute(ASK, values)
        except InternalError:
            return 0
        if cursor.fetchone():
            return 0
        cursor.execute(HOW_LONG, values)
        left = cursor.fetchone()
    return max(1, math.ceil(left[0])) if left else 1


def give_back(action: str, name: str) -> None:
    """What was counted last was not one of those that are to be few."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(GIVE_BACK, _values(action, name))
        except InternalError:
            return


def forgive(action: str, name: str) -> None:
    """Nothing counts any more of what was done by that name."""
    Spent.objects.filter(key=f"{action}:{name}").delete()


def _values(action: str, name: str) -> dict[str, str | float]:
    rate = RATES[action]
    step = rate.seconds / rate.most
    return {"key": f"{action}:{name}", "step": step, "ahead": rate.seconds - step}


def limited(action: str, *methods: str) -> Callable[..., Any]:
    """A view's decorator: 429 for whoever is signed in and asks too often by one of `methods` (none: any)."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            counts = request.user.is_authenticated and (not methods or request.method in methods)
            wait = wait_for(action, request.user) if counts else 0
            return too_many(request, wait) if wait else view(request, *args, **kwargs)

        return asked

    return decorate


def too_many(request: HttpRequest, seconds: int = WAIT_WITHOUT_A_NUMBER) -> HttpResponse:
    """429 with Retry-After: a page whose button sends again what was typed, but for passwords and files."""
    typed: QueryDict = request.POST
    kept = [(name, value) for name in typed if name not in NOT_KEPT for value in typed.getlist(name)]
    context = {"kept": kept, "seconds": seconds, "here": request.get_full_path(), "view": "busy"}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response
