"""Another address: asked for by who proves who they are, agreed to in the old mailbox, then confirmed."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from fluxboard.accounts.email_addresses import is_proved
from fluxboard.accounts.models import AddressChange, User
from tests.accounts.conftest import asked_again, link_in, signed_in

PAGE = "/accounts/email/"
CONSOLE = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}


def ask(client: Client, email: str) -> Any:
    return client.post(PAGE, {"action_add": "", "email": email})


def now(person: User) -> str | None:
    return User.objects.get(pk=person.pk).email


def test_a_session_alone_changes_no_address(ana: User) -> None:
    answer = ask(signed_in(ana), "new@example.com")
    assert answer["Location"] == f"/accounts/reauthenticate/?next={'%2Faccounts%2Femail%2F'}"
    assert not AddressChange.objects.exists() and not mail.outbox


def test_what_was_typed_is_kept_while_one_is_asked_who_one_is(ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    page = client.get(PAGE)
    token = page.context["csrf_token"]
    to = client.post(PAGE, {"action_add": "", "email": "new@example.com", "csrfmiddlewaretoken": token})
    said = {"password": "ana", "next": PAGE, "csrfmiddlewaretoken": token}
    answer = client.post(urlsplit(to["Location"]).path, said, follow=True)
    assert "new@example.com" in answer.text and answer.request["PATH_INFO"] == PAGE
    assert AddressChange.objects.get().email == "new@example.com"


def test_a_new_address_counts_once_both_mailboxes_said_so(ana: User) -> None:
    client, elsewhere = asked_again(ana), signed_in(ana)
    assert ask(client, "New@example.com").status_code == 303
    assert [message.to for message in mail.outbox] == [["ana@example.com"]]
    old = link_in(mail.outbox[0])
    assert "new@example.com" in Client().get(old).text
    assert now(ana) == "ana@example.com" and len(mail.outbox) == 1, "looking at it agrees to nothing"
    Client().post(old)
    assert mail.outbox[-1].to == ["new@example.com"] and now(ana) == "ana@example.com"
    client.post(link_in(mail.outbox[-1]))
    assert now(ana) == "new@example.com"
    assert mail.outbox[-1].to == ["ana@example.com"] and "have changed" not in mail.outbox[-1].body
    assert [(row.email, row.verified) for row in EmailAddress.objects.filter(user=ana)] == [
        ("new@example.com", True)
    ]
    assert client.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert Client().post(old).status_code == 410


def test_the_link_in_the_new_mailbox_is_for_the_person_alone(ana: User, kenji: User) -> None:
    ask(asked_again(ana), "new@example.com")
    Client().post(link_in(mail.outbox[-1]))
    link = link_in(mail.outbox[-1])
    assert signed_in(kenji).post(link).status_code == 410
    assert Client().post(link)["Location"].startswith("/accounts/login/")
    assert now(ana) == "ana@example.com"


def test_the_old_mailbox_ends_it_and_signs_the_thief_out(ana: User) -> None:
    thief = asked_again(ana)
    ask(thief, "thief@example.com")
    page = Client().post(link_in(mail.outbox[-1]), {"refuse": "1"})
    assert "Nothing has changed" in page.text
    assert thief.get("/me/").status_code == 302
    assert not AddressChange.objects.exists() and now(ana) == "ana@example.com"


def test_an_address_that_waits_is_no_way_in(ana: User) -> None:
    """Neither a reset nor a code nor the password goes by it."""
    ask(asked_again(ana), "thief@example.com")
    mail.outbox.clear()
    for path in ("/accounts/password/reset/", "/accounts/login/code/"):
        Client().post(path, {"email": "thief@example.com"})
    assert not mail.outbox
    client = Client()
    client.post("/accounts/login/", {"login": "thief@example.com", "password": "ana"})
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize("how", ["another", "kept", "reset", "deactivated"])
def test_a_link_of_before_works_no_more(ana: User, admin: User, how: str) -> None:
    client = asked_again(ana)
    ask(client, "one@example.com")
    old = link_in(mail.outbox[-1])
    if how == "another":
        ask(client, "two@example.com")
    elif how == "kept":
        client.post(PAGE, {"action_remove": ""})
    elif how == "reset":
        Client().post("/accounts/password/reset/", {"email": ana.email})
        fresh = Client()
        form = fresh.get(link_in(mail.outbox[-1]), follow=True)
        new = {"password1": "a brand new phrase", "password2": "a brand new phrase"}
        fresh.post(form.request["PATH_INFO"], new)
    else:
        from fluxboard.accounts.deactivation import deactivate

        deactivate(ana, by=admin)
    assert Client().post(old).status_code == 410
    assert now(ana) == "ana@example.com"


def test_a_link_works_for_three_days(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(asked_again(ana), "new@example.com")
    monkeypatch.setattr("fluxboard.accounts.email_addresses._LIFE", dt.timedelta(seconds=-1))
    assert Client().get(link_in(mail.outbox[-1])).status_code == 410


def test_an_address_that_somebody_has_is_refused_and_kept_in_the_field(ana: User, kenji: User) -> None:
    answer = ask(asked_again(ana), "Kenji@example.com")
    assert answer.status_code == 422
    assert "already has this email" in answer.text and 'value="Kenji@example.com"' in answer.text


def test_an_address_that_somebody_took_meanwhile_is_not_given_twice(ana: User, kenji: User) -> None:
    client = asked_again(ana)
    ask(client, "new@example.com")
    Client().post(link_in(mail.outbox[-1]))
    kenji.email = "new@example.com"
    kenji.save()
    assert "already has this email" in client.post(link_in(mail.outbox[-1]), follow=True).text
    assert now(ana) == "ana@example.com"


def test_links_are_mailed_ten_times_an_hour(ana: User) -> None:
    client = asked_again(ana)
    answers = [ask(client, f"new{number}@example.com").status_code for number in range(11)]
    assert answers == [303] * 10 + [429] and len(mail.outbox) == 10


# ---- without a mail server, and on the server -------------------------------------------------------------


def test_without_a_mail_server_an_admin_confirms_and_the_page_says_so(
    ana: User, admin: User, settings: Any
) -> None:
    settings.MAILERS = CONSOLE
    client = asked_again(ana)
    ask(client, "new@example.com")
    page = client.get(PAGE).text
    assert "an admin has to confirm it" in page and "Send the link" not in page
    chosen = {"action": "confirm_addresses", "_selected_action": [ana.pk]}
    assert "new@example.com now" in asked_again(admin).post("/admin/accounts/user/", chosen, follow=True).text
    assert now(ana) == "new@example.com" and is_proved(User.objects.get(pk=ana.pk))


def test_with_a_mail_server_an_admin_speaks_for_the_old_mailbox_alone(ana: User, admin: User) -> None:
    ask(asked_again(ana), "new@example.com")
    chosen = {"action": "confirm_addresses", "_selected_action": [ana.pk]}
    asked_again(admin).post("/admin/accounts/user/", chosen)
    assert now(ana) == "ana@example.com" and mail.outbox[-1].to == ["new@example.com"]


def test_an_admin_does_not_confirm_their_own(admin: User) -> None:
    client = asked_again(admin)
    ask(client, "new@example.com")
    chosen = {"action": "confirm_addresses", "_selected_action": [admin.pk]}
    assert "Another admin confirms yours" in client.post("/admin/accounts/user/", chosen, follow=True).text
    assert AddressChange.objects.get().agreed_at is None


def test_whoever_runs_the_server_confirms_by_a_command(ana: User, settings: Any) -> None:
    settings.MAILERS = CONSOLE
    ask(asked_again(ana), "new@example.com")
    call_command("confirm_address", "new@example.com")
    assert now(ana) == "new@example.com"
    with pytest.raises(CommandError, match="No address waits"):
        call_command("confirm_address", "new@example.com")
    with pytest.raises(CommandError, match="nobody here"):
        call_command("confirm_address", "eve@example.com")
