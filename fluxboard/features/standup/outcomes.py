"""What each person brought about: three to seven lines of outcomes, and the rest in numbers.

A card's changes are netted over everybody, and each net change is told of whoever brought it to what it is
now: a card that several moved is one line. Where a card came to is told of its owner, with who moved it. What
comes to nothing is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

from activity.feed.line import first_name_of, said_by
from activity.feed.load import ToldActivity
from activity.feed.net_effect import Change, Key, Net, net_effect
from activity.models import Activity, Via
from boards.models import Board, Column
from fluxboard.core.counting import counted
from fluxboard.core.plain_text import cut
from fluxboard.features.now.groups import SAID_BRIEFLY

# The kinds of outcome in the order of the page, with the heading and the icon of each.
KINDS = {
    "finished": ("Finished", "check"),
    "reopened": ("Taken back from done", "undo"),
    "begun": ("Began", "right"),
    "moved": ("Moved on", "right"),
    "put_back": ("Put back", "left"),
    "handed": ("Handed over", "user"),
    "taken": ("Took over", "user"),
    "assigned": ("Assigned", "user"),
    "took_on": ("Took on", "user"),
    "blocked": ("Blocked", "block"),
    "unblocked": ("Unblocked", "check"),
    "decided": ("Decided", "decision"),
    "asked": ("Asked", "ask"),
    "answered": ("Answered", "reply"),
    "passed": ("Handed a question on", "reply"),
}
TONES = {"finished": "done", "blocked": "blocked", "decided": "decision"}
# Which kinds a filter of the page leaves.
FILTERS = {
    "moved": {"finished", "reopened", "begun", "moved", "put_back"},
    "comments": {"asked", "answered", "passed"},
    "decisions": {"decided"},
    "blocked": {"blocked", "unblocked"},
}


@dataclass(frozen=True)
class Outcome:
    """One thing that someone brought about on a card: `words` say with whom or where, `said` what was said.

    `with_title`: the card's title has not stood above. `is_hidden`: the card has gone where the reader may
    not follow.
    """

    kind: str
    activity: Activity
    words: str = ""
    said: str = ""
    is_news: bool = False
    with_title: bool = True
    is_hidden: bool = False

    @property
    def card(self) -> Any:
        """The card on which it was brought about."""
        return self.activity.card

    @property
    def key(self) -> str:
        """`FLX:345`, up to where it tells."""
        return f"{self.activity.board.key}:{self.activity.seq}"


@dataclass
class OutcomeLine:
    """All outcomes of one kind of one person, the oldest first."""

    kind: str
    items: list[Outcome]

    @property
    def heading(self) -> str:
        """What the line is called on the page."""
        return KINDS[self.kind][0]

    @property
    def icon(self) -> str:
        """The name of its icon."""
        return KINDS[self.kind][1]

    @property
    def tone(self) -> str:
        """Its colour by purpose: done, blocked, decision, or empty."""
        return TONES.get(self.kind, "")


@dataclass
class Outcomes:
    """A person's lines, and `rest`: `12 comments, 3 items ticked`, which is what `counts` says in words;
    `brief` says it in fewer."""

    lines: list[OutcomeLine] = field(default_factory=list)
    rest: str = ""
    brief: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def below(self, named: AbstractSet[int], said: AbstractSet[tuple[int, str]]) -> Outcomes:
        """Under what says the titles of the cards `named`, and of cards what has been `said`, briefly."""
        return replace(self, lines=[_below(line, named, said) for line in self.lines])

    def only(self, filter: str) -> Outcomes:
        """Just what one filter of the page leaves."""
        return Outcomes([line for line in self.lines if line.kind in FILTERS[filter]])


@dataclass(frozen=True)
class Places:
    """Which columns, by uid, count as done, and in which work is under way."""

    done: frozenset[str]
    begun: frozenset[str]

    @classmethod
    def of(cls, boards: list[Board]) -> Places:
        """The places of `boards`. Two queries."""
        begun = Column.objects.begun(boards)
        rows = list(Column.objects.filter(board__in=boards).values_list("pk", "uid", "is_done"))
        return cls(
            frozenset(str(uid) for _, uid, is_done in rows if is_done),
            frozenset(str(uid) for pk, uid, _ in rows if pk in begun),
        )


def outcomes_of(
    told: Iterable[ToldActivity],
    places: Places,
    people: Mapping[int | None, Any],
    is_news: Callable[[Activity], bool],
    hidden: AbstractSet[int] = frozenset(),
) -> dict[int | None, Outcomes]:
    """Everybody's outcomes by their id, from `told`, the oldest first; pure. `people` by id name owners."""
    by_card: dict[int | None, list[ToldActivity]] = {}
    for one in told:
        if one.activity.card is not None:
            by_card.setdefault(one.activity.card_id, []).append(one)
    found: dict[int | None, list[Outcome]] = {}
    rest: dict[int | None, dict[str, int]] = {}
    for run in by_card.values():
        net = net_effect(run)
        for key, change in net.items():
            who = change.last.activity.actor_id
            outcome = _outcome(key, change, net, places)
            if outcome is not None:
                owner = _owner(change.last.activity, people) if key[0] == "column" else None
                if owner is not None:
                    outcome = _moved_by(outcome, change.actor)
                    _count(rest, who, "for_others")
                    who = owner.pk
                news = any(is_news(one.activity) for one in change.told)
                away = run[-1].activity.card
                is_hidden = away is not None and away.board_id in hidden
                brought = Outcome(*outcome, is_news=news, is_hidden=is_hidden)
                found.setdefault(who, []).append(brought)
            elif kind := _counted_as(key, change):
                _count(rest, who, kind)
    return {
        who: Outcomes(_lines(found.get(who, [])), rest_words(counts), _brief(counts), counts)
        for who, counts in ((who, rest.get(who, {})) for who in found.keys() | rest.keys())
    }


def _count(rest: dict[int | None, dict[str, int]], who: int | None, kind: str) -> None:
    counts = rest.setdefault(who, {})
    counts[kind] = counts.get(kind, 0) + 1


def _lines(outcomes: list[Outcome]) -> list[OutcomeLine]:
    """By kind, in the order of the page; a card's title stands where the card comes first."""
    lines, named = [], set()
    for kind in KINDS:
        items = []
        mine = sorted((one for one in outcomes if one.kind == kind), key=lambda one: one.activity.pk)
        for one in mine:
            card = one.activity.card_id
            items.append(replace(one, with_title=card not in named))
            named.add(card)
        if items:
            lines.append(OutcomeLine(kind, items))
    return lines


def _below(line: OutcomeLine, named: AbstractSet[int], said: AbstractSet[tuple[int, str]]) -> OutcomeLine:
    items = []
    for one in line.items:
        card, words = one.activity.card_id or 0, cut(one.said, SAID_BRIEFLY)
        words = "" if (card, words) in said else words
        items.append(replace(one, with_title=one.with_title and card not in named, said=words))
    return OutcomeLine(line.kind, items)


# ---- what a change comes to -------------------------------------------------------------------------------

Found = tuple[str, Activity, str, str]


def _outcome(key: Key, change: Change, net: Net, places: Places) -> Found | None:
    """The outcome that a net change is; None for what is only counted."""
    name, _ = key
    activity = change.last.activity
    match name:
        case "column":
            return _placed(change, places)
        case "assignee" if ("card", "") not in net or change.now:
            return _handed(change)
        case "blocked":
            return _blocked(change)
        case "decision" if not change.last.is_withheld:
            number, text = change.now, change.last.after.get("text")
            return ("decided", activity, f"{activity.board.key} D-{number}", said_by(text))
        case "asked" if activity.effect == "question.handed_on":
            return _passed_on(change)
        case "state" if change.last.question is not None or activity.effect == "question.asked":
            return _question(key, change, net)
    return None


def _placed(change: Change, places: Places) -> Found | None:
    was, now = (change.was or {}).get("id"), (change.now or {}).get("id")
    activity, where = change.last.activity, (change.now or {}).get("name", "")
    if now is None:
        return None
    if now in places.done:
        return None if was in places.done else ("finished", activity, "", "")
    if was in places.done:
        return ("reopened", activity, where, "")
    if now in places.begun:
        kind = "moved" if was in places.begun else "begun"
        return (kind, activity, where, "")
    return ("put_back", activity, where, "") if was in places.begun else None


def _owner(activity: Activity, people: Mapping[int | None, Any]) -> Any | None:
    """Who has the card that somebody else moved; None where they moved it themselves, or nobody has it."""
    owner = people.get(activity.card.assignee_id) if activity.card is not None else None
    return None if owner is None or owner.pk == activity.actor_id else owner


def _moved_by(outcome: Found, mover: Any | None) -> Found:
    kind, activity, where, said = outcome
    by = f"moved by {mover.first_name}" if mover is not None else ""
    return (kind, activity, ", ".join(filter(None, (where, by))), said)


def _handed(change: Change) -> Found | None:
    """Who has it now; handed or taken over only where somebody had it before."""
    was, now = change.was or {}, change.now or {}
    activity = change.last.activity
    mine = str(activity.actor.uid) if activity.actor is not None else ""
    if now.get("id") == mine:
        return ("taken", activity, f"from {first_name_of(was)}", "") if was else ("took_on", activity, "", "")
    if not was:
        return ("assigned", activity, f"to {first_name_of(now)}", "")
    if not now:
        return ("handed", activity, f"to nobody, from {first_name_of(was)}", "")
    from_whom = f", from {first_name_of(was)}" if was.get("id") != mine else ""
    return ("handed", activity, f"to {first_name_of(now)}{from_whom}", "")


def _blocked(change: Change) -> Found:
    activity = change.last.activity
    if change.now is None:
        return ("unblocked", activity, "", "")
    by = (first_name_of(change.now.get("person") or {}), (change.now.get("card") or {}).get("key", ""))
    names = " and ".join(filter(None, by))
    return ("blocked", activity, f"waits on {names}" if names else "", said_by(change.now.get("reason")))


def _question(key: Key, change: Change, net: Net) -> Found | None:
    """Asked and still open is told of the asker; answered, of who answered."""
    last = change.last
    if last.is_withheld:
        return None
    if last.activity.effect == "question.asked":
        asked = net.get(("asked", key[1]))
        people = asked.now if asked else []
        return (
            "asked",
            last.activity,
            " and ".join(map(first_name_of, people)),
            said_by(last.after.get("text")),
        )
    if last.activity.effect == "question.answered" and last.question is not None:
        whose = last.question.first_name
        return ("answered", last.activity, whose, said_by(last.question.text))
    return None


def _passed_on(change: Change) -> Found | None:
    last = change.last
    if last.is_withheld or last.question is None:
        return None
    return (
        "passed",
        last.activity,
        f"to {' and '.join(map(first_name_of, change.now))}",
        said_by(last.question.text),
    )


# ---- the rest, in numbers ---------------------------------------------------------------------------------

_COUNTED = {
    "for_others": ("card moved for others", "cards moved for others"),
    "card": ("card added", "cards added"),
    "comment": ("comment", "comments"),
    "ticked": ("item ticked", "items ticked"),
    "unticked": ("item unticked", "items unticked"),
    "item": ("item changed", "items changed"),
    "due": ("due date", "due dates"),
    "label": ("label", "labels"),
    "text": ("text edited", "texts edited"),
    "participant": ("participant added", "participants added"),
    "archived": ("card archived", "cards archived"),
    "other": ("other change", "other changes"),
}
_TEXTS = ("title", "what", "why", "done_when", "constraints")
UNSAID = ("state", "asked", "superseded", "column", "board", "checklist", "decision", "review", "blocked")


def _counted_as(key: Key, change: Change) -> str:
    """Under what a net change counts in the rest; empty for what goes with another one."""
    name, is_first = key[0], change.was is None
    came_new = change.told[0].activity.effect in ("card.created", "card.transferred")
    if name == "card":  # one that the calendar opened is nobody's doing
        is_made = change.now and change.told[0].activity.via != Via.SCHEDULE
        return "card" if is_made else ""
    if came_new or name in UNSAID or name.startswith(("agreed", "confirmed")):
        return ""
    if name == "ticked":
        if change.told[-1].activity.effect not in ("item.checked", "item.unchecked"):
            return ""
        return "ticked" if change.now else "unticked"
    if name in _TEXTS:
        return "text"
    if name == "comment":
        asked = change.told[0].activity.effect == "question.asked"
        return "" if asked or change.now is None else "comment" if is_first else "text"
    return name if name in _COUNTED else "other"


def rest_words(counts: Mapping[str, int]) -> str:
    """`12 comments, 3 items ticked`."""
    return ", ".join(counted(counts[kind], *words) for kind, words in _COUNTED.items() if counts.get(kind))


def _brief(counts: Mapping[str, int]) -> str:
    """`12 comments, 5 more`: the kind that there is most of, where there are more than two."""
    if len(counts) <= 2:
        return rest_words(counts)
    most = max((kind for kind in _COUNTED if kind in counts), key=lambda kind: counts[kind])
    return f"{counted(counts[most], *_COUNTED[most])}, {sum(counts.values()) - counts[most]} more"
