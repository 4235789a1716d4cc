"""`/b/KEY/events/`: a board's events by django-eventstream's own view, from the real server, two workers."""

from __future__ import annotations

from typing import Any

import pytest

from activity.live.event_stream import STREAMS_A_WORKER
from activity.log.notify import notify
from activity.models import Frame
from boards.actions import add_member, change_role, rekey_board, remove_member
from boards.models import Role
from fluxboard.accounts.models import User
from tests.activity.sse import Audience, Reader, wait_for
from tests.activity.stage import Stage, first_messages, names_there, someone, stage_on
from tests.live import PATIENCE, LiveApp


def address(stage: Stage) -> str:
    return f"{stage.app.url}/b/{stage.board.key}/events/"


def program(stage: Stage, person: User, seq: int | None = None) -> Reader:
    at = stage.seq if seq is None else seq
    return Reader([address(stage)], stage.cookie(person), stage.board.pk, at)


def all_at(readers: list[Reader], head: int) -> None:
    wait_for(lambda: all(reader.last == head for reader in readers), PATIENCE, f"everybody at {head}")


def told(readers: list[Reader], name: str) -> None:
    wait_for(lambda: all(name in reader.names() for reader in readers), PATIENCE, name)


def test_a_member_gets_what_came_after_the_id_and_what_happens_in_order_each_once(
    stage: Stage, audience: Audience
) -> None:
    """The catching up takes several readings (of a hundred), and changes come while it is under way."""
    seen = stage.seq
    stage.write(230)
    readers = [program(stage, stage.member, seen) for _ in range(6)]
    audience.seat(*readers)
    head = stage.write(60)

    all_at(readers, head)

    assert all(reader.is_gapless for reader in readers)
    assert {reader.connections for reader in readers} == {1}
    first = readers[0].frames[0]
    assert first.id == f"board-{stage.board.pk}:{seen + 1}"
    assert f'data-seq="{seen + 1}"' in first.data
    assert readers[0].names()[0] == "stream-open"


def test_a_page_and_a_program_get_the_same(stage: Stage, audience: Audience) -> None:
    page, reader = stage.reader(stage.owner), program(stage, stage.member)
    audience.seat(page, reader)
    all_at([page, reader], stage.write(8))
    assert [frame[:3] for frame in page.frames] == [frame[:3] for frame in reader.frames]
    wait_for(lambda: names_there(page) != [], PATIENCE, "to be seen")
    assert names_there(page) == ["Ana Duarte"], "a program is nobody who looks at the board"


@pytest.mark.parametrize("by", ["header", "query"])
def test_one_who_comes_back_goes_on_from_the_last_id(
    stage: Stage, audience: Audience, get: Any, by: str
) -> None:
    seen = stage.seq
    stage.write(3)
    last = f"board-{stage.board.pk}:{seen + 1}"
    cookie = stage.cookie(stage.member)
    if by == "header":
        response = get(address(stage), cookie, Last_Event_ID=last)
    else:
        response = get(f"{address(stage)}?lastEventId={last}", cookie)
    messages = first_messages(audience, response, 3)
    assert [message.seq for message in messages if not message.name] == [seen + 2, seen + 3]


def test_without_an_id_it_begins_at_the_head(stage: Stage, audience: Audience, get: Any) -> None:
    stage.write(2)
    response = get(address(stage), stage.cookie(stage.member))
    head = stage.write()
    messages = first_messages(audience, response, 2)
    assert [message.seq for message in messages if not message.name] == [head]


def test_where_frames_are_gone_it_resets_and_goes_on(stage: Stage, audience: Audience, get: Any) -> None:
    seen = stage.seq
    head = stage.write(3)
    Frame.objects.filter(board=stage.board, seq=seen + 1).delete()
    last = f"board-{stage.board.pk}:{seen}"
    response = get(address(stage), stage.cookie(stage.member), Last_Event_ID=last)
    opened, reset = first_messages(audience, response, 2)
    assert (opened.name, reset.name) == ("stream-open", "stream-reset")
    assert reset.seq == head
    response = get(address(stage), stage.cookie(stage.member), Last_Event_ID=f"board-{stage.board.pk + 1}:1")
    assert first_messages(audience, response, 2)[1].name == "stream-reset"


def test_a_viewer_gets_it_too(stage: Stage, audience: Audience) -> None:
    viewer = someone()
    add_member(stage.board, viewer, Role.VIEWER, by=stage.owner)
    reader = program(stage, viewer)
    audience.seat(reader)
    all_at([reader], stage.write(2))
    change_role(stage.board, stage.member, Role.VIEWER, by=stage.owner)
    all_at([reader], stage.seq)
    assert reader.is_gapless


def test_a_stranger_gets_what_the_pages_stream_gives(stage: Stage, audience: Audience, get: Any) -> None:
    stranger, member = stage.cookie(someone()), stage.cookie(stage.member)
    nowhere = f"{stage.app.url}/b/NOSUCH/"
    asked = [(f"/b/{stage.board.key}/", stranger), (f"/b/{stage.board.key}/", ""), ("/b/NOSUCH/", member)]
    answers = [
        get(f"{stage.app.url}{path}{stream}/", cookie)
        for path, cookie in asked
        for stream in ("events", "live")
    ]
    assert [answer.status for answer in answers] == [404] * 6
    assert len({audience.do(answer.text()) for answer in answers}) == 1
    assert get(f"{nowhere}events/", member, method="POST", Content_Length="0").status == 405


def test_channels_and_people_are_not_taken_from_the_address(
    stage: Stage, audience: Audience, get: Any
) -> None:
    """django-eventstream's own parameters would name others."""
    foreign = stage_on(stage.app)
    query = f"?channel={foreign.board.channel}&es-meta=x&recover=true&link=next"
    response = get(f"{address(stage)}{query}", stage.cookie(stage.member))
    foreign.write()
    head = stage.write()
    assert first_messages(audience, response, 2)[1].id == f"{stage.board.channel}:{head}"


def test_the_former_key_leads_to_the_present_one(stage: Stage, get: Any) -> None:
    former = stage.board.key
    rekey_board(stage.board, "N" + former, by=stage.owner)
    response = get(f"{stage.app.url}/b/{former}/events/?lastEventId=board-1:2", stage.cookie(stage.member))
    assert (response.status, response.headers["location"]) == (
        307,
        f"/b/N{former}/events/?lastEventId=board-1:2",
    )


def test_a_removed_member_hears_nothing_of_the_removal(stage: Stage, audience: Audience) -> None:
    gone = [program(stage, stage.member) for _ in range(6)]
    stays = [program(stage, stage.owner) for _ in range(4)]
    audience.seat(*gone, *stays)
    head = stage.write(2)
    all_at([*gone, *stays], head)

    remove_member(stage.board, stage.member, by=stage.owner)
    last = stage.write(3)
    told(gone, "revoked")
    all_at(stays, last)

    assert {reader.last for reader in gone} == {head}
    assert all(reader.is_gapless for reader in stays)


def test_who_is_deactivated_or_signs_out_loses_it(stage: Stage, audience: Audience) -> None:
    from django.contrib.sessions.models import Session

    stays, goes = program(stage, stage.owner), program(stage, stage.member)
    audience.seat(stays, goes)
    User.objects.filter(pk=stage.member.pk).update(is_active=False)
    notify(f"user:{stage.member.pk}")
    told([goes], "revoked")
    Session.objects.filter(session_key=stays.cookie.partition("sessionid=")[2].split(";")[0]).delete()
    notify(f"user:{stage.owner.pk}")
    told([stays], "bye")
    wait_for(lambda: stays.statuses[-1] == 404, PATIENCE, "the refusal")


def test_a_worker_serves_so_many_and_pages_besides(stage: Stage, audience: Audience, get: Any) -> None:
    """Over two workers, of which each takes connections as it can."""
    people = [stage.cookie(person) for person in (stage.owner, stage.member)]
    answers = [get(address(stage), people[n % 2]) for n in range(2 * STREAMS_A_WORKER + 6)]
    taken = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status != 200]
    assert len(taken) <= 2 * STREAMS_A_WORKER
    assert {answer.status for answer in refused} == {503}
    assert refused[0].headers["retry-after"]
    assert audience.do(refused[0].text()).count("\n") == 1
    assert get(stage.url, stage.cookie(someone_on(stage))).status == 200, "a page is not among them"
    for answer in taken:
        audience.loop.call_soon_threadsafe(answer.close)
    again = program(stage, stage.member)
    audience.seat(again)
    all_at([again], stage.write())


def someone_on(stage: Stage) -> User:
    person = someone()
    add_member(stage.board, person, Role.MEMBER, by=stage.owner)
    return person


def test_a_restart_says_bye_and_the_next_goes_on(live_app: LiveApp, audience: Audience) -> None:
    stage = stage_on(live_app)
    reader = program(stage, stage.member)
    audience.seat(reader)
    all_at([reader], stage.write(2))
    live_app.terminate()
    told([reader], "bye")
    assert live_app.process is not None
    live_app.process.wait(PATIENCE)
    stage.write(2)
    live_app.start()
    all_at([reader], stage.write(2))
    assert reader.is_gapless
