"""A form changes what it names and nothing else; ids of elsewhere answer as if they were not there."""

from __future__ import annotations

import itertools
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client

from activity.models import Activity
from boards import actions as act
from boards.models import Membership
from comments.actions import post_comment
from fluxboard.accounts.models import User
from tests.attacks.site import PostForm, every_form, fill
from tests.contracts.test_addresses import nothing_in_the_background  # noqa: F401

SKIPPED = ("/accounts/logout/", "/me/sessions/")
# Who everybody is, and what nobody's form may say: columns of people, memberships, boards and the log.
GUARDED = {
    "accounts_user": "id, uid, email, is_staff, is_superuser, is_active, password, session_epoch, handle",
    "boards_membership": "id, board_id, user_id, role",
    "boards_board": "id, uid, key",
    "boards_card": "id, uid, board_id, number",
    "comments_comment": "id, uid, card_id, author_id",
}


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def guarded() -> dict[str, set[Any]]:
    found = {}
    with connection.cursor() as cursor:
        for table, columns in GUARDED.items():
            cursor.execute(f"SELECT {columns} FROM {table}")
            found[table] = set(cursor.fetchall())
    return found


@pytest.fixture
def forms(board: Any, ana: User, kenji: User) -> list[PostForm]:
    found = every_form(signed_in(ana), fill(board, ana, kenji).pages)
    return [form for form in found if not form.action.startswith(SKIPPED)]


def test_fields_that_no_form_has_change_nothing(forms: list[PostForm], board: Any, ana: User, kenji: User):
    """Every form of Kenji's and Ana's pages, with the fields of whole rows added to it."""
    other = act.create_board("Elsewhere", by=kenji, key="ELS", starter=False)
    extra = {
        **{name: str(kenji.pk) for name in ("user", "user_id", "actor", "actor_id", "by", "author", "owner")},
        **{name: str(other.pk) for name in ("board", "board_id")},
        **dict.fromkeys(("is_staff", "is_superuser", "is_active", "seq", "id", "pk", "number"), "1"),
        "uid": str(uuid.UUID(int=7)),
        "at": "2001-01-01T00:00:00Z",
        "created_at": "2001-01-01",
        "via": "import",
        "hash": "00",
        "password": "a brand new phrase",
        "session_epoch": "0",
        "hue": "9999",
    }
    by_mistake = {}
    for form in forms:
        more = {name: value for name, value in extra.items() if name not in form.names}
        with transaction.atomic():
            before, last = guarded(), Activity.objects.order_by("-pk").values_list("pk", flat=True).first()
            answer = signed_in(ana).post(form.action, form.filled(**more))
            after = guarded()
            made = Activity.objects.filter(pk__gt=last or 0)
            lost = {table: before[table] - after[table] for table in before if before[table] - after[table]}
            new_people = after["accounts_user"] - before["accounts_user"]
            others = made.exclude(actor=ana) | made.filter(at__year=2001) | made.exclude(via="web")
            foreign = made.filter(board=other)
            if answer.status_code >= 500 or lost or new_people or others.exists() or foreign.exists():
                by_mistake[form.action] = answer.status_code, lost, new_people, list(others)
            transaction.set_rollback(True)
    # Taking a member off, changing a role or a key, moving to another board: what those forms are for.
    allowed = {"removed", "role_changed", "rekeyed", "transferred"}
    wrong = {
        path: what for path, what in by_mistake.items() if path.rstrip("/").split("/")[-1] not in allowed
    }
    assert not wrong, "\n".join(f"{path}: {what}" for path, what in wrong.items())


def test_a_profile_is_ones_own_and_no_more(ana: User, kenji: User):
    client = signed_in(kenji)
    page = client.get("/me/")
    named = set(page.context["form"].fields)
    typed = {"name": "Kenji", "handle": "kenji", "hue": "3", "time_zone": "Asia/Tokyo"}
    typed |= {"work_days": ["1"], "work_start": "09:00", "work_end": "17:00", "digest_at": "09:00"}
    more = {"is_staff": "on", "is_superuser": "on", "id": ana.pk, "pk": ana.pk, "email": "x@example.com"}
    assert not named & more.keys()
    assert client.post("/me/", typed | more).status_code == 303
    for person in (ana, kenji):
        email = person.email
        person.refresh_from_db()
        assert (person.is_staff, person.is_superuser, person.email) == (False, False, email)


# ---- ids of elsewhere -------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(sam: User) -> dict[str, int]:
    """Things of a board that nobody here sees, by the field that could name one."""
    board = act.create_board("Hiring", by=sam, key="HIR", starter=False)
    column = board.columns.first()
    card = act.create_card(column, "Secret title", by=sam)
    checklist = act.add_checklist(card, "Secret", by=sam)
    (item,) = act.add_items(checklist, "one", by=sam)
    comment = post_comment(card, "Secret", by=sam).pk
    return {
        "column": column.pk,
        "to": column.pk,
        "label": act.create_label(board, "Secret", 1, by=sam).pk,
        "assignee": sam.pk,
        "person": sam.pk,
        "asks": sam.pk,
        "people": sam.pk,
        "decided_by": sam.pk,
        "user": sam.pk,
        "card": card.key,
        "before": card.key,
        "after": card.key,
        "checklist": checklist.pk,
        "item": item.pk,
        "comment": comment,
        "parent": comment,
        "supersedes": comment,
        "claims": sam.pk,
        "member": Membership.objects.get(board=board).pk,
    }


def test_ids_of_elsewhere_are_as_good_as_none(
    forms: list[PostForm], elsewhere: dict[str, int], board: Any, ana: User, sam: User
):
    """Each field that names a thing: one of another board, and one that is nowhere, get the same answer."""
    tried, wrong = 0, {}
    for form in forms:
        for name in sorted(form.names & elsewhere.keys()):
            texts = []
            theirs = str(elsewhere[name])
            nowhere = "NOPE-9" if "-" in theirs else "987654321"
            for value in (theirs, nowhere):
                with transaction.atomic():
                    client = signed_in(ana)
                    answer = client.post(form.action, form.filled(**{name: value}))
                    secret = "Secret" in answer.content.decode() or "Hiring" in answer.content.decode()
                    moved = Activity.objects.filter(board__key="HIR", actor=ana).exists()
                    touched = Activity.objects.filter(actor=ana, card__board__key="HIR").exists()
                    joined = Membership.objects.filter(board=board, user=sam).exists()
                    if answer.status_code >= 500 or secret or moved or touched or joined:
                        wrong[form.action, name, value] = answer.status_code, secret, moved, touched, joined
                    texts.append(answer.status_code)
                    transaction.set_rollback(True)
            tried += 1
            if texts[0] != texts[1]:
                wrong[form.action, name] = texts
    assert tried > 8
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


def test_a_request_id_of_somebody_else_is_only_a_number(board: Any, ready: Any, ana: User, kenji: User):
    """What Kenji sent under it is neither told nor done again for Ana, and his own repeat still is."""
    said = {"title": "Kenji's", "column": ready.pk, "request_id": str(uuid.uuid4())}
    path = f"/b/{board.key}/cards/new/"
    assert signed_in(kenji).post(path, said).status_code == 303
    script = {"HX-Request": "true"}
    answer = signed_in(ana).post(path, said | {"title": "Ana's"}, headers=script)
    assert answer.status_code == 200 and "Kenji's" not in answer.text
    assert sorted(board.cards.values_list("title", flat=True)) == ["Ana's", "Kenji's"]
    assert signed_in(kenji).post(path, said).status_code == 303
    assert board.cards.count() == 2


ODD = ["-1", "0", "999999999999999999", "99999999999999999999999", "1.5", "1e3", "٣", "null", "[]", "'", "\0"]


def test_what_is_no_number_no_choice_or_no_text_is_no_fault(forms: list[PostForm], ana: User):
    """Each field with what it cannot hold; a text with NUL and half a character comes back, with an error."""
    client, odd, faults = signed_in(ana), itertools.cycle(ODD), {}
    for form in forms:
        for name in sorted(form.names - {"csrfmiddlewaretoken"}):
            is_text = name in form.words
            said = urlencode(form.filled(**{name: ""}) | ({} if is_text else {name: next(odd)}))
            body = f"{said}&{name}=Half+%00+of+it+%ED%A0%BD" if is_text else said
            with transaction.atomic():
                answer = client.post(form.action, body.encode(), "application/x-www-form-urlencoded")
                transaction.set_rollback(True)
            # Looking for an answer changes nothing: it finds what it can, and the form is still there.
            is_look = form.action.endswith("/answers/") and answer.status_code == 200
            is_kept = not is_text or is_look or (answer.status_code == 422 and "Half" in answer.text)
            if answer.status_code >= 500 or not is_kept:
                faults[form.action, name] = answer.status_code, is_kept
    assert not faults, "\n".join(f"{where}: {what}" for where, what in faults.items())


def test_too_many_fields_and_parts_are_refused(ana: User):
    client = signed_in(ana)
    assert client.post("/me/", {f"f{n}": "1" for n in range(1200)}).status_code == 400
    assert (
        client.post("/me/", b"name=" + b"a" * 6_000_000, "application/x-www-form-urlencoded").status_code
        == 400
    )
    part = '--x\r\nContent-Disposition: form-data; name="f{n}"; filename="a"\r\n\r\na\r\n'
    body = "".join(part.format(n=n) for n in range(150)) + "--x--\r\n"
    assert client.post("/import/", body.encode(), "multipart/form-data; boundary=x").status_code == 400
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 300,
    ):
        assert client.post("/import/", b"--x\r\n", kind).status_code in {400, 422}
    ana.refresh_from_db()
    client.post("/me/", b'{"name": "Json"}', "application/json")
    assert User.objects.get(pk=ana.pk).name == ana.name


def test_a_day_far_away_is_no_fault(card: Any, ana: User):
    client = signed_in(ana)
    for day in ("0001-01-01", "9999-12-31", "2026-02-30", "10000-01-01", "2026-10-15T00:00", "−2026-10-15"):
        assert client.post("/c/FLX-1/do/dated/", {"due": day}).status_code in {303, 422}
        for path in ("/c/FLX-1/", "/b/FLX/", "/b/FLX/?due=overdue", "/b/FLX/standup/", "/"):
            assert client.get(path).status_code == 200, (day, path)
