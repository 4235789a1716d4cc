"""What every action on a board begins and ends with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import models

from activity.errors import Clash, Difference, Forbidden, Refused, Repeated
from activity.log.transaction import NOTHING, By, Log, change, persistently
from activity.models import Activity, ActivityContent, Via
from boards.models import Board, Card, Role
from boards.models.thing import Thing
from boards.rendering.fragment_queries import card_asking, card_made
from fluxboard.core import limits, texts
from fluxboard.core.postgres.statements import Asking, rows_of
from fluxboard.core.text_merge import merge_lines

UNCHECKED_DOORS = {Via.ADMIN, Via.COMMAND, Via.IMPORT}
LONG_TEXT = limits.TEXT


def action[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Mark an action: tried again when locks got in the way, and the same request twice done once.

    A repeated request answers with what the first one made, as it is now.
    """

    @functools.wraps(function)
    def perform(*args: P.args, **kwargs: P.kwargs) -> R:
        kwargs["by"] = By.of(kwargs["by"])
        try:
            return persistently(function)(*args, **kwargs)
        except Repeated as repeated:
            return outcome_of(repeated)

    return perform


def outcome_of(repeated: Repeated) -> Any:
    """The thing that a request done before was about; a list of them where it made several at once."""
    done = list(
        Activity.objects.filter(
            board=repeated.board_id, seq__gte=repeated.first_seq, seq__lte=repeated.last_seq
        ).order_by("seq")
    )
    first = done[0]
    things = [thing_of(activity) for activity in done if activity.effect == first.effect]
    return things if first.after.get("of_several") else things[0]


def thing_of(activity: Activity) -> Any:
    """What an activity is about, as it is now."""
    noun = activity.effect.partition(".")[0]
    if noun == "member":
        return apps.get_model("accounts.User").objects.get(uid=activity.subject)
    if noun in {"comment", "question", "thread"}:
        return apps.get_model("comments.Comment").objects.get(uid=activity.subject)
    label = "comments.Decision" if noun == "decision" else f"boards.{noun.capitalize()}"
    return apps.get_model(label).objects.get(uid=activity.subject)


@contextmanager
def writing(
    board: Board,
    by: By,
    role: str = Role.MEMBER,
    *,
    archived: bool = False,
    card: Card | None = None,
    ahead: Mapping[str, Asking] = NOTHING,
) -> Iterator[Log]:
    """The board locked for one change by someone who has at least `role`; yields its open log.

    `card` is the one that `fresh_card` will ask for: it is read on the way of the lock, as what `ahead` asks.
    Raises `Forbidden` for a lower role, `Refused` on an archived board unless `archived`.
    """
    from boards.rendering.fragments import frames

    asked = {f"card {card.pk}": card_asking(card.pk), **ahead} if card is not None else ahead
    with change(by, board.pk, render=frames, ahead=asked) as (log,):
        admit(log, role, archived=archived)
        yield log


def admit(log: Log, role: str, *, archived: bool = False) -> None:
    """Refuse who may not: strangers, too low a role, and changes to what is archived."""
    if log.by.via not in UNCHECKED_DOORS:
        given = _role_of(log)
        if given is None or not given.covers(role):
            raise Forbidden
    if log.board.is_archived and not archived:
        raise Refused("This board is archived. Restore it first.")


def _role_of(log: Log) -> Role | None:
    """The role that the writer has now: as read with the lock, unless this change may have altered it."""
    user = log.by.user
    if log.activities or not user.is_authenticated or not user.is_active:
        given: Role | None = log.board.role_of(user)
        return given
    found: Role | None = log.board.best_role(log.opening.role)
    return found


def fresh_card(log: Log, card: Card, *, archived: bool = False) -> Card:
    """The card as it is now that the board is locked.

    Raises `Refused` when it is archived (unless `archived`) or has moved to another board meanwhile.
    """
    rows = log.ahead.pop(f"card {card.pk}", None) or rows_of(*card_asking(card.pk))
    if not rows:
        raise Card.DoesNotExist
    now = card_made(rows[0])
    if now.board_id != log.board.pk:
        raise Refused("This card has moved to another board. Reload the page.")
    now.board = log.board
    if now.is_archived and not archived:
        raise Refused("This card is archived. Restore it first.")
    return now


def fresh[T: models.Model](row: T, **related: Any) -> T:
    """A row read again under the lock."""
    return type(row)._default_manager.get(pk=row.pk, **related)


def cleaned(
    text: str | None, *, field: str, what: str, longest: int, lines: bool = False, needed: bool = True
) -> str:
    """Typed text as it is kept: composed (NFC), line breaks as \\n, no blanks around it.

    With `lines` the first line keeps its indent; else it is one line. A text of which nothing can be seen is
    empty. Raises `Refused` beside `field` when it is empty (and `needed`), longer than `longest` characters,
    or holds what is no text: control characters, or more combining marks in a row than `limits.MARKS`. To
    drop what somebody sent without a word is no answer. Its length comes first: all else takes time by it.
    """
    try:
        kept = texts.tidied(text or "", longest, lines=lines)
    except texts.NotKept as problem:
        raise Refused(f"{what} {problem}", field) from None
    if needed and not kept:
        raise Refused(f"{what} can't be empty.", field)
    return kept


def refuse_many(there: int, most: int, words: str, field: str = "", *, coming: int = 1) -> None:
    """Raise `Refused` where `there` and those that are `coming` are more than `most`; "A card can have …"."""
    if there + coming > most:
        raise Refused(f"{words.format(f'{most:,}')}", field)


def person_fact(person: Any) -> dict[str, str] | None:
    """A person as the log names them: by uid, with the name of that day."""
    return {"id": str(person.uid), "name": person.name} if person is not None else None


def thing_fact(thing: Any) -> dict[str, Any] | None:
    """A column, label or checklist as the log names it."""
    return {"id": str(thing.uid), "name": thing.name} if thing is not None else None


def card_fact(card: Card | None) -> dict[str, str] | None:
    return {"id": str(card.uid), "key": card.key} if card is not None else None


def base_of(log: Log, thing: Thing, field: str, seen: int) -> tuple[Any, Activity | None]:
    """What `field` was at the version `seen`, and the activity that changed it last.

    The base is the `before` of the first later activity on that field.
    """
    later = list(
        Activity.objects.filter(
            board=log.board, subject=thing.uid, seq__gt=seen, before__has_key=field
        ).order_by("seq")
    )
    if not later:
        return None, None
    return text_of(later[0].before[field]), later[-1]


def text_of(value: Any) -> Any:
    """A fact's value, with a text's digest replaced by its text ("" when that was erased)."""
    if isinstance(value, dict) and value.keys() == {"text"}:
        content = ActivityContent.objects.filter(digest=value["text"]).first()
        return content.text if content else ""
    return value


def words_of(value: Any) -> str:
    """A fact's value in words, for the conflict dialog."""
    if isinstance(value, dict):
        return value.get("name") or value.get("key") or ""
    return "" if value is None else str(value)


def settle_text(
    log: Log,
    thing: Thing,
    field: str,
    label: str,
    yours: str,
    seen: int | None,
    *,
    by_line: bool = False,
    attribute: str = "",
) -> str:
    """The text to keep: yours, or both merged by line where `by_line`.

    `field` is its name in the log and in forms; `attribute` that on the thing, where it is another.
    `seen` is the version that the form stood on (None: no check). Raises `Clash` when someone else changed
    the same field, or the same lines of it, since.
    """
    theirs = getattr(thing, attribute or field)
    if seen is None or yours == theirs or not thing.changed_since(field, seen):
        return yours
    base, last = base_of(log, thing, field, seen)
    base = base if isinstance(base, str) else ""
    if yours == base:
        return theirs
    merged = merge_lines(base, theirs, yours) if by_line else None
    if merged is not None and len(merged) <= limits.TEXT:
        return merged
    raise Clash(
        [
            Difference(
                field=field,
                label=label,
                base=base,
                theirs=theirs,
                yours=yours,
                by=last.actor if last else None,
                at=last.at if last else None,
                is_long=by_line,
                yours_value=yours,
                theirs_value=theirs,
            )
        ],
        version=thing.version,
        thing=thing,
    )


def settle_value(
    log: Log,
    thing: Thing,
    field: str,
    label: str,
    *,
    theirs: Any,
    yours: Any,
    seen: int | None,
    values: tuple[str, str],
) -> None:
    """Raise `Clash` when someone else set `field` to something else since `seen`.

    `theirs` and `yours` are facts as the log holds them; `values` the two as the form would send them.
    """
    if seen is None or theirs == yours or not thing.changed_since(field, seen):
        return
    base, last = base_of(log, thing, field, seen)
    raise Clash(
        [
            Difference(
                field=field,
                label=label,
                base=words_of(base),
                theirs=words_of(theirs),
                yours=words_of(yours),
                by=last.actor if last else None,
                at=last.at if last else None,
                yours_value=values[1],
                theirs_value=values[0],
            )
        ],
        version=thing.version,
        thing=thing,
    )
