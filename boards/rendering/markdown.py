"""Markdown as people write it on a board, made into HTML that is safe to put into any page.

GFM tables, strikethrough, task lists and bare addresses; raw HTML stays text. What comes out is the same
for every reader. Besides, `@handle` of a member becomes their name, and `FLX-12` a link where a board has
that key.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from activity.log.replay.state import ERASED
from fluxboard.core import limits
from fluxboard.core.lru import LastUsed
from fluxboard.core.markdown_rules import TooMuchWork, new_parser
from fluxboard.core.plain_text import TASK
from fluxboard.core.postgres.statements import PARAM_BOARD, PreparedValues

if TYPE_CHECKING:
    from boards.models import Board

_KEPT = 8_000_000  # characters of HTML that are kept in this process

TAGS = {
    "a",
    "bdi",
    "blockquote",
    "br",
    "code",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "s",
}
TAGS |= {"span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": {"role", "aria-label"}}
# Each of these runs the way its own words do, whatever the page's language is.
OF_OWN_DIRECTION = ("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "td", "th")
CLASSES = {
    "span": {"mention", "task", "task--done"},
    "a": {"ref"},
    "th": {"to-end", "to-center"},
    "td": {"to-end", "to-center"},
}
ALIGNED = {"text-align:right": "to-end", "text-align:center": "to-center"}

_NAMED = re.compile(
    r"(?<![\w@/.#-])@(?P<handle>[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,28}[A-Za-z0-9])?)"
    r"|(?<![\w@/.#-])(?P<key>(?P<board>[A-Z][A-Z0-9]{1,7})-(?P<number>[1-9][0-9]{0,8}))(?![\w-])"
)

_kept: LastUsed[tuple[int, bool, str], str] = LastUsed(_KEPT, len)


@dataclass(frozen=True)
class Names:
    """Whom and what a text can name: people by their handle, boards by their key."""

    people: dict[str, str] = field(default_factory=dict)
    boards: frozenset[str] = frozenset()

    @classmethod
    def on(cls, board: Board) -> Names:
        """The members of `board`, and the keys that boards have. Two queries."""
        members, keys = _naming()
        return cls(dict(members.all(board=board.pk)), frozenset(key for (key,) in keys.all()))

    @cached_property
    def look(self) -> int:
        """The same for the same names, within a process."""
        return hash((tuple(sorted(self.people.items())), self.boards))

    def person(self, typed: str) -> str | None:
        """The handle that `typed` begins with: `kenji` for "kenji.Thanks"; None when nobody has it."""
        typed = typed.lower()
        while typed and typed not in self.people:
            typed = re.sub(r"[_.-]*[^_.-]*$", "", typed)
        return typed or None


@cache
def _naming() -> tuple[PreparedValues, PreparedValues]:
    from boards.models import Board, Membership

    members = Membership.objects.filter(board=PARAM_BOARD).values_list("user__handle", "user__name")
    keys = Board.objects.order_by().values_list("key")
    return PreparedValues(members, {PARAM_BOARD: "board"}), PreparedValues(keys, {})


def render(text: str, names: Names | Board, *, breaks: bool = True) -> SafeString:
    """HTML of a Markdown text, cleaned. Never raises; drawn once for the same text and names.

    `breaks`: a single line break stays one. An erased text is a quiet mark. A text that is longer than any
    form takes, or that takes too much work to lay out, is shown as it was typed.
    """
    if not text.strip():
        return mark_safe("")
    if text == ERASED:
        return mark_safe(f'<p class="erased">{ERASED}</p>')  # noqa: S308 — our own word
    if len(text) > limits.TEXT:
        return as_typed(text)
    names = _names(names)
    key = (names.look, breaks, text)
    html = _kept.get(key)
    if html is None:
        html = _drawn(text, names, breaks)
        _kept.keep(key, html)
    return mark_safe(html)  # noqa: S308 — cleaned


def as_typed(text: str) -> SafeString:
    """HTML that shows a text as it was typed."""
    return mark_safe(f"<pre>{escape(text)}</pre>")  # noqa: S308


def _drawn(text: str, names: Names, breaks: bool) -> str:
    try:
        html = _parser(breaks).render(text.replace("\0", ""), {"names": names})
    except TooMuchWork:
        return as_typed(text)
    return _cleaner().clean(html).strip()


class Page:
    """The texts of one page, the most important first: beyond `limits.PAGE_TEXT` they stay as typed."""

    def __init__(self) -> None:
        self.left = limits.PAGE_TEXT

    def takes(self, text: str) -> bool:
        """Whether `text` is still to be laid out."""
        self.left -= len(text)
        return self.left >= 0

    def draw(self, text: str, names: Names | Board) -> SafeString:
        """HTML of a text: laid out while there is room for it, else as typed."""
        return render(text, names) if self.takes(text) or text == ERASED else as_typed(text)


def mentioned(text: str, names: Names | Board) -> list[str]:
    """The handles of members that a text mentions outside of code, each once, in order."""
    found: dict[str, None] = {}
    if len(text) <= limits.TEXT:
        with suppress(TooMuchWork):
            _parser(True).parse(text, {"names": _names(names), "mentioned": found})
    return list(found)


def _names(names: Names | Board) -> Names:
    return names if isinstance(names, Names) else Names.on(names)


@cache
def _parser(breaks: bool) -> MarkdownIt:
    parser = new_parser(breaks=breaks)
    parser.core.ruler.before("text_join", "tasks", _mark_tasks)
    parser.core.ruler.before("text_join", "names", _name_all)
    parser.core.ruler.push("shape", _shape)
    parser.add_render_rule("image", _image_as_link)
    return parser


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in OF_OWN_DIRECTION},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )


def _mark_tasks(state: StateCore) -> None:
    """`- [x] done` in a list: a drawn box in place of the brackets, as nobody can tick it there."""
    tokens = state.tokens
    for at, token in enumerate(tokens[2:], start=2):
        opens_item = tokens[at - 2].type == "list_item_open" and tokens[at - 1].type == "paragraph_open"
        if not (token.type == "inline" and opens_item and token.children):
            continue
        first = token.children[0]
        if first.type == "text" and (task := TASK.match(first.content)):
            first.content = first.content[task.end() :]
            token.children.insert(0, _html(_box(task[1] != " ")))


def _box(is_done: bool) -> str:
    kind, word = (" task--done", "Done") if is_done else ("", "Open")
    return f'<span class="task{kind}" role="img" aria-label="{word}"></span>'


def _name_all(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "inline" or not token.children:
            continue
        in_link, children = 0, []
        for child in token.children:
            in_link += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            whole = child.type != "text" or in_link
            children.extend([child] if whole else _named(child.content, state.env))
        token.children = children


def _named(text: str, env: Any) -> list[Token]:
    """`text` cut into tokens, with what it names made into HTML."""
    tokens: list[Token] = []
    names, done = env["names"], 0
    for found in _NAMED.finditer(text):
        html, end = _name(found, names, env.get("mentioned"))
        if html:
            tokens += [_text(text[done : found.start()]), _html(html)]
            done = end
    return [*tokens, _text(text[done:])]


def _name(found: re.Match[str], names: Names, mentions: dict[str, None] | None) -> tuple[str, int]:
    if key := found["key"]:
        known = found["board"] in names.boards
        return (f'<a class="ref" href="/c/{key}/">{key}</a>' if known else ""), found.end()
    handle = names.person(found["handle"])
    if not handle:
        return "", found.end()
    if mentions is not None:
        mentions[handle] = None
    shown = escape(names.people[handle])
    return f'<bdi><span class="mention">@{shown}</span></bdi>', found.start() + 1 + len(handle)


def _shape(state: StateCore) -> None:
    """Headings begin below those of the page; a table's alignment is a class, as the page allows no style."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        elif token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
            token.attrs["class"] = ALIGNED.get(str(style), "")


def _image_as_link(renderer: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    """A picture from elsewhere would tell its host who reads what, so it is a link."""
    token = tokens[at]
    words = renderer.renderInlineAsText(token.children, options, env) or "image"
    return f'<a href="{escape(str(token.attrs["src"]))}">{escape(words)}</a>'


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _html(content: str) -> Token:
    return Token("html_inline", "", 0, content=content)
