"""In which order several workers take the tests: what costs most begins first, each kind by itself.

pytest-xdist's `worksteal` gives each worker an equal piece of the list, and whoever is done takes from the
end of the longest rest. So each piece begins with one kind of what costs most, and the quick tests come
behind it: few workers start a Chromium or a breakable database, and no long test is left for the end.
"""

from __future__ import annotations

import pytest

KINDS = [
    lambda item: "_ground" in item.fixturenames,
    lambda item: "browser" in item.fixturenames,
    lambda item: item.get_closest_marker("faults") or {"installation", "live_app"} & {*item.fixturenames},
    lambda item: item.get_closest_marker("early"),
]


def spread(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The same tests in the order for so many workers; among their own kind they stay as they were."""
    pieces: list[list[pytest.Item]] = [[] for _ in range(workers)]
    rest = list(items)
    for number, is_one in enumerate(KINDS):
        pieces[number % workers] += [item for item in rest if is_one(item)]
        rest = [item for item in rest if not is_one(item)]
    for number, piece in enumerate(pieces):
        room = len(rest) if number == workers - 1 else max(0, len(items) // workers - len(piece))
        piece += rest[:room]
        rest = rest[room:]
    return [item for piece in pieces for item in piece]
