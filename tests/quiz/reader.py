"""Somebody of the demo team before their pages, who reads what stands open and counts it."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from activity.models import Activity
from boards.models import Board, Card, Column
from fluxboard.accounts import times
from fluxboard.accounts.calendar import midnight
from fluxboard.accounts.models import User

DAY = dt.timedelta(days=1)
BEGIN = ("/now/", "/standup/")  # where a morning begins


class Reader:
    """Somebody of the team before their pages."""

    def __init__(self, handle: str) -> None:
        self.person = User.objects.get(handle=handle)
        self.pages: dict[str, str] = {}
        self.client = Client()
        self.client.force_login(self.person)
        self.now = timezone.now()
        self.today = times.today_of(self.person, self.now)
        self.boards = list(Board.objects.of(self.person).current())
        self.cards = Card.objects.filter(board__in=self.boards).current()
        self.open = self.cards.filter(column__is_done=False)
        self.begun = self.open.filter(column__in=Column.objects.begun(self.boards))
        self.links: set[str] = set()

    @property
    def fortnight(self) -> str:
        """The standup of two weeks."""
        return f"/standup/?from={self.today - 13 * DAY}"

    def log(self, *verbs: str, since: dt.datetime | None = None) -> list[Activity]:
        """What happened in two weeks with the effect of one of `verbs`, or `since` then; the oldest first."""
        start = since or midnight(self.today - 13 * DAY, self.person.zone)
        rows = Activity.objects.filter(board__in=self.boards, at__gte=start)
        return list(rows.doing(*verbs).witnessed().select_related("actor", "card__board").order_by("id"))

    def of_each_card(self, *verbs: str, since: dt.datetime | None = None) -> list[tuple[Activity, Activity]]:
        """The first and the last of those of each card that is there."""
        found: dict[Any, list[Activity]] = {}
        for one in self.log(*verbs, since=since):
            if one.card is not None:
                found.setdefault(one.card, []).append(one)
        return [(run[0], run[-1]) for card, run in found.items() if not card.is_archived]

    def html(self, address: str) -> str:
        """The main part of a page, as it was when it was first asked for."""
        if address not in self.pages:
            answer = self.client.get(address)
            assert answer.status_code == 200, address
            html = answer.content.decode()
            self.pages[address] = html[html.index("<main") : html.index("</main>")]
            if address in BEGIN:
                self.links |= set(re.findall(r'<(?:a|form)[^>]* (?:href|action)="(/[^"?#]*)', html))
        return self.pages[address]

    def is_near(self, address: str) -> bool:
        """Whether Now or the standup lead there: by a link, or by the form of a page like itself."""
        for page in BEGIN:
            self.html(page)
        return urlsplit(address).path in self.links | set(BEGIN)

    def words(self, address: str) -> int:
        """How many words stand open in the main part of a page."""
        return len(shown(self.html(address)).split())

    def part(self, address: str, begin: str, end: str = "</section>") -> str:
        """What stands open between two pieces of markup; empty where the first is not there."""
        html = self.html(address)
        at = html.find(begin)
        return shown(html[at : html.index(end, at)]) if at >= 0 else ""

    def group(self, name: str, address: str = "/now/") -> str:
        return self.part(address, f'id="now-{name}"')

    def outcomes(self, person: User, address: str = "/standup/") -> str:
        """What a standup says of one person."""
        return self.part(address, f'aria-labelledby="person-{person.pk}"', "</article>")


def shown(html: str) -> str:
    """The words that are in sight without a click."""
    html = re.sub(r"<(form|select|template|script)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(
        r"<details(?![^>]*\bopen\b)[^>]*>\s*(<summary.*?</summary>).*?</details>", r"\1", html, flags=re.S
    )
    html = re.sub(r'<span class="vh">.*?</span>', " ", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
