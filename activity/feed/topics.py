"""What the changes of one topic of a card come to: one line each, by what was first and what is last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from activity.feed.line import (
    SAID,
    Line,
    LineReader,
    first_name_of,
    names_for,
    said_by,
    text_of_change,
)
from activity.feed.load import ToldActivity
from activity.feed.progress import ChecklistProgress
from activity.feed.sentences import (
    ONLY_MARKS,
    sentence,
    text_change,
    text_change_of,
    value_in_words,
    without_words,
)
from activity.log.values import Kind
from activity.log.verbs import CARD_VALUES, VERBS, Verb
from fluxboard.core.plain_text import plain_lines

type About = list[ToldActivity]  # what happened to one topic, oldest first

# Verbs whose line lists what they happened to, and the fact in which its name stands.
NAMED = {
    "column.added": "name",
    "label.created": "name",
    "member.added": "person",
    "search.saved": "name",
    "template.saved": "name",
    "schedule.saved": "template",
    "trial.started": "stops",
    "meeting.planned": "name",
    "meeting.closed": "name",
    "meeting.not_needed": "name",
}
# What one does to oneself, where the words for doing it to others would name the one who did it.
THEMSELVES = "themselves"


def _uid_of_actor(told: ToldActivity) -> str:
    actor = told.activity.actor
    return str(actor.uid) if actor is not None else ""


def _created(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line:
    column = about[0].after.get("column") or {}
    words = VERBS["card.created"].said("in a column" if column else "")
    return Line(tuple(about), topic, "plus", words, now=column.get("name", ""))


def _moved(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    was, now = about[0].before.get("column") or {}, about[-1].after.get("column") or {}
    if was.get("id") == now.get("id"):
        return None
    words = VERBS["card.moved"].said("")
    return Line(tuple(about), topic, "right", words, was=was.get("name", ""), now=now.get("name", ""))


def _transferred(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line:
    board = about[-1].after.get("board")
    name = (board or about[-1].before.get("board") or {}).get("name", "")
    words = VERBS["card.transferred"].said("away" if board else "here")
    return Line(tuple(about), topic, "right", words, now=name, rest=without_words(about[-1].after))


def _title(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    was, now = text_of_change(about[0].before.get("title")), text_of_change(about[-1].after.get("title"))
    if was == now:
        return None
    return Line(tuple(about), topic, "edit", VERBS["card.retitled"].field, before=was, after=now)


def _spec(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    field = value_set(about[-1])
    was, now = text_of_change(about[0].before.get(field)), text_of_change(about[-1].after.get(field))
    if was == now:
        return None
    label = VERBS["card.specified"].label(field)
    was, now = plain_lines(was), plain_lines(now)
    if was == now:
        return Line(tuple(about), topic, "edit", label, rest=f": {ONLY_MARKS}")
    if max(len(was), len(now)) <= SAID:
        return Line(tuple(about), topic, "edit", label, before=was, after=now)
    return Line(tuple(about), topic, "edit", label, diff=text_change(was, now)[0])


def _block(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    last = about[-1]
    was = about[0].activity.effect == "card.unblocked" or about[0].before.get("reason", "") != ""
    if last.activity.effect == "card.unblocked":
        if not was:
            return None
        mark = VERBS["card.unblocked"].said("mark")
        return Line(tuple(about), topic, "check", mark=mark, tone="done")
    named = (first_name_of(last.after.get("person")), (last.after.get("card") or {}).get("key", ""))
    waits = " and ".join(filter(None, named))
    blocked = VERBS["card.blocked"]
    return Line(
        tuple(about),
        topic,
        "block",
        blocked.said("waiting", names=waits) if waits else blocked.said(""),
        mark=blocked.said("mark"),
        tone="blocked",
        said=said_by(last.after.get("reason")),
    )


def _value(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    verb = VERBS[about[0].activity.effect]
    fact = value_set(about[0])
    was, now = about[0].before.get(fact), about[-1].after.get(fact)
    if was == now:
        return None
    if CARD_VALUES[fact].kind is Kind.PERSON:
        return _given(topic, about, reader, verb, was, now)
    before, after = (value_in_words(fact, value, reader.today) for value in (was, now))
    return Line(tuple(about), topic, verb.icon, verb.field, was=before if was else "", now=after)


def _given(topic: str, about: About, reader: LineReader, verb: Verb, was: Any, now: Any) -> Line:
    """Who has it now, and from whom."""
    if not now:
        name = (was or {}).get("name", "")
        return Line(tuple(about), topic, verb.icon, verb.said("nobody"), strong=name)
    if now.get("id") == _uid_of_actor(about[-1]):
        words = verb.said("themselves, from", was=was["name"]) if was else verb.said(THEMSELVES)
        return Line(tuple(about), topic, verb.icon, words)
    name = "you" if now.get("id") == reader.uid else now["name"]
    return Line(tuple(about), topic, verb.icon, verb.said(""), strong=name)


def value_set(told: ToldActivity) -> str:
    """Which of the values that its verb can set an activity has set; empty for none."""
    sets = VERBS[told.activity.effect].sets
    return next((value.name for value in sets if value.name in told.after), "")


def _set(add: str, remove: str, fact: str) -> Callable[..., Line | None]:
    """The folder of things that are put on a card and taken off it."""

    def folded(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
        on: dict[str, str] = {}
        off: dict[str, str] = {}
        for one in about:
            is_on = one.activity.effect == add
            thing = (one.after if is_on else one.before).get(fact) or {}
            mine, other = (on, off) if is_on else (off, on)
            key = str(thing.get("id", ""))
            if other.pop(key, None) is None:
                mine[key] = thing.get("name", "")
        added, removed = VERBS[add], VERBS[remove]
        verb, icon = added if on else removed, added.icon
        if THEMSELVES in verb.feed and [*on, *off] == [_uid_of_actor(about[-1])]:
            return Line(tuple(about), topic, icon, verb.said(THEMSELVES))
        if not on and not off:
            return None
        names = ", ".join((on or off).values())
        rest = verb.feed.get("rest", "")
        rest += removed.said("too", names=", ".join(off.values())) if on and off else ""
        return Line(tuple(about), topic, icon, verb.said(""), strong=names, rest=rest)

    return folded


def _archive(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    if len(about) % 2 == 0:
        return None
    return single(topic, about[-1], reader, about)


def _ticks(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    first: dict[Any, bool] = {}
    last: dict[Any, ToldActivity] = {}
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
    ticked = VERBS["item.checked"]
    of = ticked.said("of", done=done, total=total)
    if on and not off and done == total:
        many = len(on)
        words = ticked.said("last", items=_items(on) if many > 1 else "item")
        if many == total and many > 1:
            words = ticked.said("all")
        return Line(tuple(about), topic, "list", words, tone="done", strong=of)
    was = done - len(on) + len(off)
    if was < 0 or was == done:
        return Line(tuple(about), topic, "list", f"{words}, now", strong=of)
    return Line(tuple(about), topic, "list", f"{words},", was=str(was), now=of)


def _ticked(on: list[Any], off: list[Any], last: Mapping[Any, ToldActivity]) -> tuple[str, str]:
    if on and off:
        return VERBS["item.checked"].said("and unticked", items=_items(on), others=len(off)), ""
    which, verb = (on, "item.checked") if on else (off, "item.unchecked")
    said = said_by(last[which[0]].after.get("text")) if len(which) == 1 else ""
    return VERBS[verb].said("", items=_items(which)), said


def _items(things: list[Any]) -> str:
    return "1 item" if len(things) == 1 else f"{len(things)} items"


def _item_edits(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
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
    told = {"item.added": new, "item.restored": back, "item.removed": gone, "item.reworded": changed}
    parts = [VERBS[verb].said("", items=_items(list(things))) for verb, things in told.items() if things]
    if not parts:
        return None
    words = ", ".join(parts)
    come = [*new, *back]
    only = len(come) == 1 and not gone and not changed
    said = said_by(_latest_text(about, come[0])) if only else ""
    return Line(tuple(about), topic, "list", words[0].upper() + words[1:] + (":" if said else ""), said=said)


def _latest_text(about: About, subject: Any) -> Any:
    return [one.after["text"] for one in about if one.activity.subject == subject and "text" in one.after][-1]


def _comments(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    here = [one for one in about if not one.is_withheld]
    posted = {one.activity.subject: one for one in here if one.activity.effect == "comment.posted"}
    edited = [one for one in here if one.activity.effect == "comment.edited"]
    for one in edited:
        if one.activity.subject in posted:
            posted[one.activity.subject] = one
    shown = tuple(one for one in about if not one.is_withheld)
    if posted:
        text = said_by(list(posted.values())[-1].after.get("text"))
        return Line(shown, topic, "comment", _counted("comment.posted", posted), said=text)
    if edited:
        was = text_of_change(edited[0].before.get("text"))
        now = text_of_change(edited[-1].after.get("text"))
        if was == now:
            return None
        words = VERBS["comment.edited"].said("")
        return Line(shown, topic, "edit", words, diff=text_change_of(was, now)[0])
    return _removals(topic, about)


def _removals(topic: str, about: About) -> Line | None:
    """Comments that were taken away or came back; what did both, or was new and went, is left out."""
    steps: dict[Any, list[ToldActivity]] = {}
    for one in about:
        if one.activity.effect in ("comment.posted", "comment.removed", "comment.restored"):
            steps.setdefault(one.activity.subject, []).append(one)
    runs = [run for run in steps.values() if run[0].activity.effect == run[-1].activity.effect]
    back = [run[-1] for run in runs if run[-1].activity.effect == "comment.restored"]
    taken = [run[-1] for run in runs if run[-1].activity.effect == "comment.removed"]
    if back:
        words = _counted("comment.restored", back)
        return Line(tuple(about), topic, "undo", words, said=said_by(back[-1].after.get("text")))
    if not taken:
        return None
    return Line(tuple(about), topic, "x", _counted("comment.removed", taken))


def _counted(verb: str, things: Collection[Any]) -> str:
    return VERBS[verb].said("one" if len(things) == 1 else "several", count=len(things))


def _question(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    asked = about[0]
    if asked.is_withheld:
        return None
    names = names_for([(ask.get("person") or {}) for ask in asked.after.get("asks", [])], reader)
    verb = VERBS["question.asked"]
    words = verb.said("people", names=names) if names else verb.said("")
    return Line(tuple(about), topic, "comment", words, said=said_by(asked.after.get("text")))


def _answered(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    """A question that was answered or handed on: whose, to whom, and what it asked."""
    last = about[-1]
    question = last.question
    if question is None or last.is_withheld:
        return None if last.is_withheld else single(topic, last, reader, about)
    whose = "your" if question.uid == reader.uid else f"{question.first_name}’s"
    verb = VERBS[last.activity.effect]
    if verb.name == "question.answered":
        words = verb.said("", whose=whose)
        return Line(tuple(about), topic, "check", words, said=said_by(question.text))
    taker = [ask.get("person") or {} for ask in last.after.get("asks", [])][:1]
    words = verb.said("", whose=whose, taker=names_for(taker, reader))
    return Line(tuple(about), topic, "reply", words, said=said_by(question.text))


def _decision(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line | None:
    if about[0].is_withheld:
        return None
    return Line(
        tuple(about),
        topic,
        "decision",
        " ",
        mark=VERBS["decision.recorded"].said("mark", number=about[0].after.get("number", "")),
        tone="decision",
        said=said_by(about[0].after.get("text")),
    )


def _escalated(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line:
    words = VERBS["thread.escalated"].said("")
    return Line(tuple(about), topic, "alert", words, tone="blocked")


def _nothing(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> None:
    """What only follows from another line, such as a thread that ends with its decision."""


def _named(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line:
    verb = VERBS[about[0].activity.effect]
    fact = NAMED[verb.name]
    names = [value_in_words(fact, told.after.get(fact), reader.today) for told in about]
    words = verb.said("one" if len(names) == 1 else "several")
    if THEMSELVES in verb.feed and all(told.after[fact]["id"] == _uid_of_actor(told) for told in about):
        words, names = verb.said(THEMSELVES), []
    rest = verb.feed.get("rest", "") if names else ""
    return Line(tuple(about), topic, verb.icon, words, strong=", ".join(names), rest=rest)


def others(topic: str, about: About, reader: LineReader, progress: ChecklistProgress) -> Line:
    """What has no words of its own as a run: the newest of it, in the words of the log."""
    return single(topic, about[-1], reader, about)


def single(topic: str, told: ToldActivity, reader: LineReader, about: About | None = None) -> Line:
    """One activity in the log's own words."""
    said = sentence(told, reader.today)
    words = f"{said.bare_words[0].upper()}{said.bare_words[1:]}"
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
    "labels": _set("card.labelled", "card.unlabelled", "label"),
    "people": _set("card.joined", "card.left", "participant"),
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
