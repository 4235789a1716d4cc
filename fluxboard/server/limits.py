"""How much one worker process takes from the network, holds for it, and waits for it.

Seconds and bytes. What a test or a very slow line has to change comes by environment (docs/settings.md).
"""

from __future__ import annotations

import os

MB = 1024 * 1024


def _number(name: str, default: float) -> float:
    return float(os.environ.get(name) or default)


# ---- a request on its way in
HEAD_SECONDS = _number("FLUXBOARD_HEAD_SECONDS", 10)  # until a connection's first head is whole
WINDOW_SECONDS = _number("FLUXBOARD_WINDOW_SECONDS", 10)  # the window in which a body must make progress
FORM_RATE = 2_000  # bytes a second, within every window, not since the beginning
UPLOAD_RATE = 32_000
FORM_SECONDS = _number("FLUXBOARD_FORM_SECONDS", 300)  # for the whole body, however steadily it comes
UPLOAD_SECONDS = _number("FLUXBOARD_UPLOAD_SECONDS", 1_200)
LINGER_SECONDS = 3.0  # the rest of a refused body is thrown away so long, so that its sender hears why
LINGER_BYTES = 120 * 1024 * 1024

ANYONE_BYTES = 64 * 1024  # without a session, and in memory; the number of connections bounds them all
FORM_BYTES = 2 * MB  # with a session
UPLOAD_BYTES = 112 * MB  # with a session, on an upload's address; a board's file has 100 MB at most
LARGE_A_PERSON = 4  # bodies over ANYONE_BYTES that one person may send at once
FORMS_BUDGET = 32 * MB
UPLOADS_BUDGET = int(_number("FLUXBOARD_SPOOL_MB", 256) * MB)  # Django's own copy of the file counts too

# ---- connections, and answers on their way out
CONNECTIONS = int(_number("FLUXBOARD_CONNECTIONS", 4_096))
READ_SECONDS = _number("FLUXBOARD_READ_SECONDS", 60)  # the window in which a reader must take READ_RATE
READ_RATE = 1_000
UNREAD_BUDGET = int(_number("FLUXBOARD_UNREAD_MB", 64) * MB)
