"""Decisions as they are shown: on their card, and in the registers."""

from __future__ import annotations

import datetime as dt
import functools
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import slugify

from boards.models import Card
from boards.rendering.markdown import Names, Page
from comments.due_reviews import ReviewShown, reviews_shown
from comments.models import Ask, Comment, Decision
from comments.reuse import times_reused
from fluxboard.accounts import times, working_hours
from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.core import parsing
from fluxboard.core.plain_text import cut, plain_lines
from fluxboard.core.postgres import statements
from fluxboard.core.postgres.statements import PARAM_CARD

MOST_OLDER = 20


@dataclass
class DecisionShown:
    """A decision with what it took the place of (`older`, folded under it) and what the reader may do.

    `older` are all before it, the latest first, at most `MOST_OLDER`; `before` is the next, if one is left.
    `review`: when it is looked at again, and who said that it is still true. `times_reused`: how many
    questions it has answered that were asked since.
    """

    decision: Decision
    html: SafeString
    deciders: list[Any]
    agreeing: list[Any]
    may_agree: bool
    is_here: bool
    older: list[DecisionShown] = field(default_factory=list)
    before: Decision | None = None
    review: ReviewShown | None = None
    times_reused: int = 0

    @property
    def why(self) -> str:
        """The address of the comment that it grew from; its own comment where it stands alone."""
        pk = self.decision.grew_from_id or self.decision.comment_id
        return f"{self.decision.card.get_absolute_url()}?comments=all#c-{pk}"


def with_people(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """All that showing decisions needs, in three queries."""
    return decisions.select_related(
        "board", "card__board", "comment", "recorded_by", "superseded_by__card__board"
    ).prefetch_related("decided_by", "agreed_by")


def decisions_on(
    card: Card, reader: Any, names: Names | None = None, now: dt.datetime | None = None
) -> list[DecisionShown]:
    """The card's decisions: those that stand, each with its older ones; then those superseded elsewhere."""
    rows = _of_card().all(card=card.pk)
    if not rows:
        return []
    prefetch_related_objects(rows, "decided_by", "agreed_by")
    names, page = names or Names.on(card.board), Page()
    here = {row.pk for row in rows}
    tops = [row for row in rows if row.superseded_by_id not in here and row.card_id == card.pk]
    shown = [_with_older(row, rows, card, reader, names, page) for row in reversed(tops)]
    reviews = reviews_shown(tops, reader, now or timezone.now())
    times = times_reused({one.decision.uid for one in shown}, reader)
    for one in shown:
        one.review, one.times_reused = reviews[one.decision.pk], times.get(one.decision.uid, 0)
    return sorted(shown, key=lambda one: (not one.decision.is_standing, -one.decision.pk))


def _with_older(
    decision: Decision, rows: Iterable[Decision], card: Card, reader: Any, names: Names, page: Page
) -> DecisionShown:
    """One decision, and of `rows` those that it took the place of, however many after one another.

    In a loop, as flat as it will be shown: a decision can be superseded as often as people like.
    """
    of: dict[int | None, list[Decision]] = {}
    for row in rows:
        of.setdefault(row.superseded_by_id, []).append(row)
    older: list[Decision] = []
    waiting = of.pop(decision.pk, [])
    while waiting and len(older) <= MOST_OLDER:
        older += sorted(waiting, key=lambda row: -row.pk)
        waiting = [before for row in waiting for before in of.pop(row.pk, [])]
    shown = _shown(decision, card, reader, names, page)
    shown.older = [_shown(row, card, reader, names, page) for row in older[:MOST_OLDER]]
    shown.before = older[MOST_OLDER] if len(older) > MOST_OLDER else None
    return shown


@functools.cache
def _of_card() -> statements.PreparedQuery[Decision]:
    decisions = Decision.objects.filter(Q(card=PARAM_CARD) | Q(superseded_by__card=PARAM_CARD))
    return statements.PreparedQuery(with_people(decisions).order_by("id"), {PARAM_CARD: "card"})


def decision_shown(decision: Decision, reader: Any, now: dt.datetime | None = None) -> DecisionShown:
    """One decision with those that it took the place of. As many queries however far that goes back."""
    values = {"decision": decision.pk, "board": decision.board_id, "most": MOST_OLDER + 1}
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, values)
        chain = [pk for (pk,) in cursor.fetchall()]
    rows = list(with_people(Decision.objects.filter(pk__in=chain)))
    (asked,) = [row for row in rows if row.pk == decision.pk]
    shown = _with_older(asked, rows, asked.card, reader, Names.on(decision.board), Page())
    shown.review = reviews_shown([asked], reader, now or timezone.now())[asked.pk]
    shown.times_reused = times_reused({asked.uid}, reader).get(asked.uid, 0)
    return shown


# A decision, and on its board those before it, nearest first.
_CHAIN = """
    WITH RECURSIVE chain AS (
        SELECT id, 0 AS depth FROM comments_decision WHERE id = %(decision)s
        UNION ALL
        SELECT d.id, depth + 1 FROM comments_decision d JOIN chain ON d.superseded_by_id = chain.id
        WHERE d.board_id = %(board)s AND depth < %(most)s)
    SELECT id FROM chain ORDER BY depth LIMIT 1 + %(most)s
"""


def _shown(decision: Decision, card: Card, reader: Any, names: Names, page: Page) -> DecisionShown:
    deciders, agreeing = list(decision.decided_by.all()), list(decision.agreed_by.all())
    return DecisionShown(
        decision,
        page.draw(decision.text, names),
        deciders,
        agreeing,
        decision.is_standing and reader not in [*deciders, *agreeing],
        decision.card_id == card.pk,
    )


# --- registers ------------------------------------------------------------------------------------------

STATES = {
    "standing": "Standing",
    "due": "To be looked at again",
    "superseded": "Superseded",
    "open": "Open question",
}
DECISIONS_A_PAGE = 50
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class RegisterQuery:
    """What a register was asked for in its address. What means nothing there is left out."""

    board: int | None = None
    label: str = ""
    person: int | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    state: str = ""
    text: str = ""
    before: int | None = None

    @classmethod
    def of(cls, query: QueryDict) -> RegisterQuery:
        """From `?board=3&label=bug&person=7&from=2026-10-01&to=…&state=standing&q=cursor&before=41`."""
        return cls(
            board=parsing.whole_number(query.get("board", "")),
            label=query.get("label", "").replace("\0", "")[:80],
            person=parsing.whole_number(query.get("person", "")),
            first=parsing.day(query.get("from", "")),
            last=parsing.day(query.get("to", "")),
            state=query.get("state", "") if query.get("state") in STATES else "",
            text=" ".join(query.get("q", "").replace("\0", "").split())[:_LONGEST_TEXT],
            before=parsing.whole_number(query.get("before", "")),
        )

    @property
    def is_filtered(self) -> bool:
        return self != RegisterQuery(before=self.before)

    @property
    def is_narrowed(self) -> bool:
        """Whether by more than words."""
        return self != RegisterQuery(text=self.text, before=self.before)


def decisions_asked_for(asked: RegisterQuery, boards: Any, reader: Any) -> QuerySet[Decision]:
    """The decisions of `boards` that fit, the latest first.

    What they lead to is read by itself: a join of a dozen tables is planned badly while the database does not
    know yet how large they are, as right after an import.
    """
    found = Decision.objects.filter(board__in=boards).select_related("board", "comment", "recorded_by")
    found = found.prefetch_related(
        "decided_by", "agreed_by", "card__board", "superseded_by__card__board", "grew_from__author"
    )
    if asked.person:
        people = Q(decided_by=asked.person) | Q(recorded_by=asked.person) | Q(agreed_by=asked.person)
        found = found.filter(pk__in=Decision.objects.filter(people).values("pk"))
    if asked.state == "standing":
        found = found.filter(superseded_by=None)
    elif asked.state == "due":
        found = found.filter(superseded_by=None, review_on__lte=times.today_of(reader, timezone.now()))
    elif asked.state == "superseded":
        found = found.exclude(superseded_by=None)
    for word in asked.text.split():
        number = parsing.whole_number(word.upper().removeprefix("D-"), parsing.LARGEST_INTEGER)
        labelled = Card.objects.filter(labels__name__folded__contains=word, labels__removed_at=None)
        says = Q(text__folded__contains=word) | Q(card__title__folded__contains=word)
        says |= Q(card__in=labelled.values("pk"))
        found = found.filter(says | Q(number=number) if number else says)
    return _on_cards(found, asked, reader).order_by("-id")


def questions_asked_for(asked: RegisterQuery, boards: Any, reader: Any) -> QuerySet[Comment]:
    """The open questions of `boards` that fit, the latest first."""
    asks = Prefetch(
        "asks", Ask.objects.that_can_answer().select_related("person").order_by("id"), to_attr="asked_of"
    )
    found = (
        Comment.objects.filter(card__board__in=boards, card__archived_at=None, kind=Comment.Kind.QUESTION)
        .filter(settled_at=None, removed_at=None)
        .select_related("author", "card__board")
        .prefetch_related(asks)
    )
    if asked.person:
        people = Q(author=asked.person) | Q(asks__person=asked.person)
        found = found.filter(pk__in=Comment.objects.filter(people).values("pk"))
    for word in asked.text.split():
        found = found.filter(Q(text__folded__contains=word) | Q(card__title__folded__contains=word))
    return _on_cards(found, asked, reader).order_by("-id")


def _on_cards(found: Any, asked: RegisterQuery, reader: Any) -> Any:
    if asked.board:
        found = found.filter(card__board=asked.board)
    if asked.label:
        worn = Card.labels.through.objects.filter(
            card=OuterRef("card"), label__name__iexact=asked.label, label__removed_at=None
        )
        found = found.filter(Exists(worn))
    if asked.first:
        found = found.filter(at__gte=midnight(asked.first, reader.zone))
    if asked.last:
        found = found.filter(at__lt=midnight(asked.last + DAY, reader.zone))
    if asked.before:
        found = found.filter(pk__lt=asked.before)
    return found


# --- as Markdown ----------------------------------------------------------------------------------------


def as_markdown(decision: Decision, reader: Any, site: str, *, level: int = 1) -> str:
    """One decision in the shape of an architecture decision record; times on the reader's clock.

    `site` is the address that links begin with.
    """
    head, under = "#" * level, "#" * (level + 1)
    newer = decision.superseded_by
    older = [one.key for one in decision.supersedes.all()]
    status = f"Superseded by {newer.key}" if newer else "Accepted"
    if older:
        status += f", in place of {', '.join(older)}"
    at = working_hours.local(decision.at, reader.time_zone)
    card = decision.card
    facts = [
        f"- Status: {status}",
        f"- Date: {at:%Y-%m-%d %H:%M} ({reader.time_zone})",
        f"- Decided by: {', '.join(person.name for person in decision.decided_by.all())}",
        f"- Agreed by: {', '.join(person.name for person in decision.agreed_by.all()) or 'nobody else'}",
        f"- How: {decision.get_how_display()}",
        *([f"- Look again on: {decision.review_on}"] if decision.review_on and newer is None else []),
        f"- Board: {decision.board.name}",
        f"- Card: [{card.key} {_one_line(card.title)}]({site}{card.get_absolute_url()}#d-{decision.number})",
    ]
    parts = [f"{head} {decision.key}: {_title(decision)}", "\n".join(facts)]
    why = decision.grew_from
    if why is not None and why.text:
        parts += [f"{under} Context", f"{why.author.name} wrote:", _quoted(why.text)]
    parts += [f"{under} Decision", decision.text]
    return "\n\n".join(parts) + "\n"


def all_as_markdown(title: str, decisions: list[Decision], reader: Any, site: str) -> str:
    """Every decision in one file."""
    count = f"{len(decisions)} decision{'' if len(decisions) == 1 else 's'}"
    return "\n".join(
        [f"# {title}\n", f"{count}.\n", *(as_markdown(one, reader, site, level=2) for one in decisions)]
    )


def as_zip(decisions: list[Decision], reader: Any, site: str) -> bytes:
    """One file a decision, named by board, number and title."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in decisions:
            name = f"{one.board.key}-D-{one.number:03}-{slugify(_title(one))[:60].strip('-')}".strip("-")
            archive.writestr(f"{name}.md", as_markdown(one, reader, site))
    return packed.getvalue()


def _title(decision: Decision) -> str:
    line = _one_line(plain_lines(decision.text).strip().split("\n")[0])
    return cut(line, 100)


def _one_line(text: str) -> str:
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
