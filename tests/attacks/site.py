"""A board with one of everything on it, the pages that show it, and every form that stands on them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from boards import actions as act
from boards.actions.erase import erase_card
from boards.card_fields import CARD_FIELDS, optional_fields
from boards.invitations import invite
from boards.models import Board, Card, Role
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.questions import ask_question
from fluxboard.accounts.models import User
from tests.contracts.markup import Form, form_of, parse

NOW = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)


@dataclass
class Site:
    """What `fill` has made."""

    board: Board
    card: Card
    other: Board
    pages: list[str] = field(default_factory=list)


def fill(
    board: Board, ana: User, kenji: User, text: str = "Words", line: str = "A line", other: str = "OTH"
) -> Site:
    """One of everything on `board`, each text of it `text` or, where it is one line, `line`."""
    act.rename_board(board, line, by=ana)
    act.describe_board(board, text, by=ana)
    label = act.create_label(board, line, 1, by=ana)
    ready, doing, done = board.columns.in_board_order()
    act.rename_column(doing, line[:60], by=ana)
    card = act.create_card(ready, line, by=ana, what=text, why=text, done_when=text, constraints=text)
    other_card = act.create_card(doing, line, by=kenji)
    act.label_card(card, label, by=ana)
    act.assign_card(card, kenji, by=ana)
    act.join_card(card, ana, by=ana)
    act.date_card(card, NOW.date(), by=ana)
    act.configure_board(board, by=ana, card_fields=list(optional_fields()))
    act.set_value(card, CARD_FIELDS["size"], "small", by=kenji)
    act.block_card(card, line, by=ana, person=kenji, card_in_the_way=other_card)
    checklist = act.add_checklist(card, line, by=ana)
    first, second = act.add_items(checklist, "\n".join([line, line]), by=ana)
    act.check_item(first, by=kenji)
    act.remove_item(second, by=kenji)
    comment = post_comment(card, text, by=ana)
    post_comment(card, text, by=kenji, parent=comment)
    ask_question(card, text, [kenji], by=ana)
    ask_question(card, text, [ana], by=kenji)
    decision = record_decision(card, text, by=ana)
    record_decision(card, text, by=kenji, supersedes=decision)
    gone = act.create_card(done, line, by=ana)
    act.archive_card(gone, by=ana)
    erased = act.create_card(done, line, by=ana, what=text)
    erase_card(erased, ["title"], line, by=ana)
    old = act.add_column(board, line[:60], by=ana)
    act.archive_column(old, by=ana)
    invite(board, by=ana, role="viewer", days=7, now=dt.datetime.now(dt.UTC))
    another = act.create_board(line, by=ana, starter=False, key=other)
    act.add_member(another, kenji, Role.MEMBER, by=ana)
    board.refresh_from_db()
    card.refresh_from_db()
    return Site(board, card, another, pages_of(board, card, kenji))


def pages_of(board: Board, card: Card, person: User) -> list[str]:
    """Every page that shows something of the board, each state of it once."""
    at, on = f"/b/{board.key}/", f"/c/{card.key}/"
    past = [f"{at}at/?seq={board.seq}&since=1&card={card.number}", f"{at}at/?seq={max(1, board.seq // 2)}"]
    on_card = [
        on,
        f"{on}?tab=history&comments=all",
        f"{on}menu/",
        f"{on}history/",
        f"{on}ask/",
        f"{on}decide/",
    ]
    edits = [f"{on}edit/{form}/" for form in EDITS]
    settings = [f"{at}settings/{tab}" for tab in ("", "members/", "columns/", "labels/", "record/")]
    of_board = [at, f"{at}?q=a", f"{at}standup/", f"{at}catch-up/", f"{at}decisions/", f"{at}decisions/1/"]
    of_board += [f"{at}archive/", f"{at}start/", f"{at}export/", f"{at}erase/{person.pk}/", f"{on}erase/"]
    of_board += [
        f"{at}{thing}/new/" for thing in ("cards", "columns", "labels", "members", "invitations", "outcomes")
    ]
    undo = [f"{at}undo/{board.seq - back}/" for back in (4, 2)]  # of a card put away, and of what is final
    mine = [
        "/",
        "/search/?q=line",
        "/decisions/",
        "/waiting/",
        "/standup/",
        "/catch-up/",
        "/me/",
        "/me/start/",
    ]
    mine += ["/import/", "/import/board/", "/b/new/", "/accounts/email/", "/accounts/password/change/"]
    return [*of_board, *past, *undo, *on_card, *edits, *settings, *mine]


ON_CARD = ["menu", "history", "ask", "decide"]
NEW = ["cards", "columns", "labels", "members", "invitations", "outcomes"]
EDITS = ["title", "what", "why", "done_when", "constraints", "due", "assign", "move", "transfer", "join"]
EDITS += ["leave", "label", "block", "unblock", "archive"]
MINE = ["/", "/search/?q=line", "/decisions/", "/waiting/", "/standup/", "/catch-up/", "/me/", "/me/start/"]
MINE += ["/import/", "/import/board/", "/b/new/", "/accounts/email/", "/accounts/password/change/"]


@dataclass
class PostForm(Form):
    """A form that is posted, whether it names a verb or not, and the page that it stands on."""

    page: str

    @property
    def names(self) -> set[str]:
        return {control.name for control in self.controls} | {name for name, _ in self.buttons}

    @property
    def texts(self) -> list[str]:
        """The names of the fields that a person types words into."""
        kinds = {"text", "textarea", "search", "email", "url", "password", "date", "time", "hidden"}
        skipped = {"csrfmiddlewaretoken", "request_id", "version"}
        return [one.name for one in self.controls if one.kind in kinds and one.name not in skipped]

    @property
    def words(self) -> set[str]:
        """The names of the fields that hold a person's own words."""
        return {one.name for one in self.controls if one.kind in {"text", "textarea", "search"}} - {"confirm"}

    def filled(self, **typed: Any) -> dict[str, Any]:
        """What a browser would send with these typed into it."""
        found: dict[str, Any] = {}
        for one in self.controls:
            if one.kind in {"checkbox", "radio"} and not one.value.startswith("\0checked"):
                continue
            if one.kind != "file":
                found[one.name] = one.value
        return found | typed


def post_forms(html: str, page: str) -> Iterator[PostForm]:
    """Every `<form method="post">` of a page, and once more for each button that sends it elsewhere."""
    root = parse(html)
    for node in root.all("form"):
        if node.attrs.get("method", "get").lower() == "post":
            form = form_of(root, node)
            yield PostForm(form.verb, form.action or page, form.controls, form.buttons, page)
            for button in node.all("button"):
                if to := button.attrs.get("formaction"):
                    yield PostForm("", to, form.controls, form.buttons, page)


def every_form(client: Any, pages: list[str]) -> list[PostForm]:
    """The forms of all pages, each address and set of fields once, whatever the ids in it."""
    found: dict[tuple[str, frozenset[str]], PostForm] = {}
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        for form in post_forms(answer.content.decode(), page):
            where = re.sub(r"(?<=/)[0-9]+(?=/)", "N", re.sub(r"[A-Z]{2,8}-[0-9]+", "KEY", form.action))
            found.setdefault((where, frozenset(form.names)), form)
    return list(found.values())
