"""What was made last, kept in this process until something newer needs the room."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from cachetools import LRUCache


class _Evicting[K: Hashable, V](LRUCache[K, V]):
    """cachetools' cache, which also names what it let go of."""

    def __init__(self, most: int, weigh: Callable[[V], int]) -> None:
        super().__init__(most, lambda value: min(weigh(value), most))  # so that nothing is too heavy
        self.gone: list[K] = []

    def popitem(self) -> tuple[K, V]:
        key, value = super().popitem()
        self.gone.append(key)
        return key, value


class LastUsed[K: Hashable, V]:
    """Values by key; what was used longest ago goes first. Safe between threads.

    `most` is how much is kept, in the unit of `weigh` (bytes, cards); without `weigh` it counts values. The
    newest value stays, whatever it weighs.
    """

    def __init__(self, most: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._cache: _Evicting[K, V] = _Evicting(most, weigh)
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            try:
                return self._cache[key]
            except KeyError:
                return None

    def keep(self, key: K, value: V) -> list[K]:
        """Keep `value`; the keys of what had to go for it."""
        with self._lock:
            self._cache.pop(key, None)
            self._cache.gone = []
            self._cache[key] = value
            return self._cache.gone

    def forget(self, which: Callable[[K], bool] = lambda _: True) -> None:
        """Let go of every key of which `which` is true."""
        with self._lock:
            for key in [key for key in self._cache if which(key)]:
                del self._cache[key]

    def values(self) -> list[V]:
        with self._lock:
            return list(self._cache.values())
