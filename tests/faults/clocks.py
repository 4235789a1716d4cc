"""Two servers on one database whose clocks are two hours apart (T15)."""

from __future__ import annotations

from activity.models import Activity
from tests.activity.sse import Audience, wait_for
from tests.faults.ground import Ground, Watcher, header, make_board, someone
from tests.faults.ledger import Client, Ledger
from tests.live import LiveApp


def an_hour_apart(
    ground: Ground, writes: int = 30, streams: int = 6, wrong: float = 3600
) -> dict[str, float]:
    """One server an hour ahead, one an hour behind; people write through both by turns. Order is that of the
    commits, everybody stays signed in and present on both, a change reaches the pages of both, and a request
    sent to one and again to the other is done once."""

    apps = [
        ground.another_app(
            FLUXBOARD_TEST_CLOCK=str(seconds),
            DJANGO_SETTINGS_MODULE="tests.faults.settings",
            WEB_CONCURRENCY="1",
        )
        for seconds in (wrong, -wrong)
    ]
    try:
        return between(ground, apps, writes, streams, wrong)
    finally:
        for app in apps:
            app.kill()


def between(ground: Ground, apps: list[LiveApp], writes: int, streams: int, wrong: float) -> dict[str, float]:
    owner = someone("Ana Duarte")
    board, card = make_board(owner)
    cookies = ground.app.cookies_for(owner)
    first = board.seq
    ledger = Ledger()
    seen: dict[tuple[int, int], int] = {}
    watchers = [
        Watcher(seen, [f"{apps[n % 2].url}/b/{board.key}/live/"], header(cookies), board.pk, first)
        for n in range(streams)
    ]
    clients = [Client(app.port, cookies) for app in apps]
    with Audience() as audience:
        audience.seat(*watchers)
        for number in range(writes):
            entry = ledger.open(f"Title {number}")
            fields = {"title": entry.said, "request_id": entry.request_id}
            path = f"/c/{card.key}/do/retitled/"
            entry.answers.append(clients[number % 2].try_to("POST", path, fields))
            if number % 10 == 0:
                assert clients[(number + 1) % 2].try_to("POST", path, fields) == 303
        head = first + writes
        wait_for(lambda: all(w.last == head for w in watchers), 120, "every change on pages of both")
        pages = [client.try_to("GET", f"/b/{board.key}/standup/") for client in clients]
        pages += [client.try_to("GET", f"/b/{board.key}/") for client in clients]
    rows = list(Activity.objects.on(board).filter(seq__gt=first).order_by("seq").values_list("seq", "at"))
    apart = (rows[0][1] - rows[1][1]).total_seconds()
    told = ledger.audit() | {"deliveries": float(sum(w.tally.count for w in watchers)), "apart": apart}
    assert [seq for seq, _ in rows] == list(range(first + 1, head + 1))
    assert abs(apart - 2 * wrong) < 60, "the clocks were not wrong"
    assert set(pages) == {200}
    assert told["acknowledged"] == writes
    assert not any(told[name] for name in ("lost", "altered", "twice", "refused_yet_saved")), told
    assert not any(w.tally.gaps or w.tally.twice for w in watchers)
    assert all(w.connections == 1 for w in watchers)
    return told
