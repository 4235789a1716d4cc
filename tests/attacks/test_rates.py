"""What somebody may do only so often: a clear 429, the typed kept, counted across processes and hosts."""

from __future__ import annotations

import datetime as dt
import http.client
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from fluxboard.accounts.attempts import Attempt, account_of, network_of
from fluxboard.accounts.models import Spent
from fluxboard.accounts.one_time_links import welcome_link
from fluxboard.accounts.rate_limits import RATES, Rate, wait_for
from tests.accounts.conftest import link_in
from tests.attacks.site import post_forms
from tests.browser.conftest import make_people
from tests.cast import person
from tests.contracts.crowd import crowd
from tests.contracts.test_addresses import nothing_in_the_background  # noqa: F401
from tests.live import PATIENCE

LOGIN = "/accounts/login/"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of each, and a long wait for the third."""
    for action in RATES:
        monkeypatch.setitem(RATES, action, Rate(2, 7200))


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def zip_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("board.zip", b"no zip")


ASKED = {
    "search": lambda client: client.get("/search/", {"q": "tax"}),
    "invite": lambda client: client.post(
        "/b/FLX/invitations/new/", {"email": "eve@example.com", "role": "x"}
    ),
    "verify": lambda client: client.post("/b/FLX/settings/record/"),
    "export": lambda client: client.post("/b/FLX/export/"),
    "decisions": lambda client: client.get("/decisions/", {"format": "zip"}),
    "upload": lambda client: client.post("/import/board/", {"file": zip_file()}),
}


@pytest.mark.parametrize("action", ASKED)
def test_the_third_is_turned_away_and_nobody_else_is(action: str, few: None, board: Any, ana: Any, sam: Any):
    client = signed_in(ana)
    assert [ASKED[action](client).status_code == 429 for _ in range(3)] == [False, False, True]
    answer = ASKED[action](client)
    assert 3000 < int(answer["Retry-After"]) <= 3600
    assert answer["Cache-Control"] == "no-store"
    assert "Too many requests" in answer.text
    assert ASKED[action](signed_in(sam)).status_code != 429


def test_streams_are_turned_away_likewise(few: None, board: Any, ana: Any):
    from activity.live.admission import Admission, StreamRefused, admit_stream

    cookie = f"sessionid={signed_in(ana).cookies['sessionid'].value}"
    assert all(isinstance(admit_stream(cookie, "FLX"), Admission) for _ in range(2))
    with pytest.raises(StreamRefused) as answer:
        admit_stream(cookie, "FLX")
    assert (answer.value.status, int(answer.value.headers["retry_after"]) > 3000) == (429, True)


def test_what_was_typed_is_kept_and_can_be_sent_again(few: None, board: Any, ana: Any):
    client = signed_in(ana)
    typed = {"email": 'eve"><b>@example.com', "role": "viewer", "days": "7", "request_id": "1"}
    for _ in range(3):
        answer = client.post("/b/FLX/invitations/new/", typed)
    (form,) = post_forms(answer.text, "")
    assert form.action == "/b/FLX/invitations/new/"
    assert form.filled(csrfmiddlewaretoken="") == typed | {"csrfmiddlewaretoken": ""}
    search = [client.get("/search/", {"q": "a&b"}) for _ in range(3)][-1]
    assert 'href="/search/?q=a%26b"' in search.text


def test_it_is_free_again_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch, ana: Any):
    monkeypatch.setitem(RATES, "search", Rate(2, 100))
    assert [wait_for("search", ana) for _ in range(3)] == [0, 0, 50]
    later = "UPDATE accounts_spent SET free_at = free_at - interval '51 seconds'"
    with connection.cursor() as cursor:
        cursor.execute(later)
    assert wait_for("search", ana) == 0
    assert wait_for("search", ana) > 40
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_spent SET free_at = free_at - interval '1 year'")
    assert [wait_for("search", ana) for _ in range(3)] == [0, 0, 50]
    assert Spent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_just_so_many_pass(monkeypatch: pytest.MonkeyPatch, ana: Any):
    monkeypatch.setitem(RATES, "search", Rate(5, 7200))
    with crowd(8) as together:
        answers = together([lambda: wait_for("search", ana)] * 24)
    assert sorted(bool(answer) for answer in answers) == [False] * 5 + [True] * 19, answers


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_writes_turns_nobody_away(ana: Any):
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    assert wait_for("search", ana) == 0


def test_counting_waits_for_no_disk(db: None):
    """The two tables that count are unlogged; nothing else is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r' ORDER BY 1")
        assert cursor.fetchall() == [("accounts_cache",), ("accounts_spent",)]


# ---- django-allauth's, before anybody is known ------------------------------------------------------------


def test_attempts_are_counted_where_every_process_and_host_sees_them():
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"


def test_a_reset_is_mailed_five_times_a_minute_and_says_when_again(ana: Any):
    client = Client()
    answers = [client.post("/accounts/password/reset/", {"email": ana.email}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert len(mail.outbox) == 5
    assert int(answers[-1]["Retry-After"]) >= 60
    (form,) = post_forms(answers[-1].text, "")
    assert form.filled()["email"] == ana.email


def test_a_code_is_mailed_three_times_a_minute(ana: Any):
    answers = [Client().post("/accounts/login/code/", {"email": ana.email}) for _ in range(4)]
    assert answers[-1].status_code in {200, 429} and len(mail.outbox) == 3


@pytest.mark.parametrize("address", ["/accounts/password/reset/", "/accounts/login/code/"])
def test_nobody_has_more_than_fifteen_mails_an_hour_sent_to_somebody(ana: Any, address: str):
    """Two a minute, for three quarters of an hour; then the hour is over."""
    begun = timezone.now()
    for minute in range(45):
        with time_machine.travel(begun + dt.timedelta(minutes=minute), tick=False):
            for _ in range(2):
                Client().post(address, {"email": ana.email})
    assert len(mail.outbox) == 15
    with time_machine.travel(begun + dt.timedelta(minutes=61), tick=False):
        Client().post(address, {"email": ana.email})
    assert len(mail.outbox) == 16


def test_no_password_is_sent_back(ana: Any, settings: Any):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/h/ip"}
    typed = {"login": ana.email, "password": "a brand new phrase"}
    answers = [Client().post(LOGIN, typed) for _ in range(2)]
    assert answers[-1].status_code == 429
    assert "a brand new phrase" not in answers[-1].text and ana.email in answers[-1].text


def test_an_account_cannot_be_guessed_at_from_many_places(ana: Any):
    """By account, whatever the address: the sixth attempt from a sixth address is not looked at."""
    for number in range(5):
        Client(REMOTE_ADDR=f"203.0.113.{number}").post(LOGIN, {"login": ana.email, "password": "no"})
    answer = Client(REMOTE_ADDR="203.0.113.9").post(LOGIN, {"login": ana.email.upper(), "password": "ana"})
    assert "Too many attempts" in answer.text


def guesses(answers: list[Any]) -> int:
    """How many of these attempts were looked at."""
    return sum("do not belong together" in answer.text for answer in answers)


def test_the_host_that_a_request_names_is_no_way_to_five_more(ana: Any, settings: Any):
    """Nor is its port, its case, a dot at its end, or another name of this machine."""
    settings.ALLOWED_HOSTS = ["*"]
    hosts = [f"testserver:{port}" for port in range(1, 45)]
    hosts += ["TESTSERVER", "testserver.", "127.0.0.1", "[::1]:9", "other.example"]
    typed = {"login": ana.email, "password": "no"}
    assert guesses([Client().post(LOGIN, typed, headers={"host": host}) for host in hosts]) == 5
    right = Client().post(LOGIN, {"login": ana.email, "password": "ana"}, headers={"host": "new.example:1"})
    assert "Too many attempts" in right.text


def test_no_spelling_of_an_address_is_a_way_to_five_more(db: None):
    """Case, blanks, and letters that only look different: a Kelvin sign is a k."""
    kenji = person("kenji")
    spelt = [kenji.email, "KENJI@example.com", "  kenji@EXAMPLE.com ", "\u212aenji@example.com"]
    answers = [Client().post(LOGIN, {"login": typed, "password": "no"}) for typed in spelt * 3]
    assert guesses(answers) <= 5
    right = Client().post(LOGIN, {"login": kenji.email, "password": "kenji"})
    assert "Too many attempts" in right.text


def test_somebody_who_is_not_here_is_turned_away_alike(ana: Any):
    typed = [{"login": email, "password": "no"} for email in (ana.email, "eve@example.com") for _ in range(7)]
    looked_at = ["do not belong together" in Client().post(LOGIN, one).text for one in typed]
    assert looked_at[:7] == looked_at[7:] == [True] * 5 + [False] * 2


def test_a_right_password_is_not_counted(ana: Any):
    for _ in range(12):
        answer = Client().post(LOGIN, {"login": ana.email, "password": "ana"})
        assert answer.status_code == 302


def test_signing_in_between_guesses_gives_no_more_of_them(ana: Any):
    typed = {"login": ana.email, "password": "no"}
    wrong = []
    for _ in range(4):
        wrong += [Client().post(LOGIN, typed) for _ in range(3)]
        Client().post(LOGIN, {"login": ana.email, "password": "ana"})
    assert guesses(wrong) == 5


def locked(who: Any) -> None:
    for _ in range(5):
        Client().post(LOGIN, {"login": who.email, "password": "no"})
    assert "Too many" in Client().post(LOGIN, {"login": who.email, "password": who.handle}).text


def test_a_code_in_a_mail_lets_in_while_passwords_are_locked(ana: Any):
    locked(ana)
    client = Client()
    client.post("/accounts/login/code/", {"email": ana.email})
    code = re.search(r"^\s*([A-Z0-9]+-[A-Z0-9]+)\s*$", str(mail.outbox[0].body), re.MULTILINE)
    assert code
    client.post("/accounts/login/code/confirm/", {"code": code[1]})
    assert client.get("/me/").status_code == 200


def test_a_reset_by_mail_lets_in_and_unlocks(ana: Any):
    locked(ana)
    Client().post("/accounts/password/reset/", {"email": ana.email})
    client = Client()
    form = client.get(link_in(mail.outbox[-1]), follow=True)
    new = {"password1": "a brand new phrase", "password2": "a brand new phrase"}
    client.post(form.request["PATH_INFO"], new)
    assert client.get("/me/").status_code == 200
    answer = Client().post(LOGIN, {"login": ana.email, "password": "a brand new phrase"})
    assert answer.status_code == 302


def test_a_one_time_link_of_an_admin_lets_in_while_passwords_are_locked(ana: Any):
    locked(ana)
    path = welcome_link(ana, "http://testserver").removeprefix("http://testserver")
    clock = {"time_zone": "UTC", "work_days": [1], "work_start": "09:00", "work_end": "17:00"}
    typed = {"name": "Ana Duarte", "password": "a brand new phrase", "digest_at": "09:00"} | clock
    client = Client()
    assert client.post(path, typed).status_code == 302
    assert client.get("/me/").status_code == 200


def test_guessing_is_free_again_after_a_while(ana: Any):
    locked(ana)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_spent SET free_at = free_at - interval '5 minutes'")
    assert Client().post(LOGIN, {"login": ana.email, "password": "ana"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_five_are_looked_at(ana: Any):
    with crowd(8) as together:
        looked_at = together([lambda: Attempt(account_of("ANA@example.com"), "203.0.113.1").is_allowed] * 24)
    assert sorted(looked_at) == [False] * 19 + [True] * 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:0:1::7", "2001:db8:0:1::"),
        ("2001:DB8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::"),
        ("2001:db8:0:2::7", "2001:db8:0:2::"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_is_what_one_household_cannot_choose(address: str, network: str):
    assert network_of(address) == network


def test_many_addresses_of_one_ipv6_network_count_together(ana: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(RATES, "password_network", Rate(3, 7200))
    looked_at = []
    for number in range(5):
        client = Client(REMOTE_ADDR=f"2001:db8:0:1::{number + 1}")
        looked_at.append(client.post(LOGIN, {"login": f"eve{number}@example.com", "password": "no"}))
    assert guesses(looked_at) == 3


def test_nobody_hides_behind_a_header(ana: Any, monkeypatch: pytest.MonkeyPatch):
    """Without FLUXBOARD_TRUST_PROXY the word of a proxy is nobody's: sixty wrong sign-ins a network."""
    most = RATES["password_network"].most
    assert most == 60
    monkeypatch.setitem(RATES, "password_network", Rate(most, 72_000))
    for number in range(most):
        typed = {"login": f"eve{number}@example.com", "password": "no"}
        Client().post(LOGIN, typed, headers={"X-Forwarded-For": f"203.0.113.{number}"})
    answer = Client().post(
        LOGIN, {"login": ana.email, "password": "ana"}, headers={"X-Forwarded-For": "1.1.1.1"}
    )
    assert "Too many attempts" in answer.text


# ---- in two processes -------------------------------------------------------------------------------------


@pytest.mark.browser
def test_two_worker_processes_count_together(shared_app: Any):
    """What one has used up is used up at every worker, as long as the database says so."""
    ana = make_people()["ana"]
    cookie = "; ".join(f"{name}={value}" for name, value in shared_app.cookies_for(ana).items())
    headers = {"Cookie": cookie, "HX-Request": "true"}

    def statuses(times: int) -> list[int]:
        found = []
        for _ in range(times):
            line = http.client.HTTPConnection("127.0.0.1", shared_app.port, timeout=PATIENCE)
            line.request("GET", "/search/?q=tax", headers=headers)
            found.append(line.getresponse().status)
            line.close()
        return found

    rate = RATES["search"]
    used = Spent(key=f"search:{ana.pk}", free_at=timezone.now() + dt.timedelta(seconds=rate.seconds * 10))
    used.save()
    with ThreadPoolExecutor(4) as crew:
        assert list(crew.map(statuses, [4] * 4)) == [[429] * 4] * 4
    used.delete()
    assert statuses(1) == [200]
