"""Commands that stay and do their work in rounds."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

Stopped = Callable[[], bool]


def rounds(every: float, do: Callable[[Stopped], None]) -> None:
    """Do it every so many seconds until SIGTERM or SIGINT; `do` is told whether to end early."""
    stopped = stop_by_signal()
    while not stopped.is_set():
        do(stopped.is_set)
        stopped.wait(every)


def stop_by_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set, in place of what they would do."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopped
