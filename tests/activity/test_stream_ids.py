"""A stream of ids alone: for a page that wants to know that something happened, and is not on the board."""

from __future__ import annotations

from typing import Any

from boards.actions import remove_member
from fluxboard.accounts.models import User
from tests.activity.sse import Audience, Reader, wait_for
from tests.activity.stage import Stage, first_messages, names_there
from tests.live import PATIENCE


def id_reader(stage: Stage, user: User, seq: int | None = None) -> Reader:
    reader = stage.reader(user, seq)
    reader.urls = [f"{stage.url}?ids=1"]
    return reader


def test_it_tells_each_activity_once_and_no_fragment(stage: Stage, audience: Audience) -> None:
    seen = stage.seq
    stage.write(3)
    reader = id_reader(stage, stage.member, seen)
    audience.seat(reader)
    head = stage.write(4)

    wait_for(lambda: reader.last == head, PATIENCE, "all seven changes")

    assert reader.is_gapless
    assert [message.data for message in reader.frames] == [str(seq) for seq in range(seen + 1, head + 1)]
    assert reader.names()[0] == "hello"


def test_whoever_reads_it_is_not_there_and_is_not_told_who_is(stage: Stage, audience: Audience) -> None:
    readers = [id_reader(stage, stage.member) for _ in range(6)]
    audience.seat(*readers)
    watcher = stage.reader(stage.owner)
    audience.seat(watcher)
    wait_for(lambda: bool(names_there(watcher)), PATIENCE, "Ana")
    assert names_there(watcher) == ["Ana Duarte"], "who comes later is told of who came before"

    page = stage.reader(stage.member)
    audience.seat(page)
    wait_for(lambda: names_there(watcher) == ["Ana Duarte", "Kenji Mori"], PATIENCE, "Kenji to come")

    head = stage.write()
    wait_for(lambda: all(reader.last == head for reader in readers), PATIENCE, "the change")
    assert not any("presence" in reader.names() for reader in readers)


def test_it_ends_with_the_right_to_read(stage: Stage, audience: Audience) -> None:
    reader, stays = id_reader(stage, stage.member), id_reader(stage, stage.owner)
    audience.seat(reader, stays)
    head = stage.write()
    wait_for(lambda: reader.last == stays.last == head, PATIENCE, "the change")
    remove_member(stage.board, stage.member, by=stage.owner)
    wait_for(lambda: "revoked" in reader.names(), PATIENCE, "the end")
    last = stage.write()
    wait_for(lambda: stays.last == last, PATIENCE, "the owner's news")
    assert reader.last == head


def test_a_poll_takes_it_too(stage: Stage, audience: Audience, get: Any) -> None:
    seen = stage.seq
    head = stage.write(2)
    url = f"{stage.url}?poll=1&ids=1&lastEventId=board-{stage.board.pk}:{seen}"
    messages = first_messages(audience, get(url, stage.cookie(stage.member)), 3)
    assert [message.data for message in messages[:2]] == [str(head - 1), str(head)]
    assert [message.name for message in messages] == ["", "", "keep-alive"]
