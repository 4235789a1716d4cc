"""Questions that somebody asks now and then, each answered at most one view away from Now or the standup."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from activity.feed.period import period_of
from activity.models import Activity
from boards.models import Card, Checklist, Column
from comments.models import Ask, Comment, Decision
from fluxboard.accounts import times, working_hours
from fluxboard.accounts.calendar import midnight
from fluxboard.accounts.models import User
from tests.quiz.reader import DAY, Reader, shown


def what_went_on_to_another_column(reader: Reader) -> Any:
    """Net, whatever it went through: told of its owner, else of who brought it there."""
    begun, since = _begun(reader), period_of(reader.person, reader.now).start
    for first, last in reader.of_each_card("card.moved", "card.created", "card.transferred", since=since):
        was, now = first.before.get("column") or {}, last.after.get("column") or {}
        if was.get("id") in begun and now.get("id") in begun and was["id"] != now["id"]:
            yield reader.outcomes(last.card.assignee or last.actor), "Moved on", last.card.key, now["name"]


def _begun(reader: Reader) -> set[str]:
    columns = Column.objects.filter(pk__in=Column.objects.begun(reader.boards))
    return {str(uid) for uid in columns.values_list("uid", flat=True)}


def who_has_taken_a_card_over_and_from_whom(reader: Reader) -> Any:
    new = {one.card_id for one in reader.log("card.created", "card.transferred")}
    for first, last in reader.of_each_card("card.assigned"):
        was, now = first.before["assignee"], last.after["assignee"]
        if last.card_id in new or not was or not now or was["id"] == now["id"]:
            continue
        is_own = now["id"] == str(last.actor.uid)
        how = "Took over" if is_own else f"to {now['name'].split(' ')[0]}"
        yield reader.outcomes(last.actor, reader.fortnight), last.card.key, how


def whose_question_was_answered_and_by_whom(reader: Reader) -> Any:
    for one in reader.log("question.answered"):
        question = Comment.objects.get(uid=one.subject)
        yield (
            reader.outcomes(one.actor, reader.fortnight),
            "Answered",
            one.card.key,
            question.author.first_name,
        )


def what_was_unblocked(reader: Reader) -> Any:
    since = period_of(reader.person, reader.now).start
    for first, last in reader.of_each_card("card.blocked", "card.unblocked", since=since):
        if first.effect == last.effect == "card.unblocked":
            yield reader.outcomes(last.actor), "Unblocked", last.card.key


def what_can_somebody_not_go_on_with(reader: Reader) -> Any:
    blocked = reader.begun.filter(is_blocked=True).exclude(assignee=None)
    for card in blocked.select_related("board", "assignee", "column"):
        if page := reader.outcomes(card.assignee):
            yield page, card.key, card.column.name, "blocked"


def what_was_begun(reader: Reader) -> Any:
    """By its owner, else who brought it there last; what was put back, or went on to done, is not."""
    begun = _begun(reader)
    for first, last in reader.of_each_card("card.moved", "card.created", "card.transferred"):
        was, now = (first.before.get("column") or {}).get("id"), (last.after.get("column") or {}).get("id")
        if first.effect == "card.moved" and was not in begun and now in begun:
            yield reader.outcomes(last.card.assignee or last.actor, reader.fortnight), "Began", last.card.key


def which_decisions_stand_on_a_topic(reader: Reader) -> Any:
    page = shown(reader.html("/decisions/"))
    for one in Decision.objects.filter(board__in=reader.boards, superseded_by=None).order_by("-at")[:12]:
        yield page, one.key, one.card.key, "Standing"


def which_decision_was_superseded_and_by_which(reader: Reader) -> Any:
    for one in Decision.objects.filter(board__in=reader.boards).exclude(superseded_by=None):
        row = reader.part("/decisions/", f'id="d-{one.board.key}-{one.number}"', "</tr>")
        if row:
            yield row, "Superseded", one.superseded_by.key


def which_threads_have_no_outcome(reader: Reader) -> Any:
    threads = Comment.objects.filter(card__board__in=reader.boards, settled_at=None, removed_at=None)
    for thread in threads.exclude(escalated_at=None).select_related("card__board"):
        yield reader.group("threads"), thread.card.key


def how_many_did_each_finish_in_a_week(reader: Reader) -> Any:
    """By owner: what came to done in the days and still is."""
    first = reader.today - 7 * DAY
    page = shown(reader.html(f"/standup/?finished={first}..{reader.today}"))
    done = {str(uid) for uid in Column.objects.filter(is_done=True).values_list("uid", flat=True)}
    moves = Activity.objects.filter(
        board__in=reader.boards, at__gte=midnight(first, reader.person.zone), source_at=None
    ).doing("card.created", "card.moved", "card.transferred")
    came: dict[int | None, Activity] = {}
    for move in moves.order_by("id"):
        came.setdefault(move.card_id, move)
    counts: dict[str, int] = {}
    for card in Card.objects.filter(board__in=reader.boards, column__is_done=True).select_related("assignee"):
        begin = came.get(card.pk)
        if begin is not None and (begin.before.get("column") or {}).get("id") not in done:
            name = card.assignee.name if card.assignee else "No owner"
            counts[name] = counts.get(name, 0) + 1
    for name, number in counts.items():
        yield page, f"{name} {number}"


def what_was_moved_into_a_column_since_a_day(reader: Reader) -> Any:
    since = reader.today - 6 * DAY
    for column in Column.objects.filter(board__in=reader.boards, name__icontains="review"):
        page = shown(reader.html(f"/search/?q=to:review+since:{since}"))
        for move in Activity.objects.filter(
            board=column.board_id,
            verb="card.moved",
            at__gte=midnight(since, reader.person.zone),
            source_at=None,
        ).select_related("card__board", "actor"):
            if move.after["column"]["id"] == str(column.uid) != move.before["column"]["id"]:
                yield page, move.card.key


def which_questions_were_handed_on_and_to_whom(reader: Reader) -> Any:
    for ask in Ask.objects.exclude(handed_to=None).filter(comment__card__board__in=reader.boards):
        way = f"{ask.person.first_name} → {ask.handed_to.person.first_name}"
        yield shown(reader.html("/search/?q=is:handed-on")), ask.comment.card.key, way


def who_is_at_work_now(reader: Reader) -> Any:
    people = User.objects.filter(boards__in=reader.boards, is_active=True).distinct()
    here = sum(working_hours.is_at_work(person, reader.now) for person in people)
    for address in ("/now/", "/standup/"):
        yield shown(reader.html(address)), f"{here} of {len(people)} at work now"


def whom_do_i_hold_up(reader: Reader) -> Any:
    theirs = Q(blocked_by_user=reader.person) | Q(blocked_by_card__assignee=reader.person)
    for card in reader.open.filter(theirs, is_blocked=True).select_related("board"):
        yield reader.group("blocked", f"/now/?person={reader.person.pk}"), card.key


def what_am_i_on_and_what_comes_next(reader: Reader) -> Any:
    address = f"/now/?person={reader.person.pk}"
    for card in reader.open.filter(assignee=reader.person).select_related("board"):
        is_begun = card.column_id in Column.objects.begun(reader.boards)
        yield reader.group("on" if is_begun else "next", address), card.key, card.title


def what_is_due_this_week_and_whose_is_it(reader: Reader) -> Any:
    due = reader.open.filter(due__range=(reader.today, reader.today + 7 * DAY))
    for card in due.select_related("board", "assignee"):
        yield reader.group("due"), card.key, card.assignee.first_name if card.assignee else card.title


def which_answers_are_late(reader: Reader) -> Any:
    late = Ask.objects.open().filter(answer_by__lte=reader.now, comment__card__board__in=reader.boards)
    for ask in late.exclude(person=reader.person).select_related("comment__author", "person"):
        whom = f"{ask.comment.author.first_name} to {ask.person.first_name}"
        yield reader.group("questions"), f"{whom}, was due"


def what_is_new_on_the_boards(reader: Reader) -> Any:
    page = shown(reader.html(f"/standup/?by=cards&from={reader.today}"))
    for one in reader.log("card.created"):
        is_today = one.at >= midnight(reader.today, reader.person.zone)
        if is_today and one.card is not None and not one.card.is_archived:
            yield page, one.card.key, f"Created in {one.after['column']['name']}"


def how_far_is_a_checklist(reader: Reader) -> Any:
    lists = Checklist.objects.filter(card__in=reader.begun, removed_at=None).exclude(items=None)
    for one in lists.select_related("card__board").order_by("pk")[:1]:
        items = one.items.filter(removed_at=None)
        so_far = f"{items.exclude(checked_at=None).count()} of {items.count()}"
        yield shown(reader.html(one.card.get_absolute_url())), one.name, so_far


def how_did_the_board_stand_at_an_hour(reader: Reader) -> Any:
    """Each column's cards, by the last step of each before that hour."""
    board = next(board for board in reader.boards if board.key == "FLX")
    at = midnight(reader.today, reader.person.zone) + dt.timedelta(hours=6)
    page = reader.part(f"/b/FLX/at/?time={reader.today}T06:00", 'id="past-counts"', "</ul>")
    where: dict[int | None, Any] = {}
    put_away = set()
    for one in Activity.objects.filter(board=board, at__lte=at).order_by("seq"):
        if one.effect in ("card.created", "card.moved", "card.transferred", "card.restored"):
            if (one.after.get("column") or {}).get("id"):
                where[one.card_id] = one.after["column"]["id"]
            put_away.discard(one.card_id)
        elif one.effect == "card.archived":
            put_away.add(one.card_id)
    here = [uid for card, uid in where.items() if card not in put_away]
    for column in board.columns.current():
        yield page, f"{column.name} {here.count(str(column.uid))}"


def what_was_a_date_before(reader: Reader) -> Any:
    page = shown(reader.html(f"{reader.fortnight}&by=cards"))
    for _, last in reader.of_each_card("card.dated"):
        if last.before["due"] and last.after["due"]:
            was, now = (dt.date.fromisoformat(day) for day in (last.before["due"], last.after["due"]))
            yield page, f"{times.day_words(was, reader.today)} {times.day_words(now, reader.today)}"


DETAILS = [
    what_went_on_to_another_column,
    who_has_taken_a_card_over_and_from_whom,
    whose_question_was_answered_and_by_whom,
    what_was_unblocked,
    what_can_somebody_not_go_on_with,
    what_was_begun,
    which_decisions_stand_on_a_topic,
    which_decision_was_superseded_and_by_which,
    which_threads_have_no_outcome,
    how_many_did_each_finish_in_a_week,
    what_was_moved_into_a_column_since_a_day,
    which_questions_were_handed_on_and_to_whom,
    who_is_at_work_now,
    whom_do_i_hold_up,
    what_am_i_on_and_what_comes_next,
    what_is_due_this_week_and_whose_is_it,
    which_answers_are_late,
    what_is_new_on_the_boards,
    how_far_is_a_checklist,
    how_did_the_board_stand_at_an_hour,
    what_was_a_date_before,
]
