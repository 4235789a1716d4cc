"""The trial of working without a standup: said, asked about each Friday, told, decided."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from activity.errors import Clash, Forbidden, Refused
from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Trial, TrialAnswer, TrialVoice
from comments.actions import post_comment
from fluxboard.accounts.models import User
from fluxboard.core import limits
from fluxboard.features.digest.content import letter_for
from fluxboard.features.trial.question import answer, open_questions
from fluxboard.features.trial.report import Comparison, Measure, answers_of, load_report
from fluxboard.features.verification.verify import verify

STOPS = dt.date(2026, 11, 30)  # a Monday
FRIDAY = dt.datetime(2026, 12, 4, 15, 0, tzinfo=dt.UTC)
OVER = dt.datetime(2026, 12, 14, 12, 0, tzinfo=dt.UTC)
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR"]


def at(person: User, day: dt.date) -> By:
    return By(person, now=dt.datetime.combine(day, dt.time(12), dt.UTC))


@pytest.fixture
def trial(board: Board, ana: User) -> Trial:
    days = {"minutes": 15, "team": 6, "weekdays": WEEKDAYS}
    made = act.start_trial(board, STOPS, **days, by=at(ana, dt.date(2026, 11, 16)))
    made.board = board
    return made


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(person: User, address: str, **typed: Any) -> Any:
    return client_of(person).post(address, {"request_id": str(uuid.uuid4()), **typed})


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def page(person: User, address: str = "/b/FLX/trial/") -> str:
    response = client_of(person).get(address)
    assert response.status_code == 200
    return words(response.content.decode())


# ---- said --------------------------------------------------------------------------------------------------


@time_machine.travel(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC), tick=False)
def test_an_owner_says_when_the_standup_stops_and_everybody_reads_it(board, ana, kenji):
    assert "An owner of the board begins it." in page(kenji)
    form = client_of(ana).get("/b/FLX/trial/new/").content.decode()
    assert 'value="2026-11-23"' in form  # the next Monday
    typed = {"stops": "2026-11-30", "minutes": "15", "team": "6", "weekdays": ["MO", "WE"]}
    done = send(ana, "/b/FLX/trial/new/", **typed)
    found = Trial.objects.get()
    assert (done.status_code, done["Location"]) == (303, f"/b/FLX/trial/{found.pk}/")
    assert (found.stops, found.minutes, found.team, found.weekdays) == (STOPS, 15, 6, ["MO", "WE"])
    assert "The standup stops on Mon 30 Nov" in page(kenji)
    assert "15 minutes, 6 people; Monday, Wednesday" in page(kenji)
    assert verify(board) == []


@time_machine.travel(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC), tick=False)
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"stops": ""}, "Choose a day."),
        ({"stops": "2026-02-30"}, "Choose a day."),
        ({"stops": "2026-11-04"}, "Choose a day from 13 days back to 90 days ahead."),
        ({"stops": "2027-11-04"}, "Choose a day from 13 days back to 90 days ahead."),
        ({"minutes": "0"}, "Between 1 and 240 minutes."),
        ({"minutes": "a few"}, "Between 1 and 240 minutes."),
        ({"minutes": "9" * 40}, "Between 1 and 240 minutes."),
        ({"team": ""}, "Between 1 and 200 people."),
        ({"weekdays": []}, "Choose the days on which the standup was held."),
        ({"weekdays": ["XX"]}, "Select a valid choice. XX is not one of the available choices."),
    ],
)
def test_what_will_not_do_is_said_beside_its_field(board, ana, typed, said):
    good = {"stops": "2026-11-30", "minutes": "15", "team": "6", "weekdays": ["MO"]}
    response = send(ana, "/b/FLX/trial/new/", **good | typed)
    assert response.status_code == 422
    assert said in words(response.content.decode())
    assert not Trial.objects.exists()


def test_there_is_one_trial_at_a_time_and_only_owners_have_a_say(board, trial, ana, kenji):
    with pytest.raises(Refused, match="There is a trial on this board already"):
        act.start_trial(board, STOPS, minutes=5, team=2, weekdays=["MO"], by=at(ana, STOPS))
    for change in (
        lambda by: act.start_trial(board, STOPS, minutes=5, team=2, weekdays=["MO"], by=by),
        lambda by: act.change_trial(trial, by=by, minutes=5),
        lambda by: act.remove_trial(trial, by=by),
        lambda by: act.decide_trial(trial, "keep", "Good.", {}, by=by),
        lambda by: act.reopen_trial(trial, by=by),
    ):
        with pytest.raises(Forbidden):
            change(at(kenji, STOPS))


def test_two_owners_who_change_the_same_get_both_values_and_each_field_stands_alone(board, trial, ana, priya):
    act.change_role(board, priya, "owner", by=ana)
    seen, day = trial.version, dt.date(2026, 11, 20)
    act.change_trial(trial, by=at(ana, day), minutes=20)
    act.change_trial(trial, by=at(priya, day), seen=seen, team=7)
    with pytest.raises(Clash) as clash:
        act.change_trial(trial, by=at(priya, day), seen=seen, minutes=30)
    assert [(one.label, one.base, one.theirs, one.yours) for one in clash.value.differences] == [
        ("Minutes of the standup", "15", "20", "30")
    ]
    trial.refresh_from_db()
    assert (trial.minutes, trial.team) == (20, 7)


def test_the_day_stands_once_the_standup_has_stopped(trial, ana):
    act.change_trial(trial, by=at(ana, dt.date(2026, 11, 29)), stops=dt.date(2026, 12, 1))
    with pytest.raises(Refused, match="has stopped already"):
        act.change_trial(trial, by=at(ana, dt.date(2026, 12, 1)), stops=dt.date(2026, 12, 8))
    act.change_trial(trial, by=at(ana, dt.date(2026, 12, 1)), minutes=10)


# ---- the question of each Friday ---------------------------------------------------------------------------


def test_the_question_opens_on_friday_and_closes_with_the_week(board, trial, kenji):
    """In Tokyo: by the person's own clock, from the start of their working hours."""
    assert kenji.time_zone == "Asia/Tokyo"
    opens = dt.datetime(2026, 12, 4, kenji.work_start.hour, tzinfo=kenji.zone)
    minute = dt.timedelta(minutes=1)

    def asked(now: dt.datetime) -> list[dt.date]:
        return [one.friday for one in open_questions([board], kenji, now)]

    assert asked(opens - minute) == []
    assert asked(opens) == [dt.date(2026, 12, 4)]
    assert asked(dt.datetime(2026, 12, 6, 23, 59, tzinfo=kenji.zone)) == [dt.date(2026, 12, 4)]
    assert asked(dt.datetime(2026, 12, 7, 23, 59, tzinfo=kenji.zone)) == []
    fridays = [dt.datetime(2026, 11, 13, 15, tzinfo=kenji.zone) + dt.timedelta(7 * n) for n in range(6)]
    assert [bool(asked(day)) for day in fridays] == [False, True, True, True, True, False]


def test_who_does_not_work_on_friday_is_asked_on_their_last_day_before_it(trial, kenji):
    kenji.work_days = [1, 2, 3, 7]
    days = [dt.date(2026, 11, 30) + dt.timedelta(n) for n in range(7)]
    assert [trial.friday_of(kenji, day) is not None for day in days] == [False, False, *[True] * 5]


def test_an_answer_has_no_author_and_is_told_once_three_have_answered(trial, ana, kenji, priya):
    for person, chosen, text in ((ana, "yes", ""), (kenji, "no", "  Who owns the bank? ")):
        answer(trial, person, chosen, text, FRIDAY)
    (friday,) = answers_of(trial)
    assert (friday.number, friday.counts, friday.said) == (2, (), ())
    answer(trial, priya, "yes", "", FRIDAY)
    (friday,) = answers_of(trial)
    assert friday.counts == [("Yes", 2), ("Partly", 0), ("No", 1)]
    assert friday.said == ["Who owns the bank?"]
    assert {field.name for field in TrialAnswer._meta.get_fields()} == {
        "id",
        "trial",
        "friday",
        "answer",
        "text",
    }
    assert not Activity.objects.filter(verb__startswith="trial.ans").exists()


@pytest.mark.parametrize(
    ("chosen", "text", "now", "said"),
    [
        ("maybe", "", FRIDAY, "Choose one of the three."),
        ("", "", FRIDAY, "Choose one of the three."),
        ("yes", "x" * (limits.TRIAL_ANSWER + 1), FRIDAY, "What you add"),
        ("yes", "\0", FRIDAY, "What you add"),
        ("yes", "", FRIDAY - dt.timedelta(2), "No question is open"),
        ("yes", "", OVER, "No question is open"),
    ],
)
def test_what_is_no_answer_leaves_nothing(trial, ana, chosen, text, now, said):
    with pytest.raises(Refused, match=said):
        answer(trial, ana, chosen, text, now)
    assert not TrialVoice.objects.exists()
    assert not TrialAnswer.objects.exists()


def test_a_second_answer_is_refused_and_the_first_stays(trial, ana):
    answer(trial, ana, "yes", "", FRIDAY)
    with pytest.raises(Refused, match="can’t be changed"):
        answer(trial, ana, "no", "", FRIDAY)
    assert [one.answer for one in TrialAnswer.objects.all()] == ["yes"]


@pytest.mark.django_db(transaction=True)
def test_one_person_from_many_pages_at_once_has_one_answer(board, ana):
    days = {"minutes": 15, "team": 6, "weekdays": WEEKDAYS}
    trial = act.start_trial(board, STOPS, **days, by=at(ana, STOPS))
    said = []

    def post() -> None:
        try:
            answer(trial, ana, "partly", "", FRIDAY)
            said.append("kept")
        except Refused:
            said.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(said) == ["kept", *["refused"] * 7]
    assert TrialAnswer.objects.count() == 1


@time_machine.travel(FRIDAY, tick=False)
def test_it_is_asked_on_now_and_in_the_digest_until_it_is_answered(board, card, trial, ana):
    assert "Did you know what you needed this week?" in page(ana, "/now/")
    letter = letter_for(ana, FRIDAY)
    (asked,) = letter.questions
    (_, yes), *_ = asked.answers
    address = yes[yes.index("/b/") :]
    assert address == f"/b/FLX/trial/{trial.pk}/answer/?answer=yes"
    html = client_of(ana).get(address).content.decode()
    assert re.search(r'value="yes"[^>]* checked', html)
    assert not TrialAnswer.objects.exists(), "to open a link is no answer"
    again = send(ana, address, answer="", text="Half a <b>word</b>")
    assert again.status_code == 422
    assert "Half a &lt;b&gt;word&lt;/b&gt;" in again.content.decode()
    done = send(ana, address, answer="yes", text="", next="/now/")
    assert (done.status_code, done["Location"]) == (303, "/now/")
    assert "Did you know what you needed" not in page(ana, "/now/")
    assert letter_for(ana, FRIDAY).questions == []
    assert send(ana, address, answer="no").status_code == 303
    assert [one.answer for one in TrialAnswer.objects.all()] == ["yes"]


# ---- what it comes to --------------------------------------------------------------------------------------


def compared(name: str, before: float | None, after: float | None) -> str:
    sides = (None if value is None else Measure(value, str(value), 9) for value in (before, after))
    return Comparison(name, name, "", *sides).verdict


@pytest.mark.parametrize(
    ("name", "before", "after", "verdict"),
    [
        ("coverage", 0.5, 0.8, "better"),
        ("coverage", 0.8, 0.5, "worse"),
        ("coverage", 0.50, 0.52, "same"),
        ("coverage", 0.0, 0.0, "same"),
        ("coverage", 0.0, 0.4, "better"),
        ("unblocking", 4.0, 1.0, "better"),
        ("unblocking", 1.0, 4.0, "worse"),
        ("unblocking", None, 4.0, ""),
        ("coverage", 0.5, None, ""),
        ("throughput", 3.0, 9.0, ""),
    ],
)
def test_what_is_better_is_said_of_each_figure_by_itself(name, before, after, verdict):
    assert compared(name, before, after) == verdict


def test_time_is_counted_by_the_days_on_which_the_standup_was(board, ana):
    days = {"minutes": 15, "team": 6, "weekdays": ["MO", "TH"]}
    trial = act.start_trial(board, dt.date(2026, 12, 2), **days, by=at(ana, dt.date(2026, 12, 1)))
    for day, number in ((2, 0), (3, 1), (7, 2), (10, 3), (14, 4), (15, 4), (31, 4)):
        assert trial.standups_until(dt.date(2026, 12, day)) == number
    assert trial.minutes_back(dt.date(2026, 12, 31)) == 4 * 15 * 6
    report = load_report(trial, board, ana, dt.datetime(2026, 12, 31, tzinfo=dt.UTC))
    assert (report.standups, report.hours, report.hours_each) == (4, "6 hours", "1 hour")


def test_both_sides_are_the_figures_of_their_own_days(ana, kenji):
    """Cards moved before without a word, and since with one: three of ten, and nine of ten by hand."""
    board = act.create_board("Old", by=at(ana, dt.date(2026, 11, 2)))
    act.add_member(board, kenji, "member", by=at(ana, dt.date(2026, 11, 2)))
    ready, doing, *_ = board.columns.in_board_order()
    for day, explained in ((16, 3), (30, 9)):
        noon = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC)
        cards = act.create_cards(ready, "\n".join(f"{day} {n}" for n in range(10)), by=By(ana, now=noon))
        for n, one in enumerate(cards):
            act.move_card(one, to=doing, by=By(ana, now=noon + dt.timedelta(minutes=n)))
            if n < explained:
                post_comment(one, "Because the bank says so.", by=By(kenji, now=noon + dt.timedelta(hours=1)))
    trial = Trial(board=board, stops=STOPS, minutes=15, team=6, weekdays=WEEKDAYS)
    trial.save()
    report = load_report(trial, board, ana, OVER)
    coverage = next(one for one in report.comparisons if one.name == "coverage")
    assert (coverage.before.words, coverage.before.count) == ("30 %", 10)
    assert (coverage.after.words, coverage.after.count) == ("90 %", 10)
    assert coverage.verdict == "better"
    assert report.as_logged()["figures"]["coverage"] == ["30 %", "90 %"]


def test_it_ends_by_itself_and_an_owner_decides_what_comes_of_it(board, trial, ana, kenji):
    address = f"/b/FLX/trial/{trial.pk}/"
    with time_machine.travel(OVER - dt.timedelta(2), tick=False):
        assert "2 days of the trial left" in page(kenji, address)
        refused = send(ana, f"{address}do/decided/", choice="keep", text="Good.")
        assert "This trial is not over yet." in words(refused.content.decode())
    with time_machine.travel(OVER, tick=False):
        assert "What comes of it is for an owner to decide." in page(kenji, address)
        assert "Record it" in page(ana, address)
        assert "Record it" not in page(kenji, address)
        for typed, said in (
            ({"choice": "", "text": "Good."}, "Choose what comes of it."),
            ({"choice": "stop", "text": "Good."}, "not one of the available choices"),
            ({"choice": "keep", "text": " "}, "The reason can't be empty."),
        ):
            again = send(ana, f"{address}do/decided/", **typed)
            assert (again.status_code, said in words(again.content.decode().replace("&#x27;", "'"))) == (
                422,
                True,
            )
        done = send(ana, f"{address}do/decided/", choice="adapt", text="Shorter cards.")
        assert (done.status_code, done["Location"]) == (303, address)
        told = page(kenji, address)
        assert "Decided: Adapt, and try again" in told
        assert "Shorter cards." in told
        row = Activity.objects.get(verb="trial.decided")
        assert row.after["report"]["standups"] == 10
        assert row.after["report"]["minutes"] == 10 * 15 * 6
        assert "Begin another trial" in page(ana, address)
        assert verify(board) == []


@time_machine.travel(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC), tick=False)
def test_one_that_was_called_off_is_not_there_and_its_question_is_not_asked(board, trial, ana):
    address = f"/b/FLX/trial/{trial.pk}/"
    assert send(ana, f"{address}do/removed/", version=str(trial.version)).status_code == 303
    assert client_of(ana).get(address).status_code == 404
    assert open_questions([board], ana, FRIDAY) == []
    assert "Our standup stops" in page(ana)
    assert client_of(ana).get(f"/b/FLX/trial/{2**63}/").status_code == 404


def test_the_same_days_in_another_order_change_nothing(board, trial, ana):
    seq = Board.objects.get(pk=board.pk).seq
    act.change_trial(trial, by=at(ana, STOPS), weekdays=[*reversed(WEEKDAYS)])
    assert Board.objects.get(pk=board.pk).seq == seq
    assert Activity.objects.filter(verb="trial.changed").count() == 0


def test_of_several_that_were_decided_the_newest_is_shown_unless_one_runs(board, ana):
    """Whatever was chosen: the words of a choice are no order."""
    days = {"minutes": 15, "team": 6, "weekdays": WEEKDAYS}
    for month, choice in ((5, "keep"), (7, "back"), (9, "adapt"), (11, "keep")):
        first = dt.date(2026, month, 2)
        made = act.start_trial(board, first, **days, by=at(ana, first))
        act.decide_trial(made, choice, f"Of {month}.", {}, by=at(ana, first + dt.timedelta(20)))
    with time_machine.travel(OVER, tick=False):
        assert "Of 11." in page(ana)
        act.start_trial(board, dt.date(2026, 12, 21), **days, by=ana)
        assert "The standup stops on" in page(ana)
