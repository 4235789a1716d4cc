"""Whatever is put into an address, a file or a text gets an answer, and is no fault. Short runs."""

from __future__ import annotations

import contextlib
import json
import sys
import time
import zipfile
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.live.admission import StreamRefused
from activity.live.protocol import parse_position
from boards.models import Board
from boards.rendering.markdown import Names, mentioned, render
from comments.actions import post_comment
from fluxboard.features.board_export.zip_reader import Damaged
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.trello.read_json import ImportProblem
from tests.board_export.board import busy
from tests.board_export.files import brought_in, exported, files_of, packed, taken_back

SHORT = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PIECES = [
    "\0",
    "\ud800",
    "'",
    '"',
    "%",
    "_",
    "\\",
    "\n",
    "🏳️‍🌈",
    "\u202e",
    "٣",
    "１２",
    "é",
    "-1",
    "0",
    "1",
    "FLX",
    "FLX-1",
]
PIECES += [
    "9" * 30,
    "1e400",
    "NaN",
    "now",
    "2026-10-15",
    "2026-13-45",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01",
]
PIECES += [
    "Europe/Lisbon",
    "../../etc",
    "board-1:5",
    ":",
    "+",
    "me",
    "none",
    "blocked",
    "by:",
    "in:FLX",
    "is:",
    "after:",
]
odd = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=5).map("".join)
PROFILE = ["name", "handle", "hue", "time_zone", "work_start", "work_end"]
# Each page with every parameter that it knows, and one that it does not.
ASKED = {
    "/b/FLX/": ["q", "mine", "waiting", "is", "label", "assignee", "column", "due", "more", "part", "card"],
    "/b/FLX/at/": ["seq", "time", "since", "card", "all"],
    "/b/FLX/standup/": [
        "since",
        "from",
        "to",
        "period",
        "person",
        "who",
        "before",
        "after",
        "page",
        "only",
        "day",
    ],
    "/standup/": [
        "since",
        "from",
        "to",
        "period",
        "person",
        "board",
        "before",
        "after",
        "page",
        "only",
        "day",
    ],
    "/standup/news/": ["upto"],
    "/search/": ["q", "only", "page"],
    "/decisions/": ["q", "by", "board", "status", "page", "from", "to", "before"],
    "/b/FLX/decisions/": ["q", "by", "status", "page", "from", "to", "before"],
    "/waiting/counts/": ["board"],
    "/catch-up/": ["upto", "step", "after"],
    "/b/FLX/catch-up/": ["upto", "step", "after", "since"],
    "/b/FLX/archive/": ["kind", "page", "q", "before", "who"],
    "/b/FLX/settings/record/": ["seq"],
    "/b/FLX/cards/new/": ["column", "title"],
    "/b/FLX/invitations/new/": ["claims"],
    "/b/FLX/undo/2/": ["next", "from"],
    "/c/FLX-1/": ["tab", "comments", "before", "edit"],
    "/c/FLX-1/history/": ["before", "after"],
    "/c/FLX-1/parts/": ["names", "comments"],
    "/c/FLX-1/outcome/": ["comment", "thread"],
    "/c/FLX-1/decide/": ["comment", "supersedes", "parent"],
    "/c/FLX-1/ask/": ["comment", "parent", "who"],
    "/me/start/": ["next"],
}


@pytest.fixture
def reader(board: Any, card: Any, ana: Any) -> Client:
    post_comment(card, "Hello", by=ana)
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    return client


@pytest.mark.parametrize("path", ASKED)
@settings(SHORT, max_examples=4)
@given(data=st.data())
def test_no_parameter_of_a_page_is_a_fault(path: str, reader: Client, data: st.DataObject):
    """By all of its parameters at once, as text and as bytes that are no UTF-8."""
    typed = {name: data.draw(odd) for name in [*ASKED[path], "unknown"]}
    query = urlencode(typed, errors="surrogatepass")
    answer = reader.get(f"{path}?{query}&{data.draw(st.sampled_from(['', '%', '%ff=%fe', '&&=', 'q=%00']))}")
    assert answer.status_code < 500, (path, typed, getattr(answer, "exc_info", None))


@SHORT
@given(text=odd | st.text(max_size=30))
def test_a_last_event_id_is_a_place_or_is_refused(text: str):
    try:
        place = parse_position(text)
    except StreamRefused as answer:
        assert answer.status == 400
    else:
        assert place is None or (place.board_id >= 0 and 0 <= place.seq < 10**18)


@SHORT
@given(typed=st.fixed_dictionaries(dict.fromkeys(PROFILE, odd)))
def test_a_profile_takes_what_it_can_keep_and_refuses_the_rest(typed: dict[str, str], reader: Client):
    body = urlencode(typed, errors="surrogatepass")
    answer = reader.post("/me/", body, "application/x-www-form-urlencoded")
    assert answer.status_code in {303, 422}


@SHORT
@given(
    text=st.lists(st.sampled_from([*PIECES, "@ana", "@", "[", "](", "*", "`", "|", "<", "&#0;"]), max_size=30)
)
def test_any_comment_is_kept_and_read(text: list[str], reader: Client):
    """From the form to every page that shows it."""
    body = urlencode({"text": "".join(text)}, errors="surrogatepass")
    kind = "application/x-www-form-urlencoded"
    assert reader.post("/c/FLX-1/do/posted/", body, kind).status_code in {303, 422}
    for path in ("/c/FLX-1/", "/b/FLX/standup/"):
        assert reader.get(path).status_code == 200


# ---- files ------------------------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "name",
                    "cards",
                    "lists",
                    "actions",
                    "members",
                    "labels",
                    "idList",
                    "data",
                    "type",
                    "date",
                    "pos",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@SHORT
@given(root=anything)
def test_any_json_is_a_board_of_trello_or_is_refused(root: Any):
    with contextlib.suppress(ImportProblem):
        parse_export(json.dumps(root).encode("utf-8", "surrogatepass"), "export.json")


@pytest.fixture
def out(board: Any, ana: Any, kenji: Any) -> bytes:
    busy(board, ana, kenji)
    return exported(board)


@SHORT
@given(data=st.data())
def test_a_file_of_ours_with_a_byte_changed_is_the_same_board_or_refused(
    data: st.DataObject, out: bytes, sam: Any
):
    """And one whose lines were changed and sealed anew."""
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(out) - 1))
        broken = out[:at] + bytes([data.draw(st.integers(0, 255))]) + out[at + 1 :]
    else:
        files = dict(files_of(out))
        name = data.draw(st.sampled_from(sorted(name for name in files if str(name).endswith(".jsonl"))))
        lines = files[name].splitlines() if isinstance(files[name], bytes) else list(files[name])
        if lines:
            at = data.draw(st.integers(0, len(lines) - 1))
            lines[at] = json.dumps(data.draw(anything)).encode("utf-8", "surrogatepass")
        files[name] = b"\n".join(lines) + b"\n"
        broken = packed(files)
    boards = Board.objects.count()
    with taken_back():
        try:
            brought_in(broken, sam)
        except Damaged:
            assert Board.objects.count() == boards
        except zipfile.BadZipFile as problem:  # pragma: no cover
            raise AssertionError("the archive's own error came through") from problem


# ---- time that grows with the square ----------------------------------------------------------------------

GROWING = [
    "*a",
    "**a ",
    "_a",
    "[",
    "](",
    "![",
    "`",
    "``a",
    "> ",
    "- ",
    "1. ",
    "|a",
    "<",
    "<a ",
    "&",
    "\\",
    "~~a",
]
GROWING += ["@ana.", "@ana-_", "FLX-1 ", "http://a.", "a@b.", "www.a.", "[a](", "[a]: b\n", "- [x] ", "\n\n"]
GROWING += ["    a\n", "# a\n", "((", "!@"]
IN_C = ["http://a.", "http://a. ", "www.a.", "a@b.", "![", "@a.-", "FLX-", "@ana-_"]


def steps(text: str) -> int:
    """How many lines of Python run to render `text`: the same on any machine."""
    count = 0

    def count_one(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return count_one

    before = sys.gettrace()
    sys.settrace(count_one)
    try:
        render(text, NAMES)
    finally:
        sys.settrace(before)
    return count


NAMES = Names({"ana": "Ana Duarte"}, frozenset({"FLX"}))


@pytest.mark.parametrize("piece", GROWING)
def test_a_text_four_times_as_long_costs_about_four_times(piece: str):
    """In lines run, not by the clock. A square would be sixteen times."""
    short, long = steps(piece * 60), steps(piece * 240)
    assert long < 8 * short + 2000, f"{piece!r}: {short} -> {long}"


@pytest.mark.parametrize("piece", IN_C)
def test_a_long_text_is_laid_out_in_time(piece: str):
    """What runs in C is not counted above: 20,000 characters, a form's most, by processor time."""
    spent = []
    for size in (5_000, 20_000):
        tries = []
        for number in range(3):  # each is another text, since what was drawn is kept; the quickest counts
            text, began = (f"{number} " + piece * size)[:size], time.process_time()
            render(text, NAMES)
            mentioned(text, NAMES)
            tries.append(time.process_time() - began)
        spent.append(min(tries))
    assert spent[1] < 0.5 or spent[1] < 8 * spent[0], f"{piece!r}: {spent}"
