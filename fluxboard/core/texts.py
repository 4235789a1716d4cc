"""What people type, as it is kept: which characters stay, which are no text, and what cannot be seen.

Each function takes time in proportion to the length of its text, whatever the text is.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from itertools import groupby

from fluxboard.core import limits

# Everything that Unicode (UAX #14) breaks a line at: VT, FF and NEL too.
LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# C0 and C1 without tab and line feed, and halves of characters, which UTF-8 has no bytes for.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
REPLACEMENT = "\ufffd"
# Letters and format characters that show something after all: Arabic and Syriac signs that hold a number.
SHOWN_FORMATS = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Of other categories than format and blank, and yet nothing to see: the Hangul fillers, the blank of Braille,
# variation selectors, Khmer's inherent vowels, Mongolian's selectors, the combining grapheme joiner, and what
# Unicode keeps for more of the same (Default_Ignorable_Code_Point).
HIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U0001d159\U000e0000-\U000e0fff]"
)
BLANK_CATEGORIES = {"Cc", "Cf", "Zs", "Zl", "Zp"}
# What turns the direction of what comes after it, until it is closed.
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
EMPTY_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")


class NotKept(ValueError):
    """A text can't be kept as it is. The message goes on after what it is: "The title …"."""


def tidied(text: str, longest: int, *, lines: bool = False) -> str:
    """Typed `text` as it is kept: composed (NFC), line breaks as "\\n", no blanks around it.

    With `lines` the first line keeps its indent; else all of it is one line. A text of which nothing can be
    seen is empty. Raises `NotKept` when it is longer than `longest` characters or holds what is no text. Its
    length comes first: all else takes time by it.
    """
    if len(text) > longest * limits.AS_TYPED:
        raise NotKept(_too_long(longest, len(text)))
    kept = with_line_feeds(text)
    if found := control_in(kept):
        raise NotKept(_no_text(kept, found))
    if found := marks_in_a_row(kept):
        words = f"can have {limits.MARKS} accents on one letter; there are more"
        raise NotKept(f"{words}{_place_in(kept, found.start())}.")
    kept = composed(kept)
    kept = on_lines(kept) if lines else on_one_line(kept)
    if len(kept) > longest:
        raise NotKept(_too_long(longest, len(kept)))
    return "" if is_blank(kept) else kept


def _too_long(longest: int, length: int) -> str:
    return f"can have {longest:,} characters; this has {length:,}."


def _no_text(text: str, found: re.Match[str]) -> str:
    if found[0] == "\0":
        return "can't hold a NUL character. It stands as � in the text; take it out and save again."
    if "\ud800" <= found[0] <= "\udfff":
        return f"holds half a character{_place_in(text, found.start())}. Type it again there."
    sign = f"a control character (U+{ord(found[0]):04X})"
    return f"can't hold {sign}{_place_in(text, found.start())}. Take it out and save again."


def _place_in(text: str, at: int) -> str:
    """Where that is, in words that follow others: ` after “the last words before it”`."""
    before = on_one_line(text[max(0, at - 60) : at])[-30:].lstrip()
    return f" after “{before}”" if before else " at the beginning"


def with_line_feeds(text: str) -> str:
    """`text` with each line break as "\\n"."""
    return LINE_BREAK.sub("\n", text)


def is_blank(text: str) -> bool:
    """Whether nothing of `text` can be seen: blanks, zero-width and other invisible signs, or nothing."""
    return all(_is_invisible(letter) for letter in text)


def _is_invisible(letter: str) -> bool:
    if letter.isspace() or HIDDEN.match(letter):
        return True
    return unicodedata.category(letter) in BLANK_CATEGORIES and letter not in SHOWN_FORMATS


def control_in(text: str) -> re.Match[str] | None:
    """The first character of `text` that is no text: a control character or half of one."""
    return CONTROL.search(text)


def marks_in_a_row(text: str, most: int = limits.MARKS) -> re.Match[str] | None:
    """The first run of more than `most` combining marks."""
    return None if text.isascii() else _runs(most).search(text)


def with_fewer_marks(text: str, most: int = limits.MARKS) -> str:
    """`text` with no more than `most` combining marks in a row; the rest of a run is one replacement sign."""
    if text.isascii():
        return text
    return _runs(most).sub(lambda run: run[0][:most] + REPLACEMENT, text)


@functools.cache
def _runs(most: int) -> re.Pattern[str]:
    return re.compile(f"[{_marks()}]{{{most + 1},}}")


@functools.cache
def _marks() -> str:
    """All combining marks as the ranges of a character class. They stand below U+20000 or are selectors."""
    points = [
        point
        for point in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0))
        if unicodedata.category(chr(point)).startswith("M")
    ]
    ranges = []
    for _, group in groupby(enumerate(points), key=lambda pair: pair[1] - pair[0]):
        run = [point for _, point in group]
        ranges.append(f"\\U{run[0]:08x}-\\U{run[-1]:08x}")
    return "".join(ranges)


def composed(text: str) -> str:
    """`text` in NFC. It has to have few marks in a row, or this takes time by the square of their number."""
    return unicodedata.normalize("NFC", text)


def on_lines(text: str) -> str:
    """Without empty lines around it and blanks at its end; the first line keeps its indent."""
    return EMPTY_LINES.sub("", text).rstrip()


def on_one_line(text: str) -> str:
    """Blanks and line breaks gathered into single spaces."""
    return " ".join(text.split())


def isolated(text: str) -> str:
    """`text` for where there is no markup: what it says of direction ends with it (Unicode's FSI and PDI)."""
    return f"\u2068{text}\u2069" if DIRECTION.search(text) else text


def pieces(text: str, longest: int) -> list[str]:
    """`text` cut into parts of at most `longest` characters: at a line break, else at a blank, else anywhere.

    Nothing but the blanks at a cut is left out.
    """
    found, start = [], 0
    while len(text) - start > longest:
        end = start + longest
        cut = text.rfind("\n", start + longest // 2, end + 1)
        cut = cut if cut > 0 else text.rfind(" ", start + longest // 2, end + 1)
        cut = cut if cut > 0 else end
        found.append(text[start:cut].rstrip())
        start = cut + (text[cut] in "\n ")
    return [*found, text[start:]] if start < len(text) or not found else found
