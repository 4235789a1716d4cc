"""A board as its tables have it, in the shape in which its log tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Prefetch, QuerySet

from activity.log.replay.state import State
from boards.actions.facts import day_fact
from boards.card_fields import CARD_FIELDS
from boards.imported_boards import (
    SUPERSEDED_BY,
    blocked_by_elsewhere,
    named_elsewhere,
    promoted_elsewhere,
)
from boards.models import (
    SPEC_FIELDS,
    Board,
    Card,
    CheckIn,
    Checklist,
    Column,
    Item,
    Label,
    RotaPlace,
    Schedule,
    Search,
    Template,
    Trial,
)
from comments.models import Comment, Decision
from fluxboard.meetings.models import Meeting, Topic


def state_of_tables(board: Board) -> State:
    """What `verify.state_of_log` tells, as the tables have it."""
    board = Board.objects.get(pk=board.pk)
    lists = Checklist.objects.filter(card__board=board, removed_at=None).select_related("card")
    items = Item.objects.filter(checklist__in=lists, removed_at=None)
    comments = Comment.objects.filter(card__board=board).select_related("card", "author", "parent")
    state = State(
        board=_board(board),
        members={str(one.user.uid): one.role for one in board.memberships.select_related("user")},
        columns=_by_uid(board.columns.all(), _column),
        labels=_by_uid(board.labels.filter(removed_at=None), _label),
        searches=_by_uid(board.searches.filter(removed_at=None), _search),
        templates=_by_uid(_templates_of(board), _template),
        schedules=_by_uid(_schedules_of(board), _schedule),
        checkins=_by_uid(_check_ins_of(board), _check_in),
        trials=_by_uid(board.trials.current(), _trial),
        cards=_by_uid(board.cards.for_fronts().select_related("column"), _card),
        checklists=_by_uid(lists, _checklist),
        items=_by_uid(items.select_related("checklist", "checked_by", "promoted_to"), _item),
        comments=_by_uid(comments.prefetch_related("asks__person"), _comment),
        decisions=_by_uid(decisions_of(board), _decision),
        meetings=_by_uid(_meetings_of(board), _meeting),
        topics=_by_uid(_topics_of(board), _topic),
    )
    _name_what_is_elsewhere(board, state)
    return state


def _by_uid(rows: Iterable[Any], told: Callable[[Any], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(row.uid): told(row) for row in rows}


def _name_what_is_elsewhere(board: Board, state: State) -> None:
    """Rows of a carried board name things that aren't here; the tables keep their uids beside them."""
    for uid, card in blocked_by_elsewhere(board).items():
        blocked = state.cards.get(str(uid), {}).get("blocked")
        if blocked is not None:
            blocked["card"] = str(card)
    for uid, card in promoted_elsewhere(board).items():
        if str(uid) in state.items:
            state.items[str(uid)]["promoted_to"] = str(card)
    superseded = named_elsewhere(board, SUPERSEDED_BY, Decision, "superseded_by")
    for uid, newer in superseded.items():
        if str(uid) in state.decisions:
            state.decisions[str(uid)]["superseded_by"] = str(newer)


def decisions_of(board: Board) -> QuerySet[Decision]:
    return (
        Decision.objects.filter(board=board)
        .select_related("card", "comment", "grew_from", "superseded_by")
        .prefetch_related("decided_by", "agreed_by", "confirmations__person")
    )


def _board(board: Board) -> dict[str, Any]:
    return {
        "key": board.key,
        "name": board.name,
        "description": board.description,
        "open_to": board.open_to,
        "wip_rule": board.wip_rule,
        "stale_after": board.stale_after,
        "answer_days": board.answer_days,
        "check_ins": board.check_ins,
        "card_fields": board.card_fields,
        "archived": board.is_archived,
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "position": column.position,
        "wip_limit": column.wip_limit,
        "is_done": column.is_done,
        "archived": column.is_archived,
    }


def _label(label: Label) -> dict[str, Any]:
    return {"name": label.name, "hue": label.hue}


def _search(search: Search) -> dict[str, Any]:
    return {"name": search.name, "query": search.query}


def _templates_of(board: Board) -> QuerySet[Template]:
    return board.templates.filter(removed_at=None).select_related("assignee").prefetch_related("labels")


def _template(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "title": template.title,
        **{name: getattr(template, name) for name in SPEC_FIELDS},
        "steps": template.steps,
        "labels": sorted(str(label.uid) for label in template.labels.all()),
        "assignee": _uid(template.assignee),
        "is_default": template.is_default,
    }


def _schedules_of(board: Board) -> QuerySet[Schedule]:
    there = board.schedules.filter(removed_at=None).select_related("template", "column")
    return there.prefetch_related(Prefetch("rota", RotaPlace.objects.select_related("person")))


def _schedule(schedule: Schedule) -> dict[str, Any]:
    return {
        "template": _uid(schedule.template),
        "column": _uid(schedule.column),
        "rule": schedule.rule,
        "first": schedule.first.isoformat(),
        "time": f"{schedule.time:%H:%M}",
        "zone": schedule.zone,
        "paused": schedule.is_paused,
        "upto": schedule.upto.isoformat() if schedule.upto else None,
        "rota": [str(one.person.uid) for one in schedule.places],
        "turns": {str(one.person.uid): one.last.isoformat() for one in schedule.places if one.last},
    }


def _check_ins_of(board: Board) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(board=board, removed_at=None).select_related("person")


def _check_in(check_in: CheckIn) -> dict[str, Any]:
    return {
        "person": _uid(check_in.person),
        "day": check_in.day.isoformat(),
        "text": check_in.text,
        "shown": check_in.shown,
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "stops": trial.stops.isoformat(),
        "minutes": trial.minutes,
        "team": trial.team,
        "weekdays": trial.weekdays,
        "choice": trial.choice,
        "text": trial.text,
        "report": trial.report,
    }


def _card(card: Card) -> dict[str, Any]:
    blocked = {
        "reason": card.blocked_reason,
        "person": _uid(card.blocked_by_user),
        "card": _uid(card.blocked_by_card),
    }
    return {
        "number": card.number,
        **{name: field.value.in_state(field.fact(card)) for name, field in CARD_FIELDS.items()},
        "column": str(card.column.uid),
        "position": card.position,
        "participants": sorted(str(person.uid) for person in card.participants.all()),
        "labels": sorted(str(label.uid) for label in card.labels.all()),
        "blocked": blocked if card.is_blocked else None,
        "archived": card.is_archived,
    }


def _checklist(checklist: Checklist) -> dict[str, Any]:
    return {
        "card": str(checklist.card.uid),
        "name": checklist.name,
        "position": checklist.position,
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "checklist": str(item.checklist.uid),
        "text": item.text,
        "position": item.position,
        "checked": item.is_checked,
        "checked_by": _uid(item.checked_by),
        "promoted_to": _uid(item.promoted_to),
    }


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "card": str(comment.card.uid),
        "author": str(comment.author.uid),
        "parent": _uid(comment.parent),
        "kind": comment.kind,
        "text": comment.text,
        "removed": comment.removed_at is not None,
        "state": comment.state,
        "answered_by": str(comment.answered_by) if comment.answered_by else None,
        "asks": sorted(str(ask.person.uid) for ask in comment.asks.all() if ask.handed_to_id is None),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "number": decision.number,
        "card": str(decision.card.uid),
        "comment": str(decision.comment.uid),
        "text": decision.text,
        "how": decision.how,
        "from": _uid(decision.grew_from),
        "decided_by": sorted(str(person.uid) for person in decision.decided_by.all()),
        "agreed_by": sorted(str(person.uid) for person in decision.agreed_by.all()),
        "superseded_by": _uid(decision.superseded_by),
        "review_on": day_fact(decision.review_on),
        "next_review_on": day_fact(decision.next_review_on),
        "confirmed": sorted(
            [day_fact(one.round), str(one.person.uid)] for one in decision.confirmations.all()
        ),
    }


def _meetings_of(board: Board) -> QuerySet[Meeting]:
    return board.meetings.select_related("organiser").prefetch_related("invited")


def _meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "number": meeting.number,
        "kind": meeting.kind,
        "title": meeting.title,
        "starts_at": meeting.starts_at.isoformat(),
        "minutes": meeting.minutes,
        "organiser": _uid(meeting.organiser),
        "invited": sorted(str(person.uid) for person in meeting.invited.all()),
        "state": meeting.state,
        "reason": meeting.reason,
        "at_hand": str(meeting.at_hand) if meeting.at_hand else None,
    }


def _topics_of(board: Board) -> QuerySet[Topic]:
    return Topic.objects.filter(meeting__board=board).select_related("meeting", "owner")


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "meeting": _uid(topic.meeting),
        "kind": topic.kind,
        "about": str(topic.about) if topic.about else None,
        "text": topic.text,
        "prompt": topic.prompt,
        "owner": _uid(topic.owner),
        "minutes": topic.minutes,
        "position": topic.position,
        "notes": topic.notes,
        "outcome": topic.outcome,
        "made": str(topic.made) if topic.made else None,
        "reason": topic.reason,
        "removed": topic.dropped_at is not None,
    }


def _uid(thing: Any) -> str | None:
    return str(thing.uid) if thing is not None else None
