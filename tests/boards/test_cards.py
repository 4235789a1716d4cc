"""What happens to cards, and what the log keeps of it."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from activity.errors import Clash, Forbidden, Refused, RequestReused
from activity.log.record import By
from activity.models import Activity, Frame
from boards.actions import (
    archive_card,
    archive_column,
    assign_card,
    block_card,
    create_card,
    create_cards,
    date_card,
    limit_column,
    move_card,
    restore_card,
    restore_column,
    retitle_card,
    specify_card,
    transfer_card,
)
from boards.actions.facts import text_of
from boards.models import Card


def order(column):
    return [card.title for card in Card.objects.filter(column=column, archived_at=None).in_board_order()]


def last(board):
    return Activity.objects.on(board).latest("seq")


def test_a_new_card_is_in_the_log_whole(card, board, ana):
    activity = last(board)
    assert activity.verb == "card.created"
    assert activity.actor == ana
    assert text_of(activity.after["title"]) == "Order history returns no rows past page 5"
    assert activity.after["column"]["name"] == "Ready"
    assert activity.after["number"] == 1
    assert card.key == "FLX-1"


def test_a_title_changes_with_before_and_after(card, board, kenji):
    retitle_card(card, "  Order history\tis empty ", by=kenji)
    activity = last(board)
    assert text_of(activity.before["title"]) == "Order history returns no rows past page 5"
    assert text_of(activity.after["title"]) == "Order history is empty"
    assert Card.objects.get().title == "Order history is empty"


def test_the_same_title_again_is_no_change(card, board, ana):
    before = last(board).seq
    retitle_card(card, card.title, by=ana)
    assert last(board).seq == before
    board.refresh_from_db()
    assert board.seq == before


def test_an_empty_title_is_refused_and_nothing_is_left(card, board, ana):
    before = last(board).seq
    with pytest.raises(Refused) as refusal:
        retitle_card(card, "   ", by=ana)
    assert refusal.value.field == "title"
    assert last(board).seq == before


def test_a_viewer_changes_nothing(card, board, priya, doing):
    before = last(board).seq
    with pytest.raises(Forbidden):
        move_card(card, to=doing, by=priya)
    assert last(board).seq == before


def test_a_stranger_changes_nothing(card, sam):
    with pytest.raises(Forbidden):
        retitle_card(card, "Mine now", by=sam)


def test_a_stale_title_is_a_clash_with_both_texts(card, board, ana, kenji):
    seen = card.version
    retitle_card(card, "Theirs", by=kenji, seen=seen)
    with pytest.raises(Clash) as clash:
        retitle_card(card, "Yours", by=ana, seen=seen)
    difference = clash.value.differences[0]
    assert (difference.base, difference.theirs, difference.yours) == (
        "Order history returns no rows past page 5",
        "Theirs",
        "Yours",
    )
    assert difference.by == kenji
    assert Card.objects.get().title == "Theirs"


def test_different_fields_both_win(card, ana, kenji):
    seen = card.version
    retitle_card(card, "A new title", by=kenji, seen=seen)
    specify_card(card, "why", "Support cannot see old orders.", by=ana, seen=seen)
    now = Card.objects.get()
    assert (now.title, now.why) == ("A new title", "Support cannot see old orders.")


def test_long_texts_merge_by_line(card, ana, kenji):
    card = specify_card(card, "what", "one\ntwo\nthree\nfour\nfive", by=ana)
    seen = card.version
    specify_card(card, "what", "ONE\ntwo\nthree\nfour\nfive", by=kenji, seen=seen)
    specify_card(card, "what", "one\ntwo\nthree\nfour\nFIVE", by=ana, seen=seen)
    assert Card.objects.get().what == "ONE\ntwo\nthree\nfour\nFIVE"


def test_the_same_line_twice_is_a_clash(card, ana, kenji):
    card = specify_card(card, "what", "one\ntwo", by=ana)
    specify_card(card, "what", "one\nTWO", by=kenji, seen=card.version)
    with pytest.raises(Clash):
        specify_card(card, "what", "one\nzwei", by=ana, seen=card.version)


def test_pasted_lines_become_cards_in_order(ready, board, ana):
    request = By(ana, request_id=uuid.uuid4())
    cards = create_cards(ready, "- First\n\n* Second\r\nThird", by=request)
    assert [card.title for card in cards] == ["First", "Second", "Third"]
    assert order(ready) == ["First", "Second", "Third"]
    activities = list(Activity.objects.filter(request_id=request.request_id).order_by("seq"))
    assert [activity.seq for activity in activities] == list(range(activities[0].seq, activities[0].seq + 3))


def test_cards_move_next_to_their_neighbour(ready, doing, ana):
    one, _, three = create_cards(ready, "one\ntwo\nthree", by=ana)
    move_card(three, before=one, by=ana)
    assert order(ready) == ["three", "one", "two"]
    move_card(three, after=one, by=ana)
    assert order(ready) == ["one", "three", "two"]
    move_card(one, to=doing, by=ana)
    assert (order(ready), order(doing)) == (["three", "two"], ["one"])


def test_a_neighbour_that_has_gone_means_the_end(ready, doing, ana):
    one, two, _ = create_cards(ready, "one\ntwo\nthree", by=ana)
    move_card(two, to=doing, by=ana)
    move_card(one, before=two, by=ana)
    assert order(ready) == ["three", "one"]


def test_a_card_dropped_where_it_stands_is_no_move(ready, board, ana):
    one, two = create_cards(ready, "one\ntwo", by=ana)
    before = last(board).seq
    move_card(two, after=one, by=ana)
    move_card(one, before=two, by=ana)
    assert last(board).seq == before


def test_a_full_column_turns_the_card_away(board, card, doing, ana):
    from boards.actions import configure_board

    configure_board(board, by=ana, wip_rule="refuse")
    limit_column(doing, 1, by=ana)
    create_card(doing, "The one", by=ana)
    with pytest.raises(Refused, match="In progress is full"):
        move_card(card, to=doing, by=ana)


def test_the_same_request_twice_is_one_activity(card, board, ana):
    by = By(ana, request_id=uuid.uuid4(), fingerprint=b"a" * 32)
    first = retitle_card(card, "Once", by=by)
    count = Activity.objects.count()
    again = retitle_card(card, "Once", by=by)
    assert (again.pk, again.title) == (first.pk, "Once")
    assert Activity.objects.count() == count


def test_the_same_request_with_another_body_is_refused(card, ana):
    request_id = uuid.uuid4()
    retitle_card(card, "Once", by=By(ana, request_id=request_id, fingerprint=b"a" * 32))
    with pytest.raises(RequestReused):
        retitle_card(card, "Twice", by=By(ana, request_id=request_id, fingerprint=b"b" * 32))


def test_a_card_is_given_only_to_people_of_the_board(card, ana, kenji, sam):
    assert assign_card(card, kenji, by=ana).assignee == kenji
    with pytest.raises(Refused, match="not on this board"):
        assign_card(card, sam, by=ana)
    assert assign_card(card, None, by=ana).assignee is None


def test_two_owners_at_once_are_a_clash(card, ana, kenji):
    seen = card.version
    assign_card(card, kenji, by=kenji, seen=seen)
    with pytest.raises(Clash):
        assign_card(card, ana, by=ana, seen=seen)


def test_a_due_date_is_a_date(card, board, ana):
    date_card(card, dt.date(2026, 3, 12), by=ana)
    assert last(board).after == {"due": "2026-03-12"}
    assert Card.objects.get().due == dt.date(2026, 3, 12)


def test_a_block_says_why_and_by_whom(card, board, ana, kenji):
    blocked = block_card(card, "Needs the reserve API", person=kenji, by=ana)
    assert blocked.is_blocked
    assert last(board).after["person"]["name"] == "Kenji Mori"


def test_an_archived_card_comes_back_to_its_place(ready, ana):
    _, two, _ = create_cards(ready, "one\ntwo\nthree", by=ana)
    archive_card(two, by=ana)
    assert order(ready) == ["one", "three"]
    with pytest.raises(Refused, match="archived"):
        retitle_card(two, "nope", by=ana)
    restore_card(two, by=ana)
    assert order(ready) == ["one", "two", "three"]


def test_a_column_is_archived_and_restored_with_its_cards(ready, board, ana):
    one, _ = create_cards(ready, "one\ntwo", by=ana)
    archive_card(one, by=ana)
    archive_column(ready, by=ana)
    assert list(Activity.objects.on(board).order_by("-seq").values_list("verb", flat=True)[:2]) == [
        "column.archived",
        "card.archived",
    ]
    restore_column(ready, by=ana)
    assert order(ready) == ["two"]


def test_a_card_moves_to_another_board_with_its_history(card, ana, kenji):
    from boards.actions import create_board

    other = create_board("Mobile app", by=ana, key="MOB", starter=False)
    column = other.columns.in_board_order()[0]
    with pytest.raises(Forbidden):
        transfer_card(card, to=column, by=kenji)
    moved = transfer_card(card, to=column, by=ana)
    assert moved.key == "MOB-1"
    assert [a.verb for a in Activity.objects.about(moved)] == [
        "card.created",
        "card.transferred",
        "card.transferred",
    ]


def test_every_activity_has_a_frame_and_a_link_in_the_chain(card, board, ana, kenji):
    retitle_card(card, "Another", by=kenji)
    activities = list(Activity.objects.on(board).order_by("seq"))
    assert [a.seq for a in activities] == list(range(1, len(activities) + 1))
    assert list(Frame.objects.filter(board=board).order_by("seq").values_list("seq", flat=True)) == [
        a.seq for a in activities
    ]
    previous = bytes(32)
    for activity in activities:
        assert bytes(activity.previous_hash) == previous
        previous = bytes(activity.hash)
