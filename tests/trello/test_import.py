"""An export becomes a board: everything counted, everything in the log, twice the same, or nothing at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.models import Activity, ActivityContent
from boards.models import Board, Card, Import, Item, Role
from comments.models import Comment
from fluxboard.accounts.models import User
from fluxboard.features.trello.importer import TrelloImport, import_trello_board
from fluxboard.features.trello.losses import loss_counts
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.trello.parse_actions import COMMENT_ACTIONS
from fluxboard.features.trello.read_json import ImportProblem
from fluxboard.features.verification.verify import verify
from tests.trello.files import REAL, ROOT, bakery, encoded, real
from tests.trello.test_reading import PLACES, damaged, junk

BAKERY = ROOT / "tests" / "data" / "trello" / "bakery.json"


def brought_in(data: bytes, by: User, **options: Any) -> TrelloImport:
    return import_trello_board(
        parse_export(data, "board.json"), hashlib.sha256(data).digest(), by=by, **options
    )


@pytest.fixture
def bread(ana: User) -> Board:
    return brought_in(BAKERY.read_bytes(), ana).board


def card(board: Board, title: str) -> Card:
    return board.cards.get(title__startswith=title)


def in_full(value: Any) -> Any:
    """A fact of the log with its text in place of the digest."""
    if isinstance(value, dict) and value.keys() == {"text"}:
        return ActivityContent.objects.get(digest=value["text"]).text
    return value


def titles(column: Any) -> list[str]:
    return [card.title for card in column.cards.in_board_order()]


# --- real input -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REAL)
def test_a_real_export_comes_in_whole(name: str, ana: User):
    path = real(name)
    told = json.loads(path.read_text())
    outcome = brought_in(path.read_bytes(), ana)
    board, report = outcome.board, outcome.report
    archived_lists = {column["id"] for column in told["lists"] if column["closed"]}
    labels = {label["id"] for card in told["cards"] for label in card["labels"]}
    labels |= {label["id"] for label in told.get("labels", [])}
    unnamed = [] if "labels" in told else ["作業"]  # named in the old file by its colour alone
    comments = [action for action in told["actions"] if action["type"] in COMMENT_ACTIONS]

    assert report["columns"] == len(told["lists"]) == board.columns.count()
    assert report["cards"] == len(told["cards"]) == board.cards.count()
    assert report["archived_cards"] == board.cards.exclude(archived_at=None).count()
    assert report["archived_cards"] == sum(
        card["closed"] or card["idList"] in archived_lists for card in told["cards"]
    )
    assert report["labels"] == len(labels) + len(unnamed) == board.labels.count()
    assert report["checklists"] == len(told["checklists"])
    items = [item for checklist in told["checklists"] for item in checklist["checkItems"]]
    assert report["checklist_items"] == len(items) == Item.objects.count()
    done = sum(item["state"] == "complete" for item in items)
    assert Item.objects.exclude(checked_at=None).count() == done
    assert report["comments"] == len(comments) == Comment.objects.count()
    assert report["people"] == len(told["members"])
    assert report["history"] == len(told["actions"]) - len(comments)
    assert report["attachments"] == sum(len(card["attachments"]) for card in told["cards"])
    assert sum(board.cards.values_list("items_total", flat=True)) == len(items)
    assert sum(board.cards.values_list("comments_count", flat=True)) == len(comments)
    assert Card.labels.through.objects.count() == sum(len(card["idLabels"]) for card in told["cards"])


@pytest.mark.parametrize("name", REAL)
def test_a_real_export_keeps_its_order_and_words(name: str, ana: User):
    told = json.loads(real(name).read_text())
    board = brought_in(real(name).read_bytes(), ana).board
    lists = sorted(told["lists"], key=lambda column: column["pos"])
    assert [column.name for column in board.columns.in_board_order()] == [column["name"] for column in lists]
    for column, raw in zip(board.columns.in_board_order(), lists, strict=True):
        cards = [card for card in told["cards"] if card["idList"] == raw["id"]]
        expected = [card["name"] for card in sorted(cards, key=lambda card: card["pos"])]
        assert titles(column) == [" ".join(title.split()) for title in expected]
    for raw in told["cards"]:
        assert board.cards.get(number=raw["idShort"]).what.startswith(
            raw["desc"].replace("\r\n", "\n").strip()[:200]
        )


@pytest.mark.parametrize("name", REAL)
def test_a_real_export_stands_in_the_log_without_a_gap(name: str, ana: User):
    board = brought_in(real(name).read_bytes(), ana).board
    log = Activity.objects.on(board).order_by("seq")
    assert list(log.values_list("seq", flat=True)) == list(range(1, board.seq + 1))
    assert set(log.values_list("via", flat=True)) == {"import"}
    assert verify(board) == []


@pytest.mark.parametrize("name", REAL)
def test_the_same_file_again_changes_nothing(name: str, ana: User):
    data = real(name).read_bytes()
    first = brought_in(data, ana)
    rows = Activity.objects.count(), User.objects.count(), Board.objects.count()
    again = brought_in(data, ana)
    assert not again.is_new
    assert again.report == first.report
    assert (Activity.objects.count(), User.objects.count(), Board.objects.count()) == rows


# --- traps ------------------------------------------------------------------------------------------------


def test_a_board_of_traps_can_be_rebuilt_from_its_log(bread: Board):
    assert verify(bread) == []


def test_columns_cards_and_limits_stand_as_in_trello(bread: Board):
    todo, done, attic, without = bread.columns.in_board_order()
    assert titles(todo) == ["First by place", "Second by place", "Closed"]
    assert (todo.wip_limit, done.is_done, todo.is_done) == (4, True, False)
    assert attic.is_archived
    assert titles(without) == ["Its list is missing"]


def test_cards_in_an_archived_list_come_back_with_it(bread: Board, ana: User):
    from boards.actions import restore_column

    attic = bread.columns.get(name="Attic")
    assert card(bread, "Open in").is_archived
    restore_column(attic, by=ana)
    assert not card(bread, "Open in").is_archived
    assert card(bread, "Closed").is_archived


def test_labels_have_names_and_hues(bread: Board):
    assert {label.name: label.hue for label in bread.labels.all()} == {
        "Urgent": 1,
        "Green": 4,
        "Label": 6,
        "Urgent (pink)": 8,
        "Only on a card": 5,
    }
    assert {label.name for label in card(bread, "Second").labels.all()} == {"Urgent", "Green"}


def test_people_come_without_a_sign_in_and_the_departed_are_not_on_the_board(bread: Board, ana: User):
    roles = {membership.user.name: membership.role for membership in bread.memberships.all()}
    assert roles == {
        "Ana Duarte": Role.OWNER,
        "Mika Saari": Role.MEMBER,
        "Noor Khan": Role.MEMBER,
        "Wanda Watcher": Role.VIEWER,
    }
    departed = User.objects.get(name="Old Hand")
    assert (departed.email, departed.is_claimed, departed.handle) == (None, False, "oldhand")


def test_the_first_member_is_assignee_and_the_others_take_part(bread: Board):
    second = card(bread, "Second")
    assert second.assignee is not None
    assert second.assignee.name == "Mika Saari"
    assert {person.name for person in second.participants.all()} == {"Noor Khan", "Old Hand"}


def test_due_dates_are_days_on_the_owners_clock(ana: User):
    assert card(brought_in(BAKERY.read_bytes(), ana).board, "Second").due == dt.date(2020, 3, 1)


def test_a_due_date_late_in_utc_is_the_next_day_in_tokyo(kenji: User):
    assert card(brought_in(BAKERY.read_bytes(), kenji).board, "Second").due == dt.date(2020, 3, 2)


def test_a_due_date_that_was_met_nags_nobody(bread: Board):
    finished = card(bread, "Finished")
    assert finished.due is None
    assert "- Due: 2020-01-15, met" in finished.what


def test_a_description_keeps_its_markdown_and_gains_what_has_no_field(bread: Board):
    assert card(bread, "Second").what == "\n".join(
        [
            "Bake **bread**.",
            f"See {bread.key}-1 and [the plan](/c/{bread.key}-3/).",
            "",
            "<b>html stays text</b>",
            "",
            "- Start: 2020-02-27",
            "- Flour: Rye \\*only\\*",
            "- Loaves: 5",
            "- Organic: yes",
            "- Size: Large",
            "",
            "**Attachments**",
            "",
            "- [Recipe \\[v2\\]](<https://example.org/recipe?a=1&b=2>)",
            "- [oven.png](<https://trello-attachments.s3.amazonaws.com/x/oven.png>) (123 kB, kept by Trello)",
            "- click me (javascript:alert(1))",
        ]
    )


def test_a_long_title_is_cut_and_stands_whole_in_the_text(bread: Board):
    long = card(bread, "xxx")
    assert len(long.title) == 500
    assert long.title.endswith("…")
    assert long.what == "x" * 600


def test_a_nameless_card_has_a_title(bread: Board):
    assert card(bread, "Untitled card").column.name == "Done"


def test_ticks_know_who_and_when(bread: Board):
    flour = Item.objects.get(text="Flour")
    assert flour.checked_by is not None
    assert flour.checked_by.name == "Mika Saari"
    assert flour.checked_at == dt.datetime(2020, 1, 1, 15, tzinfo=dt.UTC)
    second = card(bread, "Second")
    assert (second.items_done, second.items_total) == (1, 3)


def test_comments_have_their_authors_times_and_mentions(bread: Board):
    first, later = Comment.objects.order_by("id")
    assert first.author.name == "Old Hand"
    assert first.source_at == dt.datetime(2020, 1, 1, 16, tzinfo=dt.UTC)
    assert first.text == "Hi @noor, see @mika and @nobody"
    assert {person.name for person in first.mentions.all()} == {"Noor Khan", "Mika Saari"}
    assert later.edited_at == dt.datetime(2020, 1, 2, 9, tzinfo=dt.UTC)


def test_a_cards_history_reads_in_the_order_in_which_it_happened(bread: Board):
    rows = Activity.objects.about(card(bread, "Second")).filter(source_at__isnull=False).order_by("seq")
    told = [
        (row.actor.name if row.actor else None, row.verb, in_full(row.after.get("sentence", "")))
        for row in rows
        if row.verb not in ("card.labelled", "item.added")
    ]
    assert told == [
        ("Noor Khan", "card.created", ""),
        (None, "card.joined", ""),
        ("Noor Khan", "history.imported", "renamed this"),
        ("Old Hand", "checklist.added", ""),
        ("Mika Saari", "item.checked", ""),
        ("Old Hand", "comment.posted", ""),
        ("Noor Khan", "comment.posted", ""),
        ("Mika Saari", "card.joined", ""),
    ]
    times = [row.source_at for row in rows]
    assert times == sorted(times)


def test_history_has_what_was_before_and_after(bread: Board):
    row = Activity.objects.about(card(bread, "Finished")).get(verb="history.imported")
    facts = {name: in_full(value) for name, value in row.after.items()}
    assert facts == {
        "type": "updateCard",
        "sentence": "moved this from “To do” to “Done”",
        "field": "Column",
        "before": "To do",
        "after": "Done",
    }
    assert (row.actor.name, row.source_at) == ("Mika Saari", dt.datetime(2020, 1, 10, 10, tzinfo=dt.UTC))


def test_the_importer_is_not_credited_with_what_others_did(bread: Board, ana: User):
    theirs = Activity.objects.on(bread).filter(source_at__lt=dt.datetime(2021, 1, 1, tzinfo=dt.UTC))
    assert theirs.filter(verb="item.added", actor=None).count() == 4
    assert not theirs.filter(actor=ana).exists()


def test_only_the_boards_making_is_witnessed(bread: Board):
    witnessed = Activity.objects.on(bread).witnessed().order_by("seq")
    assert [row.verb for row in witnessed] == ["board.created", "member.added"]


def test_a_closed_board_comes_in_archived(ana: User):
    board = brought_in(encoded(bakery(closed=True)), ana).board
    assert board.is_archived
    assert verify(board) == []


def test_the_report_tells_what_could_not_come(ana: User):
    report = brought_in(BAKERY.read_bytes(), ana).report
    told = "\n".join(report["problems"])
    for words in (
        "kept by Trello; its card has a link, which dies once Trello deletes the file: card 2: oven.png",
        "A comment without text was left out",
        "card 2 (1 of 3)",
        "The title of a card is cut to 500 characters",
        '"Of a lost card" (1 item)',
    ):
        assert words in told
    assert any("no longer on the Trello board" in note and "Old Hand" in note for note in report["notes"])


def test_no_secret_address_is_kept(bread: Board):
    kept = [
        *ActivityContent.objects.values_list("text", flat=True),
        *bread.cards.values_list("what", flat=True),
    ]
    assert not any("secret+inbound" in text for text in kept)


# --- people over several imports ----------------------------------------------------------------------------


def test_the_same_people_are_not_made_twice(ana: User):
    brought_in(BAKERY.read_bytes(), ana)
    people = User.objects.count()
    brought_in(encoded(bakery(id="5" * 24, name="Second bakery")), ana)
    assert User.objects.count() == people


def test_people_of_one_name_are_two(ana: User):
    User.objects.create_user("noor@example.com", name="Noor Khan", handle="noor")
    brought_in(BAKERY.read_bytes(), ana)
    assert User.objects.filter(name="Noor Khan").count() == 2


def test_an_owner_can_say_who_they_were(ana: User):
    export = parse_export(BAKERY.read_bytes(), "f")
    mika = next(id_ for id_, person in export.people.items() if person.username == "mika")
    board = import_trello_board(export, b"1" * 32, by=ana, myself=mika).board
    assert card(board, "Second").assignee == ana
    assert board.memberships.get(user=ana).role == Role.OWNER
    assert not User.objects.filter(name="Mika Saari").exists()
    assert verify(board) == []


# --- refusals -----------------------------------------------------------------------------------------------


def test_a_newer_export_is_not_merged(ana: User):
    first = brought_in(BAKERY.read_bytes(), ana)
    with pytest.raises(ImportProblem, match=rf"already imported as {first.board.key} on .* not merged"):
        brought_in(encoded(bakery(name="Bakery, newer")), ana)
    assert Board.objects.count() == 1


def test_a_failure_in_the_middle_leaves_nothing(ana: User, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("fluxboard.features.trello.writer.Writer._keep", fail)
    people = User.objects.count()
    with pytest.raises(RuntimeError):
        brought_in(BAKERY.read_bytes(), ana)
    assert (Board.objects.count(), Activity.objects.count(), Import.objects.count()) == (0, 0, 0)
    assert User.objects.count() == people


# --- the command --------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    try:
        call_command("import_trello", *words)
        status = 0
    except SystemExit as ended:
        status = int(ended.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_command_prints_a_report(ana: User, capsys: pytest.CaptureFixture[str]):
    status, out, err = run(capsys, str(BAKERY), "--owner", ana.email)
    assert (status, err) == (0, "")
    assert out.startswith("Bakery is now the board BAK.\n")
    assert "       8  cards\n" in out
    status, again, _ = run(capsys, str(BAKERY), "--owner", ana.email)
    assert status == 0
    assert again.startswith("Imported already, on ")
    assert again.partition("\n")[2] == out


def test_the_command_prints_json(ana: User, capsys: pytest.CaptureFixture[str]):
    _, out, _ = run(capsys, str(BAKERY), "--owner", ana.email, "--json")
    report = json.loads(out)
    expected = {
        "board": "BAK",
        "columns": 4,
        "cards": 8,
        "archived_cards": 2,
        "labels": 5,
        "checklists": 2,
        "checklist_items": 4,
        "comments": 2,
        "people": 4,
        "history": 10,
    }
    assert {name: report[name] for name in expected} == expected
    assert isinstance(report["problems"], list)
    assert run(capsys, str(BAKERY), "--owner", ana.email, "--json")[1] == out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no json", "not JSON"),
        (b'{"id": 1}', "not a Trello board"),
        (BAKERY.read_bytes()[:5000], "cut off"),
        (b"[" * 10_000, "nested more than 64 levels"),
        (None, "100 MB is too large"),
    ],
)
def test_the_command_refuses_in_one_line(
    content: bytes | None, words: str, ana: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "export.json"
    with path.open("wb") as file:
        file.write(content or b"")
        if content is None:
            file.truncate(100_000_000)
    status, out, err = run(capsys, str(path), "--owner", ana.email)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert str(path) in err
    assert words in err
    assert not Board.objects.exists()


def test_an_unknown_owner_is_refused(ana: User, capsys: pytest.CaptureFixture[str]):
    status, _, err = run(capsys, str(BAKERY), "--owner", "nobody@example.com")
    assert status == 2
    assert "--owner nobody@example.com: nobody here has this e-mail address" in err
    status, _, err = run(capsys, str(BAKERY), "--owner", ana.email, "--owner-is", "nobody")
    assert status == 2
    assert "nobody in the file has this username (there are mika, noor_k, oldhand, watcher)" in err


def test_a_cards_beginning_names_the_list_of_that_time(ana: User, client: Any):
    board = brought_in(BAKERY.read_bytes(), ana).board
    row = Activity.objects.about(card(board, "Second")).get(verb="card.created")
    assert row.after["began_in"] == {"name": "To do"}
    client.force_login(ana)
    html = client.get(f"/c/{board.key}-2/?tab=history").content.decode()
    assert "added this to To do" in html
    assert "ticked" in html
    assert "imported" in html


# --- whatever a stranger writes, and whoever comes at the same time -----------------------------------------

IDS = [thing["id"] for key in ("cards", "members", "lists", "labels", "actions") for thing in bakery()[key]]
swapped = st.one_of(junk, st.sampled_from(IDS), st.lists(st.sampled_from(IDS), max_size=3))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), swapped), min_size=1, max_size=4))
@pytest.mark.django_db
def test_what_is_read_is_written_and_can_be_rebuilt(changes: list[tuple[tuple[Any, ...], Any]]):
    data = json.dumps(damaged(changes)).encode()
    try:
        export = parse_export(data, "board.json")
    except ImportProblem:
        return
    promised = loss_counts(export)
    with transaction.atomic():
        owner = User.objects.create_user("owner@example.com", name="Owner")
        outcome = import_trello_board(export, hashlib.sha256(data).digest(), by=owner)
        assert verify(outcome.board) == []
        assert {name: outcome.report[name] for name in promised} == promised
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_the_same_file_from_four_at_once_is_one_board():
    owner = User.objects.create_user("ana@example.com", name="Ana Duarte")
    data = BAKERY.read_bytes()

    def once(_: int) -> bool:
        try:
            return brought_in(data, owner).is_new
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(once, range(4)))
    assert sorted(made) == [False, False, False, True]
    assert Board.objects.count() == 1
    assert verify(Board.objects.get()) == []
