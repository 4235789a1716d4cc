"""What people write runs the way its own words do, and an override of direction ends with its text."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from boards import actions as act
from boards.rendering.markdown import Names, render
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.questions import ask_question
from tests.contracts.markup import Node, parse

MARK = "\u202eתיקון"
# Where an override can't reach further, or the browser shows plain text of its own.
APART = {"title", "option", "textarea", "script", "template", "style"}
PAGES = [
    "/",
    "/b/FLX/",
    "/b/FLX/standup/",
    "/standup/",
    "/b/FLX/decisions/",
    "/b/FLX/archive/",
    "/b/FLX/settings/",
    "/b/FLX/settings/members/",
    "/b/FLX/settings/columns/",
    "/b/FLX/settings/labels/",
    "/b/FLX/start/",
    "/b/FLX/at/?seq=40&since=1",
    "/b/FLX/cards/new/",
    "/b/FLX/catch-up/",
    "/c/FLX-1/",
    "/c/FLX-1/?tab=history",
    "/c/FLX-1/menu/",
    "/c/FLX-1/erase/",
    "/waiting/",
    "/decisions/",
    "/search/?q=תיקון",
]


@pytest.fixture
def told(board: Any, card: Any, ana: Any, kenji: Any) -> None:
    """Everything that can have a name has one that turns the direction around."""
    for person, name in ((ana, "Ana"), (kenji, "Kenji")):
        person.name = f"{MARK} {name}"
        person.save()
    act.rename_board(board, f"{MARK} board", by=ana)
    column = board.columns.first()
    act.rename_column(column, f"{MARK} column", by=ana)
    label = act.create_label(board, f"{MARK} label", 1, by=ana)
    act.label_card(card, label, by=ana)
    act.retitle_card(card, f"{MARK} title", by=ana)
    act.specify_card(card, "why", f"{MARK} why\n\n- {MARK} point", by=ana)
    act.assign_card(card, kenji, by=ana)
    checklist = act.add_checklist(card, f"{MARK} list", by=ana)
    (item,) = act.add_items(checklist, f"{MARK} item", by=ana)
    act.check_item(item, by=kenji)
    comment = post_comment(card, f"{MARK} comment", by=kenji)
    post_comment(card, f"{MARK} reply", by=ana, parent=comment)
    ask_question(card, f"{MARK} question", [ana], by=kenji)
    record_decision(card, f"{MARK} decision", by=ana)
    gone = act.create_card(column, f"{MARK} gone", by=ana)
    act.archive_card(gone, by=ana)
    stuck = act.create_card(column, f"{MARK} stuck", by=ana)
    act.block_card(stuck, f"{MARK} reason", by=ana, person=kenji)


def loose(node: Node, is_apart: bool = False) -> list[str]:
    """The texts with the mark that stand in no element of their own direction."""
    is_apart = is_apart or node.tag in {*APART, "bdi"} or node.attrs.get("dir") == "auto"
    found = []
    for child in node.children:
        if isinstance(child, Node):
            found += loose(child, is_apart)
        elif MARK in child and not is_apart:
            found.append(f"<{node.tag} {node.attrs}> {child.strip()[:80]}")
    return found


@pytest.mark.parametrize("path", PAGES)
def test_each_text_of_a_page_has_its_own_direction(told: None, path: str, ana: Any):
    client = Client()
    client.force_login(ana)
    answer = client.get(path)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert MARK in html or path in ("/b/FLX/catch-up/", "/b/FLX/settings/labels/")
    assert "\n".join(loose(parse(html))) == ""


def test_the_title_of_a_page_ends_an_override_before_it_goes_on(told: None, ana: Any):
    client = Client()
    client.force_login(ana)
    (title,) = parse(client.get("/c/FLX-1/").content.decode()).all("title")
    assert title.text == f"\u2068FLX-1 {MARK} title\u2069 · Fluxboard"
    (title,) = parse(client.get("/b/FLX/cards/new/").content.decode()).all("title")
    assert "\u2068" not in title.text or MARK in title.text


def test_each_paragraph_of_a_text_has_its_own_direction():
    html = render("שלום\n\n- one\n\n> two\n\n|a|\n|-|\n|b|", Names())
    for tag in ("p", "ul", "li", "blockquote", "td"):
        assert f'<{tag} dir="auto"' in html
