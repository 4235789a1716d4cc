"""The steps of a catch-up: what was said in full, and what the rest comes to.

Pure functions over what others did. A card is one step: questions and decisions first, then the other words,
then in one line a person what is different. What comes to nothing is not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from activity.feed.line import LineReader, names_for, said_by
from activity.feed.load import ToldActivity
from activity.feed.net_effect import Change, Key, Net, net_effect
from activity.feed.net_words import NetFact, net_facts
from activity.feed.progress import ChecklistProgress
from activity.feed.summary import fold_topics, without_undone
from activity.models import Activity

# What a step is for, in the order in which they come.
_KINDS = {
    "question": "A question to you",
    "block": "Someone is waiting for you",
    "decision": "Decided",
    "mine": "Your card",
    "watched": "A card you watch",
    "moved": "Cards that moved",
    "rest": "Everything else",
}
# What is the reader's own business, also where a decision on it comes first.
_THEIRS = ("question", "block", "mine", "watched")
# What was said, the most pressing first; each with its words after the name of who said it.
_SAYINGS = {
    "question": "asks {whom}",
    "passed": "handed {whose} question on to {whom}",
    "answered": "answered {whose} question",
    "closed": "closed {whose} question",
    "decision": "decided D-{number}",
    "comment": "wrote",
    "edited": "edited a comment",
}
_ENDED = {"question.answered": "answered", "question.closed": "closed"}


@dataclass(frozen=True)
class Said:
    """Something that one person said: `words` go on after their name, `text` is what it says at first."""

    kind: str
    told: ToldActivity
    words: str
    text: str

    @property
    def activity(self) -> Activity:
        """The activity that said it."""
        return self.told.activity

    @property
    def person(self) -> Any:
        """Who said it; None where nobody is known."""
        return self.activity.actor


@dataclass(frozen=True)
class Part:
    """What is different on a card, or on a board, by one person's doing."""

    person: Any
    facts: list[NetFact]
    last: Activity
    came: str = ""

    @property
    def plain(self) -> str:
        """All of it as plain text: how the card came, then each fact."""
        return ", ".join(filter(None, (self.came, *(fact.plain for fact in self.facts))))


@dataclass
class CatchUpStep:
    """One step: a card with what is new on it; or, without one, several cards or boards in short.

    `is_theirs`: the card asks the reader, waits for them, is theirs or is watched, whatever the step's kind.
    """

    kind: str
    card: Any = None
    said: list[Said] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    cards: list[CatchUpStep] = field(default_factory=list)
    first: int = 0
    board: Any = None
    is_theirs: bool = False

    @property
    def name(self) -> str:
        """`card:17`, `moved` or `rest`: how a form names it."""
        return f"card:{self.card.pk}" if self.card is not None else self.kind

    @property
    def title(self) -> str:
        """What the step is for, as its heading says it."""
        return _KINDS[self.kind]

    @property
    def has_something(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.said or self.parts)

    @property
    def at(self) -> dt.datetime:
        """When the last of it happened."""
        return max([*(one.activity for one in self.said), *(part.last for part in self.parts)], key=_pk).at

    @property
    def words(self) -> int:
        """How many words there are to read on it."""
        own = len(str(self.card.title).split()) if self.card is not None else 0
        texts = [f"{one.words} {one.text}" for one in self.said] + [part.plain for part in self.parts]
        return own + sum(len(text.split()) for text in texts) + sum(step.words for step in self.cards)


def _came_and_net(about: list[ToldActivity]) -> tuple[ToldActivity | None, Net]:
    """What made the card, or brought it to where it is or away, and what else is different."""
    came, start, has_left = None, 0, False
    for place, one in enumerate(about):
        effect, is_whole = one.activity.effect, "number" in one.after
        if effect == "card.created" or (effect == "card.transferred" and is_whole):
            came = one
            start = start if has_left else place + 1
        has_left = has_left or (effect == "card.transferred" and not is_whole)
    net = net_effect(about[start:])
    gone = net.get(("card", ""))
    if gone is not None and gone.now is None:
        return gone.last, {}
    column = net.get(("column", ""))
    if came is not None and column is not None and column.last is came:
        del net["column", ""]
    return came, net


def _pk(activity: Activity) -> int:
    return int(activity.pk)


@dataclass(frozen=True)
class Concern:
    """What concerns a reader: cards, by id, that ask them, wait for them, are theirs, or are watched."""

    asked: Collection[int]
    blocking: Collection[int]
    mine: Collection[int]
    watched: Collection[int]


def steps_for(
    told: Iterable[ToldActivity],
    reader: LineReader,
    concern: Concern,
    progress: ChecklistProgress | None = None,
) -> list[CatchUpStep]:
    """The steps through `told` (oldest first), each with what was said and the net effect for its card."""
    by_card: dict[Any, list[ToldActivity]] = {}
    boards: dict[Any, list[ToldActivity]] = {}
    for one in told:
        if one.activity.card is None:
            boards.setdefault(one.activity.board_id, []).append(one)
        else:
            by_card.setdefault(one.activity.card_id, []).append(one)
    steps: list[CatchUpStep] = []
    moved, rest = CatchUpStep("moved"), CatchUpStep("rest")
    for about in by_card.values():
        step = _step(about, reader, concern, progress)
        if step is not None:
            {"moved": moved.cards, "rest": rest.cards}.get(step.kind, steps).append(step)
    rest.cards += [step for about in boards.values() if (step := _of_board(about, reader)).parts]
    order = list(_KINDS)
    steps.sort(key=lambda step: (order.index(step.kind), step.first))
    return steps + [step for step in (moved, rest) if step.cards]


def _step(
    about: list[ToldActivity], reader: LineReader, concern: Concern, progress: ChecklistProgress | None
) -> CatchUpStep | None:
    """What is new on one card; None where it comes to nothing."""
    about = without_undone(about)
    if not about:
        return None
    came, net = _came_and_net(about)
    said, spoken = _said(net, reader)
    rest = {key: change for key, change in net.items() if key not in spoken}
    card: Any = about[0].activity.card
    items = progress.after(about[-1].activity) if progress else None
    facts = net_facts(rest, items or (card.items_done, card.items_total), reader.today)
    step = CatchUpStep("rest", card, said, _parts(facts, rest, came), first=about[0].activity.pk)
    if not step.has_something:
        return None
    kinds = {one.kind for one in said}
    has_moved = ("column", "") in net or (came is not None and came.activity.effect == "card.transferred")
    chosen = [
        ("question", bool(kinds & {"question", "passed"}) and card.pk in concern.asked),
        ("block", card.pk in concern.blocking and ("blocked", "") in net),
        ("decision", "decision" in kinds or any(name == "superseded" for name, _ in net)),
        ("mine", card.pk in concern.mine),
        ("watched", card.pk in concern.watched),
        ("moved", has_moved and not said),
    ]
    fitting = [kind for kind, is_so in chosen if is_so]
    step.kind = fitting[0] if fitting else "rest"
    step.is_theirs = any(kind in _THEIRS for kind in fitting)
    return step


def _parts(facts: list[NetFact], net: Net, came: ToldActivity | None) -> list[Part]:
    """The facts by who brought each to what it is, in the order of the facts; how the card came first."""
    people: dict[Any, list[NetFact]] = {}
    last: dict[Any, Activity] = {}
    actors: dict[Any, Any] = {}
    if came is not None:
        people[came.activity.actor_id] = []
        last[came.activity.actor_id] = came.activity
        actors[came.activity.actor_id] = came.activity.actor
    for fact in facts:
        activity = max((net[key].last.activity for key in fact.keys), key=_pk)
        who = activity.actor_id
        people.setdefault(who, []).append(fact)
        last[who] = max(last.get(who, activity), activity, key=_pk)
        actors[who] = activity.actor
    by = came.activity.actor_id if came else None
    return [
        Part(actors[who], mine, last[who], _came(came) if came and who == by else "")
        for who, mine in people.items()
    ]


def _came(came: ToldActivity) -> str:
    """`added to Ready`, `moved here from Mobile app`, `moved to Mobile app`."""
    if came.activity.effect == "card.created":
        return f"added to {(came.after.get('column') or {}).get('name', '')}".removesuffix(" to ")
    if "number" in came.after:
        return f"moved here from {(came.before.get('board') or {}).get('name', '')}"
    return f"moved to {(came.after.get('board') or {}).get('name', '')}"


def _of_board(about: list[ToldActivity], reader: LineReader) -> CatchUpStep:
    """What is new about a board itself, in the words of the feed."""
    people: dict[Any, list[ToldActivity]] = {}
    for one in without_undone(about):
        people.setdefault(one.activity.actor_id, []).append(one)
    parts = []
    for mine in people.values():
        lines = fold_topics(mine, reader)
        facts = [NetFact(line.topic, (), line.plain) for line in lines]
        if facts:
            parts.append(Part(mine[0].activity.actor, facts, mine[-1].activity))
    return CatchUpStep("rest", parts=parts, board=about[0].activity.board)


# ---- what was said ----------------------------------------------------------------------------------------


def _said(net: Net, reader: LineReader) -> tuple[list[Said], set[Key]]:
    """What was said, the most pressing first, and the net changes that are told by it."""
    found: list[Said] = []
    spoken: set[Key] = set()
    decided = set()
    for (name, uid), change in net.items():
        if change.last.is_withheld:
            spoken.add((name, uid))
        elif name == "decision" and change.now is not None:
            comment = str(change.last.after.get("comment", ""))
            decided.add(comment)
            words = _SAYINGS["decision"].format(number=change.now)
            found.append(Said("decision", change.last, words, said_by(change.last.after.get("text"))))
            spoken |= {(name, uid), ("comment", comment)}
            spoken |= {key for key in net if key[0] == f"agreed {uid}" or key == ("review", uid)}
        elif name in ("state", "asked"):
            said = _question(name, uid, change, net, reader)
            if said is not None:
                found.append(said)
                spoken |= {("state", uid), ("asked", uid), ("comment", uid)}
    for (name, uid), change in net.items():
        key = (name, uid)
        if name == "comment" and key not in spoken and change.now is not None:
            told = change.told[0] if change.was is None else change.last
            kind = "comment" if change.was is None else "edited"
            if uid not in decided:
                found.append(Said(kind, told, _SAYINGS[kind], said_by(change.now)))
                spoken.add(key)
    order = list(_SAYINGS)
    found.sort(key=lambda one: (order.index(one.kind.replace("edited", "comment")), one.activity.pk))
    return found, spoken & net.keys()


def _question(name: str, uid: str, change: Change, net: Net, reader: LineReader) -> Said | None:
    """A question that was asked, handed on or ended; each is told once, by its last state."""
    last = change.last
    if change.was is None and ("comment", uid) not in net:
        return None  # removed since
    effect = last.activity.effect
    if name == "state" and effect == "question.asked":
        asked = net.get(("asked", uid))
        whom = names_for(asked.now if asked else (), reader)
        text = net["comment", uid].now if ("comment", uid) in net else last.after.get("text")
        if asked is not None and asked.last is not last:
            return None  # handed on since: told by that
        return Said("question", last, _SAYINGS["question"].format(whom=whom), said_by(text))
    question = last.question
    if question is None:
        return None
    whose = "your" if question.uid == reader.uid else f"{question.first_name}’s"
    if name == "asked" and effect == "question.handed_on":
        if net.get(("state", uid)) and net["state", uid].last.activity.effect in _ENDED:
            return None
        words = _SAYINGS["passed"].format(whose=whose, whom=names_for(change.now, reader))
        return Said("passed", last, words, said_by(question.text))
    if name == "state" and effect in _ENDED:
        kind = _ENDED[effect]
        if question.uid == str(getattr(last.activity.actor, "uid", "")):
            whose = "their own"
        return Said(kind, last, _SAYINGS[kind].format(whose=whose), said_by(question.text))
    return None
