"""A board with one of everything and in every state that has a form, and how to come to its pages."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.utils import timezone

from activity.log.record import By
from boards import actions as act
from boards.invitations import invite
from boards.models import Board, Membership, Role, Welcome
from comments.actions import post_comment, remove_comment
from comments.decisions import record_decision
from comments.models import Comment, Decision
from comments.questions import ask_question
from fluxboard.accounts.models import User
from fluxboard.accounts.one_time_links import welcome_link
from fluxboard.features.digest.mail import unsubscribe_url
from fluxboard.meetings.actions.meetings import start_meeting
from tests import cast
from tests.attacks.site import fill
from tests.meetings.course import course, planned


@dataclass
class World:
    """What `made` has made: `values` for the variables of addresses, `doors` where guests come in."""

    ana: User
    board: Board
    values: dict[str, Any]
    pages: list[str]
    doors: list[str]


def made() -> World:
    ana, kenji, priya, sam, newcomer = map(cast.person, ("ana", "kenji", "priya", "sam", "newcomer"))
    board = cast.team_board(ana, kenji, priya)
    site = fill(board, ana, kenji)
    card = site.card
    act.add_member(board, sam, Role.MEMBER, by=ana)
    steps = card.checklists.get()
    item, _ = act.add_items(steps, "Left\nAnd right", by=ana)
    gone = act.add_checklist(card, "Gone", by=ana)
    act.remove_checklist(gone, by=ana)
    removed = post_comment(card, "Removed", by=ana)
    remove_comment(removed, by=ana)
    thread = post_comment(card, "Is it so?", by=ana)
    for n in range(8):
        post_comment(card, f"No, {n}", by=kenji if n % 2 == 0 else ana, parent=thread)
    ask_question(card, "When?", [ana], by=kenji)
    then, day = timezone.now() - dt.timedelta(days=90), timezone.now().date() - dt.timedelta(days=9)
    record_decision(card, "No cookies.", by=By(ana, now=then), review_on=day)
    act.create_label(board, "On no card", 2, by=ana)
    for person in (ana, kenji):
        today = timezone.now().astimezone(person.zone).date()
        act.say_away(person, today, today + dt.timedelta(days=3), by=ana, reason="Holiday")
    act.configure_board(board, by=ana, check_ins="daily")
    fact = {"code": "moved-1", "kind": "moved", "card": {"id": str(card.uid), "key": card.key}, "words": ""}
    act.give_check_in(board, "Half a day in a workshop.", [fact], by=kenji)
    act.give_check_in(board, "A quiet day.", [], by=ana)
    Welcome.objects.create(user=ana, board=board)
    meetings = [planned(board, ana, "Prices", "Names", invited=[kenji]), planned(board, ana)]
    for _ in course(board, card, ana, kenji):
        pass
    start_meeting(planned(board, kenji, "At hand", "And then", title="Running"), by=ana)
    invitation, token = invite(board, by=ana, role="viewer", days=7, now=timezone.now())
    values = {
        "<board:key>": board.key,
        "<card:key>": card.key,
        "<uuid:id>": uuid.UUID(int=1),
        "<int:seq>": board.seq - 2,
        "<int:number>": Decision.objects.filter(board=board).earliest("pk").number,
        "columns/<int:pk>": card.column_id,
        "searches/<int:pk>": act.save_search(board, "Bugs", "label:bug", by=ana).pk,
        "b/templates/<int:pk>": act.save_board_template(board, "Our way", by=By(ana)).pk,
        "templates/<int:pk>": act.save_template(board, "Bug", by=ana, why="Who is hit?").pk,
        "schedules/<int:pk>": act.save_schedule(
            board.templates.get(),
            "FREQ=DAILY",
            by=ana,
            column=card.column,
            first=timezone.now().date(),
        ).pk,
        "trial/<int:pk>": act.start_trial(
            board, timezone.now().date(), minutes=15, team=4, weekdays=["MO"], by=ana
        ).pk,
        "links/<int:pk>": act.make_weekly_link(board, ["finished"], token="word", days=7, by=ana).pk,
        "saved/<int:pk>": act.save_own_search(ana, "My own", "is:mine").pk,
        "topics/<int:pk>": meetings[0].topics.earliest("pk").pk,
        "labels/<int:pk>": board.labels.earliest("pk").pk,
        "members/<int:pk>": Membership.objects.get(board=board, user=kenji).pk,
        "erase/<int:pk>": kenji.pk,
        "invitations/<int:pk>": invitation.pk,
        "checklists/<int:pk>": steps.pk,
        "items/<int:pk>": item.pk,
        "comments/<int:pk>": Comment.objects.filter(card=card, author=ana, kind="comment").earliest("pk").pk,
        "decisions/<int:pk>": Decision.objects.filter(card=card).latest("pk").pk,
        "<str:token>": "nonsense",
        "<str:secret>": "nonsense",
        "<int:pk>": 1,
    }
    doors = [f"/join/{token}/", urlsplit(welcome_link(newcomer, "http://testserver/")).path]
    doors += ["/accounts/login/", "/accounts/password/reset/", urlsplit(unsubscribe_url(ana, "digest")).path]
    doors.append(
        f"/accounts/password/reset/key/{user_pk_to_url_str(ana)}-{default_token_generator.make_token(ana)}/"
    )
    EmailAddress.objects.update_or_create(
        user=ana, email=ana.email, defaults={"verified": True, "primary": True}
    )
    board.refresh_from_db()
    return World(ana, board, values, site.pages, doors)
