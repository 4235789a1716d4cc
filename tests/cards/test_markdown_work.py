"""The work of laying out a text is counted in the parser's steps, and has an end for each text."""

import itertools

import pytest

from boards.rendering import markdown
from boards.rendering.markdown import Names, mentioned, render
from fluxboard.core import limits

NAMES = Names({"kenji": "Kenji Mori"}, frozenset({"FLX"}))
# What Markdown knows; each with each, repeated.
PIECES = [
    "![",
    "[",
    "](",
    "*a ",
    "_",
    "~~",
    "> ",
    "- ",
    "`",
    "<a",
    "|",
    "http://a.bc/",
    "[a]: b\n",
    "日。",
    "\n",
]


def steps(text: str) -> int:
    """How many steps the parser made of `text`, also where it gave up."""
    env = {"names": NAMES}
    try:
        markdown._parser(True).render(text, env)
    except markdown.TooMuchWork:
        return limits.MARKDOWN_STEPS + 1
    return env.get("steps", 0)


@pytest.mark.parametrize("one", PIECES)
def test_the_work_for_a_text_grows_with_its_length_or_ends(one):
    for other in PIECES:
        short, long = (((one + other) * length)[:length] for length in (400, 1_600))
        assert steps(long) < 5 * steps(short) + 500 or steps(long * 8) > limits.MARKDOWN_STEPS


@pytest.mark.parametrize("text", ["://", "a://", "http://a", "<ftp://"])
def test_a_scheme_is_not_searched_for_in_all_that_came_before_again_and_again(text):
    """The library searches what it has not written yet, at each `://`."""
    text = (text * limits.TEXT)[: limits.TEXT]
    assert render(text, NAMES) == markdown.as_typed(text)


def test_many_addresses_are_links_all_the_same():
    text = "see http://a.bc/d and\n" * 900
    assert render(text, NAMES).count("<a ") == 900


@pytest.mark.parametrize("text", ["![", "[", "[![", "> " * 15 + "a\n" + "b\n" * 5_000])
def test_a_text_that_takes_too_many_steps_is_shown_as_typed(text):
    text = (text * limits.TEXT)[: limits.TEXT]
    assert render(text, NAMES) == markdown.as_typed(text)
    assert mentioned(text, NAMES) == []


@pytest.mark.parametrize(
    "text",
    [
        "> " * 200 + "the end",
        "".join("  " * at + "- a\n" for at in range(80)),
        "|" * 300 + "\n" + "|-" * 300 + "|\n" + "|\n" * 300,
    ],
    ids=["quotes", "lists", "cells"],
)
def test_nothing_of_a_text_that_is_nested_too_deep_or_too_wide_is_left_out(text):
    assert render(text, NAMES) == markdown.as_typed(text)


def test_long_ordinary_texts_are_laid_out():
    line = "- Take **bread** to [the oven](https://bread.example/), @kenji: `350°`, see FLX-12 _now_.\n"
    ordinary = line * (limits.TEXT // len(line))
    assert "<li " in render(ordinary, NAMES)
    assert steps(ordinary) < limits.MARKDOWN_STEPS / 2
    table = "|a|b|c|d|e|\n|-|-|-|-|-|\n" + "|one|two|three|four|five|\n" * 700
    assert "<td " in render(table, NAMES)


def test_steps_grow_with_the_length_of_a_text():
    line = "Take **bread** to the oven, then rest.\n\n"
    few, many = steps(line * 50), steps(line * 400)
    assert many < 10 * few


def test_a_text_is_drawn_once_for_the_same_names(monkeypatch):
    drawn = []
    real = markdown._drawn
    monkeypatch.setattr(markdown, "_drawn", lambda *args: drawn.append(args) or real(*args))
    text = "Only here: a text that nothing else draws."
    assert [render(text, NAMES) for _ in range(3)] == [f'<p dir="auto">{text}</p>'] * 3
    render(text, Names({"kenji": "Kenji M."}))
    assert len(drawn) == 2


def test_a_text_that_is_longer_than_any_form_takes_is_not_parsed(monkeypatch):
    monkeypatch.setattr(markdown, "_drawn", None)
    assert render("<b>" * limits.TEXT, NAMES).startswith("<pre>&lt;b&gt;")


def test_a_page_lays_out_its_first_texts_only():
    page = markdown.Page()
    taken = list(itertools.takewhile(page.takes, itertools.repeat("x" * 20_000, 100)))
    assert len(taken) == limits.PAGE_TEXT // 20_000
