"""Which typed texts the log holds of a card, and who typed them; so that they can be erased.

A text stands once in `ActivityContent` for each card, however often it was typed there. Erasing takes that
one row away: the log's rows, people, times and hashes stay, and wherever the text stood, a mark stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from activity.log.replay.state import ERASED
from activity.models import Activity, ActivityContent

ERASING = "card.erased"
# What of a card can be erased by itself, as its owner reads it.
ERASABLE_PARTS = {
    "title": "Title",
    "what": "What",
    "why": "Why",
    "done_when": "Done when",
    "constraints": "Constraints",
    "checklists": "Checklists and their items",
    "comments": "Comments and questions",
    "decisions": "Decisions",
    "reasons": "Reasons for being blocked",
    "history": "History from before the import",
}
OF_NOUN = {
    "checklist": "checklists",
    "item": "checklists",
    "comment": "comments",
    "question": "comments",
    "thread": "comments",
    "decision": "decisions",
    "history": "history",
}
# The parts of what a card brings along from another board, by their names in the log.
OF_FACT = {"checklists": "checklists", "comments": "comments", "decisions": "decisions", "reason": "reasons"}
# Verbs by which whoever does them types the text that stands in `after`.
TYPING = frozenset(
    {
        "card.created",
        "card.retitled",
        "card.specified",
        "card.blocked",
        "checklist.added",
        "checklist.renamed",
        "item.added",
        "item.reworded",
        "comment.edited",
        "history.imported",
    }
)


@dataclass
class TypedText:
    """One text of a card: its digest, the parts of the card where it stood, and who typed it.

    `people` are ids, `authors` uids as the log has them.
    """

    digest: str
    text: str = ""
    parts: set[str] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)


def texts_of(card: Any) -> list[TypedText]:
    """The texts of `card` that have not been erased, on whichever board they were typed. Two queries.

    Without the reasons given for earlier erasures: those stay.
    """
    rows = Activity.objects.filter(card=card).exclude(verb=ERASING)
    return [typed for found in _texts(rows).values() for typed in found]


def texts_by(person: Any, uids: Iterable[UUID], board: Any) -> dict[int, list[TypedText]]:
    """What `person` typed on the cards that stand on `board`, by the card's id. Two queries, or three.

    `uids` are those by which the board's log knows them: that of here, those of a board carried in, and
    those of placeholders whom they took over.
    """
    known = {str(uid) for uid in uids}
    pks = {person.pk, *type(person).objects.filter(uid__in=known).values_list("pk", flat=True)}
    # What someone typed elsewhere came along with its card, and names them.
    theirs = Q(actor__in=pks) | Q(verb="card.transferred")
    rows = Activity.objects.filter(theirs, card__board=board).exclude(verb=ERASING)
    return {
        card: mine
        for card, found in _texts(rows).items()
        if (mine := [typed for typed in found if pks & typed.people or known & typed.authors])
    }


def _texts(rows: Any) -> dict[int, list[TypedText]]:
    found: dict[tuple[int, str], TypedText] = {}
    told_again: list[tuple[int, int, str, int]] = []
    for pk, card, verb, actor, before, after in rows.values_list(
        "pk", "card_id", "verb", "actor_id", "before", "after"
    ).iterator(2000):
        for part, digest, author in _named(verb, before, after):
            typed = found.setdefault((card, digest), TypedText(digest))
            typed.parts.add(part)
            if author:
                typed.authors.add(author)
        if verb in TYPING or after.get("effect") in TYPING:
            for _, digest, author in _named(verb, {}, after):
                if not author and actor is not None and verb in TYPING:
                    found[card, digest].people.add(actor)
                elif not author and actor is not None:
                    told_again.append((pk, card, digest, actor))
    by_card: dict[int, list[TypedText]] = {}
    cards = {card for card, _ in found}
    texts: dict[tuple[int, str], str] = {}
    contents = ActivityContent.objects.filter(card__in=cards).exclude(text=ERASED)
    for card, digest, text in contents.order_by("pk").values_list("card_id", "digest", "text"):
        if card is not None:
            texts[card, digest] = text
        if card is not None and (card, digest) in found:
            found[card, digest].text = text
            by_card.setdefault(card, []).append(found[card, digest])
    if told_again:
        _add_who_undid(found, told_again, texts)
    return by_card


def _add_who_undid(
    found: dict[tuple[int, str], TypedText],
    told_again: list[tuple[int, int, str, int]],
    texts: Mapping[tuple[int, str], str],
) -> None:
    """An undo brings a text back that others typed, unless a mix was written there: then it was new.

    `told_again` are the undos' ids, with card, digest and who undid; `texts` those of the cards. One query.
    """
    first: dict[tuple[int, str], int] = {}
    rows = Activity.objects.filter(card__in={card for _, card, _, _ in told_again}).exclude(verb=ERASING)
    for pk, card, verb, before, after in rows.order_by("pk").values_list(
        "pk", "card_id", "verb", "before", "after"
    ):
        for _, digest, _ in _named(verb, before, after):
            # By the text itself: after an erasure the same text has another digest.
            first.setdefault((card, texts.get((card, digest), digest)), pk)
    for pk, card, digest, actor in told_again:
        if first.get((card, texts.get((card, digest), digest))) == pk:
            found[card, digest].people.add(actor)


def _named(
    verb: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, str, str | None]]:
    """Part, digest and author's uid (if it is told there) of each text that an activity names."""
    noun = str(after.get("effect") or verb).partition(".")[0]
    for facts in (before, after):
        yield from _within(facts, OF_NOUN.get(noun), None)


def _within(value: Any, part: str | None, author: str | None) -> Iterator[tuple[str, str, str | None]]:
    if isinstance(value, list):
        for inner in value:
            yield from _within(inner, part, author)
    elif isinstance(value, dict):
        author = (value.get("author") or {}).get("id", author)
        for name, inner in value.items():
            if isinstance(inner, dict) and inner.keys() == {"text"}:
                yield part or OF_FACT.get(str(name), str(name)), inner["text"], author
            else:
                yield from _within(inner, part or OF_FACT.get(name), author)


def along_with(card: Any, texts: Iterable[str]) -> dict[str, str]:
    """All contents of `card` that go when `texts` do: text by digest.

    A text goes under every digest that it has there, and with it each sentence of imported history that
    quotes it.
    """
    going = {text for text in texts if text and text != ERASED}
    if not going:
        return {}
    kept = _digests_in(Activity.objects.filter(card=card, verb=ERASING))
    history = _digests_in(Activity.objects.filter(card=card, verb="history.imported"))
    contents = ActivityContent.objects.filter(card=card).exclude(text=ERASED).values_list("digest", "text")
    return {
        digest: text
        for digest, text in contents
        if digest not in kept
        and (text in going or (digest in history and any(quoted in text for quoted in going)))
    }


def _digests_in(rows: Any) -> set[str]:
    return {
        digest
        for verb, before, after in rows.values_list("verb", "before", "after")
        for _, digest, _ in _named(verb, before, after)
    }


def forget_texts(activity: Activity) -> int:
    """Take away the contents that a recorded `card.erased` names; how many there were.

    The database does it in a function that belongs to the tables' owner, and only for what that row names.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT fluxboard_erase(%s, %s)", [activity.board_id, activity.seq])
        return int(cursor.fetchone()[0])


def rewrite_frames(card: Any) -> None:
    """Have the kept frames that showed `card` say no more than that the board is to be fetched anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE activity_frame f
            SET html = regexp_replace(
                f.html, '^(<flux-change[^>]*>).*(</flux-change>)$',
                '\\1<template data-refetch="board"></template>\\2')
            FROM activity_activity a
            WHERE a.card_id = %s AND a.board_id = f.board_id AND a.seq = f.seq
            """,
            [card.pk],
        )
