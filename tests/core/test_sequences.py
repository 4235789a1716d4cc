"""Two sequences are compared truly, and with a bound to what is compared."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activity.feed.sentences import text_change
from fluxboard.core import limits, sequences
from fluxboard.core.sequences import TooLong, steps_between
from fluxboard.core.text_merge import merge_lines
from fluxboard.core.word_diff import word_diff

letters = st.text(alphabet=st.sampled_from("ab c\n"), max_size=40)


@settings(max_examples=200, deadline=None)
@given(letters, letters)
def test_the_steps_lead_from_one_to_the_other_by_turns(old, new):
    steps = steps_between(old, new)
    assert "".join(old[step.a1 : step.a2] for step in steps) == old
    assert "".join(new[step.b1 : step.b2] for step in steps) == new
    assert all(old[step.a1 : step.a2] == new[step.b1 : step.b2] for step in steps if step.is_same)
    assert all(one.is_same != other.is_same for one, other in pairwise(steps))


def test_only_what_differs_counts():
    same = "x" * limits.TEXT
    assert len(steps_between(same + "a" + same, same + "b" + same)) == 3


def test_too_much_is_not_compared(monkeypatch):
    monkeypatch.setattr(limits, "COMPARED", 100)
    monkeypatch.setattr(sequences, "LCSseq", None)
    with pytest.raises(TooLong):
        steps_between("a" * 11, "b" * 10)


def worst() -> list[tuple[str, str]]:
    """Texts of the greatest length that took difflib longest: the same few words and lines, over and over."""
    half = limits.TEXT // 2
    return [
        ("a " * half, "b " * half),
        ("a b " * (half // 2), "b a " * (half // 2)),
        ("\n" * limits.TEXT, "\n ." * (limits.TEXT // 3)),
        (" ".join(map(str, range(4_000))), " ".join(map(str, range(4_000, 0, -1)))),
        ("x\ny\n" * (half // 2), "y\nx\nz\n" * (half // 3)),
    ]


@pytest.mark.parametrize(("before", "after"), worst())
def test_the_worst_texts_are_compared_within_the_bound_or_shown_whole(before, after, monkeypatch):
    """What reaches the comparing function is counted: pairs, 64 of them a step."""
    pairs = []
    real = sequences.LCSseq

    class Counted:
        @staticmethod
        def opcodes(old, new):
            pairs.append(len(old) * len(new))
            return real.opcodes(old, new)

    monkeypatch.setattr(sequences, "LCSseq", Counted)
    word_diff(before, after)
    text_change.__wrapped__(before, after)
    merge_lines(before, after, after[: len(after) // 2] + "x\n" + before)
    assert all(number <= limits.COMPARED for number in pairs)
    assert len(pairs) <= 200


def test_what_is_too_long_to_compare_is_a_clash_or_both_texts(monkeypatch):
    monkeypatch.setattr(limits, "COMPARED", 1)
    assert word_diff("one two", "three four") == "<del>one two</del><ins>three four</ins>"
    assert merge_lines("a\nb\nc\n", "x\ny\nz\n", "k\nl\nm\n") is None
    folded, whole = text_change.__wrapped__("one\ntwo\nthree", "four\nfive\nsix")
    assert folded == "<del>one\ntwo\nthree</del><ins>four\nfive\nsix</ins>" and not whole


def test_a_merge_adds_no_line_breaks_of_its_own():
    assert merge_lines("a\x0bb\nc\n", "a\x0bb\nc\nd\n", "z\na\x0bb\nc\n") == "z\na\x0bb\nc\nd\n"
