"""The admin pages of this project: one sign-in for the whole house, and only models that are named here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from fluxboard.accounts.safe_redirect import way_on

SHOWN = {
    "accounts.user",
    "activity.activity",
    "boards.board",
    "boards.invitation",
    "boards.membership",
}


def asks_again[T: type](model_admin: T) -> T:
    """A ModelAdmin's decorator: all that is sent from its pages needs the password (or passkey) again."""
    for page in ("changelist_view", "changeform_view"):
        again = method_decorator(reauthentication_required(allow_get=True), name=page)
        model_admin = again(model_admin)
    return model_admin


class Site(AdminSite):
    """What a dependency registers by itself stays out: addresses, groups, secrets of second factors."""

    site_header = site_title = "Fluxboard administration"
    index_title = "Administration"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """As ever for a model of `SHOWN`; for any other one nothing happens."""
        models = model_or_iterable if isinstance(model_or_iterable, (list, tuple)) else [model_or_iterable]
        ours = [model for model in models if model._meta.label_lower in SHOWN]
        super().register(ours, admin_class, **options)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Django's pages take ids as they come, and pass on what the database says of one that is none."""

        @functools.wraps(view)
        def with_care(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                answer: HttpResponse = view(request, *args, **kwargs)
                return answer.render() if hasattr(answer, "render") else answer
            except (DataError, OverflowError, ValueError) as problem:
                raise BadRequest("What was sent cannot be read.") from problem

        return super().admin_view(with_care, cacheable)

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The one sign-in of the house, second factor included. For whoever is no admin there is no admin."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise Http404
        target = way_on(request, request.GET.get("next", "")) or reverse("admin:index")
        return HttpResponseRedirect(target) if request.user.is_authenticated else redirect_to_login(target)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The house has one page for that, which counts attempts, and ends other sessions."""
        return HttpResponseRedirect(reverse("account_change_password"))

    password_change_done = password_change
