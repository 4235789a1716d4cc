"""The ids of comments, taken beforehand where texts link to comments that are not written yet."""

from __future__ import annotations

import itertools

from django.db import connection

from comments.models import Comment
from fluxboard.features.trello import texts
from fluxboard.features.trello.links import comments_named
from fluxboard.features.trello.model import Export, TrelloCard

HALF = texts.TEXT // 2
MORE = 10  # comments in which what has no field goes on, below a long description


def comment_ids(export: Export) -> dict[str, list[int]]:
    """The ids for each comment, and for what a card's text goes on in, by their ids in Trello.

    Comments stand in the order of their ids, so all of them get theirs here, with room for those that a long
    text goes on in. Empty where no text links to a comment of the board.
    """
    spoken = [text for card in export.cards for text in _texts_of(card)]
    spoken += [export.description, *(comment.text for comment in export.comments)]
    if comments_named(spoken).isdisjoint(comment.id for comment in export.comments):
        return {}
    longest = {card.id: _room(card.text) + MORE for card in export.cards if len(card.text) > HALF}
    longest |= {comment.id: _room(comment.text) for comment in export.comments}
    free = iter(_reserved(sum(longest.values())))
    return {id_: list(itertools.islice(free, room)) for id_, room in longest.items()}


def _texts_of(card: TrelloCard) -> list[str]:
    files = [text for attachment in card.attachments for text in (attachment.name, attachment.url)]
    fields = [value for _, value in card.fields]
    items = [item.text for checklist in card.checklists for item in checklist.items]
    return [card.title, card.text, *files, *fields, *items, *(one.name for one in card.checklists)]


def _room(text: str) -> int:
    """How many comments `text` may become at most: each but the last is more than half full."""
    return 1 if len(text) <= HALF else 2 + len(text) // HALF


def _reserved(count: int) -> list[int]:
    """So many free ids of comments, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Comment._meta.db_table, count],
        )
        return [id_ for (id_,) in cursor.fetchall()]
