"""What the clients were told, kept by the clients: the log and the tables are held against it."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from activity.models import Activity, ActivityContent
from boards.models import Card

TOKEN = "a" * 32  # Django takes the cookie's own value as the form's token
PATIENCE = 60.0
IDLE = 1.5  # seconds after which a kept connection is not trusted: the server closes it after three


@dataclass
class Entry:
    """One change that somebody sent, under one request id, and every answer to it (0: none came)."""

    request_id: str
    said: str
    answers: list[int] = field(default_factory=list)

    @property
    def is_acknowledged(self) -> bool:
        return any(200 <= status < 400 for status in self.answers)

    @property
    def is_refused(self) -> bool:
        """Every answer was a no. A change that was not answered at all may be there or not."""
        return bool(self.answers) and all(status >= 400 for status in self.answers)


class Ledger:
    """All entries of some writers. Any thread may add."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def open(self, said: str) -> Entry:
        entry = Entry(str(uuid.uuid4()), said)
        self.entries.append(entry)
        return entry

    @property
    def acknowledged(self) -> int:
        return sum(entry.is_acknowledged for entry in self.entries)

    def audit(self) -> dict[str, float]:
        """The ledger beside the log, in figures: nothing lost, nothing twice, nothing against a refusal.

        `refused_yet_saved` counts changes whose every answer was an error though the log has them.
        """
        found: Counter[str] = Counter()
        digests: dict[str, str] = {}
        ids = [entry.request_id for entry in self.entries]
        for start in range(0, len(ids), 5000):
            rows = Activity.objects.filter(request_id__in=ids[start : start + 5000])
            for request_id, after in rows.values_list("request_id", "after"):
                found[str(request_id)] += 1
                digests[str(request_id)] = after["title"]["text"]
        texts = dict(
            ActivityContent.objects.filter(digest__in=set(digests.values())).values_list("digest", "text")
        )
        acknowledged = [entry for entry in self.entries if entry.is_acknowledged]
        return {
            "acknowledged": len(acknowledged),
            "lost": sum(not found[entry.request_id] for entry in acknowledged),
            "altered": sum(
                texts.get(digests[entry.request_id]) != entry.said
                for entry in self.entries
                if found[entry.request_id]
            ),
            "twice": sum(number > 1 for number in found.values()),
            "refused": sum(entry.is_refused for entry in self.entries),
            "refused_yet_saved": sum(
                entry.is_refused and found[entry.request_id] > 0 for entry in self.entries
            ),
            "unanswered": sum(not entry.is_acknowledged and not entry.is_refused for entry in self.entries),
            "asked_again": sum(len(entry.answers) > 1 for entry in self.entries),
        }


class Client:
    """One person's HTTP connection to the server, without scripts' help."""

    def __init__(self, port: int, cookies: Mapping[str, str]) -> None:
        self.port = port
        self.cookies = dict(cookies) | {"csrftoken": TOKEN}
        self._line: http.client.HTTPConnection | None = None
        self._used = 0.0

    def ask(
        self, method: str, path: str, fields: Mapping[str, Any] | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and text. Raises OSError or HTTPException when none came."""
        body = None
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if fields is not None:
            body = urlencode(dict(fields) | {"csrfmiddlewaretoken": TOKEN}, doseq=True)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        line, self._line = self._line, None
        if line is not None and time.monotonic() - self._used > IDLE:
            line = line.close()
        line = line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            text = answer.read().decode()
        except BaseException:
            line.close()
            raise
        if answer.will_close:
            line.close()
        else:
            self._line, self._used = line, time.monotonic()
        return answer.status, answer.headers, text

    def try_to(self, method: str, path: str, fields: Mapping[str, Any] | None = None) -> int:
        """The status, 0 where there was no answer."""
        try:
            return self.ask(method, path, fields)[0]
        except (OSError, http.client.HTTPException):
            return 0


class Poster:
    """Retitles a card by its form, over and over, in a thread of its own.

    A change that is not acknowledged is sent again under the same id, as a page does, up to `tries` times;
    every fifth is given up after its first no.
    """

    def __init__(self, client: Client, card: Card, ledger: Ledger, pause: float = 0.01) -> None:
        self.client = client
        self.path = f"/c/{card.key}/do/retitled/"
        self.ledger = ledger
        self.pause = pause
        self.seq = 0
        self.refusals: Counter[int] = Counter()
        self.slowest = 0.0
        self._stop = threading.Event()
        self._may_send = threading.Event()
        self._may_send.set()
        self._sending = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(60)

    def rest(self) -> None:
        """Send nothing until `go_on`; return when the last answer is there."""
        self._may_send.clear()
        with self._sending:
            pass

    def go_on(self) -> None:
        self._may_send.set()

    def _run(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            self._may_send.wait(60)
            with self._sending:
                self._send(self.ledger.open(f"Title {uuid.uuid4()}"), tries=1 if number % 5 == 0 else 8)
            self._stop.wait(self.pause)

    def _send(self, entry: Entry, tries: int) -> None:
        fields = {"title": entry.said, "request_id": entry.request_id}
        for _ in range(tries):
            began = time.monotonic()
            status = self.client.try_to("POST", self.path, fields)
            self.slowest = max(self.slowest, time.monotonic() - began)
            entry.answers.append(status)
            if entry.is_acknowledged or status in (403, 404, 409, 422):
                return
            self.refusals[status] += 1
            if self._stop.wait(0.2):
                return
