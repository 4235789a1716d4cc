"""The stream's small parts: frames, ids, the ring, the storage that django-eventstream asks, the rights."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django_eventstream import send_event
from django_eventstream.eventstream import get_current_event_id
from django_eventstream.storage import EventDoesNotExist
from django_eventstream.utils import get_channelmanager, get_storage
from hypothesis import given
from hypothesis import strategies as st

from activity.live import presence
from activity.live.access import access_digest, still_allowed
from activity.live.admission import StreamRefused, admit_stream, stream_reader
from activity.live.event_store import MAX_REPLAY, BoardEvent, BoardStorage, Span
from activity.live.protocol import Position, parse_position
from activity.live.ring_buffer import RING, Ring, encode
from activity.models import Activity, Frame, Presence
from boards.actions import (
    archive_board,
    create_card,
    open_board,
    remove_member,
    retitle_card,
)
from boards.models import Board, Membership
from fluxboard.accounts.deactivation import end_sessions
from fluxboard.accounts.models import User
from tests.activity.sse import parse
from tests.cast import person, team_board


def frame(seq: int, size: int = 1) -> BoardEvent:
    return BoardEvent("board-1", "", "x" * size, id=seq, verb="card.moved")


def span(first: int, last: int) -> Span:
    return Span(last, [frame(seq) for seq in range(first, last + 1)])


# --- frames and ids ----------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_frame_carries_any_text_and_nothing_else(html: str) -> None:
    sent = encode(BoardEvent("board-12", "", html, id=345)).decode()
    assert sent.endswith("\n\n")
    assert sent.count("\n\n") == 1
    got = parse(sent.removesuffix("\n\n"))
    assert (got.name, got.id) == ("", "board-12:345")
    assert got.data == html.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("board-12:345", Position(12, 345)),
        ("board%2D12:345", Position(12, 345)),
        ("board-12:0,board-3:4", Position(12, 0)),
        ("", None),
    ],
)
def test_ids_are_read_in_django_eventstreams_form(text: str, position: Position | None) -> None:
    assert parse_position(text) == position


@given(st.text(min_size=1))
def test_any_other_id_is_a_plain_400(text: str) -> None:
    try:
        assert isinstance(parse_position(text), Position)
    except StreamRefused as answer:
        assert answer.status == 400


# --- the ring ----------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 30)), min_size=1, max_size=12))
def test_a_ring_never_has_a_gap(spans: list[tuple[int, int]]) -> None:
    ring = Ring(span(*spans[0]))
    for first, length in spans[1:]:
        before = (ring.first, ring.last)
        coming = span(first, first + length)
        if not ring.extend(coming):
            assert coming.head < before[1] or coming.events[0].id > before[1] + 1  # type: ignore[operator]
            continue
        assert ring.first == min(before[0], first)
        assert ring.last == coming.head
        frames, cursor = ring.after(ring.first - 1, 10**9)
        assert [int(parse(sent.decode().strip()).id.split(":")[1]) for sent in frames] == list(
            range(ring.first, ring.last + 1)
        )
        assert cursor == ring.last


def test_a_ring_is_bounded_in_number_and_bytes() -> None:
    ring = Ring(span(1, 10))
    for seq in range(11, RING + 200):
        ring.extend(span(seq, seq))
        ring.trim()
    assert len(ring.frames) == RING
    assert not ring.covers(1)
    assert ring.covers(ring.first - 1)
    for seq in range(ring.last + 1, ring.last + 200):
        ring.extend(Span(seq, [frame(seq, 300_000)]))
        ring.trim()
    assert len(ring.frames) < 150
    assert ring.size == sum(map(len, ring.frames))


def test_a_ring_gives_about_as_much_as_asked() -> None:
    ring = Ring(span(1, 100))
    one = len(ring.frames[0])
    frames, cursor = ring.after(10, one * 3 - 1)
    assert (len(frames), cursor) == (3, 13)
    assert ring.after(100) == ([], 100)


# --- the storage -------------------------------------------------------------------------------------------


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return {handle: person(handle) for handle in ("ana", "kenji", "priya", "sam")}


@pytest.fixture
def board(cast: dict[str, User]) -> Board:
    return team_board(cast["ana"], cast["kenji"], cast["priya"])


def write(board: Board, by: User, times: int) -> int:
    card = board.cards.first() or create_card(board.columns.first(), "First", by=by)
    for number in range(times):
        retitle_card(card, f"Title {number} of {board.seq}", by=by)
    board.refresh_from_db()
    return board.seq


def test_django_eventstream_finds_our_classes(board: Board, cast: dict[str, User]) -> None:
    assert isinstance(get_storage(), BoardStorage)
    assert get_current_event_id([board.channel]) == f"{board.channel}:{board.seq}"
    channels = get_channelmanager()
    seen = {name: channels.can_read_channel(user, board.channel) for name, user in cast.items()}
    assert seen == {"ana": True, "kenji": True, "priya": True, "sam": False}
    assert not channels.can_read_channel(None, board.channel)
    assert not channels.can_read_channel(AnonymousUser(), board.channel)
    assert not channels.can_read_channel(cast["ana"], "users")
    assert channels.is_channel_reliable(board.channel)
    with pytest.raises(NotImplementedError):
        send_event(board.channel, "message", "forged")


def test_events_come_in_order_and_by_portions(board: Board, cast: dict[str, User]) -> None:
    first = board.seq
    head = write(board, cast["ana"], 6)
    storage = BoardStorage()
    events = storage.get_events(board.channel, first, limit=4)
    assert [event.id for event in events] == list(range(first + 1, first + 5))
    assert [event.id for event in storage.get_events(board.channel, first + 4)] == list(
        range(first + 5, head + 1)
    )
    assert storage.get_events(board.channel, head) == []
    stored = (
        Activity.objects.filter(board=board, seq__gt=first).order_by("seq").values_list("verb", flat=True)
    )
    assert [event.verb for event in storage.get_events(board.channel, first)] == list(stored)


def test_what_cannot_be_continued_says_so(board: Board, cast: dict[str, User]) -> None:
    head = write(board, cast["ana"], 5)
    storage = BoardStorage()
    with pytest.raises(EventDoesNotExist) as ahead:
        storage.get_events(board.channel, head + 1)
    assert ahead.value.current_id == head
    Frame.objects.filter(board=board, seq=head - 3).delete()
    with pytest.raises(EventDoesNotExist):
        storage.get_events(board.channel, head - 4)
    assert len(storage.get_events(board.channel, head - 3)) == 3
    Board.objects.filter(pk=board.pk).update(seq=head + MAX_REPLAY)
    with pytest.raises(EventDoesNotExist):
        storage.get_events(board.channel, head - 1)


# --- rights ------------------------------------------------------------------------------------------------


def test_the_check_for_many_agrees_with_the_check_for_one(board: Board, cast: dict[str, User]) -> None:
    """Every mix of membership, openness, archive and deactivation."""
    client = Client()
    client.force_login(cast["ana"])
    session = client.cookies["sessionid"].value
    for open_to, archived, active in itertools.product(("", "viewer", "member"), (0, 1), (True, False)):
        Board.objects.filter(pk=board.pk).update(
            open_to=open_to, archived_at="2026-01-01T00:00Z" if archived else None
        )
        User.objects.update(is_active=active)
        people = list(User.objects.order_by("pk"))
        answers = still_allowed([(user.pk, board.pk, session, access_digest(user)) for user in people])
        one_by_one = [Board.objects.visible_to(user).filter(pk=board.pk).exists() for user in people]
        assert [answers[n][1] for n in range(len(people))] == one_by_one
        assert all(answers[n][::2] == (board.seq, True) for n in range(len(people)))


def test_a_session_that_ended_is_seen_by_both_checks(board: Board, cast: dict[str, User]) -> None:
    kenji = cast["kenji"]
    client = Client()
    client.force_login(kenji)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    admission = admit_stream(cookie, board.key)
    assert not isinstance(admission, str)
    assert (admission.user_id, admission.board_id, admission.head) == (kenji.pk, board.pk, board.seq)
    asked = (kenji.pk, board.pk, admission.session_key, admission.access_digest)
    assert still_allowed([asked]) == {0: (board.seq, True, True)}
    end_sessions(kenji)
    assert still_allowed([asked]) == {0: (board.seq, True, False)}
    assert stream_reader(cookie) is None
    assert stream_reader("") is None
    assert stream_reader("sessionid=; sessionid=x") is None


def test_revoking_verbs_are_those_after_which_the_right_may_be_gone(
    board: Board, cast: dict[str, User]
) -> None:
    from activity.live.board_channel import REVOKING
    from activity.log.verbs import VERBS

    assert set(VERBS) >= REVOKING
    remove_member(board, cast["kenji"], by=cast["ana"])
    open_board(board, "viewer", by=cast["ana"])
    archive_board(board, by=cast["ana"])
    verbs = Activity.objects.filter(board=board).order_by("-seq").values_list("verb", flat=True)[:3]
    assert set(verbs) <= REVOKING
    assert not Membership.objects.filter(board=board, user=cast["kenji"]).exists()


# --- presence ----------------------------------------------------------------------------------------------


def test_presence_keeps_one_row_a_person_and_forgets(
    board: Board, cast: dict[str, User], monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[str] = []
    monkeypatch.setattr(presence, "notify", told.append)
    write(board, cast["ana"], 0)
    card = board.cards.get()
    kenji = cast["kenji"]
    presence.arrive({(board.pk, kenji.pk), (board.pk, cast["ana"].pk)})
    assert told == [f"presence:{board.pk}"]
    data, ids = presence.people_on(board.pk)
    assert ids == {kenji.pk, cast["ana"].pk}
    assert data.index("Ana Duarte") < data.index("Kenji Mori")

    def note(**facts: Any) -> int:
        with django_capture_on_commit_callbacks(execute=True) as calls:
            presence.note(board, kenji, **facts)
        return len(calls)

    assert [note(card=card, is_editing=True), note(card=card, is_editing=True)] == [1, 0]
    assert f'"card":"{card.key}","editing":true' in presence.people_on(board.pk)[0]
    assert [note(), note(is_editing=True)] == [1, 0]  # nobody edits a board as such
    presence.renew({(board.pk, kenji.pk)})
    Presence.objects.filter(user=kenji).update(expires_at="2020-01-01T00:00Z")
    assert presence.people_on(board.pk)[1] == {cast["ana"].pk}
    told.clear()
    presence.renew(set())
    assert told == [f"presence:{board.pk}"]
    assert not Presence.objects.filter(user=kenji).exists()
    presence.leave({(board.pk, cast["ana"].pk)})
    assert presence.people_on(board.pk) == ('{"people":[],"more":0}', set())
