"""Trello's ways of writing the address of a card, in Markdown and out of it."""

from __future__ import annotations

import pytest

from fluxboard.features.trello.links import TrelloLinks

BOARD, CARD, SAID = "4f2e08f41c2c1d96286e0856", "4f2e0ec7c0be5afd0b24031e", "5f2e0ec7c0be5afd0b24031e"
LINKS = TrelloLinks(BOARD, {"abcd1234": "BAK-2", CARD: "BAK-3", "#3": "BAK-3"}, {SAID: 77}, {"mika": "mika2"})


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("https://trello.com/c/abcd1234", "BAK-2"),
        ("(https://trello.com/c/abcd1234/2-words).", "(BAK-2)."),
        ("See https://trello.com/c/abcd1234/2-words.", "See BAK-2."),
        ("https://www.trello.com/c/abcd1234/2-%E3%83%91%E3%83%B3", "BAK-2"),
        ("https://trello.com/c/abcd1234/2-パン", "BAK-2"),
        ("https://trello.com/c/abcd1234?menu=x#", "BAK-2"),
        ("trello.com/c/abcd1234", "BAK-2"),
        ("my.trello.com/c/abcd1234", "my.trello.com/c/abcd1234"),
        ("<https://trello.com/c/abcd1234>", "BAK-2"),
        ("<https://trello.com/c/other999>", "<https://trello.com/c/other999>"),
        ("[x](https://trello.com/c/abcd1234)", "[x](/c/BAK-2/)"),
        ("[x](<https://trello.com/c/abcd1234>)", "[x](</c/BAK-2/>)"),
        ("[1]: https://trello.com/c/abcd1234", "[1]: /c/BAK-2/"),
        (
            '[https://trello.com/c/abcd1234](https://trello.com/c/abcd1234 "smartCard-inline")',
            "[BAK-2](/c/BAK-2/)",
        ),
        ('[x](https://example.com "\u200c")', "[x](https://example.com)"),
        ('[x](https://example.com "Bread")', '[x](https://example.com "Bread")'),
        ("https://trello.com/c/other999/1-x", "https://trello.com/c/other999/1-x"),
        ("https://trello.com/c/ABCD1234", "https://trello.com/c/ABCD1234"),
        (f"https://trello.com/c/abcd1234/2-x#comment-{SAID}", "[BAK-2, a comment](/c/BAK-2/#c-77)"),
        (f"https://trello.com/c/abcd1234#action-{SAID}", "[BAK-2, a comment](/c/BAK-2/#c-77)"),
        (f"https://trello.com/c/abcd1234#comment-{CARD}", "BAK-2"),
        (f"https://trello.com/card/words/{BOARD}/3", "BAK-3"),
        (f"https://trello.com/card/board/words/{BOARD}/{CARD}", "BAK-3"),
        (f"https://trello.com/card/words/{SAID}/3", f"https://trello.com/card/words/{SAID}/3"),
        ("@Mika and a@mika.example", "@mika2 and a@mika.example"),
    ],
)
def test_an_address_in_a_text(text: str, ours: str):
    assert LINKS.in_text(text) == ours


def test_a_line_without_markdown_gets_the_key_or_the_address_of_the_comment():
    line = f"Ask https://trello.com/c/abcd1234/2-x and https://trello.com/c/abcd1234#comment-{SAID}"
    assert LINKS.in_line(line) == "Ask BAK-2 and /c/BAK-2/#c-77"


def test_doing_it_twice_does_it_once():
    once = LINKS.in_text(f"https://trello.com/c/abcd1234#comment-{SAID} [x](https://trello.com/c/abcd1234)")
    assert LINKS.in_text(once) == once


def test_a_text_of_addresses_that_lead_nowhere_takes_no_long_time():
    text = "https://trello.com/c/abcd1234/" + "a." * 9_000 + "\n" + "[https://trello.com/c/" * 900
    assert LINKS.in_text(text).startswith("BAK-2")
