"""The archive: what was put away or removed, by whom and when, and its way back, in one place."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.models import Activity
from boards import actions as act
from comments.actions import post_comment, remove_comment
from fluxboard.features.verification.verify import verify


def visit(person):
    client = Client()
    client.force_login(person)
    return client


def get(client, query=""):
    answer = client.get(f"/b/FLX/archive/{query}")
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def kinds(html):
    return re.findall(r'data-kind="(\w+)"', html)


def row(html, kind):
    return re.search(rf'<li class="row" id="{kind}-\d+-gone".*?</li>', html, re.S)[0]


def restore(client, html, kind):
    form = re.search(rf'<form method="post" action="([^"]+)"[^>]*id="restore-{kind}-.*?</form>', html, re.S)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    fields["next"] = fields["next"].replace("&amp;", "&")
    return client.post(form[1], fields)


@pytest.fixture
def gone(board, card, ready, ana, kenji):
    """One of each kind in the bin, most of it by Kenji."""
    label = act.create_label(board, "bug", 1, by=ana)
    act.remove_label(label, by=kenji)
    steps = act.add_checklist(card, "Steps", by=ana)
    one, _ = act.add_items(steps, "an item\nanother", by=ana)
    act.remove_item(one, by=kenji)
    lost = act.add_checklist(card, "Lost list", by=ana)
    act.add_items(lost, "x\ny", by=ana)
    act.remove_checklist(lost, by=kenji)
    remove_comment(post_comment(card, "Rude words", by=kenji), by=kenji)
    other = act.create_card(ready, "Old thing", by=ana)
    act.archive_card(other, by=kenji)
    later = act.add_column(board, "Later", by=ana)
    act.create_card(later, "In later", by=ana)
    act.archive_column(later, by=ana)
    return board


def test_everything_is_there_with_who_and_the_latest_first(gone, ana):
    html = get(visit(ana))
    assert kinds(html) == ["card", "column", "card", "comment", "checklist", "item", "label"]
    assert 'Column <bdi dir="ltr">with 1 card</bdi>' in row(html, "column")
    assert 'Checklist <bdi dir="ltr">with 2 items</bdi> on' in row(html, "checklist")
    assert 'Item <bdi dir="ltr">in Steps</bdi> on' in row(html, "item")
    assert "removed by <bdi>Kenji Mori</bdi>" in row(html, "comment")
    assert "archived by <bdi>Ana Duarte</bdi>" in row(html, "column")
    assert "removed by <bdi>Kenji Mori</bdi>" in row(html, "label")


def test_a_removed_comment_is_read_by_owners_only(gone, ana, kenji, priya):
    assert "Rude words" in get(visit(ana))
    for person in (kenji, priya):
        html = get(visit(person))
        assert "Rude words" not in html
        assert "Owners can read what it said." in row(html, "comment")
        assert kinds(get(visit(person), "?q=rude")) == []
        assert kinds(get(visit(person), "?q=kenji")) == ["comment"]
    assert kinds(get(visit(ana), "?q=rude")) == ["comment"]


def test_search_kind_and_card_narrow_it(gone, ana):
    client = visit(ana)
    assert kinds(get(client, "?q=LOST")) == ["checklist"]
    assert kinds(get(client, "?q=old")) == ["card"]
    assert kinds(get(client, "?q=FLX-2")) == ["card"]
    assert kinds(get(client, "?kind=item")) == ["item"]
    assert kinds(get(client, "?card=FLX-1")) == ["comment", "checklist", "item"]
    assert kinds(get(client, "?kind=nonsense&before=x&card=y")) == kinds(get(client))
    html = get(client, "?q=nothing+like+this")
    assert "Nothing here fits" in html
    assert 'value="nothing like this"' in html


def test_an_empty_archive_says_what_comes_here(board, ana):
    assert "Nothing has been put away" in get(visit(ana))


@pytest.mark.parametrize("kind", ["column", "card", "comment", "checklist", "item", "label"])
def test_each_kind_comes_back_from_here(gone, ana, kind):
    client = visit(ana)
    html = get(client, f"?kind={kind}")
    answer = restore(client, html, kind)
    assert (answer.status_code, answer["Location"]) == (303, f"/b/FLX/archive/?kind={kind}")
    verbs = list(Activity.objects.on(gone).order_by("-seq").values_list("verb", flat=True)[:4])
    assert f"{kind}.restored" in verbs
    after = get(client, f"?kind={kind}")
    assert len(kinds(after)) < len(kinds(html))
    assert 'class="note note--success"' in after or "back" in after
    assert verify(gone) == []


def test_a_card_of_an_archived_column_comes_back_to_the_first_one(gone, ana):
    client = visit(ana)
    html = get(client, "?q=In+later")
    assert "was in Later, which is archived too" in html
    assert "Restore to Ready" in html
    restore(client, html, "card")
    assert gone.cards.get(title="In later").column.name == "Ready"
    assert "is back in Ready." in get(client)


def test_what_cannot_come_back_yet_says_why(gone, card, ana):
    act.remove_checklist(card.checklists.get(name="Steps"), by=ana)
    client = visit(ana)
    assert "Its checklist was removed: restore that first" in row(get(client), "item")
    act.archive_card(card, by=ana)
    html = get(client)
    assert "FLX-1 is archived: restore that first" in row(html, "comment")
    assert "<form" not in row(html, "comment")


def test_forms_are_for_those_who_may(gone, ana, kenji, priya):
    assert "data-verb=" not in get(visit(priya))
    mine = get(visit(kenji))
    assert "<form" not in row(mine, "column")
    assert "<form" in row(mine, "comment")
    remove_comment(post_comment(gone.cards.get(number=1), "Also rude", by=kenji), by=ana)
    assert "<form" not in row(get(visit(kenji)), "comment")


def test_it_costs_as_many_queries_with_much_as_with_little(gone, card, ready, ana, kenji):
    client = visit(ana)
    get(client)
    with CaptureQueriesContext(connection) as few:
        get(client)
    for number in range(6):
        act.archive_card(act.create_card(ready, f"Card {number}", by=kenji), by=kenji)
        remove_comment(post_comment(card, f"Comment {number}", by=kenji), by=ana)
        act.remove_checklist(act.add_checklist(card, f"List {number}", by=kenji), by=kenji)
        act.remove_label(act.create_label(gone, f"label {number}", 1, by=ana), by=ana)
    with CaptureQueriesContext(connection) as many:
        html = get(client)
    assert len(kinds(html)) == 31
    assert len(many) == len(few)
    assert len(many) <= 18, [query["sql"][:120] for query in many]


def test_pages_follow_on_each_other_also_within_one_moment(board, ready, ana):
    later = act.add_column(board, "Later", by=ana)
    act.create_cards(later, "\n".join(f"Card {number}" for number in range(60)), by=ana)
    act.archive_column(later, by=ana)
    client, query, seen = visit(ana), "", []
    while True:
        html = get(client, query)
        seen += re.findall(r'id="(\w+-\d+)-gone"', html)
        earlier = re.search(r'href="(\?before=[^"]+)"', html)
        if earlier is None:
            break
        query = earlier[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 61


def test_the_card_links_to_what_was_removed_on_it(gone, card, ana, kenji):
    client = visit(kenji)
    html = client.get("/c/FLX-1/").content.decode()
    assert re.search(r'href="/b/FLX/archive/\?card=FLX-1">Removed here <span class="num">\(3\)', html)
    other = client.get("/c/FLX-2/").content.decode()
    assert re.search(r'id="card-\d+-removed" data-part="counts" hidden', other)
    parts = client.get("/c/FLX-1/parts/?names=comments").content.decode()
    assert 'class="num">(3)' in parts
