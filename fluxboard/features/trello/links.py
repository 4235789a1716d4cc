"""Trello's addresses of a board's own cards and comments, and its mentions of people, as ours.

Trello has written a card's address in three ways: `trello.com/c/SHORT/12-words` today, and until 2013
`trello.com/card/words/BOARD/12` and `trello.com/card/board/words/BOARD/CARD`. A comment's is the card's with
`#comment-ID`, ID being that of the action.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fluxboard.features.trello.model import Attachment, TrelloCard, TrelloChecklist

_ADDRESS = (
    r"(?:https?://|(?<![\w@./-]))(?:www\.)?trello\.com/"
    r"(?:c/(?P<short>[A-Za-z0-9]{4,24})(?:/(?:[\w%.~-]*[\w%~-])?)?"
    r"|card/(?:board/)?[\w%.~-]*/(?P<board>[0-9a-f]{24})/(?P<card>[0-9a-f]{24}|[0-9]{1,7}))"
    r"(?:\?[\w=&%+-]*)?(?:\#(?:comment|action)-(?P<comment>[0-9a-f]{24})|\#(?![\w-]))?"
)
_LINK = re.compile(rf"{_ADDRESS}(?![\w])", re.IGNORECASE)
# What stands before an address in Markdown: the target of a link, a definition, or the sign of an address.
_TARGET = re.compile(r"(?:\]\(\s*|^ {0,3}\[[^\]\n]{1,80}\]:[ \t]*)<?\Z", re.MULTILINE)
_BEFORE = 100
# Trello's editor keeps in the place of a link's title how it draws the link.
_DRAWN = re.compile(r'(?<=\S)[ \t]+"(?:smartCard-[a-z]{1,12}|\u200c)"(?=\))')
_MENTION = re.compile(r"(?<![\w@/.#-])@(?P<username>[a-z0-9_]{3,60})", re.IGNORECASE)


@dataclass(frozen=True)
class TrelloLinks:
    """`keys`: cards' keys here by short link, by id, and by number as `#12`.

    `comments`: comments' ids here by Trello's.
    `board` is the board's id in Trello, `handles` has people's handles by their usernames in lower case.
    """

    board: str
    keys: Mapping[str, str]
    comments: Mapping[str, int]
    handles: Mapping[str, str]

    def in_text(self, text: str) -> str:
        """A Markdown text: a bare address becomes the card's key, that in a link our address."""

        def link(found: re.Match[str]) -> str:
            key = self._key(found)
            if key is None:
                return found[0]
            before = text[max(0, found.start() - _BEFORE) : found.start()]
            comment = self._anchor(found)
            if _TARGET.search(before):
                return f"/c/{key}/{comment}"
            if comment and not before.endswith("["):
                return f"[{key}, a comment](/c/{key}/{comment})"
            return key

        text = self._bare(_DRAWN.sub("", text))
        return self._people(_LINK.sub(link, text))

    def in_line(self, text: str) -> str:
        """A text without Markdown, a title or an item: a card's key, or the address of a comment."""

        def link(found: re.Match[str]) -> str:
            key = self._key(found)
            anchor = self._anchor(found)
            return found[0] if key is None else f"/c/{key}/{anchor}" if anchor else key

        return _LINK.sub(link, text)

    def address(self, url: str) -> str:
        """Our address for `url`, if the whole of it leads to a card of the board; else `url`."""
        found = _LINK.fullmatch(url)
        key = self._key(found) if found else None
        return f"/c/{key}/{self._anchor(found)}" if found and key else url

    def card(self, card: TrelloCard) -> TrelloCard:
        """`card` with its title, its lists, its attachments and its fields in our addresses; not its text."""
        return replace(
            card,
            title=self.in_line(card.title),
            attachments=[self._attachment(attachment) for attachment in card.attachments],
            fields=[(name, self.in_line(value)) for name, value in card.fields],
            checklists=[self._checklist(checklist) for checklist in card.checklists],
        )

    def _attachment(self, attachment: Attachment) -> Attachment:
        return replace(attachment, name=self.in_line(attachment.name), url=self.address(attachment.url))

    def _checklist(self, checklist: TrelloChecklist) -> TrelloChecklist:
        items = [replace(item, text=self.in_line(item.text)) for item in checklist.items]
        return replace(checklist, name=self.in_line(checklist.name), items=items)

    def _bare(self, text: str) -> str:
        """`text` with `<address>` as the address alone, where it leads to a card of the board."""

        def bare(found: re.Match[str]) -> str:
            link = _LINK.fullmatch(found["inner"])
            is_target = _TARGET.search(text[max(0, found.start() - _BEFORE) : found.start() + 1])
            return found["inner"] if link and self._key(link) and not is_target else found[0]

        return re.sub(r"<(?P<inner>https?://[^\s<>]{1,300})>", bare, text)

    def _key(self, found: re.Match[str]) -> str | None:
        if found["short"]:
            return self.keys.get(found["short"])
        if found["board"] != self.board:
            return None
        return self.keys.get(found["card"] if len(found["card"]) == len(self.board) else f"#{found['card']}")

    def _anchor(self, found: re.Match[str]) -> str:
        comment = self.comments.get(found["comment"] or "")
        return f"#c-{comment}" if comment else ""

    def _people(self, text: str) -> str:
        def person(found: re.Match[str]) -> str:
            handle = self.handles.get(found["username"].lower())
            return f"@{handle}" if handle else found[0]

        return _MENTION.sub(person, text)


def keys_of(cards: Iterable[TrelloCard], board: str) -> dict[str, str]:
    """The cards' keys on the board of the key `board`, by all that Trello's addresses call them."""
    found: dict[str, str] = {}
    for card in cards:
        names = (card.short_link, card.id, f"#{card.number}")
        found |= {name: f"{board}-{card.number}" for name in names if name}
    return found


def comments_named(texts: list[str]) -> set[str]:
    """Trello's ids of the comments that these texts link to."""
    return {
        found["comment"]
        for text in texts
        if "trello.com/" in text
        for found in _LINK.finditer(text)
        if found["comment"]
    }
