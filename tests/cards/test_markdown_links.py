"""Addresses in a text are links as far as they go, and what looks like a link leads somewhere."""

import re

import pytest

from boards.rendering.markdown import Names, render

NAMES = Names()


def links(text: str) -> list[tuple[str, str]]:
    """Where each link of the text leads, and its words."""
    html = render(text, NAMES)
    assert "<a>" not in html and "<a rel" not in html
    return re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', html)


def shown(text: str) -> list[str]:
    return [words for _, words in links(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "窯の記録はこちら：https://bread.example/log。次の人（https://bread.example/b）へ。",
            ["https://bread.example/log", "https://bread.example/b"],
        ),
        ("記録はhttps://bread.example/logを見て", ["https://bread.example/log"]),
        ("https://bread.example、https://oven.example！", ["https://bread.example", "https://oven.example"]),
        ("https://bread.exampleを見て", ["https://bread.example"]),
        ("看https://bread.example/log，然后", ["https://bread.example/log"]),
        ("「https://bread.example/log?a=1&b=2」", ["https://bread.example/log?a=1&amp;b=2"]),
        ("https://bread.example/log를 보세요", ["https://bread.example/log"]),
        ("ดูhttps://bread.example/logนะ", ["https://bread.example/log"]),
        ("https://bread.example/log.次の人", ["https://bread.example/log"]),
        ("www.example.comです。", ["www.example.com"]),
        ("メールはana@bread.example.comまで", ["ana@bread.example.com"]),
        ("（https://bread.example/a_(b)）", ["https://bread.example/a_(b)"]),
        ("https://bread.example/log\u3000次", ["https://bread.example/log"]),
    ],
)
def test_a_link_ends_where_a_sentence_without_spaces_goes_on(text, found):
    assert shown(text) == found


@pytest.mark.parametrize(
    "address",
    [
        "https://ja.example.org/wiki/東京",
        "https://bread.example/?q=パン",
        "https://bread.example/a#窯",
        "https://日本.jp/",
    ],
)
def test_an_address_may_have_words_of_such_a_script(address):
    assert shown(f"See {address} please") == [address]


def test_a_long_word_has_no_link_and_takes_none_from_others():
    text = "https://bread.example/a " + "x" * 5_000 + " https://bread.example/b"
    assert shown(text) == ["https://bread.example/a", "https://bread.example/b"]


def test_a_long_address_is_a_link():
    address = "https://bread.example/?token=" + "a1" * 900
    assert shown(address) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "ftp://bread.example/f",
        "<ftp://bread.example/f>",
        "[file](ftp://bread.example/f)",
        "[x](note)",
        "![x](plan.png)",
        "[x](tel:123)",
        "[^1]\n\n[^1]: note",
        "[x][y]\n\n[y]: note",
    ],
)
def test_what_would_lead_nowhere_stays_text(text):
    assert links(text) == []


def test_nothing_of_a_footnote_is_lost():
    html = render("Bake it[^1]\n\n[^1]: twice", NAMES)
    assert "[^1]" in html and "twice" in html


@pytest.mark.parametrize("address", ["/c/FLX-1/", "#c-12", "?comments=all", "mailto:ana@bread.example"])
def test_a_link_within_this_place_or_to_an_address_stays(address):
    assert links(f"[there]({address})") == [(address, "there")]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("これは**「重要」**です", "これは<strong>「重要」</strong>です"),
        ("**重要。**次の文", "<strong>重要。</strong>次の文"),
        ("他说**“你好”**了", "他说<strong>“你好”</strong>了"),
        ("**중요(급함)**입니다", "<strong>중요(급함)</strong>입니다"),
        ("**[窯](https://bread.example/)**を見る", None),
        ("これは*「重要」*です", "これは<em>「重要」</em>です"),
        ("~~「古い」~~です", "<s>「古い」</s>です"),
        ("**bold**、plain", "<strong>bold</strong>、plain"),
        ("snake_case_名前_です", "snake_case_名前_です"),
        ("2 * 3 * 4と5", "2 * 3 * 4と5"),
    ],
)
def test_emphasis_beside_a_cjk_sign_is_emphasis(text, html):
    found = render(text, NAMES)
    if html is None:
        assert found.startswith('<p dir="auto"><strong><a ') and "</a></strong>を見る" in found
    else:
        assert found == f'<p dir="auto">{html}</p>'
