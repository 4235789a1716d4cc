"""The relay's side of django-eventstream: who may read a channel, and waking those who wait on one."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django_eventstream.channelmanager import DefaultChannelManager
from django_eventstream.views import get_listener_manager

from activity.live.event_store import CHANNEL_NAME, board_id_of


class BoardChannels(DefaultChannelManager):
    """One channel for each board, `board-<id>`, for those who see the board."""

    def can_read_channel(self, user: Any, channel: str) -> bool:
        if user is None or CHANNEL_NAME.fullmatch(channel) is None:
            return False
        return (
            apps.get_model("boards.Board").objects.visible_to(user).filter(pk=board_id_of(channel)).exists()
        )


def wake_listeners(channel: str) -> None:
    """Have every listener of `channel` read on from where it stands.

    They are told to read the table, as after an overflow of their queue. No event is put into the queue: one
    that arrives while django-eventstream reads makes it read again from where it began, and repeat events.
    """
    manager = get_listener_manager()
    with manager.lock:
        for listener in manager.listeners_by_channel.get(channel, ()):
            listener.overflow = True
            listener.wake_threadsafe()
