"""What the tables hold of some boards, thing by thing, to tell what a request has changed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from activity.models import Activity
from boards.models import (
    Board,
    Card,
    CheckIn,
    Checklist,
    Column,
    Item,
    Label,
    Membership,
    RotaPlace,
    Schedule,
    Search,
    Template,
    Trial,
)
from comments.models import Agreement, Ask, Comment, Confirmation, Decision
from fluxboard.meetings.models import Meeting, Topic

Thing = tuple[str, str]  # what kind, and the uid by which the log speaks of it

DERIVED = {
    "id",
    "uid",
    "version",
    "field_seqs",
    "seq",
    "look",
    "next_number",
    "next_decision",
    "created_at",
    "moved_at",
    "items_total",
    "items_done",
    "comments_count",
    "decisions_count",
    "questions_open",
    "threads_escalated",
    "salt",
    "at",
    "edited_at",
}


def _rows(kind: str, rows: Any, *besides: str) -> dict[Thing, Any]:
    """The rows of one kind, without what is derived from others and the fields named in `besides`."""
    names = [field.attname for field in rows.model._meta.concrete_fields]
    fields = [name for name in names if name not in DERIVED and name not in besides]
    return {
        (kind, str(row["uid"])): tuple(row[name] for name in fields) for row in rows.values("uid", *fields)
    }


def _talk(boards: Any) -> dict[Thing, Any]:
    """Comments with whom they ask, and decisions; a comment that began as a decision is told with it."""
    decisions = Decision.objects.filter(board__in=boards)
    found = _rows("decision", decisions, "board_id", "number")  # they change along with their card's board
    agreed = Agreement.objects.filter(decision__in=decisions).values_list("decision__uid", "person")
    for uid, person in agreed.order_by("id"):
        found["decision", str(uid)] += (person,)
    confirmed = Confirmation.objects.filter(decision__in=decisions)
    for uid, *said in confirmed.order_by("id").values_list("decision__uid", "round", "person"):
        found["decision", str(uid)] += (*said,)
    asked: dict[int, tuple[Any, ...]] = {}
    asks = Ask.objects.filter(comment__card__board__in=boards).order_by("id")
    for comment, *ask in asks.values_list("comment", "person", "handed_to"):
        asked[comment] = (*asked.get(comment, ()), *ask)
    comments = Comment.objects.filter(card__board__in=boards).select_related("decision")
    for comment in comments:
        state = (comment.escalated_at, comment.settled_at, comment.settled_how, comment.answered_by)
        decision = getattr(comment, "decision", None)
        if decision is None or decision.at != comment.at:
            said = (comment.text, comment.card_id, comment.author_id, comment.parent_id, comment.removed_at)
            found["comment", str(comment.uid)] = (*said, *state, asked.get(comment.pk))
        elif any(state):
            found["comment", str(comment.uid)] = state
    return found


def held(boards: Any) -> dict[Thing, Any]:
    """Every thing of `boards` (a queryset) with all that a person could have changed about it."""
    cards = Card.objects.filter(board__in=boards)
    found = (
        _rows("board", Board.objects.filter(pk__in=boards))
        | _rows("column", Column.objects.filter(board__in=boards))
        | _rows("label", Label.objects.filter(board__in=boards))
        | _rows("template", Template.objects.filter(board__in=boards))
        | _rows("schedule", Schedule.objects.filter(board__in=boards))
        | _rows("checkin", CheckIn.objects.filter(board__in=boards))
        | _rows("trial", Trial.objects.filter(board__in=boards))
        | _rows("meeting", Meeting.objects.filter(board__in=boards), "sequence", "at_hand_since")
        | _rows("topic", Topic.objects.filter(meeting__board__in=boards), "settled_at")
        | _rows("search", Search.objects.filter(board__in=boards))
        | _rows("checklist", Checklist.objects.filter(card__board__in=boards))
        | _rows("item", Item.objects.filter(checklist__card__board__in=boards))
        | _talk(boards)
    )
    in_turn = RotaPlace.objects.filter(schedule__board__in=boards)
    for uid, person, last in in_turn.values_list("schedule__uid", "person", "last"):
        found["schedule", str(uid)] += ((person, last),)
    invited = Meeting.objects.filter(board__in=boards).values_list("uid", "invited").order_by("invited")
    for uid, person in invited:
        found["meeting", str(uid)] += (person,)
    tags, people = {}, {}
    for card, label in cards.exclude(labels=None).values_list("uid", "labels"):
        tags.setdefault(str(card), set()).add(label)
    for card, person in cards.exclude(participants=None).values_list("uid", "participants"):
        people.setdefault(str(card), set()).add(person)
    for (kind, uid), values in _rows("card", cards).items():
        found[kind, uid] = (*values, tags.get(uid), people.get(uid))
    members = Membership.objects.filter(board__in=boards)
    for board, person, role in members.values_list("board", "user__uid", "role"):
        found[f"member of {board}", str(person)] = role
    return found


def changed(before: dict[Thing, Any], after: dict[Thing, Any]) -> dict[str, Any]:
    """What is there, gone or otherwise than before: by uid, with its kind and how it was and is."""
    return {
        uid: (kind, before.get((kind, uid)), after.get((kind, uid)))
        for kind, uid in before.keys() | after.keys()
        if before.get((kind, uid)) != after.get((kind, uid))
    }


def assert_told_once(things: dict[str, Any], told: list[Activity]) -> None:
    """One activity for each thing changed, and none for anything else.

    Two kinds of thing take two: a card on its way to another board is told on both, and one that comes back
    to a column that has gone is moved and restored; the undo of that takes two as well.
    """
    speaks = {str(activity.subject) for activity in told}
    silent = [things[uid] for uid in things.keys() - speaks]
    assert speaks == things.keys(), ([str(activity) for activity in told], speaks - things.keys(), silent)
    twice = [uid for uid, times in Counter((a.board_id, str(a.subject)) for a in told).items() if times > 1]
    for board, uid in twice:
        verbs = [a.effect for a in told if (a.board_id, str(a.subject)) == (board, uid)]
        assert verbs in (["card.moved", "card.restored"], ["card.archived", "card.moved"]), verbs
