"""What people type becomes HTML that does no harm, whatever they type."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boards.rendering.markdown import ATTRIBUTES, TAGS, Names, mentioned, render

NAMES = Names({"kenji": "Kenji Mori", "ana.d": "Ana <i>", "kenji_m": "Other Kenji"}, frozenset({"FLX"}))

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A&#x61)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![x](javascript:alert(1))",
    '![" onerror="alert(1)](x)',
    '[x](x "onmouseover=alert(1)")',
    '[x]( "\\" onclick=alert(1) x=\\"")',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n[x]",
    "`<script>alert(1)</script>`",
    "```html onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>*{background:url(//evil)}</style>",
    "<form action=//evil><button>x",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "|<img src=x onerror=alert(1)>|\n|-|\n|</table><script>alert(1)</script>|",
    "@kenji<script>alert(1)</script>",
    "@ana.d",
    "FLX-1<script>alert(1)</script>",
    "\0<script>alert(1)</script>",
    "https://x.example/<script>alert(1)</script>",
    "https://x.example/'onmouseover=alert(1)//",
]


class Outline(HTMLParser):
    """Collects the tags and attributes of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Outline(html).seen:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | {"rel", "class", "dir"}
        scheme = re.match(r"[\s\0]*([a-z][a-z0-9+.-]*):", attributes.get("href") or "", re.I)
        assert not scheme or scheme[1].lower() in {"http", "https", "mailto"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_acts_comes_through(attack):
    assert_harmless(render(attack, NAMES))
    assert_harmless(render(attack, NAMES, breaks=True))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab*_`~[]()<>!|-#@:/.\"'&;\\\n\t 1xFL\0\x7f ékenji"), max_size=200))
def test_any_text_renders_and_is_harmless(text):
    assert_harmless(render(text, NAMES))
    mentioned(text, NAMES)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_any_unicode_renders(text):
    assert_harmless(render(text, NAMES, breaks=True))


@pytest.mark.parametrize("deep", ["> ", "- ", "1. ", "**", "[", "![", "~~", ">- "])
def test_a_text_nested_very_deep_renders(deep):
    assert_harmless(render(deep * 5_000 + "x", NAMES))


def test_a_text_too_long_to_lay_out_is_shown_as_typed():
    assert render("<b>" + "x" * 300_000, NAMES).startswith("<pre>&lt;b&gt;xxx")


def test_tables_strikethrough_tasks_and_bare_addresses():
    html = render("|a|b|\n|-|-:|\n|~~1~~|2|\n\n- [x] done\n- [ ] open\n\nwww.example.com", NAMES)
    assert '<td class="to-end" dir="auto">2</td>' in html
    assert "<s>1</s>" in html
    assert 'class="task task--done" role="img" aria-label="Done"' in html
    assert '<a href="http://www.example.com" rel="noopener nofollow">' in html


def test_headings_begin_below_those_of_the_page():
    assert render("# Top\n\n##### Deep", NAMES) == '<h3 dir="auto">Top</h3>\n<h6 dir="auto">Deep</h6>'


def test_a_single_line_break_stays_one():
    assert render("one\ntwo\nthree", NAMES).count("<br>") == 2


def test_a_picture_from_elsewhere_is_a_link():
    html = render("![plan](https://x.example/plan.png)", NAMES)
    assert html == '<p dir="auto"><a href="https://x.example/plan.png" rel="noopener nofollow">plan</a></p>'


def test_a_member_is_shown_by_name_and_a_stranger_stays_text():
    html = render("@kenji.Thanks, @Kenji_M and @nobody", NAMES)
    assert '<span class="mention">@Kenji Mori</span></bdi>.Thanks' in html
    assert '<span class="mention">@Other Kenji</span></bdi> and @nobody' in html


def test_no_mention_in_code_in_a_link_or_in_an_address():
    text = "`@kenji` [@kenji](https://x.example) ana@kenji.example \\@kenji\n\n    @kenji"
    assert "mention" not in render(text, NAMES)
    assert mentioned(text, NAMES) == []


def test_mentions_are_named_once_and_in_order():
    assert mentioned("@ana.d, @kenji, @KENJI", NAMES) == ["ana.d", "kenji"]


def test_a_card_key_of_a_known_board_is_a_link():
    html = render("FLX-12, UTF-8, FLX-12-3 and `FLX-12`", NAMES)
    assert html.count('href="/c/FLX-12/"') == 1
    assert "UTF-8" in html and "/c/UTF-8/" not in html
