"""A text's change is told by word: nothing of either text is lost, and nothing in it acts."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxboard.core.word_diff import word_diff


def sides(html):
    """The two texts that a change shows."""
    before = re.sub(r"<ins>.*?</ins>", "", html, flags=re.S)
    after = re.sub(r"<del>.*?</del>", "", html, flags=re.S)
    return tuple(unescape(re.sub(r"</?(ins|del)>", "", side)) for side in (before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("past page 5", "past page 6", "past page <del>5</del><ins>6</ins>"),
        ("a b", "a b c", "a b<ins> c</ins>"),
        ("one two three", "one three", "one <del>two </del>three"),
        ("", "new", "<ins>new</ins>"),
        ("old", "", "<del>old</del>"),
        ("same", "same", "same"),
        ("<b>", "<i>", "&lt;<del>b</del><ins>i</ins>&gt;"),
    ],
)
def test_what_went_and_what_came(before, after, shown):
    assert word_diff(before, after) == shown


def test_changed_words_in_a_row_are_one_change():
    shown = word_diff("It takes one long week to pay", "It takes two short days to pay")
    assert shown == "It takes <del>one long week</del><ins>two short days</ins> to pay"


def test_another_text_is_not_picked_to_pieces():
    before = "In the summer sale 212 orders were paid and then cancelled because the last piece had gone."
    assert word_diff(before, "Ana says why, in the end") == (
        f"<del>{before}</del><ins>Ana says why, in the end</ins>"
    )


@settings(max_examples=150, deadline=None)
@given(*[st.text(alphabet=st.sampled_from("ab <>&\n.'"), max_size=80)] * 2)
def test_both_texts_can_be_read_from_it(before, after):
    assert sides(word_diff(before, after)) == (before, after)
