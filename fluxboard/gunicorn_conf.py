"""gunicorn's settings: `gunicorn -c fluxboard/gunicorn_conf.py fluxboard.asgi:application`.

The address to listen on comes by `--bind`. Never `preload_app`: workers would share database connections.
"""

import os
import resource
import signal
from typing import Any

worker_class = "asgi"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
preload_app = False
control_socket_disable = True
asgi_lifespan = "on"
timeout = 30  # a worker whose event loop stands still this long is replaced
graceful_timeout = 6  # with the stop of the embedded database, all ends within ten seconds
keepalive = 3
backlog = 2048
limit_request_line = 8190
accesslog = None
errorlog = "-"
loglevel = os.environ.get("FLUXBOARD_SERVER_LOG", "warning")

# Each stream is an open file; the usual soft limit of 1024 would turn browsers away.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_wanted = 65_536 if _hard == resource.RLIM_INFINITY else min(_hard, 65_536)
if _soft != resource.RLIM_INFINITY and _soft < _wanted:
    resource.setrlimit(resource.RLIMIT_NOFILE, (_wanted, _hard))


def post_worker_init(worker: Any) -> None:
    """Wait for no slow head. Let SIGTERM end the streams first: gunicorn would wait until its time is up.

    `bye` tells each page to come back, at another worker or at the next start.
    """
    from activity.relay import relay
    from fluxboard import impatience

    impatience.begin()

    def stop() -> None:
        relay.close()
        worker.handle_exit_signal()

    worker.loop.add_signal_handler(signal.SIGTERM, stop)
