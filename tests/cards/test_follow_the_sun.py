"""Whoever is at work comes first where a card is handed on, each with the hour on their own clock."""

from __future__ import annotations

import re

import time_machine

from boards.card_page.context import people_for
from tests.cast import NOW


def test_who_is_at_work_comes_first_then_who_starts_next(card, board, ana, kenji, priya):
    people = people_for(card, ana, NOW)  # 09:14 in Lisbon, 13:44 in Kolkata, 17:14 in Tokyo
    assert people == [ana, priya, kenji]
    assert people[2].there == "17:14, at work for another 16 min"
    later = people_for(card, ana, NOW.replace(hour=15))  # 16:00 in Lisbon; night in Asia
    assert later == [ana, kenji, priya]
    assert later[1].there.startswith("00:14, starts in 8 h 46 min")


def test_the_form_says_it_without_scripts(card, board, ana, kenji, client):
    client.force_login(ana)
    with time_machine.travel(NOW, tick=False):
        client.force_login(ana)
        html = client.get(f"/c/{card.key}/").content.decode()
    select = re.search(r'<select[^>]*name="assignee".*?</select>', html, re.DOTALL)[0]
    names = re.findall(r"<option[^>]*>([^<(]+?) ?(?:\(|<)", select)
    assert names == ["Nobody", "Ana Duarte", "Priya Nair", "Kenji Mori"]
    assert "Kenji Mori (17:14, at work for another 16 min)" in select
    blocked = re.search(r'<form[^>]*data-verb="card.blocked".*?</form>', html, re.DOTALL)[0]
    assert "Kenji Mori (17:14, at work for another 16 min)" in blocked
