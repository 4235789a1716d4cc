"""Two hosts of Fluxboard on one database, behind the nginx of deploy/nginx.conf: together they are one.

The file is used as it is, but for names, ports and the certificate. Each host has two workers and a folder
`var` of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import os
import re
import shutil
import ssl
import statistics
import subprocess
import threading
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.utils import timezone

from activity.live import relay
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.activity.sse import Audience, Reader, wait_for
from tests.activity.stage import Stage, names_there, someone, stage_on
from tests.live import PATIENCE, LiveApp, free_port

pytestmark = pytest.mark.faults

CONFIGURATION = PROJECT / "deploy" / "nginx.conf"
NAME = "127.0.0.1"
SIGN_IN = "/accounts/login/"
READERS = 12


class Site(NamedTuple):
    """Both hosts, and where nginx serves them as one."""

    hosts: list[LiveApp]
    port: int

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"


@pytest.fixture
def site(transactional_db: None, static_root: str, tmp_path: Path) -> Iterator[Site]:
    port = free_port()

    def host(number: int) -> LiveApp:
        return LiveApp(
            os.environ["DATABASE_URL"],
            static_root,
            FLUXBOARD_VAR=str(tmp_path / f"host-{number}"),
            FLUXBOARD_URL=f"https://{NAME}",
            FLUXBOARD_TRUST_PROXY="1",
            SECRET_KEY=settings.SECRET_KEY,
        )

    with contextlib.ExitStack() as stack, ThreadPoolExecutor() as both:
        hosts = list(both.map(host, (1, 2)))
        for app in hosts:
            stack.callback(app.kill)
        stack.enter_context(nginx(tmp_path, [app.port for app in hosts], port))
        yield Site(hosts, port)


@contextlib.contextmanager
def nginx(folder: Path, hosts: list[int], port: int) -> Iterator[None]:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.fail("this test needs nginx: install the package nginx-light", pytrace=False)
    certificate, key = self_signed(folder)
    words = CONFIGURATION.read_text()
    for old, new in [
        ("10.0.0.11:8000", f"127.0.0.1:{hosts[0]}"),
        ("10.0.0.12:8000", f"127.0.0.1:{hosts[1]}"),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("listen 80", f"listen 127.0.0.1:{free_port()}"),
        ("server_name board.example.org", f"server_name {NAME}"),
        ("/etc/ssl/board.example.org/fullchain.pem", str(certificate)),
        ("/etc/ssl/board.example.org/privkey.pem", str(key)),
    ]:
        assert old in words
        words = words.replace(old, new)
    (folder / "site.conf").write_text(words)
    user = "user root;" if os.getuid() == 0 else ""
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {places} include {folder}/site.conf; }}\n"
    )
    process = subprocess.Popen([program, "-c", str(main), "-e", str(folder / "error.log")])
    try:
        wait_for(lambda: process.poll() is not None or answers(port), PATIENCE, "nginx")
        assert process.poll() is None, (folder / "error.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for this test's nginx, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    day = dt.timedelta(days=1)
    signed = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), timezone.now() - day, timezone.now() + day
    ).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    places = folder / "certificate.pem", folder / "key.pem"
    places[0].write_bytes(signed.public_bytes(pem))
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    places[1].write_bytes(key.private_bytes(pem, pkcs8, plain))
    return places


def answers(port: int) -> bool:
    try:
        return Browser(port).get("/healthz").status == 200
    except OSError:
        return False


class Answer(NamedTuple):
    """A response as far as the tests look at it."""

    status: int
    text: str
    headers: http.client.HTTPMessage


class Browser:
    """Cookies and a connection that is kept; by nginx, or with `host` straight to one host as nginx would."""

    def __init__(self, port: int, cookies: str = "", *, host: LiveApp | None = None) -> None:
        if host is None:
            unverified = ssl._create_unverified_context()
            self.connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                NAME, port, timeout=PATIENCE, context=unverified
            )
        else:
            self.connection = http.client.HTTPConnection(NAME, host.port, timeout=PATIENCE)
        self.headers = {"Host": NAME, "Referer": f"https://{NAME}/", "X-Forwarded-Proto": "https"}
        self.cookies = dict(part.split("=", 1) for part in cookies.split("; ") if part)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, page: str, **fields: str) -> Answer:
        """Send a form with the token that `page` has."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page).text)
        assert token, f"no form at {page}"
        return self._ask("POST", path, urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token[1]}))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = self.headers | {"Cookie": cookies}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:  # a kept connection that the other side has closed meanwhile
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.read().decode(), answer.headers)


def test_two_hosts_are_one(site: Site) -> None:
    """Changes, presence, sessions, counted attempts; and one host stops under open pages."""
    first, second = site.hosts
    stage = stage_on(first)
    with Audience() as audience:
        here = seated_straight(stage, first, stage.owner, audience)
        there = seated_straight(stage, second, stage.member, audience)
        everyone = [by_nginx(stage, site) for _ in range(READERS)]
        everyone += [by_nginx(stage, site, "events") for _ in range(READERS)]
        audience.seat(*everyone)
        program = seated_straight(stage, second, stage.member, audience, "events")
        a_change_reaches_the_other_host(stage, first, here, there, program)
        wait_for(lambda: len(names_there(here)) == 2 == len(names_there(there)), PATIENCE, "both to be seen")
        a_session_holds_on_both(stage, site)
        wrong_passwords_are_counted_together(site, stage)
        a_host_stops_and_nobody_notices(stage, site, [*everyone, there])


def seated_straight(
    stage: Stage, host: LiveApp, person: Any, audience: Audience, stream: str = "live"
) -> Reader:
    url = f"{host.url}/b/{stage.board.key}/{stream}/"
    reader = Reader([url], stage.cookie(person), stage.board.pk, stage.seq)
    audience.seat(reader)
    return reader


def by_nginx(stage: Stage, site: Site, stream: str = "live") -> Reader:
    url = f"{site.url}/b/{stage.board.key}/{stream}/"
    return Reader([url], stage.cookie(stage.member), stage.board.pk, stage.seq)


def a_change_reaches_the_other_host(stage: Stage, host: LiveApp, *readers: Reader) -> None:
    browser = Browser(0, stage.cookie(stage.owner), host=host)
    card, took = stage.card, []
    for number in range(5):
        fields = {"title": f"From here {number}", "version": str(stage.seq), "request_id": str(uuid.uuid4())}
        assert browser.post(f"/c/{card.key}/do/retitled/", f"/c/{card.key}/", **fields).status == 303
        head = stage.seq
        every = wait_for(lambda: all(one.last == head for one in readers), PATIENCE, "the change")  # noqa: B023
        took.append(every)
    assert statistics.median(took) < relay.POLL / 3, "told, not found by the polls"


def a_session_holds_on_both(stage: Stage, site: Site) -> None:
    """Signed in by whichever host nginx chose, known on each."""
    password = "correct horse battery"
    person = someone("Priya Nair")
    person.set_password(password)
    person.save()
    browser = Browser(site.port)
    assert browser.post(SIGN_IN, SIGN_IN, login=person.email, password=password).status == 302
    assert [browser.get("/").status for _ in range(6)] == [200] * 6
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert [Browser(0, cookies, host=host).get("/").status for host in site.hosts] == [200, 200]
    assert browser.get("/").headers["Strict-Transport-Security"]


def wrong_passwords_are_counted_together(site: Site, stage: Stage) -> None:
    """Five a person in five minutes: three here and two there, and then none on either."""

    def tries(host: LiveApp, times: int) -> list[bool]:
        browser = Browser(0, host=host)
        texts = [
            browser.post(SIGN_IN, SIGN_IN, login=stage.member.email, password="wrong").text
            for _ in range(times)
        ]
        return ["Too many attempts" in text for text in texts]

    first, second = site.hosts
    assert tries(first, 3) == [False] * 3
    assert tries(second, 2) == [False] * 2
    assert [*tries(first, 1), *tries(second, 1)] == [True, True]


def a_host_stops_and_nobody_notices(stage: Stage, site: Site, readers: list[Reader]) -> None:
    """SIGTERM while pages are asked for: each is answered, and every stream goes on at the other host."""
    with Visitor(site, stage) as visitor:
        stage.write(3)
        site.hosts[0].stop()
        for _ in range(5):
            stage.write()
            time.sleep(0.1)
        head = stage.seq
        wait_for(lambda: all(reader.last == head for reader in readers), PATIENCE, "every stream at head")
        visitor.goes_on()
    assert set(visitor.statuses) == {200}
    assert all(reader.is_gapless for reader in readers)
    moved = [reader for reader in readers if "bye" in reader.names()]
    assert 0 < len(moved) < len(readers), "nginx had shared them out"


class Visitor:
    """Asks for the board's page without a pause, and keeps the statuses."""

    def __init__(self, site: Site, stage: Stage) -> None:
        self.browser = Browser(site.port, stage.cookie(stage.owner))
        self.path = f"/b/{stage.board.key}/"
        self.statuses: list[int] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.statuses.append(self.browser.get(self.path).status)

    def goes_on(self, times: int = 20) -> None:
        enough = len(self.statuses) + times
        wait_for(lambda: len(self.statuses) >= enough, PATIENCE, "more pages")
