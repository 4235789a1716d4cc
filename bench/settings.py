"""The settings of a server under measurement: those of every server, and the floor's address."""

from fluxboard.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
