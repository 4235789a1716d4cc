"""What can come of a change besides success. Each knows the words for a person and the status for HTTP."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any


class NotDone(Exception):
    """A change that was not made; nothing of it is left."""

    status = 422


class Refused(NotDone):
    """What was asked is not acceptable. `message` is for the person; `field` names the form's field."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Forbidden(NotDone):
    """The person can see the board, and their role is too low for this."""

    status = 403

    def __init__(self, message: str = "Your role on this board does not allow that.") -> None:
        super().__init__(message)
        self.message = message


class RequestReused(Refused):
    """The same request id came again with another body."""

    def __init__(self) -> None:
        super().__init__("This form was already sent with other content. Reload the page and try again.")


class Busy(NotDone):
    """The board stayed locked through every attempt; worth another try in a second."""

    status = 503
    message = "Another change keeps this board locked just now."


@dataclass(frozen=True)
class Difference:
    """One field that two people changed: what it was, what it is now, what was sent; words ready to show."""

    field: str
    label: str
    base: str
    theirs: str
    yours: str
    by: Any = None
    at: dt.datetime | None = None
    is_long: bool = False
    yours_value: str = ""
    theirs_value: str = ""


@dataclass
class Clash(NotDone):
    """Someone else changed the same field meanwhile."""

    differences: list[Difference] = field(default_factory=list)
    version: int = 0
    thing: Any = None

    status = 409
    message = "Someone else changed this meanwhile."

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __hash__(self) -> int:
        return id(self)


class Repeated(Exception):
    """The same request came again: it was done already, by the activities `first_seq` to `last_seq`."""

    def __init__(self, board_id: int, first_seq: int, last_seq: int) -> None:
        super().__init__(f"{board_id}:{first_seq}-{last_seq}")
        self.board_id = board_id
        self.first_seq = first_seq
        self.last_seq = last_seq
