"""Which channels of django-eventstream a person may read."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django_eventstream.channelmanager import ChannelManagerBase

from activity.live.event_store import CHANNEL_NAME, board_id_of


class BoardChannels(ChannelManagerBase):
    """django-eventstream's view of boards: one channel each, `board-<id>`, for those who see the board."""

    def get_channels_for_request(self, request: Any, view_kwargs: dict[str, Any]) -> set[str]:
        """The channel of the board named in the address; none where it is not there."""
        board = apps.get_model("boards.Board").objects.filter(key=view_kwargs.get("key", "")).first()
        return {board.channel} if board else set()

    def can_read_channel(self, user: Any, channel: str) -> bool:
        if user is None or CHANNEL_NAME.fullmatch(channel) is None:
            return False
        return (
            apps.get_model("boards.Board").objects.visible_to(user).filter(pk=board_id_of(channel)).exists()
        )

    def is_channel_reliable(self, channel: str) -> bool:
        return True
