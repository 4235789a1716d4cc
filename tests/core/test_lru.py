"""What a process keeps is bounded by its weight, and what was used longest ago goes first."""

from __future__ import annotations

from fluxboard.core.lru import LastUsed


def test_the_longest_unused_goes_first() -> None:
    kept: LastUsed[str, str] = LastUsed(10, len)
    assert kept.keep("a", "aaaa") == []
    assert kept.keep("b", "bbbb") == []
    assert kept.get("a") == "aaaa"
    assert kept.keep("c", "cccc") == ["b"]
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("aaaa", None, "cccc")


def test_a_value_kept_again_weighs_what_it_is_now() -> None:
    kept: LastUsed[str, str] = LastUsed(10, len)
    kept.keep("a", "aaaaaaaa")
    kept.keep("a", "a")
    assert kept.keep("b", "bbbbbbbb") == []


def test_one_that_is_too_heavy_stays_alone() -> None:
    kept: LastUsed[str, str] = LastUsed(10, len)
    kept.keep("a", "a")
    assert kept.keep("b", "b" * 30) == ["a"]
    assert kept.values() == ["b" * 30]


def test_keys_are_forgotten_with_their_weight() -> None:
    kept: LastUsed[tuple[int, str], str] = LastUsed(3)
    for key in ((1, "x"), (1, "y"), (2, "x")):
        kept.keep(key, "html")
    kept.forget(lambda key: key[0] == 1)
    assert kept.keep((2, "y"), "html") == kept.keep((2, "z"), "html") == []
    assert kept.get((1, "x")) is None
