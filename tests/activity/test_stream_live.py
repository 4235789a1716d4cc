"""A board's stream from the real server, two workers: what comes, to whom, in what order, when it ends."""

from __future__ import annotations

import re
import statistics
import time
from typing import Any

import pytest

from activity.live import presence, relay
from activity.live.database import database_identity
from activity.log.notify import notify
from boards.actions import (
    close_board,
    open_board,
    rekey_board,
    remove_member,
)
from boards.models import Board
from fluxboard.accounts.models import User
from fluxboard.core.build import build_id
from tests.activity.sse import Audience, Reader, wait_for
from tests.activity.stage import Stage, first_messages, names_there, someone
from tests.live import PATIENCE

LOOKED_AT_AFTER = relay.BACKSTOP / 3  # seconds; who was not told so would be found out in three times as long


def test_it_replays_what_came_after_the_id_and_goes_on_live(stage: Stage, audience: Audience) -> None:
    seen = stage.seq
    stage.write(3)
    reader = stage.reader(stage.member, seen)
    audience.seat(reader)
    head = stage.write(4)

    wait_for(lambda: reader.last == head, PATIENCE, "all seven changes")

    assert reader.is_gapless
    assert all(f'data-seq="{message.seq}"' in message.data for message in reader.frames)
    assert reader.frames[0].id == f"board-{stage.board.pk}:{seen + 1}"
    hello = reader.others[0]
    assert (hello.name, hello.json["head"]) == ("hello", seen + 3)
    assert set(hello.json) == {"head", "build", "database"}
    assert build_id()


def test_a_change_reaches_every_reader_of_both_workers_within_a_second(
    stage: Stage, audience: Audience
) -> None:
    """Were they told by the polls alone, each but the first would take all of POLL."""
    readers = [stage.reader(stage.member) for _ in range(12)]
    audience.seat(*readers)
    took = []
    for _ in range(21):
        head = stage.write()
        every = wait_for(lambda: all(reader.last == head for reader in readers), PATIENCE, "the change")  # noqa: B023
        took.append(every)
    assert all(reader.is_gapless for reader in readers)
    assert statistics.median(took) < min(1, relay.POLL / 3), took


def test_a_stream_without_an_id_begins_at_head(stage: Stage, audience: Audience, get: Any) -> None:
    stage.write(2)
    response = get(stage.url, stage.cookie(stage.member))
    head = stage.write()
    messages = first_messages(audience, response, 3)
    assert [message.seq for message in messages if not message.name] == [head]


def test_headers_forbid_buffers_and_caches(stage: Stage, get: Any) -> None:
    response = get(stage.url, stage.cookie(stage.member))
    assert response.headers["content-type"].startswith("text/event-stream")
    assert "no-store" in response.headers["cache-control"]
    assert response.headers["x-accel-buffering"] == "no"


@pytest.mark.parametrize("query", ["", "?poll=1"])
def test_an_answer_names_the_person_whose_it_is(stage: Stage, get: Any, query: str) -> None:
    response = get(f"{stage.url}{query}", stage.cookie(stage.member))
    assert response.headers["x-flux-person"] == str(stage.member.pk)


def test_what_is_not_yours_is_not_there(stage: Stage, audience: Audience, get: Any) -> None:
    stranger = stage.cookie(someone())
    nowhere = f"{stage.app.url}/b/NOSUCH/live/"
    answers = [
        get(stage.url, stranger),
        get(stage.url),
        get(stage.url, "sessionid=forged"),
        get(nowhere, stage.cookie(stage.member)),
        get(nowhere),
    ]
    assert [answer.status for answer in answers] == [404] * 5
    assert len({audience.do(answer.text()) for answer in answers}) == 1


def test_a_signed_out_or_deactivated_person_gets_no_stream(stage: Stage, get: Any) -> None:
    cookie = stage.cookie(stage.member)
    assert get(stage.url, cookie).status == 200
    User.objects.filter(pk=stage.member.pk).update(is_active=False)
    assert get(stage.url, cookie).status == 404
    User.objects.filter(pk=stage.member.pk).update(is_active=True)
    stage.member.set_password("another")
    stage.member.save()
    assert get(stage.url, cookie).status == 404


@pytest.mark.parametrize(
    "nonsense", ["board-1", "board-x:1", "error", "board-1:-2", "board-1:1e5", "x" * 300]
)
def test_an_id_that_is_none_gets_one_line(stage: Stage, audience: Audience, get: Any, nonsense: str) -> None:
    answer = get(stage.url, stage.cookie(stage.member), Last_Event_ID=nonsense)
    assert answer.status == 400
    assert audience.do(answer.text()).count("\n") == 1


def test_only_get_is_allowed(stage: Stage, get: Any) -> None:
    assert get(stage.url, stage.cookie(stage.member), method="POST", Content_Length="0").status == 405


@pytest.mark.parametrize("seq", [10**9, None])
def test_an_id_that_cannot_be_continued_is_reset(
    stage: Stage, audience: Audience, get: Any, seq: int | None
) -> None:
    """Ahead of the board (a restored backup), or another board's."""
    last = f"board-{stage.board.pk}:{seq}" if seq else f"board-{stage.board.pk + 1}:1"
    response = get(f"{stage.url}?lastEventId={last}", stage.cookie(stage.member))
    text = audience.do(response.text())
    assert text.count("event: stream-reset\n") == 1
    assert "id:" not in text


def test_one_who_is_more_than_500_behind_is_reset_at_once(stage: Stage, audience: Audience, get: Any) -> None:
    Board.objects.filter(pk=stage.board.pk).update(seq=stage.seq + 501)
    stage.write()
    response = get(f"{stage.url}?lastEventId=board-{stage.board.pk}:1", stage.cookie(stage.member))
    text = audience.do(response.text())
    assert "event: stream-reset" in text
    assert "id:" not in text


def test_the_former_key_leads_to_the_present_one(stage: Stage, get: Any) -> None:
    former = stage.board.key
    rekey_board(stage.board, "N" + former, by=stage.owner)
    response = get(f"{stage.app.url}/b/{former}/live/?lastEventId=board-1:2", stage.cookie(stage.member))
    assert response.status == 307
    assert response.headers["location"] == f"/b/N{former}/live/?lastEventId=board-1:2"
    assert get(f"{stage.app.url}/b/{former}/live/", stage.cookie(someone())).status == 404


def test_a_poll_answers_at_once_with_the_same_frames(stage: Stage, audience: Audience, get: Any) -> None:
    seen = stage.seq
    head = stage.write(3)
    url = f"{stage.url}?poll=1&lastEventId=board-{stage.board.pk}:"

    response = get(f"{url}{seen}", stage.cookie(stage.member))
    messages = first_messages(audience, response, 5)

    assert "content-length" in response.headers
    assert [message.seq for message in messages if not message.name] == [seen + 1, seen + 2, seen + 3]
    assert messages[-1].json == {"head": head, "database": database_identity()}
    reset = audience.do(get(f"{url}{head + 1}", stage.cookie(stage.member)).text())
    assert "event: stream-reset" in reset
    assert get(f"{url}{seen}", stage.cookie(someone())).status == 404


def test_a_new_name_or_colour_has_the_pages_load_again(stage: Stage, audience: Audience) -> None:
    readers = [stage.reader(stage.member) for _ in range(6)]
    audience.seat(*readers)
    notify(f"look:{stage.board.pk}")
    wait_for(lambda: all("stream-reset" in reader.names() for reader in readers), PATIENCE, "the reset")


# --- losing the right --------------------------------------------------------------------------------------


def revoked(readers: list[Reader]) -> float:
    """Wait until all of them have been told that they may not read any more; how long that took."""
    return wait_for(lambda: all("revoked" in one.names() for one in readers), PATIENCE, "the streams to end")


def test_a_removed_member_hears_nothing_of_the_removal_on_any_worker(
    stage: Stage, audience: Audience
) -> None:
    gone = [stage.reader(stage.member) for _ in range(10)]
    stays = [stage.reader(stage.owner) for _ in range(4)]
    audience.seat(*gone, *stays)
    head = stage.write(2)
    wait_for(lambda: all(reader.last == head for reader in [*gone, *stays]), PATIENCE, "the writes")

    remove_member(stage.board, stage.member, by=stage.owner)
    took = revoked(gone)
    last = stage.write(3)
    wait_for(lambda: all(reader.last == last for reader in stays), PATIENCE, "the owner's news")

    assert took < LOOKED_AT_AFTER
    assert {reader.last for reader in gone} == {head}
    assert all(reader.is_gapless for reader in stays)


def test_a_guest_loses_the_stream_when_the_board_is_closed(stage: Stage, audience: Audience) -> None:
    open_board(stage.board, "viewer", by=stage.owner)
    guests = [stage.reader(someone()) for _ in range(4)]
    member = stage.reader(stage.member)
    audience.seat(*guests, member)
    close_board(stage.board, by=stage.owner)
    assert revoked(guests) < LOOKED_AT_AFTER
    last = stage.write()
    wait_for(lambda: member.last == last, PATIENCE, "the member's news")


def test_a_deactivated_person_loses_all_streams(stage: Stage, audience: Audience) -> None:
    readers = [stage.reader(stage.member) for _ in range(6)]
    audience.seat(*readers)
    User.objects.filter(pk=stage.member.pk).update(is_active=False)
    notify(f"user:{stage.member.pk}")
    assert revoked(readers) < LOOKED_AT_AFTER


def test_who_signs_out_is_told_bye_and_does_not_come_back(stage: Stage, audience: Audience) -> None:
    from django.contrib.sessions.models import Session

    readers = [stage.reader(stage.member) for _ in range(4)]
    audience.seat(*readers)
    Session.objects.filter(
        session_key__in=[r.cookie.partition("sessionid=")[2].split(";")[0] for r in readers]
    ).delete()
    notify(f"user:{stage.member.pk}")
    wait_for(lambda: all(reader.statuses[-1] == 404 for reader in readers), PATIENCE, "the refusal")
    assert all("bye" in reader.names() for reader in readers)


def test_a_person_may_have_forty_streams_a_worker(stage: Stage, audience: Audience, get: Any) -> None:
    cookie = stage.cookie(stage.member)
    answers = [get(stage.url, cookie) for _ in range(90)]
    refused = [answer for answer in answers if answer.status == 429]
    assert 10 <= len(refused) < 50
    assert audience.do(refused[0].text()).count("\n") == 1
    for answer in answers:
        audience.loop.call_soon_threadsafe(answer.close)


# --- presence ----------------------------------------------------------------------------------------------


def streams_ended(stage: Stage) -> int:
    """How many streams of the member on this board the server has said to be over."""
    return len(re.findall(rf'"board": {stage.board.pk}, "user": {stage.member.pk}\b', stage.app.log))


def test_people_come_edit_and_go(stage: Stage, audience: Audience) -> None:
    watcher = stage.reader(stage.owner)
    audience.seat(watcher)
    wait_for(lambda: names_there(watcher) == ["Ana Duarte"], PATIENCE, "Ana")

    visitor = stage.reader(stage.member)
    audience.seat(visitor)
    wait_for(lambda: names_there(watcher) == ["Ana Duarte", "Kenji Mori"], PATIENCE, "Kenji to come")
    wait_for(lambda: names_there(visitor) == ["Ana Duarte", "Kenji Mori"], PATIENCE, "Kenji to see both")

    presence.note(stage.board, stage.member, stage.card, is_editing=True)

    def kenji() -> dict[str, Any]:
        people = [m.json for m in watcher.others if m.name == "presence"][-1]["people"]
        return next(person for person in people if person["name"] == "Kenji Mori")

    wait_for(lambda: kenji()["editing"], PATIENCE, "Kenji to edit")
    assert kenji()["card"] == stage.card.key
    assert (kenji()["initials"], kenji()["hue"], kenji()["id"]) == ("KM", stage.member.hue, stage.member.pk)
    assert stage.seq == watcher.last  # the log knows nothing of it


def test_a_reload_does_not_flicker_and_leaving_shows(stage: Stage, audience: Audience, get: Any) -> None:
    watcher = stage.reader(stage.owner)
    audience.seat(watcher)
    cookie = stage.cookie(stage.member)
    page = get(stage.url, cookie)
    wait_for(lambda: len(names_there(watcher)) == 2, PATIENCE, "Kenji to come")
    told = watcher.names().count("presence")

    for ended in (1, 2, 3):
        audience.loop.call_soon_threadsafe(page.close)
        wait_for(lambda: streams_ended(stage) == ended, PATIENCE, "the server to see it")  # noqa: B023
        page = get(stage.url, cookie)
    time.sleep(1)  # for what should not come to come
    assert watcher.names().count("presence") == told, "nobody is told of a reload"

    audience.loop.call_soon_threadsafe(page.close)
    left_after = wait_for(lambda: names_there(watcher) == ["Ana Duarte"], PATIENCE, "Kenji to go")
    assert relay.GRACE - 2 < left_after < presence.LASTS / 2
