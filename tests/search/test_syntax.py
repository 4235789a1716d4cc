"""How a query is taken apart."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxboard.core import limits
from fluxboard.features.search.days import since_day
from fluxboard.features.search.syntax import (
    SEARCH_FACTS,
    SEARCH_OPERATORS,
    WITH_MINUS,
    SearchQuery,
    parse_search,
)

OPERATORS = [
    "by:",
    "in:",
    "label:",
    "column:",
    "is:",
    "before:",
    "after:",
    "done:",
    "moved:",
    "from:",
    "to:",
    "since:",
    "is:stuck",
    "since:mon",
    "since:999w",
    "-",
    '"',
    "is:mine",
    "2026-10",
]


def texts(asked: SearchQuery) -> list[str]:
    return [term.text for term in asked.terms]


def test_words_phrases_and_what_is_left_out() -> None:
    asked = parse_search('tax "order history" -refund')
    assert texts(asked) == ["tax", "order history"]
    assert [term.is_phrase for term in asked.terms] == [False, True]
    assert [term.text for term in asked.without] == ["refund"]


def test_only_the_last_word_may_be_half_typed() -> None:
    assert [term.is_last for term in parse_search("order hist").terms] == [False, True]
    assert not parse_search('order "hist"').terms[-1].is_last


def test_operators() -> None:
    asked = parse_search(
        'by:kenji by:"Ana S" in:flx LABEL:bug column:doing is:blocked is:MINE before:2026-10 after:2026'
    )
    assert asked.named == {"by": ("kenji", "Ana S"), "in": ("flx",), "label": ("bug",), "column": ("doing",)}
    assert asked.facts == {"blocked", "mine"}
    assert (asked.before, asked.after) == (dt.date(2026, 10, 1), dt.date(2026, 1, 1))
    assert asked.terms == ()


def test_a_name_that_is_no_operator_is_a_word_and_the_page_says_so() -> None:
    asked = parse_search("note:this http://x.example")
    assert texts(asked) == ["note:this", "http://x.example"]
    assert len(asked.problems) == 1
    assert asked.problems[0].startswith(
        "“note:” is no operator, so it was looked for as a word. There are by:, "
    )


def test_a_value_that_an_operator_does_not_take_is_left_out_and_the_page_says_what_it_takes() -> None:
    asked = parse_search("tax is:purple before:soon done:x since:never by: is:stuck")
    assert texts(asked) == ["tax"]
    assert asked.facts == {"stuck"}
    assert [line.partition(" takes ")[0] for line in asked.problems] == [
        "“purple” was left out. “is:”",
        "“soon” was left out. “before:”",
        "“x” was left out. “done:”",
        "“never” was left out. “since:”",
    ]
    assert all(fact in asked.problems[0] for fact in SEARCH_FACTS)
    assert parse_search("by:").problems == ("“by:” takes me or a name.",)


def test_states_have_the_words_of_the_screen_too() -> None:
    assert parse_search("is:overdue is:No-Owner").facts == {"late", "noowner"}


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", "2026-11-25"),
        ("yesterday", "2026-11-24"),
        ("wed", "2026-11-25"),
        ("thu", "2026-11-19"),
        ("monday", "2026-11-23"),
        ("3d", "2026-11-22"),
        ("2w", "2026-11-11"),
        ("2026-11-02", "2026-11-02"),
        ("2026-11", "2026-11-01"),
        ("mo", None),
        ("0d", None),
        ("mondays", None),
        ("2026-13", None),
    ],
)
def test_days_by_a_word(typed: str, day: str | None) -> None:
    """On a Wednesday."""
    found = since_day(typed, dt.date(2026, 11, 25))
    assert (found and found.isoformat()) == day


def test_accents_widths_and_capitals_do_not_matter() -> None:
    assert texts(parse_search("Café ＦＵＬＬ ｶﾞ")) == ["cafe", "full", "ガ"]


def test_scripts_without_spaces_stand_apart() -> None:
    assert parse_search("Web検索").terms[0].runs == [("web", False), ("検索", True)]


def test_dates() -> None:
    assert parse_search("after:2026-02-29").after is None
    assert parse_search("after:2024-02-29").after == dt.date(2024, 2, 29)
    assert parse_search("after:2026-9").after == dt.date(2026, 9, 1)
    assert parse_search("after:2026-13").after is None


def test_a_minus_goes_with_operators_that_name_things_too() -> None:
    asked = parse_search("-is:blocked -label:bug -LABEL:late -owner:@me tax -refund is:mine in:flx")
    assert asked.not_facts == {"blocked"}
    assert asked.not_named == {"label": ("bug", "late"), "owner": ("me",)}
    assert (asked.facts, asked.named) == ({"mine"}, {"in": ("flx",)})
    assert (texts(asked), [term.text for term in asked.without]) == (["tax"], ["refund"])
    assert asked.problems == ()


@pytest.mark.parametrize("name", sorted(SEARCH_OPERATORS.keys() - set(WITH_MINUS)))
def test_an_operator_that_takes_no_minus_says_so(name: str) -> None:
    asked = parse_search(f"tax -{name}:2026-10")
    assert (texts(asked), asked.without) == (["tax"], ())
    assert asked.problems[0].startswith(f"“-{name}:2026-10” was left out. “-” goes with words and with by:, ")


def test_what_a_minus_goes_with_is_told_where_it_has_no_meaning() -> None:
    assert parse_search("size:huge").problems == ("“huge” was left out. “size:” takes small, medium, large.",)
    assert parse_search("size:Small -size:large").problems == ()
    assert parse_search("-is:purple").problems[0].startswith("“purple” was left out. “is:” takes ")
    assert "“note:” is no operator" in parse_search("-note:this").problems[0]


@pytest.mark.parametrize("typed", ["by:@", "by:@@", "owner:@", 'column:"\u00ad"', "-by:@"])
def test_a_name_without_a_letter_is_none(typed: str) -> None:
    asked = parse_search(typed)
    assert not asked
    assert " was left out. " in asked.problems[0]


@given(st.lists(st.one_of(st.sampled_from(OPERATORS), st.text(max_size=20)), max_size=12))
def test_nothing_that_can_be_typed_is_an_error(pieces: list[str]) -> None:
    for glue in ("", " "):
        asked = parse_search(glue.join(pieces))
        assert len(asked.terms) <= 12
        assert all(term.text and "\0" not in term.text for term in asked.terms)


def test_what_is_looked_for_is_no_longer_than_what_may_be_typed() -> None:
    """One sign can stand for eighteen letters: three hundred of it were a phrase of twelve hundred words."""
    for typed in ("ﷺ" * 400, '"' + "ﷺ" * 400 + '"', "a -" + "ﷺ" * 400):
        asked = parse_search(typed)
        assert all(len(term.text) <= limits.SEARCH for term in (*asked.terms, *asked.without))
