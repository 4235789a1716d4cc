"""Every address times every role: what isn't yours is not there, what your role may not do is refused.

The table names each address that the resolver knows. A new one without a row fails here, so that whoever
adds it says who may go there. The verbs behind them are walked one by one in `test_access.py`.
`/b/KEY/live/` stands outside of Django; its tests are those of the stream.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from activity.models import Activity
from boards import actions as act
from boards.models import Membership, Schedule, Template
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.questions import ask_question
from tests.meetings.course import planned

ROLES = ("owner", "member", "viewer", "stranger", "anonymous")
MEMBER, OWNER, VIEWER = "member", "owner", "viewer"


@dataclass(frozen=True)
class Row:
    """Who may read an address (GET) and who may send to it (POST); "" for nobody, `None` for 405.

    On a board strangers get 404 for both. `is_open`: everybody signed in counts as a viewer there.
    """

    path: str
    get: str | None = VIEWER
    post: str | None = None
    is_open: bool = False


BOARD = "/b/FLX/"
CARD = "/c/FLX-1/"
TABLE = {
    "boards:board": Row(BOARD),
    "boards:presence": Row(f"{BOARD}presence/", None, VIEWER),
    "boards:seen": Row(f"{BOARD}seen/", None, VIEWER),
    "boards:board_watch": Row(f"{BOARD}watch/", None, VIEWER),
    "boards:card_watch": Row(f"{CARD}watch/", None, VIEWER),
    "boards:board_do": Row(f"{BOARD}do/renamed/", OWNER, OWNER),
    "boards:card_new": Row(f"{BOARD}cards/new/", MEMBER, MEMBER),
    "boards:undo": Row(f"{BOARD}undo/{{change}}/", MEMBER, MEMBER),
    "boards:archive": Row(f"{BOARD}archive/"),
    "boards:card_erase": Row(f"{CARD}erase/", OWNER, OWNER),
    "boards:person_erase": Row(f"{BOARD}erase/{{person}}/", OWNER, OWNER),
    "boards:settings": Row(f"{BOARD}settings/"),
    "boards:settings_members": Row(f"{BOARD}settings/members/"),
    "boards:settings_columns": Row(f"{BOARD}settings/columns/"),
    "boards:settings_labels": Row(f"{BOARD}settings/labels/"),
    "boards:column_new": Row(f"{BOARD}columns/new/", OWNER, OWNER),
    "boards:column_do": Row(f"{BOARD}columns/{{column}}/do/renamed/", OWNER, OWNER),
    "boards:column_cards": Row(f"{BOARD}columns/{{column}}/cards/moved/", MEMBER, MEMBER),
    "boards:column_fold": Row(f"{BOARD}columns/{{column}}/fold/", None, VIEWER),
    "boards:label_new": Row(f"{BOARD}labels/new/", MEMBER, MEMBER),
    "boards:label_do": Row(f"{BOARD}labels/{{label}}/do/renamed/", MEMBER, MEMBER),
    "boards:settings_templates": Row(f"{BOARD}settings/templates/"),
    "boards:template_new": Row(f"{BOARD}templates/new/", MEMBER, MEMBER),
    "boards:template_do": Row(f"{BOARD}templates/{{template}}/do/changed/", MEMBER, MEMBER),
    "boards:schedule_new": Row(f"{BOARD}schedules/new/", MEMBER, MEMBER),
    "boards:schedule_do": Row(f"{BOARD}schedules/{{schedule}}/do/paused/", MEMBER, MEMBER),
    "boards:meetings": Row(f"{BOARD}meetings/"),
    "boards:meeting_new": Row(f"{BOARD}meetings/new/", MEMBER, MEMBER),
    # What it names is not there: tests/meetings/test_pages.py.
    "boards:meeting_next": Row(f"{BOARD}meetings/next/?about={{uid}}", MEMBER),
    "boards:meeting": Row(f"{BOARD}meetings/1/"),
    "boards:meeting_ics": Row(f"{BOARD}meetings/1/meeting.ics"),
    "boards:meeting_do": Row(f"{BOARD}meetings/1/do/changed/", MEMBER, MEMBER),
    "boards:topic_do": Row(f"{BOARD}meetings/1/topics/{{topic}}/do/noted/", MEMBER, MEMBER),
    "boards:template_choices": Row(f"{BOARD}columns/{{column}}/templates/", MEMBER),
    "boards:card_copy": Row(f"{CARD}copy/", MEMBER, MEMBER),
    "boards:checklist_copy": Row(f"{CARD}checklists/{{checklist}}/copy/", MEMBER, MEMBER),
    "boards:board_templates": Row("/b/templates/", is_open=True),
    # Somebody else's are not there; one's own: tests/boards/test_board_templates.py.
    "boards:board_template_delete": Row("/b/templates/0/delete/", None, VIEWER, is_open=True),
    "boards:board_template_save": Row(f"{BOARD}template/", OWNER, OWNER),
    "boards:board_copy": Row(f"{BOARD}copy/", MEMBER, MEMBER),
    "boards:search_new": Row(f"{BOARD}searches/new/", MEMBER, MEMBER),
    "boards:search_do": Row(f"{BOARD}searches/{{search}}/do/renamed/", MEMBER, MEMBER),
    "boards:member_new": Row(f"{BOARD}members/new/", OWNER, OWNER),
    "boards:member_do": Row(f"{BOARD}members/{{member}}/do/role_changed/", OWNER, OWNER),
    "boards:member_away": Row(f"{BOARD}members/{{member}}/away/", OWNER, OWNER),
    "boards:member_away_change": Row(
        f"{BOARD}members/{{member}}/away/{uuid.UUID(int=1)}/change/", None, OWNER
    ),
    "boards:member_away_back": Row(f"{BOARD}members/{{member}}/away/{uuid.UUID(int=1)}/back/", None, OWNER),
    "boards:invitation_new": Row(f"{BOARD}invitations/new/", OWNER, OWNER),
    "boards:invitation_revoke": Row(f"{BOARD}invitations/{{invitation}}/revoke/", None, OWNER),
    # A question to somebody else: it is not there. Shown by tests/core/test_prepared.py.
    "boards:invitation_accept": Row("/invitations/{invitation}/accept/", None, ""),
    "boards:invitation_decline": Row("/invitations/{invitation}/decline/", None, ""),
    "boards:start": Row(f"{BOARD}start/", VIEWER, VIEWER),
    "boards:settings_record": Row(f"{BOARD}settings/record/", VIEWER, OWNER),
    "boards:past": Row(f"{BOARD}at/?seq=1"),
    "boards:check_in": Row(f"{BOARD}check-in/", MEMBER, MEMBER),
    "boards:check_in_back": Row(f"{BOARD}check-in/back/", None, MEMBER),
    "boards:check_in_want": Row(f"{BOARD}check-in/want/", None, MEMBER),
    "boards:weekly": Row(f"{BOARD}weekly/"),
    "boards:weekly_links": Row(f"{BOARD}weekly/links/", OWNER, OWNER),
    "boards:weekly_link_revoke": Row(f"{BOARD}weekly/links/{{weekly_link}}/revoke/", None, OWNER),
    "boards:trial": Row(f"{BOARD}trial/"),
    "boards:trial_new": Row(f"{BOARD}trial/new/", OWNER, OWNER),
    "boards:trial_report": Row(f"{BOARD}trial/{{trial}}/"),
    "boards:trial_answer": Row(f"{BOARD}trial/{{trial}}/answer/", VIEWER, VIEWER),
    "boards:trial_do": Row(f"{BOARD}trial/{{trial}}/do/changed/", OWNER, OWNER),
    "boards:standup": Row(f"{BOARD}standup/"),
    "boards:people": Row(f"{BOARD}people.json"),
    "boards:card": Row(CARD),
    "boards:card_parts": Row(f"{CARD}parts/?names=head,props,spec"),
    "boards:card_history": Row(f"{CARD}history/"),
    "boards:card_since": Row(f"{CARD}since/?from=workday"),
    "boards:card_menu": Row(f"{CARD}menu/"),
    "boards:card_edit": Row(f"{CARD}edit/title/", MEMBER),
    "boards:comment_post": Row(f"{CARD}do/posted/", None, MEMBER),
    "boards:checklist_add": Row(f"{CARD}do/checklist-added/", None, MEMBER),
    "boards:card_do": Row(f"{CARD}do/retitled/", None, MEMBER),
    "boards:checklist_do": Row(f"{CARD}checklists/{{checklist}}/do/renamed/", None, MEMBER),
    "boards:item_do": Row(f"{CARD}items/{{item}}/do/checked/", None, MEMBER),
    "boards:comment_do": Row(f"{CARD}comments/{{own_comment}}/do/removed/", None, MEMBER),
    "boards:question_ask": Row(f"{CARD}do/asked/", None, MEMBER),
    "boards:question_new": Row(f"{CARD}ask/", MEMBER),
    "boards:question_answers": Row(f"{CARD}answers/", MEMBER, MEMBER),
    "boards:asked_answers": Row(f"{CARD}comments/{{question}}/answers/", MEMBER),
    "boards:card_answers": Row(f"{BOARD}answers/", MEMBER, MEMBER),
    "boards:decision_record": Row(f"{CARD}do/recorded/", None, MEMBER),
    "boards:decision_new": Row(f"{CARD}decide/", MEMBER),
    "boards:decision_do": Row(f"{CARD}decisions/{{decision}}/do/agreed/", None, MEMBER),
    "catch_up": Row("/catch-up/", VIEWER, VIEWER, is_open=True),
    "boards:catch_up": Row(f"{BOARD}catch-up/", VIEWER, VIEWER),
    "boards:card_outcome": Row(f"{CARD}outcome/", MEMBER, MEMBER),
    "boards:outcome_new": Row(f"{BOARD}outcomes/new/", MEMBER, MEMBER),
    "boards:decisions": Row(f"{BOARD}decisions/"),
    "decisions": Row("/decisions/", is_open=True),
    "waiting": Row("/waiting/", is_open=True),
    "waiting_counts": Row("/waiting/counts/?board=FLX", is_open=True),
    # Something that waits on whoever asks; there is nothing of that name here.
    "waiting_later": Row("/waiting/later/", None, ""),
    "boards:decision": Row(f"{BOARD}decisions/1/"),
    "boards:board_new": Row("/b/new/", VIEWER, VIEWER, is_open=True),
    "home": Row("/", is_open=True),
    "search": Row("/search/", is_open=True),
    "search_save": Row("/search/saved/", None, VIEWER, is_open=True),
    # Somebody else's are not there; one's own: tests/search/test_saved.py.
    "own_search_rename": Row("/search/saved/0/rename/", None, ""),
    "own_search_share": Row("/search/saved/0/share/", None, ""),
    "own_search_delete": Row("/search/saved/0/delete/", None, VIEWER, is_open=True),
    "now": Row("/now/", is_open=True),
    "insight": Row("/insight/", is_open=True),
    "boards:insight": Row(f"{BOARD}insight/"),
    "boards:now": Row(f"{BOARD}now/"),
    "standup": Row("/standup/", is_open=True),
    "standup_read": Row("/standup/read/", None, VIEWER, is_open=True),
    "standup_news": Row("/standup/news/", is_open=True),
    "imports": Row("/import/", VIEWER, VIEWER, is_open=True),
    "start": Row("/me/start/", VIEWER, VIEWER, is_open=True),
    "away": Row("/me/away/", VIEWER, VIEWER, is_open=True),
    "away_change": Row(f"/me/away/{uuid.UUID(int=1)}/change/", None, VIEWER, is_open=True),
    "away_back": Row(f"/me/away/{uuid.UUID(int=1)}/back/", None, VIEWER, is_open=True),
    "profile": Row("/me/", VIEWER, VIEWER, is_open=True),
    # Somebody's own upload: to everyone else it is not there. Shown by tests/trello.
    "import": Row(f"/import/{uuid.UUID(int=1)}/", "", ""),
    "import_choose": Row(f"/import/{uuid.UUID(int=1)}/choose/", "", ""),
    "import_start": Row(f"/import/{uuid.UUID(int=1)}/start/", "", ""),
    "import_discard": Row(f"/import/{uuid.UUID(int=1)}/discard/", "", ""),
    "boards:export": Row(f"{BOARD}export/", OWNER, OWNER),
    # Somebody's own export and upload, likewise. Shown by tests/board_export.
    "boards:export_file": Row(f"{BOARD}export/{uuid.UUID(int=1)}/", ""),
    "board_imports": Row("/import/board/", VIEWER, VIEWER, is_open=True),
    "board_import": Row(f"/import/board/{uuid.UUID(int=1)}/", "", ""),
    "board_import_start": Row(f"/import/board/{uuid.UUID(int=1)}/start/", "", ""),
    "board_import_discard": Row(f"/import/board/{uuid.UUID(int=1)}/discard/", "", ""),
    # Last, since it takes the client's own session along.
    "sessions": Row("/me/sessions/", None, VIEWER, is_open=True),
}
# Whoever has the secret in the address may go there, signed in or not; a wrong one is spent (410).
BY_SECRET = {
    "boards:join": "/join/nonsense/",
    "weekly_public": "/week/nonsense/",
    "welcome": "/accounts/welcome/nonsense/",
    "digest_off": "/digest/off/nonsense/",
    "address_old": "/accounts/email/old/nonsense/",
}
# The same, for who is signed in as the person whom the secret is about.
BY_OWN_SECRET = {
    "address_new": "/accounts/email/new/nonsense/",
    "address_here": "/accounts/email/here/nonsense/",
}
# django-allauth's own addresses and Django's admin guard themselves; here: nobody gets in without signing in.
OF_PACKAGES = ("account_", "mfa_", "admin:")
BEFORE_SIGNING_IN = {
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_request_login_code",
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "admin:login",
}
# Where a thing's own verbs are done.
PLACES = {
    "column": "/b/FLX/columns/{column}/do/{part}/",
    "member": "/b/FLX/members/{member}/do/{part}/",
    "label": "/b/FLX/labels/{label}/do/{part}/",
    "search": "/b/FLX/searches/{search}/do/{part}/",
    "template": "/b/FLX/templates/{template}/do/{part}/",
    "schedule": "/b/FLX/schedules/{schedule}/do/{part}/",
    "trial": "/b/FLX/trial/{trial}/do/{part}/",
    "topic": "/b/FLX/meetings/1/topics/{topic}/do/{part}/",
    "checklist": "/c/FLX-1/checklists/{checklist}/do/{part}/",
    "item": "/c/FLX-1/items/{item}/do/{part}/",
    "comment": "/c/FLX-1/comments/{comment}/do/{part}/",
}


def names(patterns: Any = None, space: str = "") -> Iterator[str]:
    """The name of every address, with its namespace."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or ''}"


def test_every_address_has_a_row():
    ours = {name for name in names() if not name.startswith(OF_PACKAGES)}
    known = TABLE.keys() | BY_SECRET.keys() | BY_OWN_SECRET.keys()
    assert ours - known == set(), "say in TABLE who may go there"
    assert known - ours == set(), "these have gone"


@pytest.fixture(autouse=True)
def nothing_in_the_background(monkeypatch, settings, tmp_path):
    """An export begins a thread, which would not see what the test has made."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("fluxboard.features.uploads.jobs.begin_job", lambda *args: None)


@pytest.fixture
def people(ana, kenji, priya, sam):
    return {"owner": ana, "member": kenji, "viewer": priya, "stranger": sam, "anonymous": None}


@pytest.fixture
def clients(people):
    found = {role: Client() for role in ROLES}
    for role, person in people.items():
        if person is not None:
            found[role].force_login(person)
    return found


def daily(template: Template, by: Any) -> Schedule:
    """A card of it each day."""
    column, first = template.board.columns.first(), timezone.now().date()
    return act.save_schedule(template, "FREQ=DAILY", by=by, column=column, first=first)


@pytest.fixture
def things(board, card, people):
    """The ids that stand in addresses, each of a thing on the board."""
    from django.utils import timezone

    from boards.invitations import invite

    ana = people["owner"]
    template = act.save_template(board, "Bug", by=ana)
    checklist = act.add_checklist(card, "Steps", by=ana)
    (item,) = act.add_items(checklist, "one", by=ana)
    invitation, _ = invite(board, by=ana, role="member", days=7, now=timezone.now())
    return {
        "column": board.columns.first().pk,
        "label": act.create_label(board, "bug", 1, by=ana).pk,
        "search": act.save_search(board, "Bugs", "label:bug", by=ana).pk,
        "template": template.pk,
        "schedule": daily(template, ana).pk,
        "trial": act.start_trial(
            board, timezone.now().date(), minutes=15, team=4, weekdays=["MO"], by=ana
        ).pk,
        "weekly_link": act.make_weekly_link(board, ["finished"], token="word", days=7, by=ana).pk,
        "topic": planned(board, ana, "Prices").topics.get().pk,
        "member": Membership.objects.get(board=board, user=ana).pk,
        "person": ana.pk,
        "invitation": invitation.pk,
        "checklist": checklist.pk,
        "item": item.pk,
        "comment": post_comment(card, "Hello", by=ana).pk,
        "decision": record_decision(card, "Blue.", by=ana).pk,
        "question": ask_question(card, "Which colour?", [people["member"]], by=ana).pk,
        "uid": card.uid,
        "change": Activity.objects.filter(card=card, verb="card.created").get().seq,
        "own_comment": post_comment(card, "Hello", by=people["member"]).pk,
    }


def expected(row: Row, method: str, role: str) -> set[int]:
    """The statuses that fit: 302 to sign in, 404 for strangers, 405, 403, or an answer."""
    least = row.get if method == "get" else row.post
    if role == "anonymous":
        return {302, 303}
    if least == "":
        return {404, 405}
    if role == "stranger" and not row.is_open:
        return {404} if least is not None else {404, 405}
    if least is None:
        return {405}
    rank = {"stranger": 0, "viewer": 0, "member": 1, "owner": 2}
    if rank[role] < rank[least]:
        return {403}
    return {200} if method == "get" else {200, 204, 303, 409, 422}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens within is taken back, so that each address meets the same board."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_each_role_gets_what_is_theirs(things, clients):
    wrong = {}
    for row, method, role in itertools.product(TABLE.values(), ("get", "post"), ROLES):
        path = row.path.format(**things)
        with undone():
            response = getattr(clients[role], method)(path)
        fits = expected(row, method, role)
        if response.status_code not in fits:
            wrong[method, path, role] = response.status_code, fits
        if role == "anonymous" and response.status_code in {302, 303}:
            assert response["Location"].startswith("/accounts/login/")
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


def test_things_of_another_board_are_not_there(things, clients, people):
    """An address that joins my board with somebody else's row is a 404, also for whoever owns both."""
    other = act.create_board("Hiring", by=people["owner"], key="HIR", starter=True)
    card = other.cards.get()
    comment = post_comment(card, "Secret", by=people["owner"])
    checklist = act.add_checklist(card, "Secret", by=people["owner"])
    (item,) = act.add_items(checklist, "one", by=people["owner"])
    template = act.save_template(other, "Bug", by=people["owner"])
    theirs = {
        "column": other.columns.first().pk,
        "label": act.create_label(other, "bug", 1, by=people["owner"]).pk,
        "search": act.save_search(other, "Bugs", "label:bug", by=people["owner"]).pk,
        "template": template.pk,
        "schedule": daily(template, people["owner"]).pk,
        "topic": planned(other, people["owner"], "Prices").topics.get().pk,
        "member": Membership.objects.get(board=other).pk,
        "checklist": checklist.pk,
        "item": item.pk,
        "comment": comment.pk,
    }
    for noun, part in {
        "column": "renamed",
        "label": "renamed",
        "search": "renamed",
        "template": "changed",
        "schedule": "paused",
        "topic": "dropped",
        "member": "removed",
        "checklist": "removed",
        "item": "checked",
        "comment": "removed",
    }.items():
        path = PLACES[noun].format(part=part, **{**things, **theirs})
        for role in ("owner", "member"):
            assert clients[role].post(path).status_code == 404, path


def test_a_wrong_secret_opens_nothing(things, clients):
    for path, role, method in itertools.product(BY_SECRET.values(), ROLES, ("get", "post")):
        assert getattr(clients[role], method)(path).status_code == 410, path


def test_a_wrong_secret_of_ones_own_asks_to_sign_in_first(things, clients):
    for path, role, method in itertools.product(BY_OWN_SECRET.values(), ROLES, ("get", "post")):
        fits = {302, 303} if role == "anonymous" else {410}
        assert getattr(clients[role], method)(path).status_code in fits, path


def test_addresses_of_packages_ask_to_sign_in(things, clients):
    """Those without arguments; django-allauth and the admin have tests of their own for the rest."""
    from django.urls import NoReverseMatch, reverse

    seen = 0
    for name in sorted(set(names())):
        if not name.startswith(OF_PACKAGES) or name in BEFORE_SIGNING_IN:
            continue
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        response = clients["anonymous"].get(path)
        assert response.status_code in {302, 403, 404, 405}, (path, response.status_code)
        if name.startswith("admin:"):
            for role in ("owner", "member", "viewer", "stranger"):
                assert clients[role].get(path).status_code in {302, 403, 404}, path
        seen += 1
    assert seen > 20
