"""Who is reading, and by which clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone

from fluxboard.accounts.safe_redirect import way_on
from fluxboard.accounts.sessions import reader_of

ABOUT_ACCESS = {"account_email", "account_set_password", "account_change_password", "account_reauthenticate"}


class SignedIn(LoginRequiredMiddleware):
    """Every page asks for a sign-in, except views marked `login_not_required`.

    A page goes to the sign-in and comes back; a request of a script gets 401 with the sign-in's
    address in `X-Flux-Login`, so that what was typed stays on the screen.
    """

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        """Besides: who could not be asked again who they are gets a password by mail first."""
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None or not _is_about_access(request) or not has_no_way_to_prove(request.user):
            return answer
        messages.info(request, "You have no password yet. Choose one by the link that we mail to you first.")
        return HttpResponseRedirect(reverse("account_reset_password"), status=303)

    def handle_no_permission(self, request: Any, view_func: Callable[..., Any]) -> Any:
        if request.method in ("GET", "HEAD") and not request.htmx:
            return super().handle_no_permission(request, view_func)
        sign_in = f"{resolve_url(self.get_login_url(view_func))}?next={quote(page_of(request))}"
        if not request.htmx:
            return HttpResponseRedirect(sign_in, status=303)
        answer = HttpResponse("You are signed out.", status=401, content_type="text/plain")
        answer["X-Flux-Login"] = sign_in
        return answer


def _is_about_access(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None or not request.user.is_authenticated:
        return False
    name = match.url_name or ""
    return name in ABOUT_ACCESS or name.startswith("mfa_") or "admin" in match.app_names


def has_no_way_to_prove(person: Any) -> bool:
    """Whether this person has neither a password nor a second factor to be asked for."""
    return not person.has_usable_password() and not get_adapter().get_reauthentication_methods(person)


def page_of(request: HttpRequest) -> str:
    """The path of the page that a request says it comes from; "/" for what is no path of ours."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    try:
        path = urlsplit(said).path
    except ValueError:
        return "/"
    return (path.startswith("/") and way_on(request, path)) or "/"


class ReaderZone:
    """The reader's time zone is the current one while their request is answered.

    What says nothing about it is kept by no cache: most pages are one person's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = reader_of(request)  # at once, since every page asks
        request.reader_id = request.user.pk  # type: ignore[attr-defined]  # for the request log
        zone = request.user.zone if request.user.is_authenticated else None
        with timezone.override(zone):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
