"""What stands in an export, told by a small board that has each of Trello's traps once."""

from __future__ import annotations

import datetime as dt

import pytest

from fluxboard.features.trello.history import words_of
from fluxboard.features.trello.model import Export
from fluxboard.features.trello.parse import parse_export
from tests.trello.files import bakery, encoded


@pytest.fixture(scope="module")
def export() -> Export:
    return parse_export(encoded(bakery()), "bakery.json")


def card(export: Export, title: str):
    return next(card for card in export.cards if card.title.startswith(title))


def problems(export: Export) -> str:
    return "\n".join(export.problems.lines())


def test_lists_and_cards_stand_in_trellos_order(export: Export):
    assert [column.name for column in export.columns] == ["To do", "Done", "Attic", "Without a list"]
    assert [column.is_archived for column in export.columns] == [False, False, True, False]
    todo = export.columns[0]
    assert todo.limit == 4
    assert [card.title for card in export.cards if card.column == todo.id] == [
        "First by place",
        "Second by place",
        "Closed",
    ]


def test_a_card_without_its_list_gets_a_column_and_a_line(export: Export):
    assert card(export, "Its list").column == ""
    assert 'came into the column "Without a list": card 6' in problems(export)


def test_numbers_are_trellos_and_free_of_repeats(export: Export):
    numbers = [card.number for card in export.cards]
    assert len(set(numbers)) == len(numbers)
    assert card(export, "Second").number == 2
    assert card(export, "xxx").number == 9


def test_labels_come_from_the_board_and_from_cards_alone(export: Export):
    assert [(label.name, label.colour) for label in export.labels] == [
        ("Urgent", "red"),
        ("", "green_dark"),
        ("", ""),
        ("Urgent", "pink"),
        ("Only on a card", "sky_light"),
    ]
    assert "A label that the file does not describe was left out: card 2" in problems(export)


def test_old_files_tell_labels_by_colour_names():
    export = parse_export(
        encoded(bakery(labels=None, labelNames={"red": "Urgent", "blue": "Bread", "lime": ""})), "f"
    )
    assert ("Bread", "blue") in [(label.name, label.colour) for label in export.labels]
    assert sum(label.name == "Urgent" for label in export.labels) == 1


def test_people_who_left_are_people_all_the_same(export: Export):
    people = {person.username: (person.name, person.role) for person in export.people.values()}
    assert people == {
        "mika": ("Mika Saari", "member"),
        "noor_k": ("Noor Khan", "member"),
        "watcher": ("Wanda Watcher", "viewer"),
        "oldhand": ("Old Hand", ""),
    }


def test_checklists_are_joined_nested_ones_too_and_lost_ones_named(export: Export):
    second = card(export, "Second")
    assert [(item.text, item.is_checked) for item in second.checklists[0].items] == [
        ("Flour", True),
        ("Water", False),
        ("Salt", False),
    ]
    assert [checklist.name for checklist in card(export, "Open in").checklists] == ["Nested"]
    assert 'A checklist whose card is not in the file was left out: "Of a lost card" (1 item)' in problems(
        export
    )


def test_comments_are_oldest_first_and_what_cannot_come_is_counted(export: Export):
    assert [comment.text for comment in export.comments] == [
        "Hi @noor_k, see @mika and @nobody",
        "Later, edited",
    ]
    assert export.comments[1].edited_at == dt.datetime(2020, 1, 2, 9, tzinfo=dt.UTC)
    told = problems(export)
    assert "A comment without text was left out: card 2" in told
    assert "A comment on a card that is not in the file was left out" in told
    assert "Comments of a card are not in the file, 1 in all" in told


def test_custom_fields_are_told_in_words(export: Export):
    assert card(export, "Second").fields == [
        ("Flour", "Rye *only*"),
        ("Loaves", "5"),
        ("Organic", "yes"),
        ("Size", "Large"),
    ]
    assert "The value of an unknown custom field was left out" in problems(export)


def test_times_come_from_object_ids_when_actions_are_gone():
    export = parse_export(encoded(bakery(actions=[])), "f")
    assert card(export, "First").made_at == dt.datetime(2020, 1, 1, 11, tzinfo=dt.UTC)


def test_a_date_that_is_none_is_named():
    root = bakery()
    root["cards"][0]["due"] = "soon"
    export = parse_export(encoded(root), "f")
    assert "A due date that is no date was left out: card 2" in problems(export)


def test_whole_arrays_may_be_missing_or_wrong():
    export = parse_export(encoded(bakery(actions=None, members=None, checklists="none", labels=None)), "f")
    assert len(export.cards) == 8
    assert '"checklists" is not a list and was passed over' in problems(export)


def test_the_inbound_address_is_not_read():
    assert "secret+inbound" in encoded(bakery()).decode()
    assert "secret+inbound" not in repr(parse_export(encoded(bakery()), "f"))


def test_history_is_told_in_sentences(export: Export):
    told = [words_of(event).sentence for event in export.events]
    assert told == [
        "added this card to “To do”",
        "added this card to “To do”",
        "renamed this",
        "added the checklist “Dough”",
        "ticked “Flour”",
        "moved this from “To do” to “Done”",
        "archived this",
        "put Noor Khan on this card",
        "deleted card 9 from “To do”",
        "made a change that Trello calls “brand new thing”",
    ]


def test_history_tells_what_was_before_and_after(export: Export):
    renamed, moved = words_of(export.events[2]), words_of(export.events[5])
    assert (renamed.field, renamed.before, renamed.after) == ("Title", "2nd", "Second by place")
    assert (moved.field, moved.before, moved.after) == ("Column", "To do", "Done")
