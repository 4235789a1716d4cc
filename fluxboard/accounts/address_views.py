"""Changing one's address, proving the one that one has, and the pages behind the links in those mails."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from fluxboard.accounts import email_addresses
from fluxboard.accounts.models import AddressChange, User
from fluxboard.accounts.rate_limits import too_many, wait_for

_PAGE = "account/email_change.html"


class AddressForm(forms.Form):
    """The address that somebody wants to sign in with from now on."""

    email = forms.EmailField(
        label="New address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="allauth.account", allow_get=True)
def address(request: HttpRequest) -> HttpResponse:
    """My address. POST `action_add` asks for another one, `action_send` mails a link again, `action_remove`
    keeps the old one, `action_prove` mails a link to the present one. 303 back here, 422 with what was typed.
    """
    person = User.objects.get(pk=request.user.pk)
    change = AddressChange.objects.filter(person=person).first()
    form = AddressForm(request.POST if "action_add" in request.POST else None)
    if request.method == "POST":
        if "action_remove" in request.POST:
            AddressChange.objects.filter(person=person).delete()
            return _see("account_email")
        if wait := wait_for("address", person):
            return too_many(request, wait)
        if "action_prove" in request.POST:
            _prove(request, person)
        elif "action_send" in request.POST and change:
            _send_again(request, change)
        elif not form.is_valid() or not _ask(person, form):
            return _page(request, person, change, form, 422)
        return _see("account_email")
    return _page(request, person, change, form)


def _ask(person: User, form: AddressForm) -> bool:
    email = form.cleaned_data["email"].strip().lower()
    if email == person.email:
        form.add_error("email", "This is your address already.")
        return False
    try:
        email_addresses.ask_for_change(person, email)
    except email_addresses.CannotConfirm as reason:
        form.add_error("email", str(reason))
        return False
    return True


def _send_again(request: HttpRequest, change: AddressChange) -> None:
    if email_addresses.can_send_mail():
        email_addresses.send_change(change)
        messages.success(request, "The link is on its way again.")
    else:
        messages.info(request, "There is no mail server here. An admin can confirm the address.")


def _prove(request: HttpRequest, person: User) -> None:
    if email_addresses.is_proved(person):
        messages.info(request, "Your address is confirmed already.")
    elif email_addresses.can_send_mail():
        email_addresses.send_proof(person)
        messages.success(request, f"A link is on its way to {person.email}.")
    else:
        messages.info(request, "There is no mail server here. An admin can confirm your address.")


def _page(
    request: HttpRequest, person: User, change: AddressChange | None, form: AddressForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "person": person,
        "change": change,
        "is_proved": email_addresses.is_proved(person),
        "can_send_mail": email_addresses.can_send_mail(),
    }
    return TemplateResponse(request, _PAGE, context, status=status)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def old(request: HttpRequest, secret: str) -> HttpResponse:
    """The link in the old mailbox. POST agrees, or with `refuse` ends change and sessions. 410 once spent."""
    change = email_addresses.change_of_old(secret)
    if change is None:
        return _spent(request)
    if request.method == "POST" and "refuse" in request.POST:
        email_addresses.refuse(change)
        return render(request, "accounts/address_old.html", {"change": change, "said": "refused"})
    if request.method == "POST":
        email_addresses.agree(change)
        return render(request, "accounts/address_old.html", {"change": change, "said": "agreed"})
    return render(request, "accounts/address_old.html", {"change": change})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, secret: str) -> HttpResponse:
    """The link in the new mailbox, for who is signed in as the person: POST makes it their address."""
    person = User.objects.get(pk=request.user.pk)
    change = email_addresses.change_of_new(secret, person)
    if change is None:
        return _spent(request)
    if request.method == "POST":
        try:
            email_addresses.complete(change)
        except email_addresses.CannotConfirm as reason:
            messages.error(request, str(reason))
            return _see("account_email")
        update_session_auth_hash(request, User.objects.get(pk=person.pk))
        messages.success(request, f"You sign in with {change.email} now. Other browsers are signed out.")
        return _see("account_email")
    return render(request, "accounts/address_confirm.html", {"email": change.email})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def here(request: HttpRequest, secret: str) -> HttpResponse:
    """The link in the present mailbox, for who is signed in as the person: POST proves the address."""
    person = User.objects.get(pk=request.user.pk)
    if not email_addresses.is_proof(secret, person):
        return _spent(request)
    if request.method == "POST":
        email_addresses.prove(person)
        messages.success(request, f"{person.email} is confirmed.")
        return _see("account_email")
    return render(request, "accounts/address_confirm.html", {"email": person.email})


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/address_spent.html", status=410)


def _see(name: str, *args: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args), status=303)
