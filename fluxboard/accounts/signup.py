"""Becoming a person who can sign in: on the first start, by a welcome link, by an invitation to a board."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from fluxboard.accounts.email_addresses import is_proved
from fluxboard.accounts.forms import ClockFields, DigestFields, NameField
from fluxboard.accounts.models import User
from fluxboard.accounts.signals import person_changed
from fluxboard.core.mail import can_send_mail

_TAKEN = "Somebody here has this address already. Sign in first."
UNPROVED = (
    "An account with this address was made by somebody who never confirmed it. If the address is yours, "
)
BY_MAIL = (
    "choose a new password for it (Sign in, Forgot password): the account is yours then. Come back here then."
)
BY_AN_ADMIN = "ask an admin for a one-time link to it: the account is yours then. Come back here then."
_CLAIMED = "Somebody has joined as this person already. Sign in instead."
_CLOCK = ("time_zone", "work_days", "work_start", "work_end")
DIGEST = ("digest_on", "digest_at")


class JoinForm(ClockFields, DigestFields):
    """Name, e-mail, password, zone and hours, and whether a digest comes.

    `email`: the invited address; then it is shown and cannot be changed. `is_proof`: whether coming by that
    invitation shows that one reads mail there. `person`: the placeholder or the
    invited person who is claimed; their name and clock are filled in beforehand.
    """

    name = NameField()
    email = forms.EmailField(
        label="Email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-reveal": ""}),
        help_text="At least 10 characters. A few random words are good.",
    )

    field_order = ("name", "email", "password", *_CLOCK, *DIGEST)

    def __init__(
        self, data: Any = None, *, email: str = "", person: User | None = None, is_proof: bool = True
    ) -> None:
        self.person = person
        known = {key: value for key, value in _known_of(person).items() if value} if person else {}
        if person and person.is_claimed:
            known |= {"digest_on": person.digest_on, "digest_at": person.digest_at}
        super().__init__(data, initial={"email": email} | known)
        self.address_was_given = bool(email or (person and person.email))
        self.address_is_proof = self.address_was_given and is_proof
        self.fields["email"].disabled = self.address_was_given

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        others = User.objects.exclude(pk=self.person.pk if self.person else None)
        holder = others.filter(email__iexact=email).first()
        if holder and self.address_was_given and not is_proved(holder):
            raise forms.ValidationError(
                UNPROVED + (BY_MAIL if can_send_mail() else BY_AN_ADMIN), code="unproved"
            )
        if holder or _addresses_of_others(email, self.person).exists():
            raise forms.ValidationError(_TAKEN, code="taken")
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password"):
            like = User(name=cleaned.get("name", ""), email=cleaned.get("email"))
            try:
                validate_password(cleaned["password"], like)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


@transaction.atomic
def join(
    form: JoinForm, person: User | None = None, *, is_admin: bool = False, by_link: bool = False
) -> User:
    """Make the person of a valid form, or let them claim `person` (default: the form's own).

    `by_link`: by a one-time link of theirs, which sets a new password also where they have one.

    An address that they typed themselves is nobody's proof, but for the first admin's.
    Two who ask for the same address, or claim the same placeholder, at once: forms.ValidationError for the
    second, and the form says why.
    """
    person, data = person or form.person, form.cleaned_data
    if person and not by_link and User.objects.select_for_update().get(pk=person.pk).is_claimed:
        form.add_error(None, _CLAIMED)
        raise forms.ValidationError(_CLAIMED)
    values = {name: data[name] for name in ("name", *_CLOCK, *DIGEST)}
    if is_admin:
        values |= {"is_staff": True, "is_superuser": True}
    try:
        with transaction.atomic():
            is_proved_now = form.address_is_proof or is_admin
            if person is None:
                values |= {"address_is_proved": is_proved_now, "hue": User.objects.next_hue()}
                person = User.objects.create_user(data["email"], data["password"], **values)
            else:
                person.address_is_proved = is_proved_now
                _claim(person, data["email"], data["password"], values)
    except IntegrityError as clash:
        form.add_error("email", _TAKEN)
        raise forms.ValidationError(_TAKEN) from clash
    return person


def sign_in(request: HttpRequest, person: User, to: str = "/") -> HttpResponse:
    """Sign this person in on this browser, second factor included, and answer with where they go next.

    They have just said when they work, so `/me/start/` is left out.
    """
    person.has_started = True
    if not is_proved(person):
        messages.info(request, f"{person.email} counts as yours once you confirm it: see your profile.")
    record_authentication(request, person, method="password", email=person.email)
    return perform_login(request, person, email_verification="none", redirect_url=to)


def _claim(person: User, email: str, password: str, values: dict[str, Any]) -> None:
    looked = (person.name, person.hue)
    person.email = email
    person.set_password(password)
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=["email", "password", *values])
    if (person.name, person.hue) != looked:
        person_changed.send(User, person=person, kind="looks")


def _known_of(person: User) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email or "",
        "work_days": person.work_days,
        "work_start": person.work_start,
        "work_end": person.work_end,
    } | ({"time_zone": person.time_zone} if person.time_zone != "UTC" else {})


def _addresses_of_others(email: str, person: User | None) -> Any:
    addresses = EmailAddress.objects.filter(email__iexact=email, verified=True)
    return addresses.exclude(user=person) if person else addresses
