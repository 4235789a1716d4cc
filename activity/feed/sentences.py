"""An activity in words: who, did what, to which field, from what to what. The words come from `verbs`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from activity.feed.absences import ABSENCES, absence_words
from activity.feed.load import Question, ToldActivity
from activity.log.board_verbs import STOPS, TRIAL_CHOICES
from activity.log.replay.state import ERASED
from activity.log.values import Kind
from activity.log.verbs import CARD_VALUES, REVIEW_ON, VERBS
from fluxboard.accounts import times
from fluxboard.core.plain_text import cut, plain_lines
from fluxboard.core.recurrence import rule_words
from fluxboard.core.sequences import DiffStep, TooLong, steps_between
from fluxboard.core.word_diff import word_diff

# The values whose facts are told in their own words.
TOLD_VALUES = {**CARD_VALUES, REVIEW_ON.name: REVIEW_ON, STOPS.name: STOPS}
# Which fact an activity is told by, where it has several.
TELLING = ("title", "text", "reason", "name", *TOLD_VALUES, "participant", "label", "column", "board", "role")
# Beyond this many words a side, a changed paragraph is shown as all of the one and all of the other.
COMPARED_BY_WORD = 200
NOTHING = SafeString("")
ONLY_MARKS = "only the formatting changed"
# The facts that are Markdown: told by what they say, without its marks. Titles and names are as typed.
MARKED = {"text", "reason", "description"}
MARKED |= {name for name, value in CARD_VALUES.items() if value.kind is Kind.MARKDOWN}
_SHORT = 280


@dataclass(frozen=True)
class Sentence:
    """One activity, ready to show.

    `words` are for where the card is in sight, `bare_words` for where it has just been named. `before` and
    `after` are short values for "before → after"; a text's change is in `diff` instead, folded to the changed
    paragraphs where `whole` (all of it) is longer. `said` is a text that was new. `undo` is what the reader
    may do about it, in words: "Undo" or "Restore this value".
    """

    told: ToldActivity
    icon: str
    words: str
    bare_words: str
    label: str = ""
    before: str = ""
    after: str = ""
    diff: SafeString = NOTHING
    whole: SafeString = NOTHING
    said: str = ""
    said_whole: str = ""
    undo: str = ""

    @property
    def activity(self) -> Any:
        """The activity that it tells."""
        return self.told.activity

    @property
    def key(self) -> str:
        """`FLX:345`, the board and seq of its activity."""
        return f"{self.activity.board.key}:{self.activity.seq}"

    @property
    def at(self) -> Any:
        """When it happened: for imported history when it happened elsewhere."""
        return self.activity.happened_at

    @property
    def look(self) -> tuple[Any, ...]:
        """All that the entry shows: what was done never changes, the words around it might."""
        actor = self.activity.actor
        values = (self.words, self.before, self.after, self.said, self.diff, self.undo)
        return (bytes(self.activity.hash), self.key, actor.name if actor else "", values)

    @property
    def is_erased(self) -> bool:
        """Whether the text that it speaks of is gone for good."""
        return self.said == ERASED

    @property
    def is_imported(self) -> bool:
        """Whether it happened elsewhere, before the board came here."""
        return self.activity.source_at is not None


def sentence(told: ToldActivity, today: dt.date) -> Sentence:
    """`told` in words; `today` is the reader's date, for dates without a year."""
    activity = told.activity
    verb = VERBS[activity.effect]
    if activity.verb == "history.imported":
        return _imported(told, verb.icon)
    if told.question is not None and not told.is_withheld:
        said = Sentence(told, verb.icon, *_words(told), "Question")
        return _with_text(said, plain_lines(told.question.text))
    if activity.effect in ABSENCES:
        absence = absence_words(told, today)
        return Sentence(told, verb.icon, absence, absence, said=told.after.get("reason") or "")
    if told.is_withheld:
        plainly = (activity.words, activity.worded(activity.told.bare_words))
        return Sentence(told, verb.icon, *plainly, verb.field, after="(removed)")
    fact = _telling_fact(told)
    label = verb.label(fact)
    words = _words(told)
    if not fact or not label:
        return Sentence(told, verb.icon, *words)
    # A text that is None has been erased; one that is not told of went with what it was on.
    nothing = "" if fact in verb.texts else None
    before, after = told.before.get(fact, nothing), told.after.get(fact, nothing)
    if fact in verb.texts and fact not in told.before:
        return _with_text(Sentence(told, verb.icon, *words, label), _said(fact, after))
    if fact in verb.texts and before != after:
        change = text_change_of if fact in MARKED else text_change
        folded, whole = change(_text(before), _text(after))
        return Sentence(told, verb.icon, *words, label, diff=folded, whole=whole)
    if fact in verb.texts:
        return _with_text(Sentence(told, verb.icon, *words, label), _said(fact, after))
    was, now = (value_in_words(fact, value, today) for value in (before, after))
    if was == now:
        return Sentence(told, verb.icon, *words)
    return Sentence(told, verb.icon, *words, label, before=was, after=now)


def value_in_words(fact: str, value: Any, today: dt.date) -> str:
    """A short value as a person reads it: a name, a key, a date, a number."""
    known = TOLD_VALUES.get(fact)
    if value in (None, ""):
        return known.empty if known is not None else ""
    if known is not None and known.kind is Kind.CHOICE:
        return known.choices.get(value, str(value))
    if known is not None and known.kind is Kind.DAY:
        return times.day_words(dt.date.fromisoformat(value), today)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        return str(value.get("name") or value.get("key") or "")
    return str(value)


_TOLD_BY_WORDS = ("card.transferred", "schedule.saved", "schedule.changed", "trial.changed")


def _telling_fact(told: ToldActivity) -> str:
    facts = told.before.keys() | told.after.keys()
    if told.activity.effect in _TOLD_BY_WORDS:
        return ""
    return next((name for name in TELLING if name in facts), "")


def _words(told: ToldActivity) -> tuple[str, str]:
    """The verb's words and its bare words, with whom and where when that says more than a changed field."""
    activity, verb = told.activity, told.activity.told
    if activity.undoes:
        return activity.words, activity.worded(activity.naming(verb.bare_words))
    return _more_words(told, verb.words), _more_words(told, verb.bare_words)


def _more_words(told: ToldActivity, words: str) -> str:
    match told.activity.verb:
        case "card.created":
            column = told.after.get("began_in" if told.activity.source_at else "column") or {}
            words = f"{words} to {column['name']}" if column.get("name") else words
            return words + _begun_from(told.after)
        case "card.moved" if told.before.get("column") == told.after.get("column"):
            return f"{words} within {(told.after.get('column') or {}).get('name', 'its column')}"
        case "card.blocked":
            return words + _in_the_way(told.after)
        case "card.transferred":
            return words + without_words(told.after)
        case "schedule.saved":
            return f"{words}: {_schedule_words(told.after)}"
        case "trial.decided":
            return f"{words}: {TRIAL_CHOICES.get(told.after.get('choice', ''), '')}"
        case "schedule.changed" | "trial.changed":
            return f"{words}: {'; '.join(_value_changes(told))}"
        case "question.answered" | "question.closed" | "question.handed_on" if told.question:
            return _about_question(told, told.question)
    return told.activity.naming(words)


def _begun_from(after: Mapping[str, Any]) -> str:
    """What a new card was begun from: `, from the template Bug`, `, a copy of FLX-12`."""
    template, card = after.get("template"), after.get("copied_from")
    if after.get("schedule") and after.get("slot"):
        day = dt.date.fromisoformat(after["slot"])
        late = ", which was missed then" if after.get("late") else ""
        nobody = ". Nobody of its rota was at work" if after.get("nobody_at_work") else ""
        return f", on the calendar for {times.day_words(day, day)}{late}{nobody}"
    if template:
        return f", from the template {template.get('name', '')}"
    return f", a copy of {card.get('key', '')}" if card else ""


def _schedule_words(after: Mapping[str, Any]) -> str:
    """`Report, every Monday at 09:00, Ana and Kenji in turn`."""
    rule = rule_words(str(after["rule"]))
    people = [str(person.get("name", "")) for person in after.get("rota") or ()]
    turns = f", in turn {', '.join(people)}" if people else ""
    return f"{after['template'].get('name', '')}, {rule[:1].lower()}{rule[1:]} at {after['time']}{turns}"


def _value_changes(told: ToldActivity) -> list[str]:
    """Each value that was changed at once: `Repeats Every day → Every Monday`."""
    verb = VERBS[told.activity.effect]
    said = []
    for value in verb.sets:
        if value.name in told.after:
            was, now = (value.words(facts.get(value.name)) for facts in (told.before, told.after))
            said.append(f"{value.label} {was} → {now}")
    return said


def _about_question(told: ToldActivity, question: Question) -> str:
    """`answered Ana Duarte’s question`, `handed Ana Duarte’s question on to Priya Nair`."""
    verb = VERBS[told.activity.effect]
    known = told.after.get("answered_by") or {}
    by = verb.said("known", key=known["key"]) if known.get("key") else ""
    return verb.said("whose", name=question.name, taker=_handed_to(told.after)) + by


def _handed_to(after: Mapping[str, Any]) -> str:
    return next(
        (str(ask["person"].get("name", "")) for ask in after.get("asks", []) if ask.get("person")), ""
    )


def without_words(after: Mapping[str, Any]) -> str:
    """What a card that moved to another board has lost there: `, without the label Bug and Kenji Mori`.

    `after` are the facts of `card.transferred`; empty where it lost nothing.
    """
    lost = after.get("left_off") or {}
    labels = [thing.get("name", "") for thing in lost.get("labels", [])]
    people = [thing.get("name", "") for thing in lost.get("people", [])]
    return left_off_words(labels, people)


def left_off_words(labels: Sequence[str], people: Sequence[str]) -> str:
    """`, without the label Bug and Kenji Mori`; empty for nothing."""
    named = []
    if labels:
        named.append(f"the label{'s' if len(labels) > 1 else ''} {', '.join(labels)}")
    named += people
    if not named:
        return ""
    return f", without {' and '.join(filter(None, (', '.join(named[:-1]), named[-1])))}"


def _in_the_way(after: dict[str, Any]) -> str:
    card, person = after.get("card") or {}, after.get("person") or {}
    named = [name for name in (card.get("key"), person.get("name")) if name]
    return f", waiting for {' and '.join(named)}" if named else ""


def _imported(told: ToldActivity, icon: str) -> Sentence:
    after = told.after
    before, now = _text(after.get("before", "")), _text(after.get("after", ""))
    label = str(after.get("field", ""))
    words = _text(after.get("sentence")) or VERBS["history.imported"].words
    if (before in words and now in words) or not (before or now):
        return Sentence(told, icon, words, words)
    if max(len(before), len(now)) <= 80:
        return Sentence(told, icon, words, words, label, before=before, after=now)
    folded, whole = text_change(before, now)
    return Sentence(told, icon, words, words, label, diff=folded, whole=whole)


def _said(fact: str, value: Any) -> str:
    return plain_lines(_text(value)) if fact in MARKED else _text(value)


def _with_text(sentence: Sentence, whole: str) -> Sentence:
    said = cut(whole, _SHORT)
    return replace(sentence, said=said, said_whole=whole if said != whole else "")


def _text(value: Any) -> str:
    return ERASED if value is None else str(value)


def text_change_of(before: str, after: str) -> tuple[SafeString, SafeString]:
    """The change of what two Markdown texts say, as `text_change`."""
    was, now = plain_lines(before), plain_lines(after)
    if was == now and before != after:
        return SafeString(ONLY_MARKS.capitalize()), NOTHING
    return text_change(was, now)


@lru_cache(maxsize=256)
def text_change(before: str, after: str) -> tuple[SafeString, SafeString]:
    """A text's change by word: only the changed paragraphs, and all of it (empty where that is no more).

    Two texts of so many different lines that they can't be compared are shown as all of the one and all of
    the other.
    """
    old, new = before.split("\n"), after.split("\n")
    try:
        steps = steps_between(old, new)
    except TooLong:
        steps = [DiffStep(False, 0, len(old), 0, len(new))]
    folded: list[str] = []
    whole: list[str] = []
    for is_same, a1, a2, b1, b2 in steps:
        if is_same:
            whole.append(escape("\n".join(new[b1:b2])))
            folded.append("…")
            continue
        changed = _paragraphs("\n".join(old[a1:a2]), "\n".join(new[b1:b2]))
        whole.append(changed)
        folded.append(changed)
    shown = mark_safe("\n".join(folded))  # noqa: S308 — each piece is escaped where it is made
    everything = mark_safe("\n".join(whole))  # noqa: S308
    return (shown, everything) if "…" in folded else (everything, NOTHING)


def _paragraphs(before: str, after: str) -> str:
    if max(before.count(" "), after.count(" ")) < COMPARED_BY_WORD:
        return word_diff(before, after)
    went = format_html("<del>{}</del>", before) if before else NOTHING
    came = format_html("<ins>{}</ins>", after) if after else NOTHING
    return went + came
