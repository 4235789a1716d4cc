"""Changes are folded to what they mean."""

from __future__ import annotations

import datetime as dt

import pytest

from activity.feed.line import LineReader
from activity.feed.load import tell_in_public
from activity.feed.progress import progress_of
from activity.feed.summary import fold_topics, unfold
from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.models import Role
from boards.undo.engine import undo_change
from comments.actions import edit_comment, post_comment, remove_comment, restore_comment
from comments.decisions import record_decision
from comments.questions import ask_question
from tests.cast import NOW, person


@pytest.fixture
def told(card, ana):
    """What happened to the card after it was made, as Ana reads it."""
    first = Activity.objects.latest("id").pk

    def told(reader=ana, unfolded=False):
        rows = Activity.objects.filter(card=card, id__gt=first).select_related("actor", "board", "card")
        facts = tell_in_public(rows.order_by("id"))
        to = LineReader(str(reader.uid), dt.date(2026, 10, 15))
        return unfold(facts, to) if unfolded else fold_topics(facts, to, progress_of(facts))

    return told


def said(lines):
    """Each line as it reads."""
    words = []
    for line in lines:
        change = " → ".join(filter(None, [line.was, line.now or (line.strong if line.was else "")]))
        edit = " → ".join(filter(None, [line.before, line.after]))
        strong = "" if line.was else line.strong
        parts = [line.mark + line.words, change, edit, strong, line.said]
        words.append(" ".join(part.strip() for part in parts if part.strip()) + line.rest)
    return words


@pytest.fixture
def items(card, ana):
    checklist = act.add_checklist(card, "Steps", by=ana)
    items = act.add_items(checklist, "\n".join(f"step {n}" for n in range(10)), by=ana)
    for item in items[:4]:
        act.check_item(item, by=ana)
    return items


def undo_last(board, person):
    return undo_change(board, Activity.objects.on(board).latest("seq").seq, by=person)


def test_a_change_and_its_undo_are_nothing_and_done_again_it_is_there(told, board, card, ana):
    act.block_card(card, "Waits for the bank", by=ana)
    undo_last(board, ana)
    assert said(told()) == []
    assert said(told(unfolded=True))[1].startswith("Undid: blocked")
    undo_last(board, ana)
    assert said(told()) == ["Blocked: Waits for the bank"]
    undo_last(board, ana)
    assert said(told()) == []


def test_the_undo_of_an_earlier_day_is_the_change_back(told, board, card, doing, ana, kenji):
    act.move_card(card, to=doing, by=kenji)
    first = Activity.objects.on(board).latest("seq")
    undo_last(board, ana)
    rows = Activity.objects.filter(card=card, id__gt=first.pk).select_related("actor", "board", "card")
    lines = fold_topics(tell_in_public(rows), LineReader(str(ana.uid), dt.date(2026, 10, 15)))
    assert said(lines) == ["Moved In progress → Ready"]


def test_three_ticks_are_one_line_with_the_count(items, told, kenji):
    for item in items[4:7]:
        act.check_item(item, by=kenji)
    assert said(told()) == ["Ticked 3 items, 4 → 7 of 10"]


def test_the_count_is_that_of_the_moment_not_of_now(items, card, ana, kenji):
    last = Activity.objects.latest("id").pk
    for item in items[4:7]:
        act.check_item(item, by=kenji)
    upto = Activity.objects.latest("id").pk
    act.check_item(items[7], by=ana)
    act.remove_item(items[9], by=ana)
    rows = Activity.objects.filter(id__gt=last, id__lte=upto).select_related("actor", "board", "card")
    card.refresh_from_db()
    facts = tell_in_public(rows.order_by("id"))
    [line] = fold_topics(facts, LineReader("", dt.date(2026, 10, 15)), progress_of(facts))
    assert said([line]) == ["Ticked 3 items, 4 → 7 of 10"]


def test_the_last_ticks_say_so(items, card, kenji):
    last = Activity.objects.latest("id").pk
    for item in items[4:]:
        act.check_item(item, by=kenji)
    rows = Activity.objects.filter(id__gt=last).select_related("actor", "board", "card")
    facts = tell_in_public(rows.order_by("id"))
    [line] = fold_topics(facts, LineReader("", dt.date(2026, 10, 15)), progress_of(facts))
    assert (said([line]), line.tone) == (["Ticked the last 6 items, now 10 of 10"], "done")


def test_a_tick_taken_back_is_nothing(items, told, kenji):
    before = said(told())
    act.check_item(items[5], by=kenji)
    act.uncheck_item(items[5], by=kenji)
    assert said(told()) == before


def test_a_card_moved_there_and_back_disappears(card, ready, doing, told, kenji):
    act.move_card(card, to=doing, by=kenji)
    act.move_card(card, to=ready, by=kenji)
    assert told() == []
    assert len(told(unfolded=True)) == 2


def test_a_move_says_where_it_began_and_where_it_ended(board, card, doing, told, kenji):
    done = board.columns.in_board_order()[2]
    act.move_card(card, to=doing, by=kenji)
    act.move_card(card, to=done, by=kenji)
    [line] = told()
    assert (line.words, line.was, line.now, line.kind) == ("Moved", "Ready", "Done", "moved")


def test_title_edits_show_the_first_and_the_last(card, told, kenji):
    before = card.title
    act.retitle_card(card, "Half way", by=kenji)
    act.retitle_card(card, "Order history is cut at page 5", by=kenji)
    [line] = told()
    assert (line.before, line.after) == (before, "Order history is cut at page 5")


def test_comments_are_counted_and_the_last_is_quoted(card, told, kenji):
    for text in ("One", "Two", "Three"):
        post_comment(card, text, by=kenji)
    assert said(told()) == ["3 comments: Three"]


def test_an_edited_comment_is_quoted_as_it_reads_now(card, told, kenji):
    comment = post_comment(card, "Tow", by=kenji)
    edit_comment(comment, "Two", by=kenji)
    assert said(told()) == ["Commented: Two"]


def test_a_removed_comment_is_never_quoted(card, told, kenji):
    comment = post_comment(card, "the password is swordfish", by=kenji)
    remove_comment(comment, by=kenji)
    assert told() == []
    assert "swordfish" not in str(said(told(unfolded=True)))


def test_a_question_names_whom_it_waits_for(card, told, ana, kenji):
    ask_question(card, "Page 1 or the nearest?", [ana], by=kenji)
    assert said(told()) == ["Asked you: Page 1 or the nearest?"]
    assert said(told(reader=kenji)) == ["Asked Ana: Page 1 or the nearest?"]


def test_a_decision_has_its_number(card, told, kenji):
    record_decision(card, "Page by cursor.", by=kenji)
    [line] = told()
    assert (said([line]), line.kind) == (["Decided D-1 Page by cursor."], "decisions")


def test_a_block_that_was_lifted_again_is_nothing(card, told, kenji):
    act.block_card(card, "No API yet", by=kenji)
    act.unblock_card(card, by=kenji)
    assert told() == []


def test_a_block_says_why_and_whom_it_waits_for(card, told, kenji, ana):
    act.block_card(card, "The reserve API is missing", person=ana, by=kenji)
    [line] = told()
    assert said([line]) == ["Blocked, waiting on Ana: The reserve API is missing"]
    assert line.kind == "blocked"


def test_a_label_put_on_and_taken_off_is_nothing(board, card, told, kenji, ana):
    bug, copy = (act.create_label(board, name, 1, by=ana) for name in ("bug", "copy"))
    for label in (bug, copy):
        act.label_card(card, label, by=kenji)
    act.unlabel_card(card, bug, by=kenji)
    assert said(told()) == ["Labelled copy"]


def test_a_new_card_is_told_by_the_title_that_it_has_now(ready, kenji, ana):
    card = act.create_card(ready, "Ordr", by=kenji)
    act.retitle_card(card, "Order", by=kenji)
    rows = Activity.objects.filter(card=card).select_related("actor", "board", "card").order_by("id")
    assert said(fold_topics(tell_in_public(rows), LineReader("", dt.date(2026, 10, 15)))) == [
        "Created in Ready"
    ]


def test_what_somebody_takes_or_gives_away(card, told, kenji, ana):
    act.assign_card(card, kenji, by=kenji)
    assert said(told()) == ["Took it"]
    act.assign_card(card, ana, by=kenji)
    assert said(told()) == ["Assigned to you"]
    assert said(told(reader=kenji)) == ["Assigned to Ana Duarte"]


def test_somebody_who_joins_brings_nobody_in(board, card, told, kenji, ana, sam):
    act.join_card(card, kenji, by=kenji)
    assert said(told()) == ["Joined"]
    act.join_card(card, ana, by=kenji)
    assert said(told()) == ["Added Kenji Mori, Ana Duarte to the card"]
    lena = person("lena")
    act.add_member(board, sam, Role.MEMBER, by=By(sam, via="admin"))
    act.add_member(board, lena, Role.MEMBER, by=ana)
    rows = Activity.objects.on(board).select_related("actor", "board", "card").order_by("-id")[:2]
    joined, brought = (
        said(fold_topics(tell_in_public([row]), LineReader("", NOW.date()))) for row in rows[::-1]
    )
    assert (joined, brought) == (["Joined"], ["Added Lena to the board"])


def test_somebody_who_leaves_takes_nobody_off(board, card, kenji, ana):
    act.join_card(card, kenji, by=ana)
    act.leave_card(card, kenji, by=kenji)
    rows = Activity.objects.filter(card=card).select_related("actor", "board", "card").order_by("-id")[:1]
    assert said(fold_topics(tell_in_public(rows), LineReader("", NOW.date()))) == ["Left"]


def test_what_goes_and_comes_back_is_no_line(items, card, told, kenji, ana):
    said_before = post_comment(card, "Green", by=kenji)
    before = len(said(told()))
    act.remove_item(items[0], by=kenji)
    act.restore_item(items[0], by=kenji)
    remove_comment(said_before, by=kenji)
    restore_comment(said_before, by=kenji)
    assert len(said(told())) == before
    assert said(told())[0] == "Commented: Green"


def test_a_restored_item_counts_in_the_progress_before_it(items, card, told, ana):
    act.remove_item(items[0], by=ana)
    last = Activity.objects.latest("id").pk
    act.check_item(items[5], by=ana)
    upto = Activity.objects.latest("id").pk
    act.restore_item(items[0], by=ana)
    rows = Activity.objects.filter(id__gt=last, id__lte=upto).select_related("actor", "board", "card")
    card.refresh_from_db()
    facts = tell_in_public(rows.order_by("id"))
    [line] = fold_topics(facts, LineReader("", dt.date(2026, 10, 15)), progress_of(facts))
    assert said([line]) == ["Ticked 1 item, 3 → 4 of 9"]


def test_what_only_comes_back_is_told(card, kenji):
    comment = post_comment(card, "Green", by=kenji)
    remove_comment(comment, by=kenji)
    last = Activity.objects.latest("id").pk
    restore_comment(comment, by=kenji)
    rows = Activity.objects.filter(id__gt=last).select_related("actor", "board", "card")
    assert said(fold_topics(tell_in_public(rows), LineReader("", dt.date(2026, 10, 15)))) == [
        "Restored a comment: Green"
    ]
