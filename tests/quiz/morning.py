"""Questions of every morning, which Now and the standup answer themselves.

Each yields a page, and the words that must stand on it; the right ones come from the tables and the log.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F

from activity.feed.period import period_of
from activity.models import Activity
from boards.models import Column
from comments.models import Ask, Decision
from fluxboard.accounts import times
from fluxboard.accounts.models import User
from tests.quiz.reader import DAY, Reader, shown


def what_is_blocked_by_whom_and_why(reader: Reader) -> Any:
    for page in (reader.group("blocked"), reader.group("blocked", "/standup/")):
        for card in reader.open.filter(is_blocked=True).select_related("board", "blocked_by_user"):
            by = [f"waits on {card.blocked_by_user.first_name}"] if card.blocked_by_user else ["blocked"]
            by += ["since"]
            yield page, card.key, card.title, card.blocked_reason[:20], *by


def what_is_overdue_and_whose_is_it(reader: Reader) -> Any:
    for card in reader.open.filter(due__lt=reader.today).select_related("board", "assignee"):
        yield reader.group("overdue"), card.key, card.assignee.first_name if card.assignee else ""
        yield reader.group("overdue", "/standup/"), card.key


def what_is_due_tomorrow(reader: Reader) -> Any:
    for card in reader.open.filter(due=reader.today + DAY).select_related("board"):
        yield reader.group("due", "/standup/"), card.key, "Tomorrow"


def what_waits_on_me_and_by_when(reader: Reader) -> Any:
    asks = Ask.objects.open().filter(person=reader.person, comment__card__board__in=reader.boards)
    for ask in asks.select_related("comment__author", "comment__card__board"):
        page = reader.group("waiting", "/standup/")
        by = "was due" if ask.answer_by and ask.answer_by <= reader.now else "by"
        yield page, ask.comment.card.key, f"{ask.comment.author.first_name} asks; answer {by}"


def what_is_asked_of_others(reader: Reader) -> Any:
    asks = Ask.objects.open().filter(comment__card__board__in=reader.boards).exclude(person=reader.person)
    for ask in asks.select_related("person", "comment__author", "comment__card__board"):
        whom = f"{ask.comment.author.first_name} to {ask.person.first_name}"
        yield reader.group("questions"), ask.comment.card.key, whom


def what_is_each_on(reader: Reader) -> Any:
    cards = reader.begun.exclude(assignee=None).select_related("board", "assignee")
    for person in {card.assignee for card in cards}:
        page = reader.outcomes(person)
        theirs = [card for card in cards if card.assignee_id == person.pk]
        if page and len(theirs) <= 4:
            yield page, "On now", *[card.key for card in theirs]


def what_has_stood_still(reader: Reader) -> Any:
    for card in reader.begun.filter(moved_at__lte=reader.now - F("board__stale_after") * DAY):
        limit = "Not moved for"
        for page in (reader.group("stuck"), reader.group("stuck", "/standup/")):
            yield page, card.key, card.column.name, limit


def what_has_no_owner_and_what_no_definition_of_done(reader: Reader) -> Any:
    nobodys = reader.open.filter(assignee=None).count()
    if nobodys:
        yield reader.group("no-owner"), f"No owner {nobodys}"
        yield reader.html("/standup/"), f"No owner {nobodys}"
    for card in reader.begun.filter(done_when="").select_related("board"):
        yield reader.group("no-done-when"), card.key


def what_has_stood_still_for_a_week(reader: Reader) -> Any:
    """For a number of days that one asks for, in the address of Now."""
    page = reader.group("stuck", "/now/?still=7")
    for card in reader.begun.filter(moved_at__lte=reader.now - 7 * DAY):
        yield page, "Not moved for 7 days", card.key, card.column.name


def which_of_these_there_is_nothing_of(reader: Reader) -> Any:
    """A group without a card is told too, and whether a question went on to somebody else."""
    handed = Ask.objects.open().handed_on().filter(comment__card__board__in=reader.boards)
    said = f"Open questions handed on {handed.count()}" if handed else "No open question was handed on"
    for address in ("/now/", "/standup/"):
        page = shown(reader.html(address))
        if handed or address == "/now/":
            yield page, said
        if not reader.open.filter(due__lt=reader.today):
            yield page, "Overdue 0"


def what_was_finished_since_my_last_working_day(reader: Reader) -> Any:
    """By its owner, else by who brought it there last; what was put back is not."""
    period = period_of(reader.person, reader.now)
    moves = Activity.objects.filter(
        board__in=reader.boards, verb="card.moved", at__gte=period.start, source_at=None
    ).order_by("id")
    last = {move.card_id: move for move in moves.select_related("actor")}
    done = {str(uid) for uid in Column.objects.filter(is_done=True).values_list("uid", flat=True)}
    for card in reader.cards.filter(pk__in=last, column__is_done=True).select_related("board"):
        runs = [move for move in moves if move.card_id == card.pk]
        if runs[0].before["column"]["id"] not in done:
            yield reader.outcomes(card.assignee or last[card.pk].actor), "Finished", card.key


def what_was_decided(reader: Reader) -> Any:
    period = period_of(reader.person, reader.now)
    found = Decision.objects.filter(board__in=reader.boards, at__gte=period.start)
    for one in found.select_related("recorded_by", "board"):
        yield reader.outcomes(one.recorded_by), "Decided", f"{one.board.key} D-{one.number}"


def who_is_away_and_who_covers(reader: Reader) -> Any:
    page = shown(reader.html("/standup/"))
    for person in User.objects.filter(boards__in=reader.boards).distinct():
        for stretch in person.away:
            if stretch.last >= times.today_of(person, reader.now):
                yield page, "away", f"{stretch.cover_name.split(' ')[0]} covers" if stretch.cover else "away"


def how_many_came_to_done_between_two_days(reader: Reader) -> Any:
    first = reader.today - 7 * DAY
    page = shown(reader.html(f"/standup/?finished={first}..{reader.today}"))
    moves = Activity.objects.filter(board__in=reader.boards, verb="card.moved", source_at=None).order_by("id")
    done = {str(uid) for uid in Column.objects.filter(is_done=True).values_list("uid", flat=True)}
    begin = period_of(reader.person, reader.now, str(first), str(reader.today)).start
    for card in reader.cards.filter(column__is_done=True).select_related("board"):
        runs = [move for move in moves if move.card_id == card.pk and move.at >= begin]
        if runs and runs[0].before["column"]["id"] not in done:
            yield page, card.key


def what_comes_next_for_somebody(reader: Reader) -> Any:
    waiting = reader.open.exclude(pk__in=reader.begun).exclude(assignee=None)
    for card in waiting.select_related("board", "assignee"):
        yield reader.group("next", f"/now/?person={card.assignee_id}"), card.key


MORNING = [
    what_is_blocked_by_whom_and_why,
    what_is_overdue_and_whose_is_it,
    what_is_due_tomorrow,
    what_waits_on_me_and_by_when,
    what_is_asked_of_others,
    what_is_each_on,
    what_has_stood_still,
    what_has_stood_still_for_a_week,
    which_of_these_there_is_nothing_of,
    what_has_no_owner_and_what_no_definition_of_done,
    what_was_finished_since_my_last_working_day,
    what_was_decided,
    who_is_away_and_who_covers,
    how_many_came_to_done_between_two_days,
    what_comes_next_for_somebody,
]
