"""What comments, questions and decisions do to a replayed state."""

from __future__ import annotations

from activity.log.replay.state import Event, State, folds, id_of


@folds("comment.posted", "question.asked")
def _comment_posted(state: State, event: Event) -> None:
    state.comments[event.subject] = {
        "card": event.card,
        "author": event.after["author"]["id"],
        "parent": event.after["parent"],
        "kind": event.after["kind"],
        "text": event.after["text"],
        "removed": False,
        "state": event.after.get("state", "open"),
        "answered_by": id_of(event.after.get("answered_by")),
        "asks": sorted(ask["person"]["id"] for ask in event.after.get("asks", [])),
    }
    state.moments[event.subject] = event.happened_at


@folds("comment.edited")
def _comment_edited(state: State, event: Event) -> None:
    state.comments[event.subject]["text"] = event.after["text"]


@folds("comment.removed")
def _comment_removed(state: State, event: Event) -> None:
    state.comments[event.subject] |= {"text": "", "removed": True}


@folds("comment.restored")
def _comment_restored(state: State, event: Event) -> None:
    state.comments[event.subject] |= {"text": event.after["text"], "removed": False}


@folds(
    "question.answered",
    "question.closed",
    "question.reopened",
    "thread.escalated",
    "thread.settled",
    "thread.reopened",
)
def _thread(state: State, event: Event) -> None:
    known = id_of(event.after.get("answered_by"))
    state.comments[event.subject] |= {"state": event.after["state"], "answered_by": known}


@folds("question.handed_on")
def _handed_on(state: State, event: Event) -> None:
    comment = state.comments[event.subject]
    gone = {ask["person"]["id"] for ask in event.before["asks"]}
    come = {ask["person"]["id"] for ask in event.after["asks"]}
    comment["asks"] = sorted(({*comment["asks"]} - gone) | come)


@folds("decision.recorded")
def _decision(state: State, event: Event) -> None:
    """A decision that was no comment before brings its comment along."""
    facts = event.after
    if "author" in facts:
        state.comments[facts["comment"]] = {
            "card": event.card,
            "author": facts["author"]["id"],
            "parent": facts["parent"],
            "kind": "decision",
            "text": facts["text"],
            "removed": False,
            "state": "open",
            "answered_by": None,
            "asks": [],
        }
        state.moments[facts["comment"]] = event.happened_at
    state.moments[event.subject] = event.happened_at
    state.comments[facts["comment"]]["kind"] = "decision"
    state.decisions[event.subject] = {
        "number": facts["number"],
        "card": event.card,
        "comment": facts["comment"],
        "text": facts["text"],
        "how": facts["how"],
        "from": facts["from"],
        "decided_by": sorted(person["id"] for person in facts["decided_by"]),
        "agreed_by": sorted(person["id"] for person in facts.get("agreed_by", [])),
        "superseded_by": None,
        "review_on": facts.get("review_on"),
        "next_review_on": None,
        "confirmed": [],
    }


@folds("decision.superseded")
def _superseded(state: State, event: Event) -> None:
    state.decisions[event.subject]["superseded_by"] = event.after["by"]["id"]


@folds("decision.agreed")
def _agreed(state: State, event: Event) -> None:
    decision = state.decisions[event.subject]
    decision["agreed_by"] = sorted({*decision["agreed_by"], event.after["person"]["id"]})


@folds("decision.agreement_withdrawn")
def _agreement_withdrawn(state: State, event: Event) -> None:
    decision = state.decisions[event.subject]
    decision["agreed_by"] = sorted({*decision["agreed_by"]} - {event.before["person"]["id"]})


@folds("decision.review_set")
def _review_set(state: State, event: Event) -> None:
    state.decisions[event.subject] |= _review_days(event)


@folds("decision.confirmed")
def _confirmed(state: State, event: Event) -> None:
    decision = state.decisions[event.subject]
    said = [event.after["round"], event.after["person"]["id"]]
    decision |= {"confirmed": sorted([*decision["confirmed"], said]), **_review_days(event)}


@folds("decision.confirmation_withdrawn")
def _confirmation_withdrawn(state: State, event: Event) -> None:
    decision = state.decisions[event.subject]
    said = [event.before["round"], event.before["person"]["id"]]
    decision |= {"confirmed": [one for one in decision["confirmed"] if one != said], **_review_days(event)}


def _review_days(event: Event) -> dict[str, str | None]:
    """The days of a decision that an activity sets."""
    return {name: event.after[name] for name in ("review_on", "next_review_on") if name in event.after}


@folds("history.imported")
def _imported(state: State, event: Event) -> None:
    """What happened elsewhere, before the board came here, changes nothing."""
