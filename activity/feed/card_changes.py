"""What happened to one card, for what is read beside it: since a moment, and to a few of its values.

Both look at a bounded stretch of its log, however long it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, Subquery

from activity.feed.former_values import SETTING, Spell, spells
from activity.feed.load import UNSHOWN, ToldActivity, texts_by_digest
from activity.feed.net_effect import Net, net_effect
from activity.log.replay.state import ERASED, digest_in
from activity.models import Activity

_MOST = 500
_OF_SPELLS = ("verb", "subject", "before", "after", "at", "source_at", "actor__name")


@dataclass(frozen=True)
class Since:
    """What became of a card since a moment: `net`, and by whom it came onto the board meanwhile.

    `came`: the activity that made it or brought it here, None where it was here before. Where more happened
    than is looked at, it tells its newest changes, from `cut_at` on.
    """

    net: Net
    came: Activity | None = None
    cut_at: dt.datetime | None = None


def changes_since(card: Any, start: dt.datetime | int) -> Since:
    """What happened to `card` on its board since `start`, a moment or a seq, up to the board's seq as loaded.

    Two queries. Typed texts stand in the net as the log names them, but for titles and why it is blocked.
    Without imported history.
    """
    here = Activity.objects.filter(board=card.board_id)
    if isinstance(start, int):
        low = here.filter(seq__gt=start).order_by("seq")
    else:
        low = here.filter(source_at=None, at__gte=start).order_by("at", "pk")
    rows = here.filter(card=card, pk__gte=Subquery(low.values("pk")[:1]), seq__lte=card.board.seq)
    rows = rows.filter(source_at=None).select_related("actor").defer(*UNSHOWN).order_by("-pk")
    found = list(rows[: _MOST + 1])
    cut_at = found[_MOST - 1].at if len(found) > _MOST else None
    told = [ToldActivity(row, row.before, row.after) for row in reversed(found[:_MOST])]
    came = told[0].activity if told and _came(told[0].activity) else None
    return Since(_with_texts(net_effect(told[1:] if came else told)), came, cut_at)


def _came(activity: Activity) -> bool:
    return activity.effect in ("card.created", "card.transferred") and "number" in activity.after


def _with_texts(net: Net) -> Net:
    """`net` with the card's title, before and after, and why it is blocked now, as they were typed."""
    title, block = net.get(("title", "")), net.get(("blocked", ""))
    reason = block.now.get("reason") if block is not None and block.now else None
    was, now, why = readable([title.was if title else None, title.now if title else None, reason])
    found = dict(net)
    if title is not None:
        found["title", ""] = replace(title, was=was, now=now)
    if block is not None and block.now:
        found["blocked", ""] = replace(block, now={**block.now, "reason": why})
    return found


def readable(facts: Iterable[Any]) -> list[Any]:
    """Facts with the texts that they name in place of their digests. One query, none without such."""
    facts = list(facts)
    digests = [digest_in(fact) for fact in facts]
    texts = texts_by_digest(digest for digest in digests if digest is not None)
    both = zip(facts, digests, strict=True)
    return [fact if digest is None else texts.get(digest, ERASED) for fact, digest in both]


def spells_of(card: Any, most: int = _MOST) -> dict[str, list[Spell]]:
    """The values that `card` had in turn, on earlier boards too, by name: of its newest `most` activities.

    Their activities come with what tells when they happened, and who did it. Titles as they were typed. Two
    queries.
    """
    newest = Activity.objects.filter(card=card).order_by("-pk").values("pk")[:most]
    as_loaded = ~Q(board=card.board_id) | Q(seq__lte=card.board.seq)
    rows = Activity.objects.filter(as_loaded, pk__in=newest).doing(*SETTING)
    found = rows.select_related("actor").only(*_OF_SPELLS).order_by("pk")
    runs = spells(ToldActivity(row, row.before, row.after) for row in found)
    titles = runs.get("title", [])
    if len(titles) > 1:
        texts = readable(spell.value for spell in titles)
        runs["title"] = [replace(one, value=text) for one, text in zip(titles, texts, strict=True)]
    return runs
