"""What a person types into search, taken apart: words, phrases, `-left out`, operators such as `by:kenji`.

Whatever isn't understood is a word to look for; nothing that can be typed is an error.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, field

from boards.card_fields import choice_fields
from fluxboard.core.folding import fold
from fluxboard.features.finished.load import Days

LONGEST_QUERY = 300
MOST_TERMS = 12
_FACTS = {"blocked", "unready", "decision", "question", "archived", "mine"}
_NAMED = ("by", "in", "label", "column", *(field.name for field in choice_fields()))
# Scripts that write without spaces; the migration `boards.0007_search` has the same ranges.
UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
# What joins words in addresses and names, as in the same migration.
JOINING = re.compile("[/._:@#=&?%+~-]+")
RUNS = re.compile(f"(?P<unspaced>[{UNSPACED}]+)|(?P<spaced>[^\\s{UNSPACED}]+)")
TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<name>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
CARD_KEY = re.compile(r"(?P<board>[A-Za-z][A-Za-z0-9]{1,7})-(?P<number>[1-9][0-9]{0,8})")
DECISION_KEY = re.compile(r"[Dd]-(?P<number>[1-9][0-9]{0,8})")
DATE = re.compile(r"(?P<year>[12][0-9]{3})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?)?")


@dataclass(frozen=True)
class Term:
    """A word or, when quoted, words in a row; `text` is folded as the index is, `typed` is not.

    `is_last`: it may still be half typed, so beginnings count.
    """

    text: str
    typed: str = ""
    is_phrase: bool = False
    is_last: bool = False

    @property
    def runs(self) -> list[tuple[str, bool]]:
        """Its parts, each with whether it is of a script that writes without spaces."""
        if self.is_phrase and not re.search(f"[{UNSPACED}]", self.text):
            return [(self.text, False)]
        return [(found[0], found["unspaced"] is not None) for found in RUNS.finditer(self.text)]


@dataclass(frozen=True)
class SearchQuery:
    """What was asked for. Dates are whole days: `before` is not in, `after` is the first that is.

    `done`: cards that came to done in those days, and still are.
    """

    typed: str = ""
    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    before: dt.date | None = None
    after: dt.date | None = None
    done: Days | None = None

    def __bool__(self) -> bool:
        return bool(self.terms or self.without or self.has_operators)

    @property
    def has_operators(self) -> bool:
        return bool(self.named or self.facts or self.before or self.after or self.done)

    @property
    def words(self) -> str:
        """The words alone, as typed, for what is found by its name."""
        return " ".join(term.typed for term in self.terms)


def parse_search(typed: str) -> SearchQuery:
    """Take apart what was typed; only its first 300 characters and twelve words of a kind count."""
    typed = _clean(typed)
    terms: list[Term] = []
    without: list[Term] = []
    named: dict[str, tuple[str, ...]] = {}
    facts: set[str] = set()
    days: dict[str, dt.date] = {}
    done: Days | None = None
    for found in TOKEN.finditer(typed):
        name = (found["name"] or "").lower()
        is_quoted = found["quoted"] is not None
        value = (found["quoted"] if is_quoted else found["plain"]).strip()
        is_operator = not found["minus"] and value
        if is_operator and name in _NAMED:
            named[name] = (*named.get(name, ()), value)[:MOST_TERMS]
        elif is_operator and name == "is" and value.lower() in _FACTS:
            facts.add(value.lower())
        elif is_operator and name in ("before", "after") and (day := first_day(value)):
            days[name] = day
        elif is_operator and name == "done" and (within := Days.of(value)) and not within.is_too_long:
            done = within
        else:
            text = f"{found['name']}:{value}" if found["name"] else value
            term = Term(
                fold(text)[:LONGEST_QUERY], text, is_quoted
            )  # one sign can stand for eighteen letters
            if any(character.isalnum() for character in term.text):
                (without if found["minus"] else terms).append(term)
    terms, without = terms[:MOST_TERMS], without[:MOST_TERMS]
    if terms and not terms[-1].is_phrase:
        terms[-1] = Term(terms[-1].text, terms[-1].typed, is_last=True)
    return SearchQuery(
        typed,
        tuple(terms),
        tuple(without),
        named,
        frozenset(facts),
        days.get("before"),
        days.get("after"),
        done,
    )


def _clean(typed: str) -> str:
    """On one line, without what the database cannot hold: NUL and halves of characters."""
    typed = typed[:LONGEST_QUERY].replace("\0", " ").encode("utf-8", "ignore").decode()
    return " ".join(typed.split())


def first_day(typed: str) -> dt.date | None:
    """`2026-10-15` as it is, `2026-10` and `2026` as their first day; None for what is no date."""
    found = DATE.fullmatch(typed)
    if found is None:
        return None
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return dt.date(year, month, day)
