"""gunicorn's settings: `gunicorn -c fluxboard/server/gunicorn_conf.py fluxboard.asgi:application`.

The address to listen on comes by `--bind`. Never `preload_app`: workers would share database connections.
"""

import contextlib
import gc
import os
import resource
import select
import signal
import sys
import time
from typing import Any

from fluxboard.server import limits

worker_class = "asgi"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
preload_app = False
control_socket_disable = True
asgi_lifespan = "on"
timeout = 30  # a worker whose event loop stands still this long is replaced
graceful_timeout = 6  # with the stop of the embedded database, all ends within ten seconds
keepalive = 3
backlog = 2048
worker_connections = limits.CONNECTIONS  # kept by fluxboard.server.connections
limit_request_line = 8190
limit_request_fields = 60  # a browser behind two proxies sends half of that
limit_request_field_size = 8190
accesslog = None
errorlog = "-"
loglevel = os.environ.get("FLUXBOARD_SERVER_LOG", "warning")

# Each stream is an open file; the usual soft limit of 1024 would turn browsers away.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_wanted = 65_536 if _hard == resource.RLIM_INFINITY else min(_hard, 65_536)
if _soft != resource.RLIM_INFINITY and _soft < _wanted:
    resource.setrlimit(resource.RLIMIT_NOFILE, (_wanted, _hard))


def on_starting(server: Any) -> None:
    """End with status 2 and one line where the database is too old. One that is away may still come.

    bin/serve has looked already.
    """
    if os.environ.get("FLUXBOARD_DATABASE_IS_KNOWN"):
        return
    from fluxboard.server import checks

    try:
        checks.check_database("DATABASE_URL")
    except checks.TooOld as problem:
        sys.stderr.write(f"fluxboard: {problem}\n")
        sys.exit(2)
    except checks.StartProblem:
        pass


ROLL_SECONDS = 60
_telling: int | None = None  # where a worker of a reload says that it has loaded the application


def on_reload(server: Any) -> None:
    """SIGHUP: new workers load the code as it is now, and only when all are there do the old ones end.

    gunicorn itself ends the old ones at once, and nobody answers until the application is loaded. When a new
    worker cannot load it, the old ones stay. The listening socket is the same, so no connection is refused.
    """
    global _telling
    ready, _telling = os.pipe()
    fresh = [server.spawn_worker() for _ in range(server.num_workers)]
    os.close(_telling)
    _telling = None
    are_there = _all_tell(ready, len(fresh))
    os.close(ready)
    server.cfg.set("workers", 0)  # so many more would gunicorn start now
    for pid in fresh:
        if are_there:
            server.WORKERS[pid].age += len(fresh)  # for gunicorn all of an age up to the newest are old
        else:
            _give_up(server, pid)
    if not are_there:
        server.log.error("the code that stands here now does not load; the workers of before go on")


def _all_tell(ready: int, number: int) -> bool:
    """Whether so many workers say that they have loaded the application, before they die or time is up."""
    told, until = 0, time.monotonic() + ROLL_SECONDS
    while told < number and time.monotonic() < until:
        if select.select([ready], [], [], 1)[0]:
            words = os.read(ready, number)
            if not words:
                break  # whoever has not told is dead
            told += len(words)
    return told == number


def _give_up(server: Any, pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    server.WORKERS.pop(pid).tmp.close()


def post_fork(server: Any, worker: Any) -> None:
    """Loading the application makes many objects and next to no garbage: do not look for any meanwhile."""
    gc.disable()


def post_worker_init(worker: Any) -> None:
    """Bound the connections. Let SIGTERM end the streams first: gunicorn would wait until its time is up.

    `bye` tells each page to come back, at another worker or at the next start.
    """
    global _telling
    gc.freeze()  # what was loaded stays; no later search for garbage walks through it again
    gc.enable()
    from activity.live.relay import relay
    from fluxboard.server import connections

    connections.begin()

    def stop() -> None:
        relay.close()
        worker.handle_exit_signal()

    worker.loop.add_signal_handler(signal.SIGTERM, stop)
    if _telling is not None:
        os.write(_telling, b".")
        os.close(_telling)
        _telling = None
