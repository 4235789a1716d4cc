"""What the changes of one topic of a card come to: one line each, by what was first and what is last."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from activity.feed.line import SAID, Line, Reader, joined_by_and, said_by, text_of_change
from activity.feed.load import Told
from activity.feed.progress import Progress
from activity.feed.sentences import (
    LABELS,
    ONLY_MARKS,
    sentence,
    text_change,
    text_change_of,
    value_in_words,
    without_words,
)
from activity.log.verbs import VERBS
from fluxboard.core.plain_text import plain_lines

THIS = re.compile(r" this\b(?! board)")
# What is told by the names of what it happened to, with how one and how several are said.
NAMED = {
    "column.added": ("Added the column", "Added the columns", "name"),
    "label.created": ("Made the label", "Made the labels", "name"),
    "member.added": ("Brought in", "Brought in", "person"),
}
# What one does to oneself, where the words for doing it to others would name the one who did it.
THEMSELVES = {"member.added": "Joined", "card.joined": "Joined", "card.left": "Left"}


def _uid_of_actor(told: Told) -> str:
    actor = told.activity.actor
    return str(actor.uid) if actor is not None else ""


def _created(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line:
    column = about[0].after.get("column") or {}
    return Line(
        tuple(about), topic, "plus", "Created in" if column else "Created", now=column.get("name", "")
    )


def _moved(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    was, now = about[0].before.get("column") or {}, about[-1].after.get("column") or {}
    if was.get("id") == now.get("id"):
        return None
    return Line(tuple(about), topic, "right", "Moved", was=was.get("name", ""), now=now.get("name", ""))


def _transferred(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line:
    board = about[-1].after.get("board")
    if board:
        words, name = "Moved to the board", board.get("name", "")
    else:
        words, name = "Came from the board", (about[-1].before.get("board") or {}).get("name", "")
    return Line(tuple(about), topic, "right", words, now=name, rest=without_words(about[-1].after))


def _title(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    was, now = text_of_change(about[0].before.get("title")), text_of_change(about[-1].after.get("title"))
    return Line(tuple(about), topic, "edit", "Title", before=was, after=now) if was != now else None


def _spec(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    field = next((name for name in LABELS if name in about[-1].after), "")
    was, now = text_of_change(about[0].before.get(field)), text_of_change(about[-1].after.get(field))
    if was == now:
        return None
    was, now = plain_lines(was), plain_lines(now)
    if was == now:
        return Line(tuple(about), topic, "edit", LABELS.get(field, ""), rest=f": {ONLY_MARKS}")
    label = LABELS.get(field, "")
    if max(len(was), len(now)) <= SAID:
        return Line(tuple(about), topic, "edit", label, before=was, after=now)
    return Line(tuple(about), topic, "edit", label, diff=text_change(was, now)[0])


def _block(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    last = about[-1]
    was = about[0].activity.effect == "card.unblocked" or bool(about[0].before.get("reason"))
    if last.activity.effect == "card.unblocked":
        if not was:
            return None
        return Line(tuple(about), topic, "check", mark="Unblocked", tone="done")
    named = [(last.after.get("person") or {}).get("name", "").split(" ")[0]]
    named.append((last.after.get("card") or {}).get("key", ""))
    waits = " and ".join(name for name in named if name)
    words = f", waiting on {waits}: " if waits else ": "
    return Line(
        tuple(about),
        topic,
        "block",
        words,
        mark="Blocked",
        tone="blocked",
        said=said_by(last.after.get("reason")),
    )


def _value(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    fact = "due" if about[0].activity.effect == "card.dated" else "assignee"
    was, now = about[0].before.get(fact), about[-1].after.get(fact)
    if was == now:
        return None
    icon = VERBS[about[0].activity.effect].icon
    if fact == "due":
        before, after = (value_in_words(fact, value, reader.today) for value in (was, now))
        return Line(tuple(about), topic, icon, "Due", was=before if was else "", now=after)
    if not now:
        return Line(tuple(about), topic, icon, "Assigned to nobody, was", strong=(was or {}).get("name", ""))
    name = "you" if now.get("id") == reader.uid else now["name"]
    actor = about[-1].activity.actor
    if actor is not None and now.get("id") == str(actor.uid):
        return Line(tuple(about), topic, icon, "Took it" + (f", from {was['name']}" if was else ""))
    return Line(tuple(about), topic, icon, "Assigned to", strong=name)


def _set(add: str, remove: str, fact: str, added: str, removed: str) -> Callable[..., Line | None]:
    """The folder of things that are put on a card and taken off it."""

    def folded(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
        on: dict[str, str] = {}
        off: dict[str, str] = {}
        for one in about:
            is_on = one.activity.effect == add
            thing = (one.after if is_on else one.before).get(fact) or {}
            mine, other = (on, off) if is_on else (off, on)
            key = str(thing.get("id", ""))
            if other.pop(key, None) is None:
                mine[key] = thing.get("name", "")
        icon = VERBS[add].icon
        verb = add if on else remove
        if verb in THEMSELVES and [*on, *off] == [_uid_of_actor(about[-1])]:
            return Line(tuple(about), topic, icon, THEMSELVES[verb])
        if not on:
            return Line(tuple(about), topic, icon, removed, strong=", ".join(off.values())) if off else None
        rest = f"; {removed[0].lower()}{removed[1:]} {', '.join(off.values())}" if off else ""
        return Line(tuple(about), topic, icon, added, strong=", ".join(on.values()), rest=rest)

    return folded


def _archive(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    if len(about) % 2 == 0:
        return None
    return single(topic, about[-1], reader, about)


def _ticks(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    first: dict[Any, bool] = {}
    last: dict[Any, Told] = {}
    for one in about:
        first.setdefault(one.activity.subject, one.activity.effect == "item.unchecked")
        last[one.activity.subject] = one
    on = [s for s, one in last.items() if one.activity.effect == "item.checked" and not first[s]]
    off = [s for s, one in last.items() if one.activity.effect == "item.unchecked" and first[s]]
    if not on and not off:
        return None
    count = progress.after(about[-1].activity)
    words, said = _ticked(on, off, last)
    if count is None:
        return Line(tuple(about), topic, "list", words, said=said)
    done, total = count
    of = f"{done} of {total}"
    if on and not off and done == total:
        many = len(on)
        words = f"Ticked the last {f'{many} items' if many > 1 else 'item'}, now"
        if many == total and many > 1:
            words = "Finished the checklist,"
        return Line(tuple(about), topic, "list", words, tone="done", strong=of)
    was = done - len(on) + len(off)
    if was < 0 or was == done:
        return Line(tuple(about), topic, "list", f"{words}, now", strong=of)
    return Line(tuple(about), topic, "list", f"{words},", was=str(was), now=of)


def _ticked(on: list[Any], off: list[Any], last: Mapping[Any, Told]) -> tuple[str, str]:
    if on and off:
        return f"Ticked {_items(on)} and unticked {len(off)}", ""
    which, verb = (on, "Ticked") if on else (off, "Unticked")
    said = said_by(last[which[0]].after.get("text")) if len(which) == 1 else ""
    return f"{verb} {_items(which)}", said


def _items(things: list[Any]) -> str:
    return "1 item" if len(things) == 1 else f"{len(things)} items"


def _item_edits(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    reworded = [one.activity.subject for one in about if one.activity.effect == "item.reworded"]
    steps: dict[Any, list[str]] = {}
    for one in about:
        if one.activity.effect in ("item.added", "item.removed", "item.restored"):
            steps.setdefault(one.activity.subject, []).append(one.activity.effect)
    stays = {subject for subject, verbs in steps.items() if verbs[-1] != "item.removed"}
    new = [s for s, verbs in steps.items() if verbs[0] == "item.added" and s in stays]
    back = [s for s, verbs in steps.items() if verbs[0] == "item.restored" and s in stays]
    gone = [s for s, verbs in steps.items() if verbs[0] == "item.removed" and s not in stays]
    changed = {s for s in reworded if s not in steps or (s in stays and s not in (*new, *back))}
    parts = [
        f"{verb} {_items(list(things))}"
        for verb, things in (("added", new), ("restored", back), ("removed", gone), ("reworded", changed))
        if things
    ]
    if not parts:
        return None
    words = ", ".join(parts)
    come = [*new, *back]
    only = len(come) == 1 and not gone and not changed
    said = said_by(_latest_text(about, come[0])) if only else ""
    return Line(tuple(about), topic, "list", words[0].upper() + words[1:] + (":" if said else ""), said=said)


def _latest_text(about: list[Told], subject: Any) -> Any:
    return [one.after["text"] for one in about if one.activity.subject == subject and "text" in one.after][-1]


def _comments(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    here = [one for one in about if not one.is_withheld]
    posted = {one.activity.subject: one for one in here if one.activity.effect == "comment.posted"}
    edited = [one for one in here if one.activity.effect == "comment.edited"]
    for one in edited:
        if one.activity.subject in posted:
            posted[one.activity.subject] = one
    shown = tuple(one for one in about if not one.is_withheld)
    if posted:
        text = said_by(list(posted.values())[-1].after.get("text"))
        words = "Commented:" if len(posted) == 1 else f"{len(posted)} comments:"
        return Line(shown, topic, "comment", words, said=text)
    if edited:
        was = text_of_change(edited[0].before.get("text"))
        now = text_of_change(edited[-1].after.get("text"))
        if was == now:
            return None
        return Line(shown, topic, "edit", "Edited a comment:", diff=text_change_of(was, now)[0])
    return _removals(topic, about)


def _removals(topic: str, about: list[Told]) -> Line | None:
    """Comments that were taken away or came back; what did both, or was new and went, is left out."""
    steps: dict[Any, list[Told]] = {}
    for one in about:
        if one.activity.effect in ("comment.posted", "comment.removed", "comment.restored"):
            steps.setdefault(one.activity.subject, []).append(one)
    runs = [run for run in steps.values() if run[0].activity.effect == run[-1].activity.effect]
    back = [run[-1] for run in runs if run[-1].activity.effect == "comment.restored"]
    taken = [run[-1] for run in runs if run[-1].activity.effect == "comment.removed"]
    if back:
        words = "Restored a comment:" if len(back) == 1 else f"Restored {len(back)} comments:"
        return Line(tuple(about), topic, "undo", words, said=said_by(back[-1].after.get("text")))
    if not taken:
        return None
    words = "Removed a comment" if len(taken) == 1 else f"Removed {len(taken)} comments"
    return Line(tuple(about), topic, "x", words)


def _question(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    asked = about[0]
    if asked.is_withheld:
        return None
    people = [(ask.get("person") or {}) for ask in asked.after.get("asks", [])]
    names = ["you" if who.get("id") == reader.uid else who.get("name", "").split(" ")[0] for who in people]
    names.sort(key=lambda name: name != "you")
    words = f"Asked {joined_by_and(names)}:" if names else "Asked:"
    return Line(tuple(about), topic, "comment", words, said=said_by(asked.after.get("text")))


def _answered(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    """A question that was answered or handed on: whose, to whom, and what it asked."""
    last = about[-1]
    question = last.question
    if question is None or last.is_withheld:
        return None if last.is_withheld else single(topic, last, reader, about)
    whose = "your" if question.uid == reader.uid else f"{question.name.split(' ')[0]}’s"
    if last.activity.effect == "question.answered":
        words = f"Answered {whose} question:"
        return Line(tuple(about), topic, "check", words, said=said_by(question.text))
    taker = next((ask.get("person") or {} for ask in last.after.get("asks", [])), {})
    to = "you" if taker.get("id") == reader.uid else taker.get("name", "").split(" ")[0]
    words = f"Handed {whose} question on to {to}:"
    return Line(tuple(about), topic, "reply", words, said=said_by(question.text))


def _decision(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line | None:
    if about[0].is_withheld:
        return None
    return Line(
        tuple(about),
        topic,
        "decision",
        " ",
        mark=f"Decided D-{about[0].after.get('number', '')}",
        tone="decision",
        said=said_by(about[0].after.get("text")),
    )


def _escalated(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line:
    words = "This went back and forth three times without an outcome"
    return Line(tuple(about), topic, "alert", words, tone="blocked")


def _nothing(topic: str, about: list[Told], reader: Reader, progress: Progress) -> None:
    """What only follows from another line, such as a thread that ends with its decision."""


def _named(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line:
    verb = about[0].activity.effect
    one, several, fact = NAMED[verb]
    names = [value_in_words(fact, told.after.get(fact), reader.today) for told in about]
    words = one if len(names) == 1 else several
    if verb in THEMSELVES and all(told.after[fact]["id"] == _uid_of_actor(told) for told in about):
        words, names = THEMSELVES[verb], []
    return Line(tuple(about), topic, VERBS[verb].icon, words, strong=", ".join(names))


def others(topic: str, about: list[Told], reader: Reader, progress: Progress) -> Line:
    return single(topic, about[-1], reader, about)


def single(topic: str, told: Told, reader: Reader, about: list[Told] | None = None) -> Line:
    """One activity in the log's own words."""
    said = sentence(told, reader.today)
    words = THIS.sub("", said.words, count=1)
    words = f"{words[0].upper()}{words[1:]}"
    return Line(
        tuple(about or [told]),
        topic,
        said.icon,
        f"{words}:" if said.said or said.diff else words,
        was=said.before,
        now=said.after,
        diff=said.diff,
        said=said.said,
        tone={"card.blocked": "blocked", "decision.recorded": "decision"}.get(told.activity.effect, ""),
    )


FOLDERS: dict[str, Callable[..., Line | None]] = {
    "created": _created,
    "moved": _moved,
    "transferred": _transferred,
    "title": _title,
    "spec": _spec,
    "block": _block,
    "value": _value,
    "labels": _set("card.labelled", "card.unlabelled", "label", "Labelled", "Took off the label"),
    "people": _set("card.joined", "card.left", "participant", "Brought in", "Took off"),
    "archive": _archive,
    "ticks": _ticks,
    "items": _item_edits,
    "comment": _comments,
    "question": _question,
    "answered": _answered,
    "decision": _decision,
    "escalated": _escalated,
    "follows": _nothing,
    "named": _named,
}
