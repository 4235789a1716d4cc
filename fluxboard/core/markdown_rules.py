"""What our Markdown has besides the library's rules: a limit to its work, links and emphasis beside CJK text.

Scripts that write without spaces go on right behind an address or a bold word, which CommonMark and the
library's finder of links know nothing of.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline.state_inline import Delimiter, StateInline

from fluxboard.core import limits

# Addresses are looked for in words of up to this length; in one the search may take the square of it.
LONGEST_WORD = 2_048
FIRST_WORD = re.compile(rf"\S{{1,{LONGEST_WORD + 1}}}")
LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
# Scripts that write without spaces, the marks between their sentences, and full-width signs.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3000-\u303f\u3040-\u30ff\u3100-\u318f"
    "\u31a0-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffef"
    "\U00020000-\U000323af"
)
# A run of them. It can be part of an address only at the beginning of a step, as in /wiki/東京 or ?q=東京.
RUN = re.compile(rf"(?P<inside>(?<=[/=#?&_%+~-]))?(?P<run>[{_UNSPACED}]+)")
SEARCHED = 100  # characters that are searched for a scheme in the time of one step
_LETTERS = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f\u0e31-\u0e4e\u3099\u309a])+")
CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
DELIMITER_ROW = re.compile(r"[\s|:>-]*-[\s|:>-]*\|[\s|:>-]*|\|[\s|:>-]*-[\s|:>-]*")
# Where a link may lead: to the web, to an address, within this installation. Others would be dead.
LEADS = re.compile(r"(?:https?:|mailto:|[/#?])", re.IGNORECASE)


class TooMuchWork(Exception):
    """A text takes more steps than the laying out of a text may."""


def new_parser(*, breaks: bool, links: bool = True) -> MarkdownIt:
    """A parser of GFM tables, strikethrough and, with `links`, bare addresses; raw HTML stays text.

    `breaks`: a single line break stays one. It raises `TooMuchWork` for a text beyond the limits.
    """
    parser = MarkdownIt("zero")
    parser.inline = CountedInline()
    parser.linkify = LinkFinder()
    options = {"html": False, "breaks": breaks, "linkify": links, "maxNesting": limits.MARKDOWN_NESTED}
    parser.configure("gfm-like", options_update=options)
    parser.disable(["html_block", "html_inline"])
    parser.validateLink = leads_somewhere  # type: ignore[method-assign]
    count_work(parser)
    parser.inline.ruler.before("strikethrough", "emphasis_beside_cjk", emphasis_beside_cjk)
    return parser


# ---- work -------------------------------------------------------------------------------------------------


def _spend(env: Any, steps: int = 1) -> None:
    """Count `steps` of the parser; raises `TooMuchWork` beyond `limits.MARKDOWN_STEPS`."""
    env["steps"] = env.get("steps", 0) + steps
    if env["steps"] > limits.MARKDOWN_STEPS:
        raise TooMuchWork


class CountedInline(ParserInline):
    """Counts each look ahead, of which a text of `![` takes some for each of its brackets."""

    def skipToken(self, state: StateInline) -> None:
        _spend(state.env)
        super().skipToken(state)


def count_work(parser: MarkdownIt) -> None:
    """Have `parser` count its steps in the `env` of each text."""
    parser.inline.ruler.before("text", "work", _count_inline)
    chains: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("table", "work", _count_block, chains)


def _count_inline(state: StateInline, silent: bool) -> bool:
    """A step for each place; at `://` the library looks for a scheme in all that it has not written yet."""
    is_address = state.src.startswith("://", state.pos)
    _spend(state.env, 1 + (len(state.pending) // SEARCHED if is_address else 0))
    return False


def _count_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A step for each look at a line; the cells of a table, also those that it does not write, are steps.

    The parser leaves out what is nested deeper than it goes, so such a text is too much as well.
    """
    _spend(state.env)
    if state.level >= state.md.options["maxNesting"] - 2:
        raise TooMuchWork
    if not silent and start + 1 < end and (columns := _columns(state, start + 1)):
        rows = start + 2
        while rows < end and not state.isEmpty(rows):
            rows += 1
        state.env["cells"] = state.env.get("cells", 0) + columns * (rows - start)
        if state.env["cells"] > limits.MARKDOWN_CELLS:
            raise TooMuchWork
    return False


def _columns(state: StateBlock, line: int) -> int:
    """How many columns the row of dashes in `line` begins; 0 when it is none."""
    row = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    return row.strip().strip("|").count("|") + 1 if row and DELIMITER_ROW.fullmatch(row) else 0


# ---- links ------------------------------------------------------------------------------------------------


class LinkFinder(LinkifyIt):
    """Finds addresses in a text: each ends where a sentence without spaces goes on.

    One word that is longer than any address is passed over; the others have theirs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.add("ftp:", None)
        self.add("//", None)

    def test(self, text: str) -> bool:
        return bool(self.match(text))

    def match(self, text: str) -> list[Any] | None:
        """The library's matches, with the same places in `text`."""
        found: list[Any] | None = super().match(_without_sentences(text))
        return found

    def match_at_start(self, text: str) -> Any:
        """The library's match at the beginning of `text`, of which only the first word is looked at."""
        word = FIRST_WORD.match(text)
        if word is None or len(word[0]) > LONGEST_WORD:
            return None
        return super().match_at_start(_without_sentences(word[0]))


def _without_sentences(text: str) -> str:
    """`text` with blanks, as many as there were characters, for what belongs to no address."""
    text = LONG_WORD.sub(_blanks, text)
    text = CONTROLS.sub(" ", text)
    return text if text.isascii() else RUN.sub(_address_part, text)


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _address_part(found: re.Match[str]) -> str:
    """The letters that a step of an address begins with; blanks for what comes behind them."""
    letters = _LETTERS.match(found["run"]) if found["inside"] is not None else None
    kept = letters[0] if letters else ""
    return kept + " " * (len(found["run"]) - len(kept))


def leads_somewhere(url: str) -> bool:
    """Whether a link to `url` would be one: http, https, mailto, or a place within this installation."""
    return LEADS.match(url.strip()) is not None


# ---- emphasis ---------------------------------------------------------------------------------------------


def emphasis_beside_cjk(state: StateInline, silent: bool) -> bool:
    """`**「重要」**です` is bold: marks beside a CJK letter or sign open and close as beside a space.

    After https://github.com/tats-u/markdown-cjk-friendly: of the rules of flanking only that changes which
    asks whether punctuation stands beside something else. What has no CJK beside it is left to the library.
    """
    marker = state.src[state.pos]
    if silent or marker not in "*_~":
        return False
    scanned = state.scanDelims(state.pos, marker != "_")
    end = state.pos + scanned.length
    before = state.src[state.pos - 1] if state.pos else " "
    after = state.src[end] if end < state.posMax else " "
    if not (is_cjk(before) or is_cjk(after)) or (marker == "~" and scanned.length < 2):
        return False
    opens, closes = _flanks(before, after), _flanks(after, before)
    if marker == "_":
        opens, closes = opens and (not closes or _is_sign(before)), closes and (not opens or _is_sign(after))
    step = 2 if marker == "~" else 1
    if scanned.length % step:
        state.push("text", "", 0).content = marker
    for _ in range(scanned.length // step):
        state.push("text", "", 0).content = marker * step
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=0 if marker == "~" else scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=opens,
                close=closes,
            )
        )
    state.pos = end
    return True


def _flanks(outside: str, inside: str) -> bool:
    """Whether marks between `outside` and `inside` can stand at an end of what is inside."""
    if inside.isspace():
        return False
    is_plain = is_cjk(inside) or not _is_sign(inside)
    return is_plain or outside.isspace() or _is_sign(outside) or is_cjk(outside)


def _is_sign(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"


def is_cjk(letter: str) -> bool:
    """Whether `letter` is of a script that is set in squares, its punctuation included."""
    return unicodedata.east_asian_width(letter) in "WFH"
