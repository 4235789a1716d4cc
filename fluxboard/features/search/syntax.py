"""What a person types into search, taken apart: words, phrases, `-left out`, operators such as `by:kenji`.

Nothing that can be typed is an error. A name that is no operator is a word to look for; an operator with a
value or a `-` that it does not take is left out. `problems` says which, and what is allowed.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from boards.card_fields import choice_fields
from boards.card_states import CARD_STATES
from fluxboard.core import limits, parsing
from fluxboard.core.folding import fold
from fluxboard.features.finished.load import Days
from fluxboard.features.search.days import SINCE_WORDS, since_day

MOST_TERMS = 12
_MOST_PROBLEMS = 4
# What `is:` takes: how a card stands (`CARD_STATES` as on Now), and what kind of thing is looked for.
CARD_FACTS = (*CARD_STATES, "waiting", "unready", "archived", "mine")
SEARCH_FACTS = (*CARD_FACTS, "handed-on", "decision", "due-for-review", "question", "answered")
_ALSO_CALLED = {other: name for name, state in CARD_STATES.items() for other in state.also}
MOVE_OPERATORS = ("moved", "from", "to")
_PEOPLE = ("by", "owner")
# What takes a `-` besides words: the rest of the operators names days and moves, whose opposite says nothing.
WITH_MINUS = (*_PEOPLE, "in", "label", "column", "is", *(field.name for field in choice_fields()))
_NAMED = (*(name for name in WITH_MINUS if name != "is"), *MOVE_OPERATORS)
_SINCE = "since"
_CHOICES = {
    field.name: {fold(word) for choice in field.value.choices.items() for word in choice}
    for field in choice_fields()
}
_ANY_DAY = dt.date(2000, 1, 3)
# Each operator, and what it takes.
SEARCH_OPERATORS = {
    "by": "me or a name",
    "owner": "me or a name",
    "in": "a board",
    "label": "a label",
    "column": "a column",
    **{field.name: ", ".join(field.value.choices) for field in choice_fields()},
    "is": ", ".join(SEARCH_FACTS),
    "moved": "a column that cards came into or left",
    "from": "a column that cards left",
    "to": "a column that cards came into",
    _SINCE: f"{SINCE_WORDS}, or 2026-10-15",
    "done": "finished in 2026-10, or 2026-10-01..2026-10-15, a year at most",
    "after": "from 2026-10 on",
    "before": "until 2026-10-15, without that day",
}
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

    `since` is a day too, by a word (`days.since_day`). `done`: cards that came to done in those days, and
    still are. `not_named`, `not_facts`: as `named` and `facts`, of what is not to be found (`-label:bug`).
    `problems`: lines on what was not understood.
    """

    typed: str = ""
    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    not_named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    not_facts: frozenset[str] = frozenset()
    before: dt.date | None = None
    after: dt.date | None = None
    done: Days | None = None
    since: str = ""
    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms or self.without or self.has_operators)

    @property
    def has_operators(self) -> bool:
        """Whether anything is asked for besides words: then nothing is named outright."""
        days = self.before or self.after or self.done or self.since
        return bool(self.named or self.facts or self.not_named or self.not_facts or days)

    @property
    def has_moves(self) -> bool:
        """Whether it asks which cards were moved: `by`, `since` and the dates are then those of the move."""
        return any(name in self.named for name in MOVE_OPERATORS)

    @property
    def words(self) -> str:
        """The words alone, as typed, for what is found by its name."""
        return " ".join(term.typed for term in self.terms)


@dataclass
class _Parsing:
    """What has been read so far."""

    terms: list[Term] = field(default_factory=list)
    without: list[Term] = field(default_factory=list)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    facts: set[str] = field(default_factory=set)
    not_named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    not_facts: set[str] = field(default_factory=set)
    days: dict[str, dt.date] = field(default_factory=dict)
    done: Days | None = None
    since: str = ""
    problems: list[str] = field(default_factory=list)

    def operator(self, name: str, value: str, *, is_without: bool) -> bool:
        """Take `name:value` in, or `-name:value`; False where the operator does not take that."""
        word = value.lower()
        if name in _CHOICES and fold(value) not in _CHOICES[name]:
            return False
        if name in _NAMED:
            return self._thing(name, value.lstrip("@") if name in _PEOPLE else value, is_without)
        if name == "is" and (fact := _ALSO_CALLED.get(word, word)) in SEARCH_FACTS:
            (self.not_facts if is_without else self.facts).add(fact)
        elif name in ("before", "after") and (days := parsing.days_of(value)):
            self.days[name] = days[0]
        elif name == _SINCE and since_day(word, _ANY_DAY):
            self.since = word
        elif name == "done" and (within := Days.of(value)) and not within.is_too_long:
            self.done = within
        else:
            return False
        return True

    def _thing(self, name: str, value: str, is_without: bool) -> bool:
        if not fold(value):
            return False
        named = self.not_named if is_without else self.named
        named[name] = (*named.get(name, ()), value)[:MOST_TERMS]
        return True

    def word(self, text: str, *, is_phrase: bool, is_without: bool) -> None:
        term = Term(fold(text)[: limits.SEARCH], text, is_phrase)  # one sign can stand for eighteen letters
        if any(character.isalnum() for character in term.text):
            (self.without if is_without else self.terms).append(term)

    def problem(self, words: str) -> None:
        if words not in self.problems and len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(words)


def parse_search(typed: str) -> SearchQuery:
    """Take apart what was typed: its first `limits.SEARCH` characters, and twelve words of a kind."""
    typed = _clean(typed)
    so_far = _Parsing()
    for found in TOKEN.finditer(typed):
        is_without, is_quoted = bool(found["minus"]), found["quoted"] is not None
        value = (found["quoted"] if is_quoted else found["plain"]).strip()
        name = (found["name"] or "").lower()
        if not name and value.endswith(":") and value[:-1].lower() in SEARCH_OPERATORS:
            name, value = value[:-1].lower(), ""
        if name in SEARCH_OPERATORS:
            if is_without and name not in WITH_MINUS:
                so_far.problem(_takes_no_minus(name, value))
            elif not so_far.operator(name, value, is_without=is_without):
                so_far.problem(_does_not_take(name, value))
            continue
        if name and not is_quoted and not value.startswith("//"):
            so_far.problem(f"“{name}:” is no operator, so it was looked for as a word. {_all_operators()}")
        text = f"{found['name']}:{value}" if name else value
        so_far.word(text, is_phrase=is_quoted, is_without=is_without)
    terms, without = so_far.terms[:MOST_TERMS], so_far.without[:MOST_TERMS]
    if terms and not terms[-1].is_phrase:
        terms[-1] = Term(terms[-1].text, terms[-1].typed, is_last=True)
    return SearchQuery(
        typed,
        tuple(terms),
        tuple(without),
        so_far.named,
        frozenset(so_far.facts),
        so_far.not_named,
        frozenset(so_far.not_facts),
        so_far.days.get("before"),
        so_far.days.get("after"),
        so_far.done,
        so_far.since,
        tuple(so_far.problems),
    )


def _does_not_take(name: str, value: str) -> str:
    left_out = f"“{value}” was left out. " if value else ""
    return f"{left_out}“{name}:” takes {SEARCH_OPERATORS[name]}."


def _takes_no_minus(name: str, value: str) -> str:
    others = ", ".join(f"{one}:" for one in WITH_MINUS)
    return f"“-{name}:{value}” was left out. “-” goes with words and with {others}."


def _all_operators() -> str:
    return f"There are {', '.join(f'{name}:' for name in SEARCH_OPERATORS)}."


def _clean(typed: str) -> str:
    """On one line, without what the database cannot hold: NUL and halves of characters."""
    typed = typed[: limits.SEARCH].replace("\0", " ").encode("utf-8", "ignore").decode()
    return " ".join(typed.split())
