"""What the settings pages of members, columns, labels and card templates show."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from activity.models import Activity
from boards.actions.lines import titles_in
from boards.models import SPEC_FIELDS, Board, Card, Invitation, Label, Membership, Role
from boards.models.card import NOT_DONE
from fluxboard.accounts.away import away_words
from fluxboard.accounts.team_hours import TeamClock, team_clock
from fluxboard.accounts.times import today_of


def members_page(board: Board, reader: Any, now: dt.datetime, *, is_owner: bool) -> dict[str, Any]:
    """Members by role and name, and since when they are; invitations that wait; the cards of who has left.

    Days are those of the `reader`. Owners also see who was here before, since they may be asked to erase what
    those wrote.
    """
    members = list(Membership.objects.filter(board=board).select_related("user").order_by("user__name"))
    here = [member.user for member in members]
    since = {uid: today_of(reader, at) for uid, at in members_since(board).items()}
    for member in members:
        member.board = board
        member.away = away_words(member.user, now, here)  # type: ignore[attr-defined]
        member.since = since.get(str(member.user.uid))  # type: ignore[attr-defined]
    members.sort(key=lambda member: -Role(member.role).rank)
    pending = Invitation.objects.filter(
        board=board, accepted_at=None, revoked_at=None, declined_at=None, expires_at__gt=now
    ).select_related("invited_by", "claims", "person")
    return {
        "members": members,
        "pending": list(pending.order_by("-created_at")),
        "handover": cards_to_hand_over(board),
        "people": [member.user for member in members if member.user.is_active],
        "formerly": people_formerly_on(board, members) if is_owner else [],
    }


def members_since(board: Board) -> dict[str, dt.datetime]:
    """When people came onto the board (or back, or took over a name on it), by uid; of its log. One query."""
    rows = Activity.objects.on(board).doing("member.added", "member.claimed").order_by("seq")
    came = rows.only("verb", "subject", "at", "source_at", "after")
    return {str((one.after.get("person") or {}).get("id", one.subject)): one.happened_at for one in came}


def team_of(board: Board, reader: Any, now: dt.datetime) -> TeamClock:
    """The board's active people who can sign in, over the reader's day. One query."""
    members = board.members.filter(is_active=True)
    return team_clock([person for person in members if person.is_claimed], reader, now)


def people_formerly_on(board: Board, members: list[Membership]) -> list[Any]:
    """Who did something on the board and is not on it any more, by name. One query."""
    did = Activity.objects.filter(board=board, actor=OuterRef("pk"))
    left = get_user_model().objects.exclude(pk__in=[member.user_id for member in members])
    return list(left.filter(Exists(did)).order_by("name", "pk"))


def cards_to_hand_over(board: Board) -> list[Card]:
    """Cards of the board whose assignee has been deactivated, by person and place."""
    return list(
        Card.objects.filter(board=board, assignee__is_active=False)
        .current()
        .filter(NOT_DONE)
        .select_related("assignee", "column", "board")
        .order_by("assignee__name", "number")
    )


def columns_page(board: Board) -> dict[str, Any]:
    """Columns in order with their neighbours and counts, and the archived ones."""
    columns = list(
        board.columns.in_board_order().annotate(cards_now=Count("cards", filter=Q(cards__archived_at=None)))
    )
    for column in columns:
        column.board = board
    current = [column for column in columns if not column.is_archived]
    rows = [
        {
            "column": column,
            "previous": current[place - 1] if place else None,
            "next": current[place + 1] if place + 1 < len(current) else None,
            "is_only": len(current) == 1,
        }
        for place, column in enumerate(current)
    ]
    return {"rows": rows, "archived": [column for column in columns if column.is_archived]}


def labels_page(board: Board) -> dict[str, Any]:
    """The board's labels with how many cards wear each."""
    labels = list(
        Label.objects.filter(board=board, removed_at=None)
        .annotate(cards_now=Count("cards", filter=Q(cards__archived_at=None)))
        .order_by("name")
    )
    for label in labels:
        label.board = board
    return {"labels": labels}


def templates_page(board: Board) -> dict[str, Any]:
    """The board's card templates by name, each with what it brings. Two queries."""
    there = board.templates.filter(removed_at=None).select_related("assignee").order_by("name")
    rows = []
    for template in there.prefetch_related(Prefetch("labels", Label.objects.filter(removed_at=None))):
        template.board = board
        spec = [label for name, label in SPEC_FIELDS.items() if getattr(template, name)]
        rows.append({"template": template, "spec": spec, "items": len(titles_in(template.steps))})
    return {"rows": rows, "schedules": _schedules_of(board)}


def _schedules_of(board: Board) -> list[dict[str, Any]]:
    """What is on the board's calendar, the next first, with the next three cards and whose. Two queries."""
    found = []
    for schedule in board.schedules.filter(removed_at=None).complete().order_by("next_at", "pk"):
        schedule.board = schedule.template.board = board
        rota = [(one.person, one.may_own_cards_of(board)) for one in schedule.places]
        found.append({"schedule": schedule, "rota": rota})
    return found
