"""An absence in words: who is away, from when to when, who covers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from activity.feed.load import ToldActivity
from fluxboard.accounts.away import days_words

ABSENCES = ("member.away", "member.away_changed", "member.back")


def absence_words(told: ToldActivity, today: dt.date) -> str:
    """What completes "Ana …": `is away from Thu 3 Dec to Mon 7 Dec, June covers`, or what became of it."""
    after, before = told.after, told.before
    whole = {**after, **before}
    who = _name(after.get("person"))
    is_own = told.activity.actor is not None and str(told.activity.actor.uid) == str(told.activity.subject)
    match told.activity.effect:
        case "member.away":
            words = f"is away {_days(after, today)}{_cover(after)}"
            return words if is_own else f"noted that {who} {words}"
        case "member.away_changed":
            own = "is" if is_own else f"noted that {who} is"
            was = _days(whole, today) if before.keys() & {"first", "last"} else ""
            return f"{own} away {_days(after, today)}{f', not {was}' if was else ''}{_cover(after)}"
    own = "is" if is_own else f"noted that {who} is"
    if after.get("last"):
        until = {**whole, "last": after["last"]}
        return f"{own} back, having been away {_days(until, today)}, not {_days(whole, today)}"
    return f"{own} not away {_days(whole, today)} after all"


def _days(facts: Mapping[str, Any], today: dt.date) -> str:
    """`on Thu 3 Dec`, or `from Thu 3 Dec to Mon 7 Dec`."""
    first, last = (dt.date.fromisoformat(facts[name]) for name in ("first", "last"))
    return f"{'on' if first == last else 'from'} {days_words(first, last, today)}"


def _cover(facts: Mapping[str, Any]) -> str:
    cover = _name(facts.get("cover"))
    return f", {cover} covers" if cover else ""


def _name(fact: Any) -> str:
    return str((fact or {}).get("name", ""))
