"""What waits on someone, and what they wait for. The oldest comes first; nothing is ever waved away.

What waits: questions to them, mentions that they have not answered, cards blocked by them or by their cards,
threads of theirs that went back and forth, and decisions of theirs that are to be looked at again. It ends by
an answer or an unblocking; it can be handed on, or put off until their next morning.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from boards.models import Board, Card, Membership, Role
from comments.answerers import AskShown, asks_shown
from comments.due_reviews import reviews_of
from comments.models import Ask, Comment, Decision, Snooze, answering_memberships
from fluxboard.accounts import working_hours
from fluxboard.accounts.answer_deadlines import next_morning
from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.core.plain_text import plain
from fluxboard.core.postgres.statements import (
    PARAM_CARD,
    PARAM_MOMENT,
    PARAM_USER,
    PreparedQuery,
    compiled,
    one_row,
)

_MOST = 200
_KINDS = {
    "question": ("ask", "asked you on"),
    "mention": ("comment", "mentioned you on"),
    "block": ("block", "waits for you on"),
    "stranded": ("ask", "can no longer answer on"),
    "thread": ("alert", "started a thread that has no outcome yet on"),
    "review": ("decision", "recorded a decision to look at again on"),
}


@dataclass
class Wait:
    """One thing that waits: a `question`, `mention` or `thread` (with its comment), or a blocked card.

    A `stranded` question was asked of someone who has left; it waits for its asker and the owners to hand on.
    A `review` asks whether a `decision` is still true; its comment is that of the decision.

    `since` orders it. `until` is when it comes back, for what was put off. `is_late` holds only while the
    reader is at work.
    """

    kind: str
    card: Card
    since: dt.datetime
    comment: Comment | None = None
    ask: Ask | None = None
    is_late: bool = False
    until: dt.datetime | None = None
    asked: list[AskShown] = field(default_factory=list)
    hours: str = ""
    decision: Decision | None = None

    @property
    def icon(self) -> str:
        return _KINDS[self.kind][0]

    @property
    def did(self) -> str:
        """What happened, between who did it (`who`) and the card's key."""
        return _KINDS[self.kind][1]

    def who(self, reader: Any) -> str:
        """Whose doing it is, to `reader`: a name, `You`, or `The team` of a blocked card without an owner."""
        if self.kind == "stranded" and self.ask is not None:
            return str(self.ask.person.name)
        person = self.comment.author if self.comment else self.card.assignee
        if person is None:
            return "The team"
        return "You" if person == reader else str(person.name)

    @property
    def name(self) -> str:
        """How a form names it: `comment-17`, `review-17` or `card-3`."""
        if self.decision is not None:
            return f"review-{self.decision.pk}"
        return f"comment-{self.comment.pk}" if self.comment else f"card-{self.card.pk}"

    @property
    def address(self) -> str:
        """The exact place on its card; of a decision its own page, as the card may be archived."""
        if self.decision is not None:
            return self.decision.get_absolute_url()
        at = self.card.get_absolute_url()
        return f"{at}?comments=all#c-{self.comment.pk}" if self.comment else at

    @property
    def text(self) -> str:
        """What it says, in one paragraph."""
        return plain(self.comment.text if self.comment else self.card.blocked_reason)


@dataclass(frozen=True)
class QuestionHere:
    """An open question on a card to whoever reads it."""

    ask: Ask
    is_late: bool
    said_since: Comment | None = None

    @property
    def comment(self) -> Any:
        return self.ask.comment


def questions_here(card: Card, reader: Any, now: dt.datetime) -> list[QuestionHere]:
    """The open questions on `card` that wait for `reader`, the oldest first. One query, two if there are any.

    Each with the last comment that the reader made on the card since, which may be the answer.
    """
    asks = _asks_on_card().all(person=reader.pk, card=card.pk)
    mine = Comment.objects.filter(card=card, author=reader, removed_at=None, kind=Comment.Kind.COMMENT)
    said = mine.order_by("-id").first() if asks else None
    return [
        QuestionHere(
            ask, is_late(ask, reader, now), said if said is not None and said.pk > ask.comment_id else None
        )
        for ask in asks
    ]


@functools.cache
def _asks_on_card() -> PreparedQuery[Ask]:
    asks = Ask.objects.open().filter(person=PARAM_USER, comment__card=PARAM_CARD)
    return PreparedQuery(
        asks.select_related("comment__author").order_by("id"), {PARAM_USER: "person", PARAM_CARD: "card"}
    )


def is_late(ask: Ask, reader: Any, now: dt.datetime) -> bool:
    """Whether an answer is past due and the reader is at work: nothing turns red outside their hours."""
    return ask.answer_by is not None and ask.answer_by <= now and working_hours.is_at_work(reader, now)


# --- what waits on me -----------------------------------------------------------------------------------


def _visible(reader: Any, card: str) -> Q:
    """Only what is on boards that the reader can see and that are in use."""
    boards = Board.objects.visible_to(reader).filter(archived_at=None)
    return Q(**{f"{card}board__in": boards, f"{card}archived_at": None})


def asks_of(reader: Any) -> QuerySet[Ask]:
    """Open questions to the reader."""
    return Ask.objects.open().filter(_visible(reader, "comment__card__"), person=reader)


def stranded_of(reader: Any) -> QuerySet[Ask]:
    """Open questions of the reader, or on a board of theirs, to someone who can no longer answer."""
    board = OuterRef("comment__card__board")
    owns = Membership.objects.filter(board=board, user=reader, role=Role.OWNER).order_by()
    return Ask.objects.open().filter(
        _visible(reader, "comment__card__"),
        Q(comment__author=reader) | Exists(owns),
        ~Exists(answering_memberships()),
    )


def _mentions_of(reader: Any) -> QuerySet[Comment]:
    """Comments that mention the reader in threads where they have said nothing since."""
    answered = Comment.objects.filter(author=reader, id__gt=OuterRef("pk"), removed_at=None).filter(
        Q(parent=Coalesce(OuterRef("parent"), OuterRef("pk"))) | Q(pk=OuterRef("parent"))
    )
    return (
        Comment.objects.filter(_visible(reader, "card__"), mentions=reader, removed_at=None, source_at=None)
        .exclude(author=reader)
        .exclude(kind=Comment.Kind.DECISION)
        .exclude(asks__person=reader)
        .filter(settled_at=None)
        .filter(Q(parent=None) | Q(parent__settled_at=None))
        .exclude(Exists(answered))
    )


def blocked_by(reader: Any) -> QuerySet[Card]:
    """Cards that wait for the reader, their own too; and cards of others that wait for one of theirs."""
    others = Q(assignee=None) | ~Q(assignee=reader)
    theirs = Q(blocked_by_user=reader) | Q(blocked_by_card__assignee=reader) & others
    return Card.objects.filter(_visible(reader, ""), theirs, is_blocked=True, column__archived_at=None)


def threads_of(reader: Any) -> QuerySet[Comment]:
    """Threads that the reader speaks in, which went back and forth and have no outcome yet."""
    spoke = Comment.objects.filter(parent=OuterRef("pk"), author=reader, removed_at=None)
    return Comment.objects.filter(
        _visible(reader, "card__"),
        Q(author=reader) | Exists(spoke),
        escalated_at__isnull=False,
        settled_at=None,
        removed_at=None,
    )


def waiting_count(reader: Any, now: dt.datetime) -> int:
    """How many things wait on the reader that are not put off. One query."""
    if not (reader.is_authenticated and reader.is_active):
        return 0
    statement, fixed = counting_waits()
    return int(one_row(statement, fixed | {"user": reader.pk, "now": now})[0])


@functools.cache
def counting_waits() -> tuple[str, dict[str, Any]]:
    """Its statement, composed once: every page asks for it."""
    reader: Any = get_user_model()(pk=PARAM_USER)
    first, *others = (rows.values_list("pk") for rows, _ in _open_waits(reader, PARAM_MOMENT))
    union = first.union(*others, all=True)
    sql, fixed = compiled(union, {PARAM_USER: "user", PARAM_MOMENT: "now"}, "waits")
    return f"SELECT count(*) FROM ({sql}) AS waiting", fixed  # noqa: S608


def waits_on_cards(reader: Any, now: dt.datetime) -> Q:
    """Of cards: something on it waits on the reader and is not put off."""
    found = Q()
    for rows, card in _open_waits(reader, now):
        found |= Q(pk__in=rows.order_by().values(card))
    return found


def _open_waits(reader: Any, now: dt.datetime) -> list[tuple[QuerySet[Any], str]]:
    """All that waits on the reader and is not put off, by kind, each with the way to its card."""
    snoozed = Snooze.objects.filter(user=reader, until__gt=now)

    def open_of(rows: QuerySet[Any], **where: str) -> QuerySet[Any]:
        # NOT EXISTS, not NOT IN: beside that the database would rather read every comment than ask an index.
        put_off = snoozed.filter(**{name: OuterRef(outer) for name, outer in where.items()})
        return rows.filter(~Exists(put_off))

    return [
        (open_of(asks_of(reader), comment="comment"), "comment__card"),
        (open_of(stranded_of(reader), comment="comment"), "comment__card"),
        (open_of(_mentions_of(reader), comment="pk"), "card"),
        (open_of(blocked_by(reader), card="pk"), "pk"),
        (open_of(threads_of(reader), comment="pk"), "card"),
        (open_of(reviews_of(reader, now), comment="comment"), "card"),
    ]


def waiting_on(reader: Any, now: dt.datetime, board: Board | None = None) -> list[Wait]:
    """All that waits on the reader, put off or not, the oldest first. A fixed number of queries."""
    on_card = {"card__board": board} if board else {}
    put_off = _put_off(reader, now)
    waits: list[Wait] = []
    asks = asks_of(reader).filter(**{f"comment__{key}": value for key, value in on_card.items()})
    related = ("comment__author", "comment__card__board", "comment__card__column")
    for ask in asks.select_related(*related).order_by("id")[:_MOST]:
        comment = ask.comment
        waits.append(
            Wait(
                "question",
                comment.card,
                comment.at,
                comment,
                ask,
                is_late(ask, reader, now),
                put_off.get(("comment", comment.pk)),
            )
        )
    stranded = stranded_of(reader).filter(**{f"comment__{key}": value for key, value in on_card.items()})
    for ask in stranded.select_related("person", *related).order_by("id")[:_MOST]:
        until = put_off.get(("comment", ask.comment_id))
        waits.append(Wait("stranded", ask.comment.card, ask.comment.at, ask.comment, ask, until=until))
    for kind, comments in (("mention", _mentions_of(reader)), ("thread", threads_of(reader))):
        rows = comments.filter(**on_card).select_related("author", "card__board", "card__column")
        for comment in rows.order_by("id")[:_MOST]:
            since = comment.escalated_at if kind == "thread" else comment.at
            until = put_off.get(("comment", comment.pk))
            waits.append(Wait(kind, comment.card, since or comment.at, comment, until=until))
    cards = blocked_by(reader).filter(**({"board": board} if board else {}))
    for card in cards.select_related(*BLOCKED).order_by("blocked_at", "id")[:_MOST]:
        waits.append(Wait("block", card, card.blocked_at or now, until=put_off.get(("card", card.pk))))
    decisions = reviews_of(reader, now).filter(**({"board": board} if board else {}))
    for one in decisions.select_related("board", "comment__author", *REVIEWED)[:_MOST]:
        since = midnight(one.review_on, reader.zone) if one.review_on else now
        until = put_off.get(("comment", one.comment_id))
        waits.append(Wait("review", one.card, since, one.comment, decision=one, until=until))
    return sorted(waits, key=lambda wait: (wait.since, wait.name))


REVIEWED = ("card__board", "card__column", "card__assignee")
BLOCKED = ("board", "column", "assignee", "blocked_by_user", "blocked_by_card__board")


def _put_off(reader: Any, now: dt.datetime) -> dict[tuple[str, int], dt.datetime]:
    snoozes = Snooze.objects.filter(user=reader, until__gt=now)
    return {
        ("comment", one.comment_id) if one.comment_id else ("card", one.card_id or 0): one.until
        for one in snoozes
    }


# --- what I wait for ------------------------------------------------------------------------------------


def waited_for(reader: Any, now: dt.datetime) -> list[Wait]:
    """What the reader waits for: their open questions, and their blocked cards; the oldest first."""
    people = Ask.objects.that_can_answer().select_related("person").order_by("id")
    asks = Prefetch("asks", people, to_attr="asked_of")
    questions = (
        Comment.objects.filter(_visible(reader, "card__"), author=reader, kind=Comment.Kind.QUESTION)
        .filter(settled_at=None, removed_at=None)
        .select_related("author", "card__board", "card__column")
        .prefetch_related(asks)
    )
    waits = [
        Wait("question", one.card, one.at, one, asked=asks_shown(one.asked_of, reader, now))
        for one in questions.order_by("id")[:_MOST]
    ]
    cards = Card.objects.filter(_visible(reader, ""), assignee=reader, is_blocked=True)
    cards = cards.filter(Q(blocked_by_user=None) | ~Q(blocked_by_user=reader))  # those wait on the reader
    for card in cards.select_related(*BLOCKED).order_by("blocked_at", "id")[:_MOST]:
        person = card.blocked_by_user
        hours = working_hours.at_work_words(person, now) if person else ""
        if person and working_hours.is_told_as_it_is(person, now):
            hours = f"is {hours}"
        waits.append(Wait("block", card, card.blocked_at or now, hours=hours))
    return sorted(waits, key=lambda wait: (wait.since, wait.name))


def put_off(reader: Any, wait: Wait, now: dt.datetime) -> dt.datetime:
    """Put something off until the reader's next morning (a day for somebody without working days)."""
    until = next_morning(reader, now) or now + DAY
    if wait.comment is not None:
        Snooze.objects.update_or_create(user=reader, comment=wait.comment, defaults={"until": until})
    else:
        Snooze.objects.update_or_create(user=reader, card=wait.card, defaults={"until": until})
    return until


def take_back(reader: Any, wait: Wait) -> None:
    """Have something wait again that was put off."""
    about = {"comment": wait.comment} if wait.comment is not None else {"card": wait.card}
    Snooze.objects.filter(user=reader, **about).delete()
