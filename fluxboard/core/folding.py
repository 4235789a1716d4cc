"""The form of a text in which search compares it: without what people leave out or type another way.

`fold` and the database's function `fluxboard_fold` (migration `boards.0012_search_folding`) are the same
function: the index is made by the one, queries and marks by the other. `tests/search/test_folding.py`
compares them for every character that there is, so a change here needs a migration that changes the other
and indexes anew.
"""

from __future__ import annotations

import re
import unicodedata

from django.db.models import CharField, TextField, Transform

# What people type for letters that Unicode does not take apart into a plain letter and a mark: Latin ones
# with strokes, hooks and tails, and those of African and Azerbaijani alphabets; forms of one letter in Arabic
# and Persian; the final sigma; apostrophes and dashes.
_LETTERS = {
    "a": "\u2c65",  # a with stroke
    "b": "ƀƃɓ",
    "c": "ƈȼɕ",
    "d": "đðƌɖɗ",
    "e": "ɇəɛǝ",
    "f": "ƒ",
    "g": "ǥɠɣ",
    "h": "ħɦ\u2c68",
    "i": "ıɨɩ",
    "j": "ȷɉɟ",
    "k": "ƙ\u2c6a",
    "l": "łƚƛɫ\u2c61",
    "m": "ɱ",
    "n": "ŋƞɲ",
    "o": "øɔɵ",
    "p": "ƥ",
    "q": "ɋ",
    "r": "ɍɽ",
    "s": "ʂȿ",
    "t": "ŧƫƭʈ\u2c66",
    "u": "ʉʊ",
    "v": "ʋ",
    "y": "ƴɏ",
    "z": "ƶȥɀ\u2c6c",
    "σ": "ς",
    "\u064a": "\u0649\u06cc",  # Arabic yeh: alef maksura, Farsi yeh
    "\u0647": "\u0629\u06c1\u06d5",  # heh: teh marbuta, heh goal, ae
    "\u0643": "\u06a9",  # kaf: keheh
    "'": "\u2018\u2019\u02bc\u2032",
    "-": "\u2010\u2012\u2013\u2014\u2015\u2212",
}
PAIRS = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}

# What stands on letters or is not seen at all, as ranges of a character class: accents; Hebrew points;
# Arabic vowel signs, small signs above and the stretch of a line; soft hyphens, signs without width and of
# direction, fillers, variation selectors, tags; the Hawaiian and Semitic signs that look like apostrophes.
LEFT_OUT = (
    r"\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    r"\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    r"\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u02bb\u02be\u02bf\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
)

_LEFT_OUT = re.compile(f"[{LEFT_OUT}]")
_PLAIN = str.maketrans({letter: plain for plain, letters in _LETTERS.items() for letter in letters} | PAIRS)


def fold(text: str) -> str:
    """`text` as search compares it: without accents, widths, capitals and invisible signs; `ß` is `ss`.

    Each character is folded by itself, so the folded text of a whole is that of its parts joined (but for
    combining characters that are no accents, such as the parts of Hangul).
    """
    taken_apart = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", text))
    lower = "".join(map(str.lower, taken_apart))  # one by one: a whole word's last sigma would differ
    return unicodedata.normalize("NFKC", lower.translate(_PLAIN))


@CharField.register_lookup
@TextField.register_lookup
class Folded(Transform):
    """`name__folded__contains="cafe"` finds "Café": both sides are folded by the database."""

    lookup_name = "folded"
    function = "fluxboard_fold"
    bilateral = True
