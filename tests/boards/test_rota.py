"""People who take the cards of a schedule in turn, each on a day on which they work."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.errors import Refused
from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card, Column, Schedule, Template
from boards.undo.engine import undo_change
from fluxboard.accounts.models import User
from fluxboard.features.schedules.run import open_due
from fluxboard.features.verification.verify import verify
from tests import cast
from tests.boards.test_schedules import DAY, FORM, NOW, at, client_of, save, send


@pytest.fixture
def template(board: Board, ana: User) -> Template:
    return act.save_template(board, "Support", by=ana)


def owners() -> list[str]:
    names = Card.objects.order_by("number").values_list("assignee__name", flat=True)
    return [(name or "nobody").split()[0] for name in names]


@pytest.mark.django_db
def test_cards_go_to_one_after_the_other(board: Board, ana: User, kenji: User, template: Template) -> None:
    save(template, ana, "FREQ=DAILY", rota=[kenji, ana])
    for day in range(4):
        open_due(lambda: at(10) + day * DAY)  # noqa: B023
    assert owners() == ["Kenji", "Ana", "Kenji", "Ana"]
    assert verify(board) == []


@pytest.mark.django_db
def test_who_is_away_keeps_their_turn(board: Board, ana: User, kenji: User, template: Template) -> None:
    schedule = save(template, ana, "FREQ=DAILY", rota=[kenji, ana])
    act.say_away(kenji, at(0).date(), at(0).date() + DAY, by=By(ana, now=NOW))
    assert [turn.person for turn in Schedule.objects.complete().get().coming] == [ana, ana, kenji]
    for day in range(4):
        open_due(lambda: at(10) + day * DAY)  # noqa: B023
    assert owners() == ["Ana", "Ana", "Kenji", "Ana"]
    page = client_of(ana).get("/b/FLX/settings/templates/").content.decode()
    assert "who is away keeps their turn" in page and f"{schedule.template.name}, Every day" in page


@pytest.mark.django_db
def test_with_nobody_at_work_it_opens_without_an_owner_and_says_so(
    board: Board, ana: User, kenji: User, template: Template
) -> None:
    save(template, ana, "FREQ=DAILY", rota=[kenji, ana], first=dt.date(2026, 12, 5))  # a Saturday
    assert open_due(lambda: at(10, 5, 12)) == 1
    card = Card.objects.get()
    assert card.assignee is None
    page = client_of(ana).get(f"/c/{card.key}/history/").content.decode()
    assert "Nobody of its rota was at work" in page
    assert verify(board) == []


@pytest.mark.django_db
def test_who_left_the_board_is_passed_over_and_struck(
    board: Board, ana: User, kenji: User, template: Template
) -> None:
    save(template, ana, "FREQ=DAILY", rota=[kenji, ana])
    act.remove_member(board, kenji, by=By(ana, now=NOW))
    open_due(lambda: at(10))
    assert owners() == ["Ana"]
    assert "<s><bdi>Kenji</bdi></s>" in client_of(ana).get("/b/FLX/settings/templates/").content.decode()
    act.add_member(board, kenji, "member", by=By(ana, now=NOW))
    open_due(lambda: at(10) + DAY)
    assert owners() == ["Ana", "Kenji"]


@pytest.mark.django_db
def test_a_card_opens_in_the_morning_of_whose_turn_it_is(
    board: Board, ana: User, kenji: User, template: Template
) -> None:
    schedule = save(template, ana, "FREQ=DAILY", rota=[kenji, ana], zone="")
    assert schedule.next_at == at(0) + DAY  # 9:00 in Tokyo; Monday's is over there
    act.say_away(kenji, at(0).date() + DAY, at(0).date() + DAY, by=By(ana, now=NOW))
    schedule.refresh_from_db()
    assert schedule.next_at == at(9) + DAY  # in Lisbon
    assert open_due(lambda: at(8) + DAY) == 0
    assert open_due(lambda: at(9) + DAY) == 1
    schedule.refresh_from_db()
    assert (owners(), schedule.next_at) == (["Ana"], at(0) + 2 * DAY)


@pytest.mark.django_db
def test_a_missed_card_goes_to_who_is_at_work_when_it_opens(
    ana: User, kenji: User, template: Template
) -> None:
    save(template, ana, "FREQ=DAILY;COUNT=1", rota=[kenji, ana])
    act.say_away(kenji, at(0).date() + DAY, at(0).date() + 9 * DAY, by=By(ana, now=NOW))
    assert open_due(lambda: at(10) + DAY) == 1
    assert owners() == ["Ana"]


@pytest.mark.django_db
def test_a_rota_is_undone_and_comes_back_with_its_turns(
    board: Board, ana: User, kenji: User, template: Template
) -> None:
    schedule = save(template, ana, "FREQ=DAILY", rota=[kenji, ana])
    open_due(lambda: at(10))
    by = By(ana, now=at(11), request_id=uuid.uuid4())
    act.change_schedule(schedule, by=by, rota=[ana, kenji])
    undo_change(board, Activity.objects.get(verb="schedule.changed").seq, by=By(ana, now=at(11)))
    assert [one.person for one in Schedule.objects.complete().get().places] == [kenji, ana]
    act.remove_schedule(schedule, by=By(ana, now=at(11)))
    act.restore_schedule(schedule, by=By(ana, now=at(11)))
    assert verify(board) == []
    open_due(lambda: at(10) + DAY)
    assert owners() == ["Kenji", "Ana"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "Choose at least one person to take turns."),
        (["kenji", "kenji"], "Kenji Mori stands in the rota twice."),
        (["9" * 30], "Somebody whom you chose is not on this board any more."),
        (["\0"], "Somebody whom you chose is not on this board any more."),
    ],
)
def test_a_rota_that_is_none_is_told_beside_the_field(
    kenji: User, template: Template, ready: Column, names: list[str], words: str
) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    rota = [str(kenji.pk) if name == "kenji" else name for name in names]
    form = {
        "template": template.pk,
        "first": today,
        "column": ready.pk,
        **FORM,
        "owners": "rota",
        "rota": rota,
    }
    answer = send(kenji, "/b/FLX/schedules/new/", **form)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Schedule.objects.exists()


@pytest.mark.django_db
def test_the_form_keeps_the_order_and_history_says_the_rule_in_words(
    ana: User, kenji: User, template: Template, ready: Column
) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    rota = [str(kenji.pk), "", str(ana.pk)]
    form = {
        "template": template.pk,
        "first": today,
        "column": ready.pk,
        **FORM,
        "owners": "rota",
        "rota": rota,
    }
    assert send(kenji, "/b/FLX/schedules/new/", **form).status_code == 303
    schedule = Schedule.objects.complete().get()
    assert [one.person for one in schedule.places] == [kenji, ana]
    page = client_of(kenji).get(f"/b/FLX/schedules/{schedule.pk}/do/changed/").content.decode()
    first, second = (f'<option value="{one.pk}" selected>' for one in (kenji, ana))
    assert 0 < page.index(first) < page.index(second)
    act.change_schedule(schedule, by=ana, rule="FREQ=DAILY", rota=[ana])
    page = client_of(kenji).get("/b/FLX/standup/?days=1&kinds=all").content.decode()
    history = client_of(kenji).get("/b/FLX/at/?since=1").content.decode()
    assert "FREQ=" not in page + history


@pytest.mark.django_db
def test_a_stranger_is_in_no_rota(ana: User, template: Template) -> None:
    with pytest.raises(Refused, match="is not on this board"):
        save(template, ana, rota=[cast.person("june")])


ZONES = ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Europe/Lisbon", "Pacific/Kiritimati"]
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(ZONES),
        st.sets(st.integers(1, 7)),
        st.sets(st.integers(0, 13), max_size=6),
        st.integers(-3, 14),
    ),
    min_size=1,
    max_size=3,
)
RULES = [
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,WE,SU",
    "FREQ=DAILY;INTERVAL=2",
    "FREQ=MONTHLY;BYMONTHDAY=-1,1,26",
]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    people=PEOPLE,
    rule=st.sampled_from(RULES),
    zone=st.sampled_from(["", *ZONES]),
    hour=st.times(),
    rounds=st.lists(st.integers(1, 3 * 24 * 60), min_size=1, max_size=8),
)
def test_each_day_is_given_once_and_to_nobody_on_a_day_off(
    db: None, people: Any, rule: str, zone: str, hour: dt.time, rounds: list[int]
) -> None:
    """Over the days on which clocks go back, with rounds minutes or days apart."""
    with transaction.atomic():
        begun = dt.datetime(2026, 10, 22, tzinfo=dt.UTC)
        rota = [_worker(begun.date(), *one) for one in people]
        owner = cast.person(f"p{uuid.uuid4().hex[:8]}")
        board = act.create_board("Clock", by=owner, key="CLK", starter=False)
        for one in rota:
            act.add_member(board, one, "member", by=owner)
        template = act.save_template(board, "Report", by=owner)
        schedule = act.save_schedule(
            template,
            rule,
            by=By(owner, now=begun),
            column=board.columns.first(),
            first=begun.date(),
            time=hour,
            zone=zone,
            rota=rota,
        )
        now, days = begun, schedule.next_days(40)
        for minutes in rounds:
            now += dt.timedelta(minutes=minutes)
            open_due(lambda: now)  # noqa: B023
        told = list(Activity.objects.filter(board=board, verb="card.created").order_by("seq"))
        slots = [dt.date.fromisoformat(one.after["slot"]) for one in told]
        assert slots == days[: len(slots)], "each day once, in order, none left out"
        assert schedule.moment_of(days[len(slots)]) > now - DAY - dt.timedelta(hours=2)
        by_uid = {str(one.uid): one for one in rota}
        for one, slot in zip(told, slots, strict=True):
            person = by_uid.get((one.after.get("assignee") or {}).get("id"))
            if person is not None:
                opens = one.at if one.after.get("late") else schedule.moment_of(slot, person)
                local = opens.astimezone(ZoneInfo(person.time_zone)).date()
                assert local.isoweekday() in person.work_days
                assert local not in person.days_off
                assert not any(stretch.first <= local <= stretch.last for stretch in person.away)
        assert verify(board) == []
        transaction.set_rollback(True)


def _worker(start: dt.date, zone: str, work_days: set[int], off: set[int], away: int) -> User:
    from fluxboard.accounts.away import Absence

    handle = f"p{uuid.uuid4().hex[:8]}"
    person = User.objects.create_user(f"{handle}@example.com", None, name=handle, handle=handle)
    person.time_zone, person.work_days = zone, sorted(work_days)
    person.days_off = [start + day * DAY for day in sorted(off)]
    first = start + away * DAY
    person.away = [Absence(str(uuid.uuid4()), first, first + 2 * DAY)]
    person.save()
    return person
