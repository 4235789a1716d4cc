"""A card's history: who, when on the reader's clock, which field, from what to what."""

import datetime as dt
import re

import pytest

from activity.feed.sentences import text_change
from activity.log.record import By
from activity.models import Activity
from boards import actions
from comments.actions import edit_comment, post_comment, remove_comment

HISTORY = "/c/FLX-1/?tab=history"


def entries(html):
    found = re.findall(r'<li class="event.*?</li>', html, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>", "", entry)).strip() for entry in found]


def words(entry):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", entry)).strip()


def newest(visitor):
    return entries(visitor.get(HISTORY).html)[0]


@pytest.fixture
def anas(visit, ana):
    return visit(ana)


def test_each_entry_names_its_activity(card, board, anas, kenji):
    actions.retitle_card(card, "New", by=kenji)
    board.refresh_from_db()
    first, second = entries(anas.get(HISTORY).html)
    assert f'data-activity="FLX:{board.seq}" data-verb="card.retitled"' in first
    assert 'data-verb="card.created"' in second
    assert "Ana Duarte added this to Ready" in words(second)


def test_a_title_is_told_word_by_word(card, anas, kenji):
    actions.retitle_card(card, "Show tax after the last step", by=kenji)
    entry = newest(anas)
    assert "Kenji Mori renamed this" in words(entry)
    assert "Show tax <del>before</del><ins>after</ins> the last step" in entry


def test_a_move_is_told_with_the_columns_names_of_that_day(card, board, anas, ana, kenji):
    ready, doing = board.columns.in_board_order()[:2]
    actions.move_card(card, to=doing, by=kenji)
    actions.rename_column(ready, "Later", by=ana)
    entry = newest(anas)
    assert '<del dir="auto">Ready</del>' in entry and f'<ins dir="auto">{doing.name}</ins>' in entry
    assert "Column" in words(entry)


def test_a_move_within_a_column_says_so(card, anas, ana):
    other = actions.create_card(card.column, "Other", by=ana)
    actions.move_card(card, after=other, by=ana)
    assert "Ana Duarte moved this within Ready" in words(newest(anas))


def test_assignee_due_label_and_participant(card, board, anas, ana, kenji):
    actions.assign_card(card, kenji, by=ana)
    assert '<del dir="auto">Nobody</del> <span' in newest(anas) or '<del dir="auto">Nobody</del>' in newest(
        anas
    )
    assert '<ins dir="auto">Kenji Mori</ins>' in newest(anas)
    actions.date_card(card, dt.date(2031, 10, 23), by=ana)
    assert '<ins dir="auto">Thu 23 Oct 2031</ins>' in newest(anas)
    actions.label_card(card, actions.create_label(board, "bug", 1, by=ana), by=ana)
    assert '<ins dir="auto">bug</ins>' in newest(anas)
    actions.join_card(card, ana, by=ana)
    actions.leave_card(card, ana, by=ana)
    assert '<del dir="auto">Ana Duarte</del>' in newest(anas)


def test_a_block_says_what_it_waits_for(card, anas, ana, kenji):
    actions.block_card(card, "Needs the API", person=kenji, by=ana)
    assert "blocked this, waiting for Kenji Mori" in words(newest(anas))
    assert "Needs the API" in newest(anas)


def test_checklists(card, anas, ana, kenji):
    checklist = actions.add_checklist(card, "Steps", by=ana)
    item = actions.add_items(checklist, "Write it down", by=ana)[0]
    assert "Ana Duarte added an item" in words(newest(anas))
    actions.check_item(item, by=kenji)
    assert "Kenji Mori ticked an item" in words(newest(anas))
    assert "Write it down" in newest(anas)
    actions.reword_item(item, "Write it up", by=ana)
    assert "Write it <del>down</del><ins>up</ins>" in newest(anas)
    actions.promote_item(item, by=ana)
    assert "turned an item into a card" in words(newest(anas))


def test_long_texts_show_the_changed_paragraphs_and_offer_the_whole(card, anas, ana):
    lines = [f"Paragraph {number} stays as it is." for number in range(20)]
    actions.specify_card(card, "what", "\n".join(lines), by=ana)
    lines[9] = "Paragraph 9 is other."
    actions.specify_card(card, "what", "\n".join(lines), by=ana)
    entry = newest(anas)
    folded, whole = entry.split("Show whole")
    assert "Paragraph 3" not in folded and "Paragraph 3" in whole
    assert "What" in words(entry)


def test_texts_of_people_are_escaped(card, anas, kenji):
    actions.retitle_card(card, "<script>alert(1)</script>", by=kenji)
    post_comment(card, "<img src=x onerror=alert(1)>", by=kenji)
    html = anas.get(HISTORY).html
    assert "<script>alert" not in html and "<img" not in html


def test_times_are_on_the_readers_clock(board, visit, ana, kenji):
    at = dt.datetime.now(dt.UTC).replace(hour=1, minute=5, second=0) - dt.timedelta(days=1)
    actions.create_card(board.columns.first(), "Early", by=By(kenji, now=at))
    tokyo, lisbon = (re.search(r'title="([^"]+)"', newest(visit(reader)))[1] for reader in (kenji, ana))
    assert tokyo.endswith("10:05")
    assert lisbon.endswith(("01:05", "02:05"))


def test_what_a_removed_comment_said_is_for_owners(card, visit, ana, kenji, priya):
    comment = post_comment(card, "A secret by mistake", by=kenji)
    edit_comment(comment, "A secret by mistake, again", by=kenji)
    remove_comment(comment, by=kenji)
    for reader, sees in ((ana, True), (kenji, False), (priya, False)):
        html = visit(reader).get(HISTORY).html
        assert ("A secret by mistake" in html) is sees, reader
        assert 'data-verb="comment.removed"' in html


def test_history_comes_in_pages_of_fifty(card, anas, ana):
    for number in range(60):
        actions.retitle_card(card, f"Title {number}", by=ana)
    page = anas.get(HISTORY)
    assert len(entries(page.html)) == 50
    earlier = re.search(r'href="(/c/FLX-1/history/\?before=\d+)"', page.html)[1]
    rest = anas.get(earlier, **{"HX-Request": "true"})
    assert len(entries(rest.html)) == 11
    assert "Show earlier" not in rest.html
    seqs = [
        entry.partition('data-activity="FLX:')[2].partition('"')[0]
        for entry in entries(page.html + rest.html)
    ]
    assert [int(seq) for seq in seqs] == sorted(map(int, seqs), reverse=True)
    assert len(set(seqs)) == Activity.objects.filter(card=card).count()


def test_history_comes_along_to_another_board(card, kenji, visit, ana):
    other = actions.create_board("Elsewhere", by=kenji, key="ELSE", columns=["Next"], starter=False)
    actions.transfer_card(card, to=other.columns.get(), by=kenji)
    html = visit(kenji).get("/c/ELSE-1/?tab=history").html
    assert 'data-verb="card.created"' in html
    assert len(re.findall(r'<li [^>]*data-verb="card.transferred"', html)) == 2


def test_a_text_rewritten_from_end_to_end_is_compared_quickly():
    import time

    old, new = (" ".join(f"{word}{number % 97}" for number in range(3000)) for word in ("old", "new"))
    started = time.thread_time()
    text_change(old, new)
    assert time.thread_time() - started < 1


def test_imported_history_is_marked_and_has_its_own_time(card, board, anas, ana):
    from activity.log.transaction import change
    from boards.rendering.fragments import frames

    then = dt.datetime(2017, 10, 5, 12, tzinfo=dt.UTC)
    facts = {
        "type": "updateCard",
        "sentence": "renamed this",
        "field": "Title",
        "before": "Old",
        "after": "New",
    }
    with change(By(ana, via="import"), board.pk, render=frames) as (log,):
        log.record("history.imported", card, card=card, after=facts, source_at=then)
    entry = newest(anas)
    assert "Ana Duarte renamed this Thu 5 Oct 2017 · imported Title Old became New" in words(entry)
