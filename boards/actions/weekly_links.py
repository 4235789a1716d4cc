"""Links to a board's weekly report for people without an account: made and revoked by an owner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from activity.errors import Refused
from boards.actions.base import action, writing
from boards.models import Board, Role, WeeklyLink
from boards.models.weekly_link import LINK_DAYS, WEEKLY_PARTS
from fluxboard.core import limits
from fluxboard.core.secret_tokens import token_digest


@action
def make_weekly_link(board: Board, parts: Iterable[str], *, token: str, days: int, by: Any) -> WeeklyLink:
    """A link that shows `parts` for `days`. `token` is what its address ends with; only its hash is kept."""
    with writing(board, by, Role.OWNER) as log:
        chosen = set(parts)
        kept = [part for part in WEEKLY_PARTS if part in chosen]
        if len(kept) != len(chosen) or not chosen - {"names", "words"}:
            raise Refused("Choose what it shows.", "parts")
        if days not in LINK_DAYS:
            raise Refused("Choose for how long it works.", "days")
        if log.board.weekly_links.working(log.now).count() >= limits.WEEKLY_LINKS:
            raise Refused(f"A board has at most {limits.WEEKLY_LINKS} links that work. Revoke one.")
        link = WeeklyLink(
            board=log.board,
            made_by=log.by.user,
            token_hash=token_digest(token),
            parts=kept,
            created_at=log.now,
            expires_at=log.now + dt.timedelta(days=days),
        )
        log.record("weeklylink.made", link, after={"shows": kept, "expires": link.expires_at.isoformat()})
        link.save()
        return link


@action
def revoke_weekly_link(link: WeeklyLink, *, by: Any) -> WeeklyLink:
    """It opens nothing any more; one that was revoked before stays as it is."""
    with writing(link.board, by, Role.OWNER, archived=True) as log:
        link = WeeklyLink.objects.get(pk=link.pk, board=log.board)
        link.board = log.board
        if link.revoked_at is None:
            log.record("weeklylink.revoked", link, before={"shows": link.parts})
            link.revoked_at = log.now
            link.keep("revoked_at")
        return link
