"""People in the Django admin: make, change, deactivate; never delete, never touch a password's hash."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from fluxboard.accounts.forms import WEEKDAY_CHOICES, NameField, ZoneField
from fluxboard.accounts.leaving import CannotLeave, deactivate, end_sessions, reactivate
from fluxboard.accounts.links import welcome_link
from fluxboard.accounts.models import User
from fluxboard.accounts.profile import CLOCK, LOOKS
from fluxboard.accounts.signals import person_changed
from fluxboard.accounts.ways import way_on


def admin_sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The one sign-in of the house, second factor included. For whoever is no admin there is no admin."""
    if request.user.is_authenticated and not admin.site.has_permission(request):
        raise Http404
    target = way_on(request, request.GET.get("next", "")) or reverse("admin:index")
    return HttpResponseRedirect(target) if request.user.is_authenticated else redirect_to_login(target)


admin.site.login = admin_sign_in  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Fluxboard administration"
admin.site.index_title = "Administration"
for model in (Group, EmailAddress):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class PersonForm(forms.ModelForm):
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
        self.fields["handle"].required = False
        self.fields["handle"].help_text = "Empty: made from the name."
        self.fields["is_staff"].help_text = "Admins see all people and all boards' data here."
        self.fields["email"].help_text = "Without one, a placeholder whom an invitation can claim."

    def clean_email(self) -> str | None:
        return (self.cleaned_data.get("email") or "").strip().lower() or None

    def clean_handle(self) -> str:
        typed = (self.cleaned_data.get("handle") or "").strip().removeprefix("@").lower()
        return typed or User.objects.free_handle(self.cleaned_data.get("name") or "person")

    def clean_is_staff(self) -> bool:
        wanted = self.cleaned_data["is_staff"]
        others = User.objects.admins().exclude(pk=self.instance.pk)
        if self.instance.pk and self.instance.is_staff and not wanted and not others.exists():
            raise forms.ValidationError("The last admin stays one. Make somebody else an admin first.")
        return wanted


@admin.register(User)
class PersonAdmin(admin.ModelAdmin):
    """People: list, search, filters; deactivate, turn on again, end sessions, one-time link."""

    form = PersonForm
    list_display = ("name", "email", "handle", "time_zone", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "time_zone")
    search_fields = ("name", "email", "handle")
    ordering = ("name",)
    readonly_fields = ("is_active", "last_login", "joined_at")
    actions = ("deactivate_people", "reactivate_people", "sign_out_people", "print_links")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted: their name stays in the log."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and tell the house what others can see of it."""
        obj.is_superuser = obj.is_staff
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change:
            self._tell(obj, set(form.changed_data))

    def _tell(self, person: User, changed: set[str]) -> None:
        for kind, fields in (("looks", LOOKS), ("clock", CLOCK)):
            if changed & fields:
                person_changed.send(User, person=person, kind=kind)

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
            elif person.is_staff:
                self.message_user(request, f"{person} is an admin: use the reset by e-mail.", messages.ERROR)
            else:
                link = welcome_link(person, settings.PUBLIC_URL or request.build_absolute_uri("/"))
                self.log_change(request, person, "One-time link made.")
                self.message_user(request, f"{person}, once, within a week: {link}", messages.SUCCESS)
