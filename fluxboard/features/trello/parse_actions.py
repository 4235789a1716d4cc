"""A board's actions become comments and events, and name people who have left the board meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from fluxboard.features.trello import values as v
from fluxboard.features.trello.findings import Findings
from fluxboard.features.trello.model import Person, TrelloCard, TrelloComment, TrelloEvent
from fluxboard.features.trello.shapes import in_order, named, person_in, things

COMMENT_ACTIONS = {"commentCard", "copyCommentCard"}
MEMBER_KEYS = ("idMember", "idMemberAdded", "idMemberRemoved", "idMemberInvited")


class ActionReader:
    """Reads the actions of `root`, a board whose `cards` (by id) are known already.

    `people` gains whoever did something or is on a card and is no member any more. What is left out goes to
    `problems`; `tell_changed` says where the texts stood that were read since it was last called.
    """

    def __init__(
        self,
        root: dict[str, Any],
        cards: dict[str, TrelloCard],
        people: dict[str, Person],
        problems: Findings,
        tell_changed: Callable[[str], None],
    ) -> None:
        self.root = root
        self.cards = cards
        self.people = people
        self.problems = problems
        self.tell_changed = tell_changed

    def read(self) -> tuple[list[TrelloComment], list[TrelloEvent]]:
        """Comments and history, oldest first (the file has the newest first)."""
        comments, events = [], []
        for place, (id_, raw) in enumerate(things(self.root, "actions", "action", self.problems)):
            data = v.mapping(raw.get("data"))
            at = v.moment(raw.get("date")) or v.made_at(id_)
            person = self._meet(raw)
            card = v.identity(v.mapping(data.get("card")).get("id"))
            order = (at.timestamp() if at else 0.0, -place)
            type_ = v.line(raw.get("type"))[:60]
            if type_ in COMMENT_ACTIONS:
                comment = self._comment(TrelloComment(id_, card, person, "", at), data)
                if self._is_wanted(comment):
                    comments.append((order, comment))
            else:
                event = TrelloEvent(id_, type_, at, person, card if card in self.cards else "", data)
                event.member_name = self._member_name(raw, data)
                event.lost_card = "" if event.card else _lost_card(data)
                events.append((order, event))
        return in_order(comments), in_order(events)

    def _comment(self, comment: TrelloComment, data: dict[str, Any]) -> TrelloComment:
        """The comment with its text, whose oddities are told as those of its card."""
        self.tell_changed("the board")
        comment.text = v.lines(data.get("text"))
        card = self.cards.get(comment.card)
        self.tell_changed(named(card) if card else "a comment")
        comment.edited_at = v.moment(data.get("dateLastEdited"))
        return comment

    def _meet(self, raw: dict[str, Any]) -> str:
        """The id of an action's author, who becomes known by it when they have left the board."""
        creator = v.mapping(raw.get("memberCreator"))
        id_ = v.identity(raw.get("idMemberCreator")) or v.identity(creator.get("id"))
        known = self.people.get(id_)
        if id_ and not (known and (known.name or known.username)):
            self.people[id_] = person_in(id_, creator)
        return id_

    def _member_name(self, raw: dict[str, Any], data: dict[str, Any]) -> str:
        """The name of the person whom an action is about."""
        member = v.mapping(data.get("member")) | v.mapping(raw.get("member"))
        id_ = next((found for key in MEMBER_KEYS if (found := v.identity(data.get(key)))), "")
        id_ = id_ or v.identity(member.get("id"))
        person = self.people.get(id_) or person_in(id_, member)
        if id_ and id_ in self._on_cards and id_ not in self.people and (person.name or person.username):
            self.people[id_] = person
        return person.name or person.username

    @cached_property
    def _on_cards(self) -> set[str]:
        """The ids of everyone who is on a card."""
        return {
            member
            for raw in map(v.mapping, v.sequence(self.root.get("cards")))
            for member in v.identities(raw.get("idMembers"))
        }

    def _is_wanted(self, comment: TrelloComment) -> bool:
        if comment.card not in self.cards:
            self.problems.add(
                "A comment on a card that is not in the file was left out",
                "{n} comments on cards that are not in the file were left out",
            )
            return False
        if not comment.text:
            self.problems.add(
                "A comment without text was left out",
                "{n} comments without text were left out",
                named(self.cards[comment.card]),
            )
            return False
        return True


def _lost_card(data: dict[str, Any]) -> str:
    card = v.mapping(data.get("card"))
    number = v.whole(card.get("idShort"), 1, 10**9)
    name = v.line(card.get("name"))[:200]
    return f"“{name}”" if name else f"card {number}" if number else "a card without a name" if card else ""
