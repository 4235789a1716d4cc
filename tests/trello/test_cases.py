"""Small exports that once came in wrong, each with others of its kind."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from activity.models import Activity
from boards.actions import restore_column
from boards.models import Board
from comments.models import Comment
from fluxboard.accounts.models import User
from fluxboard.features.trello.colours import hue_of
from fluxboard.features.trello.history import has_words, words_of
from fluxboard.features.trello.importer import import_trello_board
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.verification.verify import verify
from tests.trello.files import OTHERS, action, case, encoded, real, small
from tests.trello.test_import import in_full

A, B = "a" * 24, "b" * 24


def brought_in(data: bytes, by: User) -> tuple[Board, dict[str, Any]]:
    outcome = import_trello_board(parse_export(data, "f"), hashlib.sha256(data).digest(), by=by)
    assert verify(outcome.board) == []
    return outcome.board, outcome.report


def labels_of(board: Board, number: int = 1) -> set[tuple[str, int]]:
    return set(board.cards.get(number=number).labels.values_list("name", "hue"))


@pytest.mark.parametrize("name", OTHERS)
def test_other_real_exports_come_in_whole_as_well(name: str, ana: User):
    told = json.loads(real(name).read_text())
    board, report = brought_in(real(name).read_bytes(), ana)
    assert board.cards.count() == report["cards"] == len(told["cards"])
    assert report["columns"] == len(told["lists"])
    said = [one for one in told["actions"] if one["type"] == "commentCard"]
    assert report["comments"] == Comment.objects.count() == len(said)
    assert report["history"] == len(told["actions"]) - len(said)
    on_cards = [label for card in told["cards"] for label in card.get("idLabels") or []]
    assert sum(card.labels.count() for card in board.cards.all()) == len(on_cards)


# ---- labels ------------------------------------------------------------------------------------------------


def test_labels_without_ids_are_on_their_cards(ana: User):
    board, report = brought_in(case("trello-01").read_bytes(), ana)
    assert labels_of(board) == {("Flour", 3), ("Red", 1)}
    assert report["labels"] == board.labels.count() == 2


def test_labels_are_joined_by_id_and_else_by_colour_and_name(ana: User):
    named = {"id": "1" * 24, "name": "Rye", "color": "green"}
    cards = [
        {"labels": [{"name": "Rye", "color": "green"}]},
        {"idLabels": ["1" * 24], "labels": [{"id": "1" * 24, "name": "Old name", "color": "red"}]},
        {"labels": [{"name": "", "color": "green"}, {"name": "Wheat", "color": "green"}]},
        {"labels": ["blue", {"name": "", "color": None}]},
    ]
    board, _ = brought_in(encoded(small(cards, labels=[named], labelNames={"blue": "Oats"})), ana)
    assert labels_of(board, 1) == labels_of(board, 2) == {("Rye", 4)}
    assert labels_of(board, 3) == {("Green", 4), ("Wheat", 4)}
    assert labels_of(board, 4) == {("Oats", 6)}
    assert board.labels.count() == 4


def test_a_label_without_a_name_on_a_card_has_the_boards_name_for_its_colour(ana: User):
    cards = [{"labels": [{"name": "", "color": "red"}]}, {"labels": [{"name": "Urgent", "color": "red"}]}]
    board, _ = brought_in(encoded(small(cards, labelNames={"red": "Urgent", "green": ""})), ana)
    assert labels_of(board, 1) == labels_of(board, 2) == {("Urgent", 1)}


def test_each_colour_has_its_nearest_hue_and_black_is_not_blue():
    assert [hue_of(name) for name in ("red", "orange", "yellow", "lime", "green", "sky")] == [
        1,
        2,
        3,
        3,
        4,
        5,
    ]
    assert [hue_of(name) for name in ("blue", "purple", "pink", "green_dark", "sky_light")] == [6, 7, 8, 4, 5]
    assert hue_of("black") == hue_of("black_dark") == hue_of("black_light") != hue_of("blue")


# ---- checklist items ---------------------------------------------------------------------------------------


def test_an_items_due_date_and_person_are_in_the_report_and_in_the_text(ana: User):
    board, report = brought_in(case("trello-02").read_bytes(), ana)
    told = "\n".join(report["problems"])
    assert "A checklist item has a due date" in told and "“Light the oven” of card 1 (2026-12-01)" in told
    assert "A checklist item belongs to a person" in told and "(Oda Lind)" in told
    assert "A reminder (minutes before a due date) does not come: “Light the oven” of card 1 (60)" in told
    assert "- Light the oven: due 2026-12-01, Oda Lind" in board.cards.get().what


def test_a_card_that_is_complete_without_a_due_date_says_so(ana: User):
    cards = [{"dueComplete": True}, {"dueComplete": True, "dateCompleted": "2024-05-04T10:00:00.000Z"}]
    board, report = brought_in(encoded(small(cards)), ana)
    assert board.cards.get(number=1).what == "- Complete: yes"
    assert board.cards.get(number=2).what == "- Complete: 2024-05-04"
    assert any("2 cards without due dates were marked as complete" in line for line in report["notes"])


# ---- the archive -------------------------------------------------------------------------------------------


def open_cards(board: Board) -> set[str]:
    return set(board.cards.filter(archived_at=None).values_list("title", flat=True))


def test_an_archived_card_in_an_archived_list_stays_archived_when_the_list_returns(ana: User):
    board, report = brought_in(case("trello-05").read_bytes(), ana)
    assert report["archived_cards"] == 2
    restore_column(board.columns.get(name="Last winter"), by=ana)
    assert open_cards(board) == {"Bread 2"}
    assert verify(board) == []


@pytest.mark.parametrize(
    "card",
    [
        {"dateLastActivity": "2999-01-01T00:00:00.000Z"},
        {"dateLastActivity": "no time"},
        {"id": "f" * 24},
        {"id": "no object id", "dateClosed": None},
        {"dateClosed": "2024-05-04T10:00:00.000Z"},
    ],
)
def test_it_stays_archived_whatever_the_file_says_of_times(card: dict[str, Any], ana: User):
    lists = [{"id": A, "name": "Doing", "pos": 1}, {"id": B, "name": "Attic", "pos": 2, "closed": True}]
    cards = [{"idList": B, "closed": True} | card, {"idList": B}]
    board, _ = brought_in(encoded(small(cards, lists=lists)), ana)
    restore_column(board.columns.get(name="Attic"), by=ana)
    assert open_cards(board) == {"Bread 2"}


# ---- text --------------------------------------------------------------------------------------------------


def test_single_line_breaks_are_kept(ana: User):
    board, _ = brought_in(case("trello-07").read_bytes(), ana)
    assert board.cards.get().what == "Mill: Weir lane\nDoor: the blue one\nRing: twice"


# ---- history -----------------------------------------------------------------------------------------------


def sentences(board: Board) -> list[str]:
    rows = Activity.objects.on(board).filter(verb="history.imported").order_by("seq")
    return [in_full(row.after["sentence"]) for row in rows]


def test_an_invitation_has_words_with_and_without_a_name(ana: User):
    board, _ = brought_in(case("trello-09").read_bytes(), ana)
    assert sentences(board) == ["invited Tove to this board", "invited someone to this board"]


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        ("addReactionToComment", "added reaction to comment"),
        ("enableThing", "switched on thing"),
        ("updateWorkspaceView", "changed workspace view"),
        ("brandNewThing", "made a change that Trello calls “brand new thing”"),
        ("", "made a change that the file does not name"),
    ],
)
def test_what_has_no_sentence_is_told_in_words_and_noted(type_: str, words: str):
    export = parse_export(encoded(small([{}], actions=[action(type_)])), "f")
    assert words_of(export.events[0]).sentence == words
    assert not has_words(export.events[0])
    assert any("of a kind that is new here" in line for line in export.notes.lines())


def test_what_was_done_to_a_card_that_is_gone_names_the_card():
    data = {"card": {"id": "9" * 24, "name": "Stale bread"}, "old": {"name": "Bread"}}
    export = parse_export(encoded(small([{}], actions=[action("updateCard", **data)])), "f")
    assert words_of(export.events[0]).sentence == "renamed this (“Stale bread”, which is not in the file)"


@pytest.mark.parametrize(
    "url",
    [
        "https://trello-attachments.s3.amazonaws.com/x/oven.png",
        "https://trello.com/1/cards/x/attachments/y/download/oven.png",
    ],
)
def test_a_file_is_known_to_be_kept_by_trello_where_just_its_address_says_so(url: str):
    export = parse_export(
        encoded(small([{"attachments": [{"id": "1" * 24, "name": "oven.png", "url": url}]}])), "f"
    )
    assert any("A file is kept by Trello" in line for line in export.problems.lines())


def test_the_time_of_day_of_a_due_date_is_noted():
    export = parse_export(encoded(small([{"due": "2024-05-02T17:30:00.000Z"}])), "f")
    assert any("had a time of day" in one and "(2024-05-02 17:30 UTC)" in one for one in export.notes.lines())


def test_changes_of_settings_tell_what_was_before():
    data = {"old": {"prefs": {"voting": "disabled"}}, "board": {"prefs": {"voting": "public"}}}
    export = parse_export(encoded(small([{}], actions=[action("updateBoard", **data)])), "f")
    words = words_of(export.events[0])
    assert (words.sentence, words.before, words.after) == (
        "changed the board's setting “voting”",
        "disabled",
        "public",
    )


# ---- links -------------------------------------------------------------------------------------------------


def test_links_to_cards_and_comments_of_the_board_are_ours_wherever_they_stand(ana: User):
    to_two = "https://trello.com/c/Brd00002/2-bread-2"
    comment = action("commentCard", text=f"Because of {to_two}.")
    to_comment = f"https://trello.com/c/Brd00001/1-bread-1#comment-{comment['id']}"
    items = [{"id": "e" * 24, "name": f"Ask {to_two}"}, {"id": "f" * 24, "name": f"Read {to_comment}"}]
    checklists = [{"id": "d" * 24, "idCard": f"{1:024x}", "name": f"For {to_two}", "checkItems": items}]
    cards = [
        {
            "shortLink": "Brd00001",
            "name": f"Before {to_two}",
            "desc": f"See {to_two}, and {to_comment}; [why]({to_comment}), <{to_two}>",
            "attachments": [
                {"id": "1" * 24, "name": to_two, "url": to_two},
                {"id": "2" * 24, "name": "The other", "url": to_two},
                {"id": "3" * 24, "name": "Elsewhere", "url": "https://trello.com/c/Other123"},
            ],
        },
        {"shortLink": "Brd00002"},
    ]
    root = small(cards, checklists=checklists, actions=[comment], desc=f"Begin with {to_two}")
    board, _ = brought_in(encoded(root), ana)
    card, said = board.cards.get(number=1), Comment.objects.get()
    two, anchor = f"{board.key}-2", f"/c/{board.key}-1/#c-{said.pk}"
    assert board.description == f"Begin with {two}"
    assert card.title == f"Before {two}"
    assert said.text == f"Because of {two}."
    assert card.what.startswith(
        f"See {two}, and [{board.key}-1, a comment]({anchor}); [why]({anchor}), {two}\n"
    )
    assert f"\n- {two}\n- [The other](</c/{two}/>)\n" in card.what
    assert "(<https://trello.com/c/Other123>)" in card.what
    checklist = card.checklists.get()
    assert checklist.name == f"For {two}"
    assert [item.text for item in checklist.items.order_by("position")] == [f"Ask {two}", f"Read {anchor}"]


def test_comments_that_are_linked_to_keep_their_order_with_a_long_one_between(ana: User):
    long = "A long word. " * 3_000
    actions = [action("commentCard", at, text=text) for at, text in enumerate(("First", long, "Last"), 1)]
    cards = [
        {"shortLink": "Brd00001", "desc": f"{long} https://trello.com/c/Brd00001#comment-{actions[2]['id']}"}
    ]
    board, _ = brought_in(encoded(small(cards, actions=actions[::-1])), ana)
    told = [
        text.split()[0] for text in board.cards.get().comments.order_by("id").values_list("text", flat=True)
    ]
    assert told == ["*Continued", "First", "A", "*Continued", "Last"]
