"""A card's page: whole for those who write, without forms for a viewer, not there for a stranger."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.models import Activity
from boards import actions
from boards.models import Card
from comments.actions import post_comment

EVERY_VERB = {
    "decision.recorded",
    "question.asked",
    "card.retitled",
    "card.specified",
    "card.moved",
    "card.transferred",
    "card.assigned",
    "card.joined",
    "card.left",
    "card.labelled",
    "card.unlabelled",
    "card.dated",
    "card.blocked",
    "card.archived",
    "checklist.added",
    "checklist.renamed",
    "checklist.removed",
    "item.added",
    "item.reworded",
    "item.checked",
    "item.unchecked",
    "item.moved",
    "item.removed",
    "item.promoted",
    "comment.posted",
    "comment.edited",
    "comment.removed",
}


@pytest.fixture
def full(card, board, ana, kenji):
    """A card with something of everything on it."""
    bug, _ = (actions.create_label(board, name, 1, by=ana) for name in ("bug", "copy"))
    actions.label_card(card, bug, by=ana)
    actions.join_card(card, kenji, by=ana)
    checklist = actions.add_checklist(card, "Steps", by=ana)
    first, _ = actions.add_items(checklist, "One\nTwo", by=ana)
    actions.check_item(first, by=kenji)
    post_comment(card, "Hello **there**", by=kenji)
    actions.create_board("Elsewhere", by=kenji, key="ELSE")
    return Card.objects.get(pk=card.pk)


def last(card):
    return Activity.objects.filter(card=card).order_by("-id").first()


def test_a_member_finds_a_form_for_every_verb(full, visit, kenji):
    page = visit(kenji).get("/c/FLX-1/")
    assert page.status == 200
    assert {form.verb for form in page.forms} - {""} == EVERY_VERB
    assert all(
        {"csrfmiddlewaretoken", "request_id"} <= form.fields.keys() for form in page.forms if form.verb
    )
    ids = [form.fields["request_id"] for form in page.forms if form.verb]
    assert len(set(ids)) == len(ids)


def test_every_id_on_the_page_is_its_own(full, visit, kenji):
    import re

    ids = re.findall(r'\sid="([^"]+)"', visit(kenji).get("/c/FLX-1/").html)
    assert sorted(ids) == sorted(set(ids))


def test_a_viewer_sees_all_and_gets_no_form(full, visit, priya):
    page = visit(priya).get("/c/FLX-1/")
    assert page.status == 200
    assert [form.verb for form in page.forms if form.verb] == []
    assert page.texts["title"] == "Show tax before the last step"
    for shown in ("bug", "Steps", "One", "Kenji", "<strong>there</strong>"):
        assert shown in page.html


NOT_FOR_STRANGERS = [
    "/c/FLX-1/",
    "/c/FLX-1/parts/?names=head",
    "/c/FLX-1/menu/",
    "/c/FLX-1/edit/title/",
    "/c/FLX-1/history/",
    "/b/FLX/people.json",
]


@pytest.mark.parametrize("address", NOT_FOR_STRANGERS)
def test_what_is_not_yours_is_a_404(card, visit, sam, address):
    assert visit(sam).get(address).status == 404


@pytest.mark.parametrize(
    "address", ["/c/FLX-99/", "/c/NOPE-1/", "/c/FLX-1/edit/nothing/", "/c/FLX-1/do/eaten/"]
)
def test_what_is_not_there_is_a_404(card, visit, ana, address):
    assert visit(ana).get(address).status == 404


def test_a_stranger_and_a_viewer_change_nothing(full, visit, ana, priya, sam):
    seq = last(full).seq
    for form in visit(ana).get("/c/FLX-1/").forms:
        if form.verb:
            assert visit(sam).send(form).status == 404, form.verb
            pressed = next((button for button in form.buttons if button[0]), None)
            filled = {name: "x" for name in ("title", "text", "name", "reason") if name in form.fields}
            status = visit(priya).send(form, press=pressed, **filled).status
            assert status == 403, form.verb
    assert last(full).seq == seq


def test_the_page_costs_as_many_queries_with_fifty_comments_as_with_one(card, visit, ana, kenji):
    post_comment(card, "First, @kenji", by=ana)
    visitor = visit(ana)
    visitor.get("/c/FLX-1/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        visitor.get("/c/FLX-1/")
    for number in range(49):
        post_comment(card, f"Number {number} for @ana and FLX-1", by=kenji)
    checklist = actions.add_checklist(card, "Steps", by=ana)
    actions.add_items(checklist, "\n".join(f"Step {number}" for number in range(30)), by=ana)
    with CaptureQueriesContext(connection) as many:
        page = visitor.get("/c/FLX-1/")
    assert page.html.count("data-comment=") == 50
    assert len(many) <= len(few) + 1  # the items, of which there were none
    assert len(many) <= 34, [query["sql"][:120] for query in many]


def test_a_transferred_card_leads_on_from_its_old_address(card, board, visit, ana, kenji):
    other = actions.create_board("Elsewhere", by=kenji, key="ELSE", columns=["Next"], starter=False)
    page = visit(kenji).get("/c/FLX-1/")
    moved = visit(kenji).send(page.form("card.transferred"), column=str(other.columns.get().pk))
    assert moved.response["Location"] == "/c/ELSE-1/"
    gone = visit(kenji).get("/c/FLX-1/")
    assert (gone.status, gone.response["Location"]) == (301, "/c/ELSE-1/")
    assert visit(ana).get("/c/FLX-1/").status == 404  # Ana is not on the other board
    late = visit(kenji).send(page.form("comment.posted"), text="Sent to the old address")
    assert (late.status, late.response["Location"]) == (307, "/c/ELSE-1/do/posted/")


def test_a_board_with_a_new_key_keeps_its_cards_old_addresses(card, board, visit, ana):
    actions.rekey_board(board, "NEW", by=ana)
    gone = visit(ana).get("/c/FLX-1/?tab=history")
    assert gone.response["Location"] == "/c/NEW-1/?tab=history"


def test_an_archived_card_offers_nothing_but_to_be_restored(full, visit, ana):
    visitor = visit(ana)
    visitor.follow(visitor.send(visitor.get("/c/FLX-1/").form("card.archived")))
    page = visitor.get("/c/FLX-1/")
    assert [form.verb for form in page.forms if form.verb] == ["card.restored"]
    assert "This card is archived." in page.html
    restored = visitor.follow(visitor.send(page.form("card.restored")))
    assert restored.form("card.retitled")
    assert last(full).verb == "card.restored"


def test_a_script_gets_the_parts_that_it_asks_for(full, visit, kenji, board):
    page = visit(kenji).get("/c/FLX-1/parts/?names=head,comments,nonsense")
    board.refresh_from_db()
    assert int(page.response["X-Flux-Seq"]) == board.seq
    assert "<html" not in page.html
    for part in ("head", "actions", "comments", "comments-count"):
        assert f'id="card-{full.pk}-{part}"' in page.html
    assert f'id="card-{full.pk}-spec"' not in page.html


def test_every_part_equals_that_of_the_page(full, visit, kenji):
    import re

    def tidy(html):
        html = re.sub(r'value="[0-9a-f-]{36}"|name="csrfmiddlewaretoken" value="\w+"', "", html)
        return re.sub(r"\s+", " ", html)

    whole = tidy(visit(kenji).get("/c/FLX-1/").html)
    for name in ("head", "props", "blocks", "spec", "checklists", "comments", "composer", "actions"):
        part = tidy(visit(kenji).get(f"/c/FLX-1/parts/?names={name}").html)
        first = part.partition(f'id="card-{full.pk}-')[0].count("<") and part.split("</section> <")[0]
        assert first[:400].strip() in whole, name


def test_the_panel_holds_what_the_page_holds(full, visit, kenji):
    page, panel = visit(kenji).get("/c/FLX-1/"), visit(kenji).get("/c/FLX-1/", **{"HX-Request": "true"})
    assert "<html" not in panel.html
    assert panel.texts == page.texts
    assert [form.verb for form in panel.forms if form.verb] == [form.verb for form in page.forms if form.verb]


def test_the_menu_of_a_front_moves_and_assigns(card, board, visit, kenji):
    actions.create_card(card.column, "Second", by=kenji)
    menu = visit(kenji).get("/c/FLX-1/menu/", **{"HX-Request": "true"})
    columns, places = menu.all("card.moved")
    assert [value for name, value in columns.buttons if name == "column"] == [
        str(column.pk) for column in board.columns.in_board_order()
    ]
    assert ("after", "FLX-2") in places.buttons
    done = visit(kenji).send(menu.form("card.assigned"))
    assert done.response["Location"] == f"/b/FLX/#card-{card.pk}"
    card.refresh_from_db()
    assert card.assignee == kenji


def test_one_form_by_itself_carries_the_text_of_now(card, visit, ana, kenji):
    actions.specify_card(card, "why", "Because.", by=ana)
    alone = visit(kenji).get("/c/FLX-1/edit/why/", **{"HX-Request": "true"})
    assert alone.form("card.specified").fields["why"] == "Because."
    assert "<html" not in alone.html
    assert "<h1" in visit(kenji).get("/c/FLX-1/edit/why/").html


def test_members_are_offered_for_a_mention(board, visit, ana, priya):
    found = visit(priya).client.get("/b/FLX/people.json?q=mor").json()["people"]
    assert [person["handle"] for person in found] == ["kenji"]
