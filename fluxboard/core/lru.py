"""What was made last, kept in this process until something newer needs the room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class LastUsed[K: Hashable, V]:
    """Values by key; what was used longest ago goes first. Safe between threads.

    `most` is how much is kept, in the unit of `weigh` (bytes, cards); without `weigh` it counts values. The
    newest value stays, whatever it weighs.
    """

    def __init__(self, most: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self.most = most
        self._weigh = weigh
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: K, value: V) -> list[K]:
        """Keep `value`; the keys of what had to go for it."""
        weight = self._weigh(value)
        gone = []
        with self._lock:
            self._take(key)
            self._kept[key] = value, weight
            self._weight += weight
            while self._weight > self.most and len(self._kept) > 1:
                gone.append(next(iter(self._kept)))
                self._take(gone[-1])
        return gone

    def forget(self, which: Callable[[K], bool] = lambda _: True) -> None:
        """Let go of every key of which `which` is true."""
        with self._lock:
            for key in [key for key in self._kept if which(key)]:
                self._take(key)

    def values(self) -> list[V]:
        with self._lock:
            return [value for value, _ in self._kept.values()]

    def _take(self, key: K) -> None:
        _, weight = self._kept.pop(key, (None, 0))
        self._weight -= weight
