"""People in the Django admin: make, change, deactivate; never delete, never touch a password's hash.

Another admin's record can be looked at and not changed, since with their address, their password or a link
one could become them. What ends or weakens access is offered for everybody: ending sessions, deactivating,
and removing a second factor, which takes an admin's password away as well, so that only their own mailbox
leads back in. Who stops being an admin says so themselves, or `bin/manage admin_rights` does.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from fluxboard.accounts import times
from fluxboard.accounts.admin_site import asks_again
from fluxboard.accounts.away import days_words
from fluxboard.accounts.deactivation import CannotLeave, deactivate, end_sessions, reactivate
from fluxboard.accounts.email_addresses import CannotConfirm, can_send_mail, confirm_by_hand
from fluxboard.accounts.forms import WEEKDAY_CHOICES, NameField, ZoneField
from fluxboard.accounts.models import User
from fluxboard.accounts.one_time_links import welcome_link, withdraw_links
from fluxboard.accounts.profile import CLOCK, LOOKS
from fluxboard.accounts.second_factor import remove_second_factor
from fluxboard.accounts.signals import person_changed
from fluxboard.core.public_url import public_url


class AdminPersonForm(forms.ModelForm):
    """What an admin may say about a person. Whether they are active is the actions' business."""

    name = NameField()
    time_zone = ZoneField(label="Time zone", initial="UTC", help_text="Such as Europe/Lisbon, or Lisbon.")
    work_days = forms.TypedMultipleChoiceField(
        coerce=int, choices=WEEKDAY_CHOICES, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = User
        fields = (
            "name",
            "email",
            "handle",
            "hue",
            "time_zone",
            "work_days",
            "work_start",
            "work_end",
            "is_staff",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_texts = {
            "handle": "Empty: made from the name.",
            "is_staff": "Admins see all people and all boards' data here.",
            "email": "Without one, a placeholder whom an invitation can claim.",
        }
        for name, words in help_texts.items():
            if name in self.fields:  # read-only ones are no fields of the form
                self.fields[name].help_text = words
        if "handle" in self.fields:
            self.fields["handle"].required = False

    def clean_email(self) -> str | None:
        return (self.cleaned_data.get("email") or "").strip().lower() or None

    def clean(self) -> dict[str, Any]:
        """An admin signs in by an address of their own: whoever claims a placeholder must not become one."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        email = typed["email"] if "email" in self.fields and "email" in typed else self.instance.email
        if typed.get("is_staff") and not email:
            self.add_error("is_staff", "Give the person an email address first.")
        return typed

    def clean_handle(self) -> str:
        typed = (self.cleaned_data.get("handle") or "").strip().removeprefix("@").lower()
        return typed or User.objects.free_handle(self.cleaned_data.get("name") or "person")

    def clean_is_staff(self) -> bool:
        wanted = self.cleaned_data["is_staff"]
        others = User.objects.admins().exclude(pk=self.instance.pk)
        if self.instance.pk and self.instance.is_staff and not wanted and not others.exists():
            raise forms.ValidationError("The last admin stays one. Make somebody else an admin first.")
        return wanted


class AddressFilter(admin.SimpleListFilter):
    """Whether somebody has shown that they read mail at their address, or an admin vouched for it."""

    title = "address"
    parameter_name = "address"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("confirmed", "confirmed"), ("typed", "not confirmed"), ("changing", "change waits")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        proved = User.objects.with_proved_address().values("pk")
        if self.value() == "confirmed":
            return queryset.filter(pk__in=proved)
        if self.value() == "typed":
            return queryset.exclude(email=None).exclude(pk__in=proved)
        return queryset.exclude(address_change=None) if self.value() == "changing" else queryset


@asks_again
@admin.register(User)
class PersonAdmin(admin.ModelAdmin):
    """People: list, search, filters; deactivate, turn on again, end sessions, one-time link.

    Everything that is sent from here needs the admin's password (or passkey) of the last minutes.
    """

    form = AdminPersonForm
    list_display = (
        "name",
        "email",
        "confirmed",
        "handle",
        "time_zone",
        "is_active",
        "is_staff",
        "last_login",
    )
    list_filter = ("is_active", "is_staff", AddressFilter, "time_zone")
    search_fields = ("name", "email", "handle")
    ordering = ("name",)
    readonly_fields = ("is_active", "last_login", "joined_at", "wanted", "absences")
    list_select_related = ("address_change",)
    actions = (
        "deactivate_people",
        "reactivate_people",
        "sign_out_people",
        "print_links",
        "remove_factors",
        "confirm_addresses",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("emailaddress_set")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted: their name stays in the log."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not of another admin, deactivated ones included."""
        return super().has_change_permission(request, obj) and not (obj and _is_another_admin(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """One's own address is changed on one's own pages, where the old mailbox is asked."""
        mine = ("email",) if obj and obj.pk == request.user.pk else ()
        return (*self.readonly_fields, *mine)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Filters of the list alone: `?password__startswith=` would read a hash, letter by letter."""
        return lookup.partition("__")[0] in {"is_active", "is_staff", "time_zone", "address"}

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and tell the house what others can see of it."""
        obj.is_superuser = obj.is_staff
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change:
            if {"is_staff", "email"} & set(form.changed_data):
                withdraw_links(obj)  # what was made for the person of before must not open the one of now
            self._tell(obj, set(form.changed_data))

    def _tell(self, person: User, changed: set[str]) -> None:
        for kind, fields in (("looks", LOOKS), ("clock", CLOCK)):
            if changed & fields:
                person_changed.send(User, person=person, kind=kind)

    @admin.display(boolean=True, description="address confirmed")
    def confirmed(self, person: User) -> bool | None:
        if not person.email:
            return None
        rows = person.emailaddress_set.all()  # type: ignore[attr-defined]
        return any(row.verified and row.email == person.email for row in rows)

    @admin.display(description="wants to change the address to")
    def wanted(self, person: User) -> str:
        change = getattr(person, "address_change", None)
        return change.email if change else "-"

    @admin.display(description="away")
    def absences(self, person: User) -> str:
        """All that is kept of it; ended among the memberships, said on the pages of their boards."""
        today = times.today_of(person, timezone.now())
        return "; ".join(days_words(one.first, one.last, today) for one in person.away) or "-"

    @admin.action(description="Deactivate: sessions end at once, the name stays in the log")
    def deactivate_people(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Deactivate each; say of each who cannot be why."""
        for person in queryset:
            try:
                deactivate(person, by=request.user)  # type: ignore[arg-type]
            except CannotLeave as reason:
                self.message_user(request, str(reason), messages.ERROR)
            else:
                self.log_change(request, person, "Deactivated.")
                self.message_user(request, f"{person} is deactivated.", messages.SUCCESS)

    @admin.action(description="Turn on again")
    def reactivate_people(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let them sign in again."""
        for person in queryset.filter(is_active=False):
            reactivate(person)
            self.log_change(request, person, "Turned on again.")
            self.message_user(request, f"{person} can sign in again.", messages.SUCCESS)

    @admin.action(description="End all sessions")
    def sign_out_people(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Sign them out in every browser."""
        for person in queryset:
            end_sessions(person)
            self.log_change(request, person, "All sessions ended.")
            self.message_user(request, f"{person} is signed out everywhere.", messages.SUCCESS)

    @admin.action(description="Make a one-time link to set a password")
    def print_links(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Show each a link once; admins' own links are made on the server, not here."""
        for person in queryset:
            if not person.is_active or not person.email:
                self.message_user(request, f"{person} has no address, or is deactivated.", messages.ERROR)
            elif person.is_staff or person.is_superuser:
                self.message_user(request, f"{person} is an admin: {_own_way_back()}", messages.ERROR)
            else:
                link = welcome_link(person, public_url() or request.build_absolute_uri("/"))
                self.log_change(request, person, "One-time link made.")
                self.message_user(request, f"{person}, once, within a week: {link}", messages.SUCCESS)

    @admin.action(description="Remove the second factor (they are told by mail, if there is a mail server)")
    def remove_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For who has lost phone and recovery codes. An admin's password goes with it."""
        for person in queryset:
            if person.pk == request.user.pk:
                self.message_user(request, "Your own stands on your profile.", messages.ERROR)
            elif not remove_second_factor(person, by=request.user):  # type: ignore[arg-type]
                self.message_user(request, f"{person} has no second factor.", messages.ERROR)
            else:
                self.log_change(request, person, "Second factor removed.")
                self.message_user(request, _said_of_removal(person), messages.SUCCESS)

    @admin.action(description="Confirm the address, or the new one that they wait for")
    def confirm_addresses(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """You know that it is theirs. One's own is confirmed by mail, another admin or on the server."""
        for person in queryset:
            try:
                if person.pk == request.user.pk:
                    raise CannotConfirm("Another admin confirms yours, or bin/manage confirm_address.")
                said = confirm_by_hand(person)
            except CannotConfirm as reason:
                self.message_user(request, f"{person}: {reason}", messages.ERROR)
            else:
                self.log_change(request, person, f"Address confirmed. {said}")
                self.message_user(request, f"{person}: {said}", messages.SUCCESS)


def _own_way_back() -> str:
    if can_send_mail():
        return "use the reset by e-mail."
    return "this server sends no mail, so “Forgot password?” prints their link where the server runs."


def _said_of_removal(person: User) -> str:
    is_admin = person.is_staff or person.is_superuser
    if can_send_mail() and is_admin:
        return f"{person} has no second factor now, and chooses a new password by mail first."
    if can_send_mail():
        return f"{person} signs in without a second factor now, and has been told by mail."
    if is_admin:
        return f"{person} has no second factor and no password now: {_own_way_back()}"
    return f"{person} signs in without a second factor now. This server sends no mail: tell them yourself."


def _is_another_admin(request: HttpRequest, person: User) -> bool:
    return person.pk != request.user.pk and (person.is_staff or person.is_superuser)
