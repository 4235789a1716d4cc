"""The profile, the end of other sessions, and the page behind a one-time link."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from fluxboard.accounts.attempts import forgive_guesses
from fluxboard.accounts.away import coming, days_words, today_there
from fluxboard.accounts.deactivation import end_sessions
from fluxboard.accounts.email_addresses import forget_change, is_proved
from fluxboard.accounts.forms import ProfileForm, StartForm
from fluxboard.accounts.models import Link, User
from fluxboard.accounts.one_time_links import LinkSpent, find_link, spend
from fluxboard.accounts.profile import presented, save_profile
from fluxboard.accounts.safe_redirect import way_on
from fluxboard.accounts.signup import JoinForm, join, sign_in
from fluxboard.accounts.time_zones import choices


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """`/me/`: who I am to others. 303 back here once saved, 422 with what was typed where it won't do."""
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        save_profile(form)
        messages.success(request, "Saved.")
        return _see("profile")
    seen = User.objects.get(pk=person.pk)
    now = timezone.now()
    away = [
        {"absence": one, "days": days_words(one.first, one.last, today_there(seen, now))}
        for one in coming(seen, now)
    ]
    more = {"seen_as": presented(seen, now), "is_proved": is_proved(seen), "away": away}
    return _form_page(request, "accounts/profile.html", form, more)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """`/me/start/?next=…`: my clock and my digest, asked once after the first sign-in. 303 to `next` then."""
    person = User.objects.get(pk=request.user.pk)
    form = StartForm(request.POST or None, instance=person)
    to = way_on(request, request.GET.get("next", "")) or "/"
    if request.method == "POST" and form.is_valid():
        save_profile(form)
        return HttpResponseRedirect(to, status=303)
    return _form_page(request, "accounts/start.html", form, {"to": to})


@require_POST
def sessions(request: HttpRequest) -> HttpResponse:
    """End every sign-in of mine but this one."""
    person = User.objects.get(pk=request.user.pk)
    end_sessions(person)
    update_session_auth_hash(request, person)
    messages.success(request, "Signed out everywhere else.")
    return _see("profile")


@never_cache
@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind a one-time link: name, password, clock; then signed in. 410 once it is used up."""
    now = timezone.now()
    link = find_link(secret, now)
    if not link or (link.kind == Link.Kind.FIRST and User.objects.able_to_sign_in().exists()):
        return render(request, "accounts/link_spent.html", status=410)
    form = JoinForm(request.POST or None, person=link.person)
    if request.method == "POST" and form.is_valid():
        try:
            return sign_in(request, _accept(link, form, now))
        except LinkSpent:
            return render(request, "accounts/link_spent.html", status=410)
        except ValidationError:
            pass  # the form says what clashed
    return _form_page(request, "accounts/welcome.html", form, {"is_first": link.kind == Link.Kind.FIRST})


@transaction.atomic
def _accept(link: Link, form: JoinForm, now: dt.datetime) -> User:
    spend(link, now)
    person = join(form, is_admin=link.kind == Link.Kind.FIRST, by_link=link.kind == Link.Kind.WELCOME)
    if link.kind == Link.Kind.WELCOME:
        end_sessions(person)
        forget_change(person)
        forgive_guesses(person)
    return person


def _see(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(name), status=303)


def _form_page(request: HttpRequest, template: str, form: Any, more: dict[str, Any]) -> HttpResponse:
    context = {"form": form, "zones": choices(timezone.now()), "view": "me"} | more
    return TemplateResponse(request, template, context, status=422 if form.errors else 200)
