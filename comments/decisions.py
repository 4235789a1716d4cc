"""Decisions: recorded where they were argued, agreed to, and superseded, never edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from activity.errors import Forbidden, Refused
from activity.log.record import Log
from activity.log.verbs import REVIEW_ON
from boards.actions.base import action, fresh_card, writing
from boards.actions.clean import LONG_TEXT, cleaned
from boards.actions.facts import person_fact
from boards.imported_boards import SUPERSEDED_BY
from boards.models import Card, Elsewhere
from comments.escalation import settle
from comments.mentions import people_mentioned
from comments.models import Agreement, Comment, Decision, How
from comments.reviews import refuse_past
from fluxboard.accounts.away import today_there


@action
def record_decision(
    card: Card,
    text: str,
    *,
    by: Any,
    parent: Comment | None = None,
    decided_by: Iterable[Any] = (),
    how: str = How.HERE,
    supersedes: Decision | None = None,
    review_on: dt.date | None = None,
) -> Decision:
    """Write a decision on a card, in a thread (`parent`, whose end it is) or on its own.

    `decided_by` defaults to who records it. With `supersedes` it takes the place of an older one. On
    `review_on` it is to be looked at again.
    """
    from comments.threads import top_of

    with writing(card.board, by) as log:
        card = fresh_card(log, card)
        thread = top_of(card, parent)
        decision = write_decision(
            log,
            card,
            text,
            thread,
            decided_by=decided_by,
            how=how,
            supersedes=supersedes,
            review_on=review_on,
        )
        if thread is not None:
            settle(log, card, thread, Comment.Settled.DECIDED, decision=decision.key)
        return decision


def write_decision(
    log: Log,
    card: Card,
    text: str,
    thread: Comment | None = None,
    *,
    decided_by: Iterable[Any] = (),
    how: str = How.HERE,
    supersedes: Decision | None = None,
    field: str = "text",
    review_on: dt.date | None = None,
) -> Decision:
    """A new decision with its comment, within an open change; `field` is what the form calls its text."""
    text = cleaned(text, field=field, what="A decision", longest=LONG_TEXT, lines=True)
    comment = Comment(
        card=card, parent=thread, author=log.by.user, kind=Comment.Kind.DECISION, text=text, at=log.now
    )
    card.comments_count += 1
    refuse_past(review_on, today_there(log.by.user, log.now))
    return _write(
        log,
        card,
        comment,
        decided_by=decided_by,
        how=how,
        grew_from=thread,
        supersedes=supersedes,
        review_on=review_on,
    )


@action
def decide_by_comment(
    comment: Comment, *, by: Any, decided_by: Iterable[Any] = (), supersedes: Decision | None = None
) -> Decision:
    """Make an existing comment a decision; who wrote it is who decided, unless said otherwise."""
    with writing(comment.card.board, by) as log:
        comment = Comment.objects.select_related("card", "parent", "author").get(pk=comment.pk)
        card = comment.card = fresh_card(log, comment.card)
        if comment.removed_at is not None:
            raise Refused("This comment was removed.")
        if comment.kind == Comment.Kind.DECISION:
            raise Refused("This comment is a decision already.")
        if comment.is_open_question:
            raise Refused("This is an open question. Record the decision as an answer to it.")
        decision = _write(
            log,
            card,
            comment,
            decided_by=list(decided_by) or [comment.author],
            how=How.HERE,
            grew_from=comment.parent,
            supersedes=supersedes,
        )
        settle(log, card, comment.thread, Comment.Settled.DECIDED, decision=decision.key)
        return decision


def _write(
    log: Log,
    card: Card,
    comment: Comment,
    *,
    decided_by: Iterable[Any],
    how: str,
    grew_from: Comment | None,
    supersedes: Decision | None,
    review_on: dt.date | None = None,
) -> Decision:
    if how not in How.values:
        raise Refused("Choose how it was decided.", "how")
    deciders = _deciders(log, decided_by)
    older = _supersedable(log, supersedes)
    is_new = comment.pk is None
    decision = Decision(
        board=log.board,
        number=log.board.next_decision,
        card=card,
        grew_from=grew_from,
        text=comment.text,
        how=how,
        recorded_by=log.by.user,
        at=log.now,
        review_on=review_on,
    )
    log.board.next_decision += 1
    log.board.save(update_fields=["next_decision"])
    card.decisions_count += 1
    mentions = people_mentioned(comment.text, log.board) if is_new else []
    facts = _facts(decision, comment, deciders)
    if is_new:
        facts |= {
            "author": person_fact(log.by.user),
            "parent": str(comment.parent.uid) if comment.parent else None,
            "mentions": [person_fact(person) for person in mentions],
        }
    log.record("decision.recorded", decision, card=card, after=facts)
    comment.kind, comment.version = Comment.Kind.DECISION, decision.version
    comment.save()
    if is_new:
        comment.mentions.set(mentions)
    decision.comment = comment
    decision.save()
    decision.decided_by.set(deciders)
    if older is not None:
        _supersede(log, older, decision)
    _count(card, "comments_count")
    return decision


def _deciders(log: Log, people: Iterable[Any]) -> list[Any]:
    """`people`, each once, else who writes; all of them on the board."""
    deciders = list({person.pk: person for person in people}.values()) or [log.by.user]
    strangers = [person for person in deciders if log.board.role_of(person) is None]
    if strangers:
        raise Refused(f"{strangers[0].name} is not on this board.", "decided_by")
    return deciders


def _facts(decision: Decision, comment: Comment, deciders: Iterable[Any]) -> dict[str, Any]:
    return {
        "number": decision.number,
        "text": comment.text,
        "comment": str(comment.uid),
        "decided_by": [person_fact(person) for person in deciders],
        "how": str(decision.how),
        "from": str(decision.grew_from.uid) if decision.grew_from else None,
        **({REVIEW_ON.name: REVIEW_ON.fact(decision.review_on)} if decision.review_on else {}),
    }


def _supersede(log: Log, older: Decision, newer: Decision) -> None:
    older.superseded_by = newer
    after = {"by": {"id": str(newer.uid), "number": newer.number}}
    log.record("decision.superseded", older, card=older.card, after=after)
    older.keep("superseded_by")
    _count(older.card)


def _count(card: Card, *more: str) -> None:
    """How many decisions stand on the card, saved with its stamped version."""
    away = Elsewhere.objects.filter(board=card.board_id, field=SUPERSEDED_BY)
    standing = Decision.objects.filter(card=card, superseded_by=None).exclude(uid__in=away.values("thing"))
    card.decisions_count = standing.count()
    card.keep("decisions_count", *more)


def _supersedable(log: Log, older: Decision | None) -> Decision | None:
    if older is None:
        return None
    now = Decision.objects.select_related("card__column", "superseded_by").get(pk=older.pk)
    if now.board_id != log.board.pk:
        raise Refused("That decision is not on this board.", "supersedes")
    if now.superseded_by is not None:
        raise Refused(f"{now.key} was superseded by {now.superseded_by.key} already.", "supersedes")
    now.card.board = log.board
    return now


@action
def agree(decision: Decision, *, by: Any) -> Decision:
    """Add oneself to those who agree."""
    with writing(decision.board, by) as log:
        decision = Decision.objects.select_related("card__column").get(pk=decision.pk)
        card = decision.card = fresh_card(log, decision.card, archived=True)
        if decision.superseded_by_id is not None:
            raise Refused("This decision was superseded.")
        agreement, is_new = Agreement.objects.get_or_create(
            decision=decision, person=log.by.user, defaults={"at": log.now}
        )
        if is_new:
            log.record(
                "decision.agreed", decision, card=card, after={"person": person_fact(agreement.person)}
            )
            decision.keep()
            card.keep()
        return decision


@action
def withdraw_agreement(decision: Decision, person: Any, *, by: Any) -> Decision:
    """Undo one's own agreement.

    Raises `Forbidden` for anyone but `person`, `Refused` once the decision was superseded: as with agreeing,
    those who had agreed by then stay.
    """
    with writing(decision.board, by) as log:
        decision = Decision.objects.select_related("card__column").get(pk=decision.pk)
        card = decision.card = fresh_card(log, decision.card, archived=True)
        if person.pk != log.by.user.pk:
            raise Forbidden("Only who agreed can withdraw that.")
        if decision.superseded_by_id is not None:
            raise Refused("This decision was superseded.")
        if Agreement.objects.filter(decision=decision, person=person).delete()[0]:
            fact = {"person": person_fact(person)}
            log.record("decision.agreement_withdrawn", decision, card=card, before=fact)
            decision.keep()
            card.keep()
        return decision
