"""Undo: the change back, made by the action that does it, and written down as what undoes what.

`INVERSES` has the change back of every verb that can be undone; another app adds its own. What was done as
one request is undone as one, newest first.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q

from activity.errors import Clash, Difference, NotDone, Refused
from activity.feed.load import Told, tell
from activity.log.transaction import By, Log, change, persistently
from activity.log.undone import together, undone
from activity.log.verbs import VERBS
from activity.models import Activity, Via
from boards.actions import board as boards
from boards.actions import checklists, columns, labels, membership
from boards.actions.base import admit, thing_of, words_of
from boards.actions.cards import edit
from boards.actions.claiming import claimed_by
from boards.models import SPEC_FIELDS, Board, Card, Checklist, Column, Item, Label, Membership, Role
from boards.undo.position_words import Spot

GONE = "What this was about is not here any more."
ERASED = "What it was before has been erased for good."
ELSEWHERE = "This card has moved to another board. What was done to it here can't be undone there."
NEARBY = 200  # rows of the log that are looked through for what else a request did
TYPED = {"title", "name", "text", "reason", "description", *SPEC_FIELDS}
EMPTY = {
    "assignee": "Nobody",
    "due": "No date",
    "wip_limit": "No limit",
    "card": "",
    "open_to": "Members only",
}


@dataclass(frozen=True)
class Choice:
    """What somebody decided about fields that were changed since: on which version they decided, which of
    them stay as they are now (`keep`), and for which they wrote something else (`mixed`)."""

    seen: int | None = None
    keep: Collection[str] = ()
    mixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Undo:
    """One activity on its way back, within an open change: `before` and `after` are its facts."""

    log: Log
    told: Told
    done: list[Told]
    choice: Choice

    @property
    def activity(self) -> Activity:
        return self.told.activity

    @property
    def by(self) -> By:
        return self.log.by

    @property
    def before(self) -> dict[str, Any]:
        return self.told.before

    @property
    def after(self) -> dict[str, Any]:
        return self.told.after

    @property
    def thing(self) -> Any:
        """What the activity is about, as it is now.

        Raises `Refused` when it is gone, or on a card that is on another board by now: what it says there
        may not be for the eyes of those who are here.
        """
        try:
            thing = thing_of(self.activity)
        except ObjectDoesNotExist:
            raise Refused(GONE) from None
        card = self.activity.card_id
        if card is not None and Card.objects.filter(pk=card).exclude(board=self.log.board).exists():
            raise Refused(ELSEWHERE)
        return self.log.board if isinstance(thing, Board) else thing

    def was_put_away(self) -> bool:
        """Whether the same request put the card away or brought it back."""
        return any(
            one.activity.effect in ("card.archived", "card.restored")
            for one in self.done
            if one.activity.subject == self.activity.subject
        )

    @functools.cached_property
    def _since(self) -> list[Activity]:
        """The later activities of the same kind about the same thing that are in effect, oldest first.

        Not those that are undone (or on their way back here), nor their undos. One or two queries.
        """
        this = self.activity
        kind = {verb for verb, inverse in INVERSES.items() if inverse is INVERSES[this.effect]}
        kind |= {"card.transferred"} if "card.moved" in kind else set()
        rows = Activity.objects.filter(board=self.log.board, subject=this.subject, seq__gt=this.seq)
        if this.card_id is not None:
            rows = rows.filter(card=this.card_id)
        here = {one.activity.pk for one in self.done}
        later = [
            row
            for row in rows.select_related("actor").order_by("seq")
            if row.pk not in here and row.effect in kind and not (row.undoes and row.undoes["seq"] > this.seq)
        ]
        over = undone(later)
        return [row for row in later if (row.board_id, row.seq) not in over]

    def set_since(self, field: str) -> list[Activity]:
        """The activities by which somebody has set `field` since, and which are in effect, oldest first."""
        return [row for row in self._since if field in row.before or field in row.after]

    def settled(self, thing: Any, field: str, label: str, *, now: Any, was: Any, left: Any = None) -> Any:
        """The value to set: what it was, unless somebody changed it since and it is to stay.

        `now` is the present fact, `was` that before the activity, `left` that after it. Raises `Clash` when
        it was changed since and nobody has chosen yet, `Refused` when what it was has been erased.
        """
        left = self.after.get(field) if left is None else left
        if was is None and field in VERBS[self.activity.effect].texts:
            raise Refused(ERASED)
        if _same(now, was) or (_same(now, left) and not self.set_since(field)):
            return was
        seen = self.choice.seen
        if seen is not None and not _changed_since(thing, field, seen):
            mixed = self.choice.mixed if field in TYPED else {}
            return mixed.get(field, now if field in self.choice.keep else was)
        raise Clash([self._difference(thing, field, label, now, was, left)], _version(thing), thing)

    def goes_back(self, thing: Any, within: str, now_in: str, standing: Standing) -> bool:
        """Whether a thing is to stand where it stood, rather than stay where it was moved since.

        `within` is the fact that names its column or checklist ("" for a column itself), `now_in` the uid of
        the one that it is in, and `standing` tells what stands in one. Raises `Clash` when it was moved again
        since and nobody has chosen yet.
        """

        def spot(facts: Mapping[str, Any], among: str, key: str) -> Spot:
            fact = facts.get(within) or {}
            name, rows = standing(thing, among)
            return Spot(among, name or fact.get("name", ""), key, rows)

        was_in, left_in = (facts[within]["id"] if within else "" for facts in (self.before, self.after))
        since = self.set_since("position")
        if not since and now_in in (was_in, left_in):
            return True
        now, was = spot({}, now_in, thing.position), spot(self.before, was_in, self.before["position"])
        if now.is_at(was):
            return False
        field, seen = f"place-{self.activity.seq}", self.choice.seen
        if seen is not None and not _changed_since(thing, "position", seen):
            return field not in self.choice.keep
        last = since[-1] if since else None
        difference = Difference(
            field=field,
            label=f"Place of {thing.key}" if len(self.done) > 1 and isinstance(thing, Card) else "Place",
            base=str(spot(self.after, left_in, self.after["position"])),
            theirs=str(now),
            yours=str(was),
            by=last.actor if last else None,
            at=last.at if last else None,
            yours_value=str(was),
            theirs_value=str(now),
        )
        raise Clash([difference], _version(thing), thing)

    def _difference(self, thing: Any, field: str, label: str, now: Any, was: Any, left: Any) -> Difference:
        since = self.set_since(field)
        last = since[-1] if since else None
        base, theirs, yours = (_words(field, value) for value in (left, now, was))
        return Difference(
            field=field,
            label=label,
            base=base,
            theirs=theirs,
            yours=yours,
            by=last.actor if last else None,
            at=last.at if last else None,
            is_long=field in ("description", *SPEC_FIELDS) or (field == "text" and "\n" in f"{was}{now}"),
            yours_value=was if isinstance(was, str) else yours,
            theirs_value=now if isinstance(now, str) else theirs,
        )


# What stands in a column, a checklist (by uid), or on the board, besides a thing: its name, keys and names.
Standing = Callable[[Any, str], tuple[str, list[tuple[str, str]]]]
Inverse = Callable[[Undo], Any]
INVERSES: dict[str, Inverse] = {}
# Who may make a change back that not everybody with the role may: by activity, reader, and their role.
Only = Callable[[Activity, Any, Role], bool]
ONLY: dict[str, Only] = {}


def undoes(*verbs: str, only: Only | None = None) -> Callable[[Inverse], Inverse]:
    """Register the change back of `verbs`, and who alone may make it."""

    def register(inverse: Inverse) -> Inverse:
        INVERSES.update(dict.fromkeys(verbs, inverse))
        if only is not None:
            ONLY.update(dict.fromkeys(verbs, only))
        return inverse

    return register


def undo_change(board: Board, seq: int, *, by: Any, choice: Choice | None = None) -> list[Activity]:
    """Undo what was done at `seq` on `board`, with all else that the same request did. Returns the undos.

    Whoever may make the change back may undo, whoever made the change. Nothing is recorded where all that was
    changed since is to stay. Raises `Clash` with before, now and after where a field was changed since,
    `Refused` for what is final, imported, undone already or as it was before anyway, `Forbidden` for a role
    that may not make the change back, and `Repeated` for the same request again.
    """
    return persistently(_undo)(board, seq, By.of(by), choice or Choice())


def why_not(activity: Activity) -> str:
    """Why an activity can't be undone whatever happens meanwhile; empty for what can."""
    if activity.source_at is not None or activity.via == Via.IMPORT:
        return "This came with an import. It is as it was there."
    return VERBS[activity.effect].final


def least_role(activity: Activity) -> Role:
    """The role that the change back takes at least."""
    noun = activity.effect.partition(".")[0]
    return Role.OWNER if noun in ("board", "column", "member") else Role.MEMBER


def may_undo(activity: Activity, reader: Any, role: Role | None) -> bool:
    """Whether this reader, who has `role` on its board, may make the change back, as far as the log tells."""
    only = ONLY.get(activity.effect)
    return (
        role is not None
        and role.covers(least_role(activity))
        and not why_not(activity)
        and (only is None or only(activity, reader, role))
    )


def undoable(
    activities: Iterable[Activity], reader: Any, roles: Mapping[int, Role | None]
) -> set[tuple[int, int]]:
    """Board and seq of those that a reader may undo who has these `roles` (by board id). Two queries at most.

    What one request did is undone as one, so all of it that is here must be theirs to undo.
    """
    asked = list(activities)
    theirs = [one for one in asked if may_undo(one, reader, roles.get(one.board_id))]
    mine = {one.pk for one in theirs}
    others = {_request_of(one) for one in asked if one.pk not in mine}
    others |= _requests_on_columns([one for one in theirs if roles.get(one.board_id) != Role.OWNER])
    open_to_them = [one for one in theirs if one.request_id is None or _request_of(one) not in others]
    return {(activity.board_id, activity.seq) for activity in open_to_them} - undone(open_to_them)


def _request_of(activity: Activity) -> tuple[int, Any, int | None]:
    return activity.board_id, activity.request_id, activity.actor_id


def _requests_on_columns(activities: list[Activity]) -> set[tuple[int, Any, int | None]]:
    """The requests that put cards away, or brought them back, along with their column. One query, or none."""
    seqs: dict[tuple[int, Any, int | None], list[int]] = {}
    for one in activities:
        if one.effect in ("card.archived", "card.restored") and one.request_id is not None:
            seqs.setdefault(_request_of(one), []).append(one.seq)
    if not seqs:
        return set()
    nearby = Q()
    for (board, request, actor), those in seqs.items():
        reach = (min(those) - NEARBY, max(those) + NEARBY)
        nearby |= Q(board=board, seq__range=reach, request_id=request, actor=actor)
    rows = Activity.objects.filter(nearby)
    return {_request_of(row) for row in rows if row.effect.startswith("column.")}


def was_changed_since(activity: Activity, thing: Any) -> bool:
    """Whether a field that `activity` set on `thing` has been set again since."""
    return any(thing.field_seqs.get(name, 0) > activity.seq for name in activity.before)


def _undo(board: Board, seq: int, by: By, choice: Choice) -> list[Activity]:
    from boards.rendering.fragments import frames

    asked = Activity.objects.select_related("actor", "card").filter(board=board, seq=seq).first()
    if asked is None:
        raise Refused("Nothing happened at that point.")
    done = together(asked)
    ids = list(dict.fromkeys([board.pk, *(activity.board_id for activity in done)]))
    with change(by, *ids, render=frames) as logs:
        for log in logs:
            admit(log, Role.VIEWER, archived=True)
        for reason in filter(None, map(why_not, done)):
            raise Refused(reason)
        over = undone(done)
        left = [one for one in done if (one.board_id, one.seq) not in over]
        if not left:
            raise Refused("This has been undone already.")
        _take_back(logs, tell(left, withheld=set()), choice)
        made = [activity for log in logs for activity in log.activities]
        if not made and not choice.keep:
            raise Refused("There is nothing to undo: it is as it was before.")
        return made


def _take_back(logs: list[Log], done: list[Told], choice: Choice) -> None:
    """Take each back, the newest first; all that was changed since is asked about at once."""
    by_board = {log.board.pk: log for log in logs}
    clashes: list[Clash] = []
    for told in reversed(done):
        with ExitStack() as stack:
            for log in logs:
                here = [one.activity for one in done if one.activity.board_id == log.board.pk]
                here.sort(key=lambda activity: (activity.pk == told.activity.pk, activity.pk))
                stack.enter_context(log.undoing(*here))
            try:
                INVERSES[told.activity.effect](Undo(by_board[told.activity.board_id], told, done, choice))
            except Clash as clash:
                clashes.append(clash)
            except NotDone:
                if clashes:
                    break  # which may well be because of what was not taken back
                raise
    if clashes:
        differences = [difference for clash in clashes for difference in clash.differences]
        raise Clash(differences, max(clash.version for clash in clashes), clashes[0].thing)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict) and "id" in one and "id" in other:
        return bool(one["id"] == other["id"])
    return bool((one or None) == (other or None))


def _version(thing: Any) -> int:
    return int(thing.version)


def _changed_since(thing: Any, field: str, seen: int) -> bool:
    if hasattr(thing, "field_seqs"):
        return bool(thing.changed_since(field, seen))
    return _version(thing) > seen


def _words(field: str, value: Any) -> str:
    if value in (None, ""):
        return EMPTY.get(field, "")
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return words_of(value)


def called(rows: Any, fact: Mapping[str, Any]) -> Any:
    """The row that a fact names; `Refused` where it is not here, as with what came from elsewhere."""
    found = rows.filter(uid=fact["id"]).first()
    if found is None:
        raise Refused(f"{fact.get('name') or fact.get('key') or 'What it was'} is not here any more.")
    return found


def person_called(undo: Undo, fact: Mapping[str, Any] | None) -> Any:
    """Who a fact names; where somebody has taken that name over on the board, they."""
    if not fact:
        return None
    uid = claimed_by(undo.log.board, fact["id"])
    return called(get_user_model().objects, {**fact, "id": uid} if uid else fact)


def _column(undo: Undo, fact: Mapping[str, Any]) -> Column:
    column: Column = called(Column.objects.select_related("board").filter(board=undo.log.board), fact)
    return column


def _label(undo: Undo, fact: Mapping[str, Any]) -> Label:
    label: Label = called(Label.objects.select_related("board").filter(board=undo.log.board), fact)
    return label


def _card(fact: Mapping[str, Any] | None) -> Card | None:
    return called(Card.objects, fact) if fact else None


# ---- one value set anew -----------------------------------------------------------------------------------

# The verbs that set one value of a thing: its name in log and table alike, in words, and by which action.
VALUES: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "board.renamed": ("name", "Name", boards.rename_board),
    "board.rekeyed": ("key", "Key", boards.rekey_board),
    "board.described": ("description", "Description", boards.describe_board),
    "column.renamed": ("name", "Name", columns.rename_column),
    "column.limited": ("wip_limit", "Limit", columns.limit_column),
    "label.renamed": ("name", "Name", labels.rename_label),
    "label.recoloured": ("hue", "Colour", labels.recolour_label),
    "card.retitled": ("title", "Title", edit.retitle_card),
    "checklist.renamed": ("name", "Checklist", checklists.rename_checklist),
    "item.reworded": ("text", "Item", checklists.reword_item),
}


@undoes(*VALUES)
def _value_set(undo: Undo) -> None:
    field, label, set_value = VALUES[undo.activity.effect]
    thing = undo.thing
    value = undo.settled(thing, field, label, now=getattr(thing, field), was=undo.before[field])
    set_value(thing, value, by=undo.by)


# ---- the board and its people -----------------------------------------------------------------------------


SETTINGS = {"wip_rule": "A full column", "stale_after": "Days until stale", "answer_days": "Days to answer"}


@undoes("board.configured")
def _configured(undo: Undo) -> None:
    board = undo.log.board
    values, differences = {}, []
    for name, was in undo.before.items():
        try:
            values[name] = undo.settled(board, name, SETTINGS[name], now=getattr(board, name), was=was)
        except Clash as clash:
            differences += clash.differences
    if differences:
        raise Clash(differences, _version(board), board)
    boards.configure_board(board, by=undo.by, **values)


@undoes("board.opened", "board.closed")
def _opened(undo: Undo) -> None:
    board = undo.log.board
    to = undo.settled(board, "open_to", "Open to", now=board.open_to, was=undo.before["open_to"])
    if to:
        boards.open_board(board, to, by=undo.by)
    else:
        boards.close_board(board, by=undo.by)


@undoes("board.archived")
def _board_archived(undo: Undo) -> None:
    boards.restore_board(undo.log.board, by=undo.by)


@undoes("board.restored")
def _board_restored(undo: Undo) -> None:
    boards.archive_board(undo.log.board, by=undo.by)


@undoes("member.added")
def _member_added(undo: Undo) -> None:
    membership.remove_member(undo.log.board, undo.thing, by=undo.by)


@undoes("member.removed")
def _member_removed(undo: Undo) -> None:
    person = undo.thing
    if not person.is_active:
        raise Refused(f"{person.name} is deactivated, and can't come back to a board before that ends.")
    if claimed_by(undo.log.board, person.uid):
        raise Refused(f"Somebody has taken over what stood under the name {person.name}.")
    membership.add_member(undo.log.board, person, undo.before["role"], by=undo.by)


@undoes("member.role_changed")
def _role_changed(undo: Undo) -> None:
    person = undo.thing
    standing = Membership.objects.filter(board=undo.log.board, user=person).first()
    if standing is None:
        raise Refused(f"{person.name} is not on this board any more.")
    role = undo.settled(standing, "role", "Role", now=standing.role, was=undo.before["role"])
    membership.change_role(undo.log.board, person, role, by=undo.by)


# ---- columns and labels -----------------------------------------------------------------------------------


@undoes("column.added", "column.restored")
def _column_added(undo: Undo) -> None:
    if not undo.thing.is_archived:
        columns.archive_column(undo.thing, by=undo.by)


@undoes("column.archived")
def _column_archived(undo: Undo) -> None:
    columns.restore_column(undo.thing, by=undo.by)


@undoes("column.moved")
def _column_moved(undo: Undo) -> None:
    if undo.goes_back(undo.thing, "", "", _on_the_board):
        columns.move_column(undo.thing, by=undo.by, at=undo.before["position"])


def _on_the_board(column: Column, _: str) -> tuple[str, list[tuple[str, str]]]:
    rows = Column.objects.current().filter(board=column.board).exclude(pk=column.pk).in_board_order()
    return "", list(rows.values_list("position", "name"))


@undoes("column.marked_done")
def _column_marked(undo: Undo) -> None:
    columns.mark_done_column(undo.thing, undo.before["is_done"], by=undo.by)


@undoes("label.created", "label.restored")
def _label_created(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        labels.remove_label(undo.thing, by=undo.by)


@undoes("label.removed")
def _label_removed(undo: Undo) -> None:
    labels.restore_label(undo.thing, by=undo.by)


# ---- cards ------------------------------------------------------------------------------------------------


@undoes("card.created", "card.restored")
def _card_created(undo: Undo) -> None:
    edit.archive_card(undo.thing, by=undo.by)


@undoes("card.archived")
def _card_archived(undo: Undo) -> None:
    edit.restore_card(undo.thing, by=undo.by)


@undoes("card.specified")
def _card_specified(undo: Undo) -> None:
    card = undo.thing
    name = next(name for name in SPEC_FIELDS if name in undo.before)
    text = undo.settled(card, name, SPEC_FIELDS[name], now=getattr(card, name), was=undo.before[name])
    edit.specify_card(card, name, text, by=undo.by)


@undoes("card.moved")
def _card_moved(undo: Undo) -> None:
    card: Card = undo.thing
    if undo.goes_back(card, "column", str(card.column.uid), _in_column):
        edit.move_card(
            card,
            by=undo.by,
            to=_column(undo, undo.before["column"]),
            at=undo.before["position"],
            archived=undo.was_put_away(),
        )


def _in_column(card: Card, uid: str) -> tuple[str, list[tuple[str, str]]]:
    rows = Card.objects.filter(column__uid=uid, archived_at=None).exclude(pk=card.pk).in_board_order()
    name = Column.objects.filter(uid=uid).values_list("name", flat=True).first()
    return name or "", list(rows.values_list("position", "title"))


@undoes("card.transferred")
def _card_transferred(undo: Undo) -> None:
    """Told on both boards; the newer half, on the board that it came to, brings it back."""
    if "board" in undo.after:
        return
    left = next(
        (
            one.before
            for one in undo.done
            if one.activity.subject == undo.activity.subject and "board" in one.after
        ),
        None,
    )
    if left is None:
        raise Refused("The board that it came from is not known any more.")
    card: Card = undo.thing
    column = called(Column.objects.select_related("board"), left["column"])
    edit.return_card(card, by=undo.by, to=column, left=left, kept=undo.after)


@undoes("card.assigned")
def _card_assigned(undo: Undo) -> None:
    card = undo.thing
    now = edit.person_fact(card.assignee)
    was = undo.settled(card, "assignee", "Assignee", now=now, was=undo.before["assignee"])
    edit.assign_card(card, person_called(undo, was), by=undo.by)


@undoes("card.joined")
def _card_joined(undo: Undo) -> None:
    edit.leave_card(undo.thing, person_called(undo, undo.after["participant"]), by=undo.by)


@undoes("card.left")
def _card_left(undo: Undo) -> None:
    edit.join_card(undo.thing, person_called(undo, undo.before["participant"]), by=undo.by)


@undoes("card.labelled")
def _card_labelled(undo: Undo) -> None:
    if not _follows_its_label(undo, undo.after["label"]):
        edit.unlabel_card(undo.thing, _label(undo, undo.after["label"]), by=undo.by)


@undoes("card.unlabelled")
def _card_unlabelled(undo: Undo) -> None:
    if not _follows_its_label(undo, undo.before["label"]):
        edit.label_card(undo.thing, _label(undo, undo.before["label"]), by=undo.by)


def _follows_its_label(undo: Undo, label: Mapping[str, Any]) -> bool:
    """Whether the label itself goes or comes back along, and sees to its cards, archived ones too."""
    return any(
        one.activity.effect.startswith("label.") and str(one.activity.subject) == label["id"]
        for one in undo.done
    )


@undoes("card.dated")
def _card_dated(undo: Undo) -> None:
    card = undo.thing
    now = card.due.isoformat() if card.due else None
    due = undo.settled(card, "due", "Due", now=now, was=undo.before["due"])
    edit.date_card(card, dt.date.fromisoformat(due) if due else None, by=undo.by)


@undoes("card.blocked", "card.unblocked")
def _card_blocked(undo: Undo) -> None:
    card = undo.thing
    if undo.before.get("reason") is None or undo.after.get("reason") is None:
        raise Refused(ERASED)
    now, was, left = (_block(facts) for facts in (edit.block_facts(card), undo.before, undo.after))
    if now != was and (now != left or undo.set_since("reason")):
        reason = undo.settled(
            card,
            "reason",
            "Blocked",
            now=_block_words(now),
            was=_block_words(was),
            left=_block_words(left) or "",
        )
        if reason == _block_words(now):
            return
        if reason != _block_words(was):
            was = (reason, *was[1:])
    if not was[0]:
        edit.unblock_card(card, by=undo.by)
        return
    person = person_called(undo, {"id": was[1]} if was[1] else None)
    other = _card({"id": was[2]} if was[2] else None)
    edit.block_card(card, was[0], by=undo.by, person=person, card_in_the_way=other)


def _block(facts: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Reason, whom and which card a block waits for (uids); all empty without one."""
    facts = facts or {}
    person, card = facts.get("person") or {}, facts.get("card") or {}
    return facts.get("reason") or "", person.get("id", ""), card.get("id", "")


def _block_words(block: tuple[str, str, str]) -> str:
    return block[0]


# ---- checklists and items ---------------------------------------------------------------------------------


@undoes("checklist.added", "checklist.restored")
def _checklist_added(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        checklists.remove_checklist(undo.thing, by=undo.by)


@undoes("checklist.removed")
def _checklist_removed(undo: Undo) -> None:
    checklists.restore_checklist(undo.thing, by=undo.by)


@undoes("item.added", "item.restored")
def _item_added(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        checklists.remove_item(undo.thing, by=undo.by)


@undoes("item.removed")
def _item_removed(undo: Undo) -> None:
    checklists.restore_item(undo.thing, by=undo.by)


@undoes("item.checked")
def _item_checked(undo: Undo) -> None:
    checklists.uncheck_item(undo.thing, by=undo.by)


@undoes("item.unchecked")
def _item_unchecked(undo: Undo) -> None:
    person = person_called(undo, undo.before.get("by"))
    if person is None:
        checklists.check_item(undo.thing, by=undo.by)
    else:
        checklists.check_again(undo.thing, person, by=undo.by)


@undoes("item.moved")
def _item_moved(undo: Undo) -> None:
    item = undo.thing
    if undo.goes_back(item, "checklist", str(item.checklist.uid), _in_checklist):
        to = called(Checklist.objects, undo.before["checklist"])
        checklists.move_item(item, by=undo.by, to=to, at=undo.before["position"])


def _in_checklist(item: Item, uid: str) -> tuple[str, list[tuple[str, str]]]:
    rows = Item.objects.current().filter(checklist__uid=uid).exclude(pk=item.pk).in_order()
    name = Checklist.objects.filter(uid=uid).values_list("name", flat=True).first()
    return name or "", list(rows.values_list("position", "text"))


@undoes("item.promoted")
def _item_promoted(undo: Undo) -> None:
    checklists.point_item(undo.thing, _card(undo.before["card"]), by=undo.by)
