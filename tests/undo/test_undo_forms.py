"""Undo by its form, without scripts: who may, what it asks, and that it is done once."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any

import pytest
from django.test import Client

from activity.log.record import By
from activity.log.replay.state import ERASED
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card, Role
from boards.undo.rights import why_not
from comments.actions import edit_comment, post_comment, remove_comment
from comments.decisions import agree, record_decision
from comments.outcomes import record_answer
from comments.questions import ask_question, hand_on
from tests import cast
from tests.board_export.files import taken_back
from tests.contracts.markup import change_forms, parse


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def newest(board: Board, verb: str) -> Activity:
    return Activity.objects.on(board).filter(verb=verb).latest("seq")


def address(activity: Activity) -> str:
    return f"/b/{activity.board.key}/undo/{activity.seq}/"


def send(client: Client, activity: Activity, **data: Any) -> Any:
    return client.post(address(activity), {"request_id": str(uuid.uuid4()), **data})


@pytest.fixture
def retitled(board, card, kenji):
    """A card that Kenji gave another title."""
    act.retitle_card(card, "Order history is empty", by=kenji)
    return newest(board, "card.retitled")


def test_the_form_says_what_it_takes_back_and_leads_to_the_history(retitled, card, ana):
    client = client_of(ana)
    page = client.get(address(retitled))
    assert "renamed this" in page.content.decode()
    (form,) = [form for form in change_forms(parse(page.content.decode())) if form.verb == "change.undone"]
    answer = client.post(form.action, {control.name: control.value for control in form.controls})
    assert (answer.status_code, answer["Location"]) == (303, f"/c/{card.key}/?tab=history")
    card.refresh_from_db()
    assert card.title == "Order history returns no rows past page 5"
    history = client.get(answer["Location"]).content.decode()
    assert "undid: renamed this" in history
    assert history.count(">Redo<span") == 1


def test_it_leads_back_to_where_one_came_from_but_never_elsewhere(retitled, ana):
    client = client_of(ana)
    page = client.get(f"{address(retitled)}?next=/standup/").content.decode()
    assert 'name="next" value="/standup/"' in page
    assert "evil.example" not in client.get(f"{address(retitled)}?next=//evil.example/").content.decode()
    assert send(client, retitled, next="/standup/")["Location"] == "/standup/"


def test_the_same_request_twice_undoes_once(retitled, card, ana):
    client, request_id = client_of(ana), str(uuid.uuid4())
    answers = [client.post(address(retitled), {"request_id": request_id}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert Activity.objects.filter(verb="change.undone").count() == 1


def test_what_is_undone_already_is_refused_and_can_be_done_again(retitled, board, card, ana):
    client = client_of(ana)
    send(client, retitled)
    again = send(client, retitled)
    assert again.status_code == 422
    assert "undone already" in again.content.decode()
    send(client, newest(board, "change.undone"))
    card.refresh_from_db()
    assert card.title == "Order history is empty"
    assert send(client, retitled).status_code == 303


def test_a_field_that_was_changed_since_is_asked_about(retitled, board, card, ana, kenji):
    act.retitle_card(card, "Order history: nothing", by=ana)
    client = client_of(kenji)
    asked = send(client, retitled)
    assert asked.status_code == 409
    page = asked.content.decode()
    for words in ("<bdi>Ana</bdi> changed this since", "Order history is empty", "nothing", "past page 5"):
        assert words in page
    card.refresh_from_db()
    assert card.title == "Order history: nothing"
    (form,) = [form for form in change_forms(parse(page)) if form.verb == "change.undone"]
    sent = {control.name: control.value for control in form.controls if control.kind == "hidden"}
    settled = client.post(form.action, sent | {"pick-title": "yours"})
    assert settled.status_code == 303
    card.refresh_from_db()
    assert card.title == "Order history returns no rows past page 5"


def told(asked: Any, which: str) -> str:
    """What a question says of one side of its first field: `base`, `yours` or `theirs`."""
    html = asked.content.decode()
    found = re.search(rf"<(p|span)[^>]* data-{which}>(.*?)</\1>", html, re.S)
    assert found, html
    kept = re.sub(r"<del>.*?</del>", "", found[2], flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", kept)).split())


def choose(client: Client, activity: Activity, **picks: str) -> Any:
    page = send(client, activity).content.decode()
    (form,) = [form for form in change_forms(parse(page)) if form.verb == "change.undone"]
    sent = {control.name: control.value for control in form.controls if control.kind == "hidden"}
    return client.post(form.action, sent | picks)


def test_what_is_now_can_be_kept_and_a_mix_written(retitled, board, card, ana, kenji):
    act.retitle_card(card, "Order history: nothing", by=ana)
    client = client_of(kenji)
    assert choose(client, retitled, **{"pick-title": "theirs"}).status_code == 303
    card.refresh_from_db()
    assert card.title == "Order history: nothing"
    assert not Activity.objects.filter(verb="change.undone").exists()
    choose(client, retitled, **{"pick-title": "mix", "mix-title": "Order history ends at page 5"})
    card.refresh_from_db()
    assert card.title == "Order history ends at page 5"
    assert newest(board, "change.undone").undoes == {"seq": retitled.seq, "verb": "card.retitled"}


def test_a_third_change_while_choosing_is_asked_about_again(retitled, card, ana, kenji):
    act.retitle_card(card, "Second", by=ana)
    client = client_of(kenji)
    page = send(client, retitled).content.decode()
    (form,) = [form for form in change_forms(parse(page)) if form.verb == "change.undone"]
    sent = {control.name: control.value for control in form.controls if control.kind == "hidden"}
    act.retitle_card(card, "Third", by=ana)
    assert client.post(form.action, sent | {"pick-title": "yours"}).status_code == 409


def test_one_setting_of_several_that_was_changed_since_is_asked_about(board, ana):
    act.configure_board(board, by=ana, stale_after=9, answer_days=3)
    both = newest(board, "board.configured")
    act.configure_board(board, by=ana, stale_after=12)
    client = client_of(ana)
    assert choose(client, both, **{"pick-stale_after": "theirs"}).status_code == 303
    board.refresh_from_db()
    assert (board.stale_after, board.answer_days) == (12, 1)


def test_a_moved_card_goes_back_to_its_exact_place(board, ready, doing, kenji):
    _, two, three = act.create_cards(ready, "One\nTwo\nThree", by=kenji)
    act.move_card(two, to=doing, by=kenji)
    moved = newest(board, "card.moved")
    assert send(client_of(kenji), moved).status_code == 303
    assert titles(ready) == ["One", "Two", "Three"]
    act.move_card(two, to=doing, by=kenji)
    moved = newest(board, "card.moved")
    act.create_card(ready, "Between", by=kenji, before=three)
    Card.objects.filter(title="Between").update(position=two.position)  # where Two stood
    send(client_of(kenji), moved)
    assert titles(ready) == ["One", "Between", "Two", "Three"]


def titles(column: Any) -> list[str]:
    return list(Card.objects.filter(column=column).in_board_order().values_list("title", flat=True))


def test_a_column_that_is_gone_takes_no_card_back(board, ready, doing, card, ana):
    act.move_card(card, to=doing, by=ana)
    moved = newest(board, "card.moved")
    act.archive_column(ready, by=ana)
    answer = send(client_of(ana), moved)
    assert answer.status_code == 422
    assert "The column Ready is archived." in answer.content.decode()


def test_pasted_lines_are_taken_back_as_one(board, ready, kenji):
    client = client_of(kenji)
    lines = {"title": "One\nTwo\nThree", "column": ready.pk, "request_id": str(uuid.uuid4())}
    assert client.post(f"/b/{board.key}/cards/new/", lines).status_code == 303
    first = Activity.objects.on(board).filter(verb="card.created").earliest("seq")
    page = client.get(address(first)).content.decode()
    assert "These 3 changes were made as one" in page
    assert send(client, first).status_code == 303
    assert not ready.cards.filter(archived_at=None).exists()
    undos = Activity.objects.on(board).filter(verb="change.undone").order_by("seq")
    assert [undo.undoes["seq"] for undo in undos] == [first.seq + 2, first.seq + 1, first.seq]
    assert len({undo.request_id for undo in undos}) == 1


def test_only_whoever_may_make_the_change_back_may_undo(retitled, board, ready, card, ana, kenji, priya, sam):
    for person, status in ((priya, 403), (sam, 404)):
        assert client_of(person).get(address(retitled)).status_code == status
        assert send(client_of(person), retitled).status_code == status
    assert Client().post(address(retitled)).status_code in {302, 303}
    act.rename_column(ready, "Next", by=ana)
    column = newest(board, "column.renamed")
    assert send(client_of(kenji), column).status_code == 403
    comment = post_comment(card, "Hello", by=ana)
    edit_comment(comment, "Good morning", by=ana)
    assert send(client_of(kenji), newest(board, "comment.edited")).status_code == 403
    assert send(client_of(ana), column).status_code == 303


def test_what_is_final_says_why(board, card, ana):
    record_decision(card, "Blue.", by=ana)
    decision = newest(board, "decision.recorded")
    client = client_of(ana)
    assert "A decision is never taken back." in client.get(address(decision)).content.decode()
    assert send(client, decision).status_code == 422
    assert client.get(f"/b/{board.key}/undo/99999/").status_code == 404


def test_the_history_offers_each_entry_its_way_back(retitled, card, ana, kenji, priya):
    act.retitle_card(card, "Third title", by=ana)
    page = client_of(kenji).get(f"/c/{card.key}/?tab=history").content.decode()
    assert page.count(">Restore this value<span") == 1
    assert page.count(">Undo<span") == 2
    assert "event__undo" not in client_of(priya).get(f"/c/{card.key}/?tab=history").content.decode()


def test_nothing_is_offered_that_would_be_refused(board, ready, card, ana, kenji):
    def at_once(person: Any) -> By:
        return By(person, request_id=uuid.uuid4())

    act.add_member(board, lena := cast.person("lena"), "member", by=ana)
    said = post_comment(card, "Hello", by=at_once(kenji))
    edit_comment(said, "Good morning", by=at_once(kenji))
    remove_comment(post_comment(card, "Never mind", by=at_once(kenji)), by=at_once(kenji))
    asked = ask_question(card, "Which?", [kenji], by=at_once(ana))
    post_comment(card, "This.", parent=asked, by=at_once(kenji))
    handed = ask_question(card, "When?", [kenji], by=at_once(ana))
    hand_on(handed, lena, by=at_once(kenji))
    record_answer(said, "Done.", by=at_once(kenji))
    agree(record_decision(card, "Blue.", by=at_once(ana)), by=at_once(kenji))
    act.retitle_card(card, "Another", by=at_once(kenji))
    act.archive_column(ready, by=at_once(ana))
    act.restore_column(ready, by=at_once(ana))
    offered = {}
    for person in (ana, kenji, lena):
        client = client_of(person)
        html = client.get(f"/c/{card.key}/?tab=history").content.decode()
        links = {int(seq) for seq in re.findall(rf"/b/{board.key}/undo/(\d+)/", html)}
        told = Activity.objects.about(card).order_by("seq")
        assert [one.seq for one in told if is_theirs(client, one)] == [
            one.seq for one in told if one.seq in links or why_not(one)
        ]
        offered[person] = [one.verb for one in told if one.seq in links]
    assert offered[lena] == ["card.created", "question.handed_on", "card.retitled"]
    assert set(offered[kenji]) - set(offered[ana]) == {
        "comment.edited",
        "question.handed_on",
        "decision.agreed",
    }
    assert set(offered[ana]) - set(offered[kenji]) == {"question.asked", "card.archived", "card.restored"}


def is_theirs(client: Client, activity: Activity) -> bool:
    """Whether the form lets a person undo it, tried and taken back."""
    with taken_back():
        status = client.get(address(activity)).status_code
        assert status == 403 or send(client, activity).status_code != 403, activity
        return status == 200


def test_the_timeline_offers_it_too_and_the_standup_leaves_out_what_was_undone(
    retitled, board, card, ana, kenji
):
    client = client_of(kenji)
    page = client.get(f"/b/{board.key}/standup/?by=time").content.decode()
    link = f"/b/{board.key}/undo/{retitled.seq}/?next=%2Fb%2F{board.key}%2Fstandup%2F"
    assert link in page
    assert link not in client.get(f"/b/{board.key}/standup/").content.decode()
    send(client, retitled)
    assert "Order history is empty" not in client.get(f"/b/{board.key}/standup/").content.decode()
    unfolded = client.get(f"/b/{board.key}/standup/?all=1").content.decode()
    assert "Undid: renamed" in unfolded
    assert unfolded.count('data-verb="card.retitled"') == 2


def test_a_script_gets_the_frames_and_a_refusal_in_a_line(retitled, board, ana):
    client, headers = client_of(ana), {"HX-Request": "true"}
    data = {"request_id": str(uuid.uuid4())}
    done = client.post(address(retitled), data, headers=headers)
    assert done.status_code == 200
    assert 'data-verb="card.retitled"' in done.content.decode()
    assert 'data-undo="redo"' in done.content.decode()
    assert int(done["X-Flux-Seq"]) == newest(board, "change.undone").seq
    refused = client.post(address(retitled), {"request_id": str(uuid.uuid4())}, headers=headers)
    assert refused.status_code == 422
    assert refused.content.decode().strip().startswith('<p class="form__error" role="alert">')


def test_what_a_removed_comment_said_is_asked_of_nobody(board, card, ana, kenji):
    comment = post_comment(card, "The zebra was first", by=ana)
    edit_comment(comment, "The zebra came second", by=ana)
    remove_comment(comment, by=ana)
    edited = newest(board, "comment.edited")
    for person, status in ((kenji, 403), (ana, 422)):
        for choice in ({}, {"pick-text": "yours", "version": "999"}):
            answer = send(client_of(person), edited, **choice)
            assert (answer.status_code, "zebra" in answer.content.decode()) == (status, False)


@pytest.fixture
def hidden(kenji):
    """A board that is Kenji's alone."""
    return act.create_board("Hidden place", by=kenji, key="HID")


def test_a_card_that_moved_out_of_sight_tells_nothing_of_itself(retitled, board, card, hidden, ana, kenji):
    moved = act.transfer_card(card, by=kenji, to=hidden.columns.first())
    act.retitle_card(moved, "A kangaroo", by=kenji)
    client = client_of(ana)
    answers = [client.get(address(retitled)), send(client, retitled)]
    answers.append(client.get(address(newest(board, "card.transferred"))))
    assert [answer.status_code for answer in answers] == [200, 422, 200]
    for answer in answers:
        assert "kangaroo" not in answer.content.decode()
        assert "HID-" not in answer.content.decode()
    assert send(client, newest(board, "card.transferred")).status_code == 403


def test_cards_made_as_one_stay_when_one_of_them_has_moved_to_another_board(board, ready, hidden, kenji):
    one, two = act.create_cards(ready, "One\nTwo", by=By(kenji, request_id=uuid.uuid4()))
    act.transfer_card(one, by=kenji, to=hidden.columns.first())
    refused = send(client_of(kenji), newest(board, "card.created"))
    assert refused.status_code == 422
    assert "has moved to another board" in refused.content.decode()
    assert not Card.objects.filter(pk__in=[one.pk, two.pk]).exclude(archived_at=None).exists()


def test_what_was_removed_does_not_read_as_erased(card, ana):
    checklist = act.add_checklist(card, "Things", by=ana)
    (item,) = act.add_items(checklist, "A walrus", by=ana)
    act.remove_item(item, by=ana)
    history = client_of(ana).get(f"/c/{card.key}/?tab=history").content.decode()
    assert "<del>A walrus</del>" in history
    assert ERASED not in history


def test_an_item_that_moved_on_to_another_checklist_is_asked_about(board, card, ana, kenji):
    one, two, three = (act.add_checklist(card, name, by=ana) for name in ("One", "Two", "Three"))
    (item,) = act.add_items(one, "A walrus", by=ana)
    item = act.move_item(item, by=ana, to=two)
    moved = newest(board, "item.moved")
    item = act.move_item(item, by=kenji, to=three)
    client = client_of(ana)
    asked = send(client, moved)
    assert asked.status_code == 409
    assert [told(asked, name) for name in ("base", "yours", "theirs")] == [
        "first in Two",
        "first in One",
        "first in Three",
    ]
    place = f"pick-place-{moved.seq}"
    kept = send(client, moved, **{place: "theirs", "version": str(item.version)})
    item.refresh_from_db()
    assert (kept.status_code, item.checklist) == (303, three)
    assert send(client, moved, **{place: "yours", "version": str(item.version)}).status_code == 303
    item.refresh_from_db()
    assert item.checklist == one


@pytest.mark.parametrize("verb", ["thread.settled", "comment.posted"])
def test_a_form_that_is_not_offered_is_refused_as_well(verb, board, card, ana, kenji, sam):
    """What came of somebody's words is taken back by them or an owner, whatever request asks for it."""
    act.add_member(board, sam, Role.MEMBER, by=ana)
    thread = post_comment(card, "Which of the two?", by=ana)
    record_answer(thread, "The first.", by=By(kenji, request_id=uuid.uuid4()))
    activity = newest(board, verb)
    answer = send(client_of(sam), activity)
    assert answer.status_code == 403
    thread.refresh_from_db()
    assert thread.is_settled
    assert send(client_of(kenji), activity).status_code == 303
    thread.refresh_from_db()
    assert not thread.is_settled
