"""A board of its own on the running server, and what a page of it hears."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from boards.actions import add_member, create_board, create_card, retitle_card
from boards.models import Board, Card, Role
from fluxboard.accounts.models import User
from tests.activity.sse import Audience, Message, Reader, Response
from tests.live import LiveApp


class Stage(NamedTuple):
    """A board of its own on the running server, with an owner, a member and a card."""

    app: LiveApp
    board: Board
    owner: User
    member: User
    card: Card

    @property
    def url(self) -> str:
        return f"{self.app.url}/b/{self.board.key}/live/"

    @property
    def seq(self) -> int:
        return Board.objects.values_list("seq", flat=True).get(pk=self.board.pk)

    def cookie(self, user: User) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.app.cookies_for(user).items())

    def reader(self, user: User, seq: int | None = None) -> Reader:
        at = self.seq if seq is None else seq
        return Reader([self.url], self.cookie(user), self.board.pk, at)

    def write(self, times: int = 1) -> int:
        """Change the card so many times; the last seq."""
        for _ in range(times):
            retitle_card(self.card, f"Title {uuid.uuid4()}", by=self.owner)
        return self.seq


def someone(name: str = "Someone Else") -> User:
    handle = f"p{uuid.uuid4().hex[:12]}"
    return User.objects.create_user(f"{handle}@example.com", "secret", name=name, handle=handle)


def stage_on(app: LiveApp) -> Stage:
    owner, member = someone("Ana Duarte"), someone("Kenji Mori")
    key = "T" + uuid.uuid4().hex[:6].upper()
    board = create_board("Stream", by=owner, key=key, starter=False)
    add_member(board, member, Role.MEMBER, by=owner)
    card = create_card(board.columns.first(), "First", by=owner)
    return Stage(app, board, owner, member, card)


def first_messages(audience: Audience, response: Response, count: int) -> list[Message]:
    async def read() -> list[Message]:
        got: list[Message] = []
        async for message in response.messages():
            got.append(message)
            if len(got) == count:
                break
        return got

    return audience.do(read())


def names_there(reader: Reader) -> list[str]:
    told = [message.json for message in reader.others if message.name == "presence"]
    return [person["name"] for person in told[-1]["people"]] if told else []
