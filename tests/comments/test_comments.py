"""Comments: said once, edited by their author, removed with a mark, never lost from the log."""

import datetime as dt

import pytest

from activity.errors import Clash, Forbidden, Refused
from activity.log.record import By
from activity.models import Activity, ActivityContent
from boards.actions import create_card
from boards.models import Card
from comments.actions import edit_comment, post_comment, remove_comment
from comments.models import Comment


@pytest.fixture
def kenjis(visit, kenji):
    return visit(kenji)


def verbs(card):
    return list(Activity.objects.filter(card=card).order_by("id").values_list("verb", flat=True))


def test_a_comment_is_said_in_the_log_and_counted(card, kenji):
    comment = post_comment(card, "Looks right to me.\r\nShip it.", by=kenji)
    entry = Activity.objects.get(subject=comment.uid)
    text = ActivityContent.objects.get(digest=entry.after["text"]["text"]).text
    assert (entry.verb, text) == ("comment.posted", "Looks right to me.\nShip it.")
    assert entry.after["author"]["name"] == "Kenji Mori"
    assert Card.objects.get(pk=card.pk).comments_count == 1


def test_a_reply_to_a_reply_goes_to_its_thread(card, ana, kenji):
    top = post_comment(card, "Do we need totals?", by=ana)
    reply = post_comment(card, "No.", by=kenji, parent=top)
    deeper = post_comment(card, "Good.", by=ana, parent=reply)
    assert (reply.parent, deeper.parent) == (top, top)


def test_a_reply_needs_a_comment_of_the_same_card_that_is_still_there(card, ana):
    other = create_card(card.column, "Another", by=ana)
    elsewhere = post_comment(other, "Here", by=ana)
    with pytest.raises(Refused):
        post_comment(card, "There", by=ana, parent=elsewhere)
    gone = remove_comment(post_comment(card, "Oops", by=ana), by=ana)
    with pytest.raises(Refused):
        post_comment(card, "Why?", by=ana, parent=gone)


@pytest.mark.parametrize("text", ["", " \n\t ", "\0", "x" * 20_001])
def test_nothing_and_too_much_are_refused(card, kenji, text):
    with pytest.raises(Refused) as refusal:
        post_comment(card, text, by=kenji)
    assert refusal.value.field == "text"
    assert verbs(card) == ["card.created"]


def test_members_are_mentioned_and_strangers_are_not(card, kenji, ana, sam):
    comment = post_comment(card, "@ana @sam `@priya` @kenji", by=kenji)
    assert set(comment.mentions.all()) == {ana, kenji}
    assert [person["name"] for person in Activity.objects.get(subject=comment.uid).after["mentions"]] == [
        "Ana Duarte",
        "Kenji Mori",
    ]
    assert list(edit_comment(comment, "@priya", by=kenji).mentions.values_list("handle", flat=True)) == [
        "priya"
    ]


def test_only_the_author_edits_and_what_it_said_stays_in_the_log(card, ana, kenji):
    comment = post_comment(card, "teh", by=kenji)
    with pytest.raises(Forbidden):
        edit_comment(comment, "the", by=ana)
    later = By(kenji, now=dt.datetime(2031, 1, 1, tzinfo=dt.UTC))
    edited = edit_comment(comment, "the", by=later)
    assert (edited.text, edited.edited_at) == ("the", later.now)
    entry = Activity.objects.get(verb="comment.edited")
    assert ActivityContent.objects.get(digest=entry.before["text"]["text"]).text == "teh"


def test_two_edits_of_one_comment_merge_by_line_or_clash(card, kenji):
    comment = post_comment(card, "one\ntwo\nthree", by=kenji)
    seen = comment.version
    edit_comment(comment, "ONE\ntwo\nthree", by=kenji, seen=seen)
    assert edit_comment(comment, "one\ntwo\nTHREE", by=kenji, seen=seen).text == "ONE\ntwo\nTHREE"
    with pytest.raises(Clash) as clash:
        edit_comment(comment, "uno\ntwo\nthree", by=kenji, seen=seen)
    assert clash.value.differences[0].base == "one\ntwo\nthree"


def test_authors_and_owners_remove_and_others_do_not(card, board, ana, kenji):
    anas, kenjis = (post_comment(card, "Mine", by=person) for person in (ana, kenji))
    with pytest.raises(Forbidden):
        remove_comment(anas, by=kenji)
    gone = remove_comment(kenjis, by=ana)
    assert (gone.text, gone.removed_by) == ("", ana)
    assert Card.objects.get(pk=card.pk).comments_count == 1
    with pytest.raises(Refused):
        edit_comment(gone, "Back", by=kenji)
    with pytest.raises(Refused):
        remove_comment(gone, by=ana)


def test_comment_reply_edit_and_remove_from_the_page(card, kenjis):
    page = kenjis.get("/c/FLX-1/")
    composer = next(form for form in page.all("comment.posted") if "parent" not in form.fields)
    page = kenjis.follow(kenjis.send(composer, text="First thing"))
    comment = Comment.objects.get()
    page = kenjis.follow(kenjis.send(page.form("comment.posted", parent=str(comment.pk)), text="A reply"))
    reply = Comment.objects.get(parent=comment)
    edit = next(form for form in page.all("comment.edited") if f"/comments/{comment.pk}/" in form.action)
    page = kenjis.follow(kenjis.send(edit, text="First thing, *better*"))
    assert "First thing, <em>better</em>" in page.html
    assert '<span class="aside">edited</span>' in page.html
    remove = next(form for form in page.all("comment.removed") if f"/comments/{reply.pk}/" in form.action)
    page = kenjis.follow(kenjis.send(remove))
    assert "Comment removed by <bdi>Kenji Mori</bdi>" in page.html
    assert "A reply" not in page.html
    assert verbs(card)[1:] == ["comment.posted", "comment.posted", "comment.edited", "comment.removed"]


def test_the_answer_goes_to_the_comment(card, kenjis):
    sent = kenjis.send(kenjis.get("/c/FLX-1/").form("comment.posted"), text="Here")
    assert sent.response["Location"] == f"/c/FLX-1/#c-{Comment.objects.get().pk}"


def test_an_empty_comment_comes_back_with_its_message(card, kenjis):
    refused = kenjis.send(kenjis.get("/c/FLX-1/").form("comment.posted"), text="  ")
    assert refused.status == 422
    assert "A comment can&#x27;t be empty." in refused.html


def test_a_refused_reply_keeps_its_text_and_its_place(card, kenjis, ana, kenji):
    top = post_comment(card, "Question", by=ana)
    form = kenjis.get("/c/FLX-1/").form("comment.posted", parent=str(top.pk))
    remove_comment(top, by=ana)
    refused = kenjis.send(form, text="My long answer")
    assert refused.status == 422
    again = refused.form("comment.posted")
    assert (again.fields["text"].strip(), again.fields["parent"]) == ("My long answer", str(top.pk))


def test_questions_and_decisions_are_not_taken_here(card, kenjis):
    form = kenjis.get("/c/FLX-1/").form("comment.posted")
    assert kenjis.send(form, text="Which?", kind="question").status == 422
    assert not Comment.objects.exists()


def test_only_ones_own_comments_offer_to_be_edited(card, visit, ana, kenji):
    post_comment(card, "By Ana", by=ana)
    mine = post_comment(card, "By Kenji", by=kenji)
    page = visit(kenji).get("/c/FLX-1/")
    assert f"/comments/{mine.pk}/" in page.form("comment.edited").action
    assert len(page.all("comment.removed")) == 1
    assert len(visit(ana).get("/c/FLX-1/").all("comment.removed")) == 2  # she owns the board


def test_a_long_thread_shows_its_last_hundred_and_a_way_to_the_rest(card, visit, kenji):
    for number in range(103):
        post_comment(card, f"Number {number}", by=kenji)
    page = visit(kenji).get("/c/FLX-1/")
    assert page.html.count("data-comment=") == 100
    assert "Show 3 earlier comments" in page.html
    assert visit(kenji).get("/c/FLX-1/?comments=all").html.count("data-comment=") == 103


def test_the_hour_at_the_authors_place_when_it_is_far(card, visit, ana, kenji):
    post_comment(card, "Good night", by=By(kenji))
    assert " in Tokyo</span>" in visit(ana).get("/c/FLX-1/").html
    assert " in Tokyo</span>" not in visit(kenji).get("/c/FLX-1/").html
