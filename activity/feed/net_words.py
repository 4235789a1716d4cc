"""A card's net changes in words: `Ready → Doing`, `owner Ana → Kenji`, `checklist 1 → 4 of 6`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from activity.feed.line import first_name_of, said_by
from activity.feed.net_effect import Change, Key, Net
from activity.feed.sentences import value_in_words
from activity.log.values import Kind
from activity.log.verbs import CARD_VALUES, REVIEW_ON
from fluxboard.core.counting import counted


@dataclass(frozen=True)
class NetFact:
    """One thing that is different: it reads `words`, then `was` → `now`, then `rest`.

    `name` says what it is about, and `keys` are the net changes that it tells.
    """

    name: str
    keys: tuple[Key, ...]
    words: str = ""
    was: str = ""
    now: str = ""
    rest: str = ""

    @property
    def plain(self) -> str:
        """All of it as plain text: two values with an arrow."""
        became = " → ".join(filter(None, (self.was, self.now)))
        return " ".join(filter(None, (self.words, became, self.rest)))


def net_facts(net: Net, items: tuple[int, int], today: dt.date) -> list[NetFact]:
    """What `net`, one card's changes, comes to, in the order in which a reader asks.

    `items`: how many items of its checklists are done now, and how many there are. `today` is the reader's
    date. Texts of comments are not told; titles, and why a card is blocked, where `net` has them as typed.
    """
    facts: list[NetFact] = []
    for tell in _TELLERS:
        facts += tell(net, today)
        if tell is _place_and_values:
            facts += _progress(net, items)
    return [fact for fact in facts if fact.plain]


def items_before(net: Net, items: tuple[int, int]) -> tuple[int, int]:
    """How many items were done, and there, before `net`, where there are `items` after it."""
    done, total = items
    for (name, _), change in net.items():
        if name == "ticked":
            done -= bool(change.now) - bool(change.was)
        elif name == "item":
            total -= (change.now is not None) - (change.was is not None)
    return done, total


def _of(net: Net, name: str) -> dict[str, Change]:
    """The changes of each thing of one name, by its uid."""
    return {uid: change for (kind, uid), change in net.items() if kind == name}


# ---- the card itself --------------------------------------------------------------------------------------


def _place_and_values(net: Net, today: dt.date) -> Iterable[NetFact]:
    for name in ("board", "column", "archived", "blocked", *CARD_VALUES):
        key = (name, "")
        if name != "title" and key in net:
            yield _fact(key, net[key], today)


def _title(net: Net, today: dt.date) -> Iterable[NetFact]:
    key = ("title", "")
    if key in net:
        was = net[key].was
        yield NetFact("title", (key,), "renamed", rest=f"from “{was}”" if isinstance(was, str) else "")


def _fact(key: Key, change: Change, today: dt.date) -> NetFact:
    name, was, now = key[0], change.was, change.now
    if name in ("board", "column"):
        words = "board" if name == "board" else ""
        return NetFact(name, (key,), words, _named(was), _named(now))
    if name == "archived":
        return NetFact(name, (key,), "archived" if now else "brought back from the archive")
    if name == "blocked":
        return _block(key, change)
    value = CARD_VALUES[name]
    if value.kind is Kind.MARKDOWN:
        how = "edited" if was and now else "written" if now else "emptied"
        return NetFact(name, (key,), f"{value.label} {how}")
    label = label_of(name)
    if not now:
        label = "due date" if name == "due" else label
        return NetFact(name, (key,), f"no {label} any more", rest=f"(was {short_value(name, was, today)})")
    return NetFact(
        name, (key,), label, short_value(name, was, today) if was else "", short_value(name, now, today)
    )


def label_of(name: str) -> str:
    """How one of a card's values is called where it is told: `owner`, `due`, `column`."""
    known = CARD_VALUES.get(name)
    return "owner" if name == "assignee" else known.label.lower() if known else name


def short_value(name: str, fact: Any, today: dt.date) -> str:
    """One of a card's values as a line has it: a person by their first name."""
    is_person = name in CARD_VALUES and CARD_VALUES[name].kind is Kind.PERSON
    return first_name_of(fact) if is_person and fact else value_in_words(name, fact, today)


def _block(key: Key, change: Change) -> NetFact:
    now = change.now
    if now is None:
        return NetFact("blocked", (key,), "no longer blocked")
    person, card = now.get("person") or {}, now.get("card") or {}
    by = " and ".join(filter(None, (first_name_of(person), card.get("key", ""))))
    words = "blocked," if change.was is None else "still blocked, now"
    reason = now.get("reason")
    said = f"“{said_by(reason)}”" if isinstance(reason, str) and reason else ""
    return NetFact("blocked", (key,), f"{words} waits on {by}" if by else words.partition(",")[0], rest=said)


def _named(fact: Any) -> str:
    return str((fact or {}).get("name") or (fact or {}).get("key") or "")


# ---- checklists -------------------------------------------------------------------------------------------


def _progress(net: Net, items: tuple[int, int]) -> Iterable[NetFact]:
    """`checklist 1 → 4 of 6`; where the numbers are the same, what was exchanged."""
    keys = tuple(key for key in net if key[0] in ("item", "ticked"))
    counting = tuple(key for key in keys if key[0] == "ticked" or None in (net[key].was, net[key].now))
    reworded = tuple(key for key in keys if key not in counting)
    (was_done, was_total), (done, total) = items_before(net, items), items
    if (was_done, was_total) != (done, total):
        was = str(was_done) if was_total == total else f"{was_done} of {was_total}" if was_total else ""
        yield NetFact("checklist", counting, "checklist", was, f"{done} of {total}")
    elif counting:
        yield NetFact("checklist", counting, f"other checklist items, {done} of {total} done")
    if reworded:
        yield NetFact("item", reworded, f"{counted(len(reworded), 'item')} reworded")


def _checklists(net: Net, today: dt.date) -> Iterable[NetFact]:
    lists = _of(net, "checklist")
    for words, is_so in (
        ("added", lambda one: one.was is None),
        ("removed", lambda one: one.now is None),
        ("renamed", lambda one: None not in (one.was, one.now)),
    ):
        keys = tuple(("checklist", uid) for uid, one in lists.items() if is_so(one))
        if keys:
            yield NetFact("lists", keys, f"{counted(len(keys), 'checklist')} {words}")
    for uid, one in _of(net, "promoted").items():
        words = (
            f"an item became {_named(one.now)}" if one.now else f"{_named(one.was)} no longer from an item"
        )
        yield NetFact("promoted", (("promoted", uid),), words)


# ---- labels and people ------------------------------------------------------------------------------------


def _members(net: Net, today: dt.date) -> Iterable[NetFact]:
    labels, people = _of(net, "label"), _of(net, "participant")
    came, went = _sides(labels)
    if came:
        yield _group("label", came, "label" if len(came) == 1 else "labels", "", _named)
    if went:
        yield _group("label", went, "no longer labelled", "", _named)
    came, went = _sides(people)
    if came:
        yield _group("participant", came, "", "joined", first_name_of)
    if went:
        yield _group("participant", went, "", "left", first_name_of)


def _sides(things: Mapping[str, Change]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What came and what went, each by uid."""
    came = {uid: one.now for uid, one in things.items() if one.was is None}
    return came, {uid: one.was for uid, one in things.items() if one.now is None}


def _group(
    name: str, things: Mapping[str, Any], words: str, rest: str, named: Callable[[Any], str]
) -> NetFact:
    keys = tuple((name, uid) for uid in things)
    return NetFact(name, keys, words, now=", ".join(map(named, things.values())), rest=rest)


# ---- what was said ----------------------------------------------------------------------------------------


def _comments(net: Net, today: dt.date) -> Iterable[NetFact]:
    """Comments that are neither questions nor decisions, by what became of them."""
    spoken = {uid for name, uid in net if name in ("state", "asked")}
    decided = {
        str(change.last.after.get("comment", "")) for (name, _), change in net.items() if name == "decision"
    }
    plain = {uid: one for uid, one in _of(net, "comment").items() if uid not in spoken | decided}
    for words, is_so in (
        ("", lambda one: one.was is None),
        (" edited", lambda one: None not in (one.was, one.now)),
        (" removed", lambda one: one.now is None),
    ):
        keys = tuple(("comment", uid) for uid, one in plain.items() if is_so(one))
        if keys:
            yield NetFact("comment", keys, counted(len(keys), "comment") + words)


# What a question or thread came to, by the verb that brought it there.
_ENDS = {
    "question.asked": ("question", "asked"),
    "question.answered": ("question", "answered"),
    "question.closed": ("question", "closed"),
    "question.reopened": ("question", "open again"),
    "thread.escalated": ("thread", "without an outcome"),
    "thread.settled": ("thread", "settled"),
    "thread.reopened": ("thread", "open again"),
}


def _questions(net: Net, today: dt.date) -> Iterable[NetFact]:
    states, asked = _of(net, "state"), _of(net, "asked")
    by_end: dict[tuple[str, str], list[Key]] = {}
    for uid, change in states.items():
        if _is_gone(net, uid):
            continue
        ending = _ENDS.get(change.last.activity.effect, ("thread", "changed"))
        by_end.setdefault(ending, []).append(("state", uid))
    for (noun, end), keys in by_end.items():
        also = [(name, uid) for _, uid in keys for name in ("comment", "asked") if (name, uid) in net]
        yield NetFact("question", (*keys, *also), f"{counted(len(keys), noun)} {end}")
    passed = {uid: one for uid, one in asked.items() if uid not in states and not _is_gone(net, uid)}
    if passed:
        taken = tuple((name, uid) for uid in passed for name in ("asked", "comment") if (name, uid) in net)
        whom = dict.fromkeys(first_name_of(person) for one in passed.values() for person in one.now or ())
        words = f"{counted(len(passed), 'question')} handed on to {' and '.join(whom)}"
        yield NetFact("question", taken, words)


def _is_gone(net: Net, uid: str) -> bool:
    """Whether a question that was asked in this run is not there any more."""
    change = net.get(("asked", uid))
    return change is not None and change.was is None and ("comment", uid) not in net


def _decisions(net: Net, today: dt.date) -> Iterable[NetFact]:
    for uid, change in _of(net, "decision").items():
        comment = ("comment", str(change.last.after.get("comment", "")))
        agreed = [key for key in net if key[0] in (f"agreed {uid}", f"confirmed {uid}")]
        reviews = [("review", uid)] if ("review", uid) in net else []
        keys = (("decision", uid), *([comment] if comment in net else []), *agreed, *reviews)
        if change.now is None:
            yield NetFact("decision", keys, f"decision D-{change.was} gone")
        else:
            yield NetFact("decision", keys, "decision", now=f"D-{change.now}")
    for uid, change in _of(net, "superseded").items():
        if change.now is not None:
            words = f"a decision superseded by D-{change.now['number']}"
            yield NetFact("decision", (("superseded", uid),), words)


def _agreements(net: Net, today: dt.date) -> Iterable[NetFact]:
    """To decisions that were there before."""
    new = {f"agreed {uid}" for uid in _of(net, "decision")}
    agreed = {key: one for key, one in net.items() if key[0].startswith("agreed ") and key[0] not in new}
    came = tuple(key for key, one in agreed.items() if one.now is not None)
    went = tuple(key for key, one in agreed.items() if one.now is None)
    if came:
        whom = dict.fromkeys(first_name_of(agreed[key].now) for key in came)
        yield NetFact("agreed", came, f"{' and '.join(whom)} agreed to a decision")
    if went:
        whom = dict.fromkeys(first_name_of(agreed[key].was) for key in went)
        yield NetFact("agreed", went, f"{' and '.join(whom)} no longer agreed")


def _reviews(net: Net, today: dt.date) -> Iterable[NetFact]:
    """Who said that a decision is still true, and when one that was there before is looked at again."""
    new = {f"confirmed {uid}" for uid in _of(net, "decision")}
    said = {key: one for key, one in net.items() if key[0].startswith("confirmed ")}
    confirmed = {key: one for key, one in said.items() if key[0] not in new}
    came = tuple(key for key, one in confirmed.items() if one.now is not None)
    went = tuple(key for key, one in confirmed.items() if one.now is None)
    for keys, words in ((came, "said that a decision is still true"), (went, "no longer said so")):
        if keys:
            whom = dict.fromkeys(first_name_of(confirmed[key].now or confirmed[key].was) for key in keys)
            yield NetFact("confirmed", keys, f"{' and '.join(whom)} {words}")
    for uid, change in _of(net, "review").items():
        if ("decision", uid) not in net:
            was, now = (value_in_words(REVIEW_ON.name, fact, today) for fact in (change.was, change.now))
            yield NetFact("review", (("review", uid),), "decision to be looked at again", was, now)


_TELLERS = (
    _place_and_values,
    _members,
    _title,
    _checklists,
    _comments,
    _questions,
    _decisions,
    _agreements,
    _reviews,
)
