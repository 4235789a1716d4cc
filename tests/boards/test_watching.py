"""Watching is each reader's own: counted, never logged, open to viewers, and works without scripts."""

from __future__ import annotations

import pytest
from django.test import Client

from activity.models import Activity
from boards.models import Watch
from boards.watching import unwatch, watch, watching


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def test_watching_twice_is_watching_once(board, card, ana, kenji):
    for thing in (board, card):
        watch(thing, ana)
        watch(thing, ana)
        watch(thing, kenji)
        assert watching(thing, ana).count == 2
        assert watching(thing, ana).is_mine
        unwatch(thing, ana)
        unwatch(thing, ana)
        assert (watching(thing, ana).count, watching(thing, ana).is_mine) == (1, False)


def test_who_can_no_longer_sign_in_is_not_counted(card, ana, kenji):
    watch(card, kenji)
    kenji.is_active = False
    kenji.save()
    assert watching(card, ana).count == 0


@pytest.mark.parametrize("path", ["/c/FLX-1/", "/b/FLX/"])
def test_a_viewer_turns_it_on_and_off_and_nothing_is_logged(path, board, card, priya):
    client, before = signed_in(priya), Activity.objects.count()
    assert 'name="watching" value="1"' in client.get(path).content.decode()
    answer = client.post(f"{path}watch/", {"watching": "1"})
    assert (answer.status_code, answer["Location"]) == (303, path)
    assert Watch.objects.filter(user=priya).count() == 1
    assert 'name="watching" value="0"' in client.get(path).content.decode()
    client.post(f"{path}watch/", {"watching": "0"})
    assert not Watch.objects.filter(user=priya).exists()
    assert Activity.objects.count() == before


def test_the_card_counts_and_says_whether_i_am_among_them(board, card, ana, kenji):
    for person in (ana, kenji):
        watch(card, person)
    assert '2<span class="vh"> watching, you too' in signed_in(ana).get("/c/FLX-1/").content.decode()
    unwatch(card, ana)
    assert '1<span class="vh"> watching<' in signed_in(ana).get("/c/FLX-1/").content.decode()


def test_a_script_gets_the_button_alone(board, card, ana):
    answer = signed_in(ana).post("/c/FLX-1/watch/", {"watching": "1"}, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.startswith(f'<form id="card-{card.pk}-watch"')
    assert 'name="watching" value="0"' in html
