"""What a Markdown text says, without its marks: for lists, mails, excerpts and comparisons.

`boards.rendering.markdown` makes the HTML of the same texts. An excerpt reads only the first EXCERPT
characters, so that it costs the same of any text.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from fluxboard.core.markdown_rules import TooMuchWork, new_parser

EXCERPT = 4_000
_MARKS = re.compile(r"[*_`~\[\]<>#|\\&]|^\s*(?:[-+]|\d+[.)]|={2,}|-{2,})(?:\s|$)", re.MULTILINE)
TASK = re.compile(r"\[([ xX])\]\s+")


def plain(text: str) -> str:
    """The words of an excerpt in one paragraph. A link or a picture is its words, a bare address itself."""
    return " ".join(plain_lines(text[:EXCERPT]).split())


def cut(text: str, most: int) -> str:
    """A text, or where it is longer than `most` characters its beginning, which ends with a word and ` …`.

    Where no word ends in the second half of these, as in a script without blanks, it ends anywhere.
    """
    if len(text) <= most:
        return text
    begun = text[:most]
    word = begun.rfind(" ")
    return f"{(begun[:word] if word > most // 2 else begun).rstrip(' …')} …"


def plain_lines(text: str) -> str:
    """The words of a text, a line for each paragraph, line, list item and row of a table."""
    return _plain(text) if _MARKS.search(text) else text


@cache
def _parser() -> MarkdownIt:
    return new_parser(breaks=True, links=False)


@lru_cache(maxsize=2048)
def _plain(text: str) -> str:
    lines: list[str] = []
    mark = ""
    cells: list[str] | None = None
    try:
        tokens = _parser().parse(text.replace("\0", ""))
    except TooMuchWork:
        return text  # as `boards.rendering.markdown` shows it
    for token in tokens:
        match token.type:
            case "list_item_open":
                mark = f"{token.info}. " if token.info else "• "
            case "tr_open":
                cells = []
            case "tr_close":
                lines.append(" | ".join(cells or []))
                cells = None
            case "inline":
                said = _inline(token)
                if mark and (task := TASK.match(said)):
                    mark, said = ("☑ " if task[1] != " " else "☐ "), said[task.end() :]
                if cells is None:
                    lines.append(mark + said)
                else:
                    cells.append(said)
                mark = ""
            case "fence" | "code_block":
                lines.append(mark + token.content.strip("\n"))
                mark = ""
    return "\n".join(lines)


def _inline(token: Token) -> str:
    said = []
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline" | "text_special":
                said.append(child.content)
            case "softbreak" | "hardbreak":
                said.append("\n")
            case "image":
                said.append(_inline(child) or "image")
    return "".join(said)
