"""What people type is kept as they meant it, and what is no text is named, whatever it is made of."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxboard.core import limits, texts

INVISIBLE = {
    "a zero-width space": "\u200b",
    "a soft hyphen": "\u00ad",
    "a Hangul filler": "\u3164",
    "a half-width Hangul filler": "\uffa0",
    "the fillers of single letters": "\u115f\u1160",
    "a variation selector": "\ufe0f",
    "one of the other selectors": "\U000e0100",
    "tags": "\U000e0067\U000e007f",
    "a Braille blank": "\u2800",
    "a byte order mark": "\ufeff",
    "a word joiner": "\u2060",
    "direction marks": "\u200e\u202e\u2066\u2069",
    "a joiner of graphemes": "\u034f",
    "Mongolian selectors": "\u180b\u180e",
    "blanks": "\u00a0 \u3000\t",
    "several of them": "\u200b \u3164\u00ad",
}
# Each as long as it gets in what people write.
WRITTEN = {
    "a family": "👨‍👩‍👧‍👦",
    "a flag of tags": "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "a keycap": "1️⃣",
    "Vietnamese, taken apart": unicodedata.normalize("NFD", "Tiếng Việt"),
    "Hebrew with points and accents": "בְּרֵאשִׁ֖ית",
    "Thai": "ที่นี่",
    "Devanagari": "क्ष्म्य",
    "Tibetan": "བསྒྲུབས་ཧཱུྃ",
    "thirty marks": "a" + "\u0301\u0316" * 15,
}


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_what_cannot_be_seen_is_empty(text):
    assert texts.is_blank(text)
    assert texts.tidied(text, 100) == texts.tidied(f"\n {text}\n", 100, lines=True) == ""
    assert texts.tidied(f"a{text}b", 100)


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_what_people_write_is_kept(text):
    assert texts.tidied(text, 100) == unicodedata.normalize("NFC", text)
    assert not texts.is_blank(text)


def test_signs_that_are_formats_and_can_be_seen_are_no_blank():
    assert not texts.is_blank("\u0600") and not texts.is_blank("\u06dd")


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\r", "\r\n", "\n"])
def test_what_breaks_a_line_keeps_words_apart(sign):
    assert texts.tidied(f"Bremen{sign}NorthGate", 100) == "Bremen NorthGate"
    assert texts.tidied(f"Bremen{sign}NorthGate", 100, lines=True) == "Bremen\nNorthGate"


@pytest.mark.parametrize(
    "sign", ["\0", "\x01", "\x08", "\x1b", "\x1c", "\x1f", "\x7f", "\x80", "\x9f", "\ud800"]
)
@pytest.mark.parametrize("text", ["{}", "{}a", "a{}", "Weir lane {}3"])
def test_what_is_no_text_is_refused_never_dropped(sign, text):
    with pytest.raises(texts.NotKept):
        texts.tidied(text.format(sign), 100)
    with pytest.raises(texts.NotKept):
        texts.tidied(text.format(sign), 100, lines=True)


def test_the_refusal_says_which_sign_and_where():
    with pytest.raises(texts.NotKept, match=r"U\+0007\) after “Weir lane”"):
        texts.tidied("Weir lane\x073", 100)


def test_the_first_line_keeps_its_indent_and_blanks_around_a_text_go():
    assert texts.tidied(" \n\n    code\n  more  \n\n", 100, lines=True) == "    code\n  more"


def test_more_marks_than_any_language_has_are_refused():
    with pytest.raises(texts.NotKept, match="30 accents on one letter"):
        texts.tidied("Fix the o" + "\u0301" * 31 + "ven", 500)


def test_marks_beyond_the_limit_become_one_sign():
    assert texts.with_fewer_marks("o" + "\u0301" * 500 + "x") == "o" + "\u0301" * 30 + "\ufffdx"


@pytest.mark.parametrize("lines", [False, True])
def test_nothing_is_composed_before_its_length_and_its_marks_are_known(lines, monkeypatch):
    composed = []
    monkeypatch.setattr(texts, "composed", lambda text: composed.append(text) or text)
    for text in ("\u0301" * 140_000, "a" * 80_001, "a\u0316\u0301" * 20 + "\u0316" * 5_000):
        with pytest.raises(texts.NotKept):
            texts.tidied(text, limits.TEXT, lines=lines)
    assert composed == []


def test_what_is_composed_has_few_marks_in_a_row():
    """Composing takes time by the square of a run; this is the most that can reach it."""
    text = ("a" + "\u0316\u0301" * 15) * 645
    assert texts.marks_in_a_row(text) is None
    assert len(texts.tidied(text, limits.TEXT)) <= limits.TEXT


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab \n\tー。́"), max_size=200), st.integers(1, 40))
def test_pieces_lose_nothing_but_blanks_and_none_is_too_long(text, longest):
    found = texts.pieces(text, longest)
    assert all(len(piece) <= longest for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_text_is_cut_between_lines():
    assert texts.pieces("one two\nthree four\nfive", 12) == ["one two", "three four", "five"]
