"""Every key of an export is accounted for: what `keys` has no place for is named in the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fluxboard.core import limits
from fluxboard.features.trello import values as v
from fluxboard.features.trello.findings import Findings
from fluxboard.features.trello.keys import EVERYWHERE, KINDS, Becomes, Fate, LostKey, Within

LONGEST_VALUE = 60
LONGEST_KEY = 60
# What unknown keys are said to be of, for one and for several.
THINGS = {
    "board": ("the board", "the board"),
    "settings": ("the board's settings", "the board's settings"),
    "badges": ("a card's badges", "{n} cards' badges"),
    "cover": ("a card's cover", "{n} cards' covers"),
    "action": ("an entry of history", "{n} entries of history"),
    "attachment": ("an attachment", "{n} attachments"),
    "option of a custom field": ("a choice of a custom field", "{n} choices of custom fields"),
    "value of a custom field": ("a custom field's value", "{n} values of custom fields"),
}
_COMMENTS = ("commentCard", "copyCommentCard")


def is_empty(value: Any) -> bool:
    """Whether `value` says nothing: null, false, nought, no text, or a list or an object of only such."""
    if isinstance(value, dict):
        return all(is_empty(inner) for inner in value.values())
    if isinstance(value, list):
        return all(is_empty(inner) for inner in value)
    return value in (None, False, 0, "") or (isinstance(value, str) and not value.strip())


def tell_unplaced(root: Mapping[str, Any], findings: Findings, names: Mapping[str, str]) -> None:
    """Add to `findings` what of `root`, a board as Trello wrote it, has no place here.

    `names`: what cards and people are called in the report, by their ids.
    """
    _Walk(findings, names).thing("board", root, "")


class _Walk:
    def __init__(self, findings: Findings, names: Mapping[str, str]) -> None:
        self.findings = findings
        self.names = names
        self.unknown: set[tuple[str, str]] = set()

    def thing(self, kind: str, raw: Mapping[str, Any], place: str) -> None:
        """Account for one thing and all in it. What is told counts once for it, whatever keys tell it."""
        place = self._named(kind, raw, place) or place
        told: dict[LostKey, tuple[int, str]] = {}
        unknown: list[tuple[str, str]] = []
        for key, becomes, value in self._keys(kind, raw, told, unknown):
            if isinstance(becomes, Within):
                self._inner(becomes.kind, value, place)
            else:
                unknown.append((kind, key))
        for sentence, (times, shown) in told.items():
            example = f"{place} ({shown})" if place and shown else place or shown
            self.findings.add(sentence.one, sentence.several, example, times=times)
        for inner, key in unknown:
            self._tell_unknown(inner, key, place)

    def _keys(
        self,
        kind: str,
        raw: Mapping[str, Any],
        told: dict[LostKey, tuple[int, str]],
        unknown: list[tuple[str, str]],
    ) -> Iterator[tuple[str, Becomes | None, Any]]:
        """The keys of `raw` that lead on, or are unknown; what is `told` of the others is gathered."""
        table = KINDS[kind]
        for key, value in raw.items():
            if is_empty(value):
                continue
            becomes = table.get(key) or EVERYWHERE.get(key)
            if becomes is Fate.TAKEN and isinstance(value, dict | list):
                becomes = LostKey(*_sentences(kind, key, "is not what Trello writes there and was left out"))
            if kind == "action" and key == "data" and raw.get("type") in _COMMENTS:
                becomes = Within("comment")
            if isinstance(becomes, LostKey):
                if value not in becomes.unless:
                    self._gather(told, becomes, value)
            elif isinstance(becomes, Within) and isinstance(value, dict):
                # An object is a part of its thing.
                for inner_key, inner_becomes, inner in self._keys(becomes.kind, value, told, unknown):
                    if inner_becomes is None:
                        unknown.append((becomes.kind, inner_key))
                    else:
                        yield inner_key, inner_becomes, inner
            elif not isinstance(becomes, Fate):
                yield key, becomes, value

    def _inner(self, kind: str, value: Any, place: str) -> None:
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                self.thing(kind, inner, place)
            elif not is_empty(inner):
                self.findings.add(
                    f"An entry that is no {kind} was left out",
                    f"{{n}} entries that are no {kind} were left out",
                    place,
                )

    def _tell_unknown(self, kind: str, key: str, place: str) -> None:
        name = v.line(key)[:LONGEST_KEY]
        if (kind, name) not in self.unknown and len(self.unknown) >= limits.UNKNOWN_KEYS:
            self.findings.add(
                "One more key that nothing is known of was left out",
                "{n} more keys that nothing is known of were left out",
                f'"{name}"',
            )
            return
        self.unknown.add((kind, name))
        self.findings.add(*_sentences(kind, key, "is not known here and was left out"), place)

    def _named(self, kind: str, raw: Mapping[str, Any], place: str) -> str:
        """What a thing at `place` is called in the report, where it has a name of its own there."""
        if kind in ("card", "member"):
            return self.names.get(v.identity(raw.get("id")), "")
        if kind == "membership":
            return self.names.get(v.identity(raw.get("idMember")), "")
        if kind == "checklist":
            return self.names.get(v.identity(raw.get("idCard")), "")
        if kind == "action":
            data = v.mapping(raw.get("data"))
            return self.names.get(v.identity(v.mapping(data.get("card")).get("id")), "")
        if kind in ("list", "label", "custom field"):
            name = v.line(raw.get("name"))[:LONGEST_VALUE]
            return f"“{name}”" if name else ""
        if kind in ("attachment", "checklist item"):
            name = v.line(raw.get("name"))[:LONGEST_VALUE]
            return f"“{name}” of {place}" if name and place else ""
        return ""

    def _gather(self, told: dict[LostKey, tuple[int, str]], sentence: LostKey, value: Any) -> None:
        times = 1
        if sentence.each and isinstance(value, list):
            times = sum(not is_empty(inner) for inner in value)
        shown = self._in_words(value)[:LONGEST_VALUE] if sentence.shown else ""
        before, earlier = told.get(sentence, (0, ""))
        told[sentence] = max(before, times), ", ".join(filter(None, (earlier, shown)))

    def _in_words(self, value: Any) -> str:
        """`value` for an example: an object by its name, a person's id by theirs; other ids say nothing."""
        if isinstance(value, bool):
            return "yes"
        if isinstance(value, dict):
            name = v.line(value.get("displayName")) or v.line(value.get("name"))
            return name or self._in_words([inner for inner in value.values() if not isinstance(inner, dict)])
        if isinstance(value, list):
            return ", ".join(filter(None, (v.line(inner) for inner in value))) or f"{len(value):,}"
        return self.names.get(v.identity(value), "" if v.made_at(v.line(value)) else v.line(value))


def _sentences(kind: str, key: str, words: str) -> tuple[str, str]:
    """What is said of `key` of one thing of `kind`, and of several."""
    name = v.line(key)[:LONGEST_KEY].replace("{", "{{").replace("}", "}}")
    one, several = THINGS.get(kind, (f"a {kind}", f"{{n}} {kind}s"))
    return f'"{name}" of {one} {words}', f'"{name}" of {several} {words}'
