"""What meetings and their topics do to a replayed state."""

from __future__ import annotations

from typing import Any

from activity.log.replay.state import Event, Facts, State, folds, id_of


@folds("meeting.planned")
def _planned(state: State, event: Event) -> None:
    state.meetings[event.subject] = {
        "number": event.after["number"],
        "kind": event.after.get("kind", ""),
        "state": "planned",
        "reason": "",
        "at_hand": None,
        "organiser": id_of(event.after["organiser"]),
        **_of_meeting(event.after),
    }


@folds("meeting.changed")
def _changed(state: State, event: Event) -> None:
    state.meetings[event.subject] |= _of_meeting(event.after)


@folds("meeting.started", "meeting.closed", "meeting.not_needed", "meeting.cancelled", "meeting.reopened")
def _state(state: State, event: Event) -> None:
    meeting = state.meetings[event.subject]
    meeting |= {"state": event.after["state"], "reason": event.after.get("reason", "")}
    if event.after["state"] != "running":
        meeting["at_hand"] = None


@folds("meeting.turned")
def _turned(state: State, event: Event) -> None:
    state.meetings[event.subject]["at_hand"] = id_of(event.after["topic"])


def _of_meeting(facts: Facts) -> dict[str, Any]:
    kept = {name: facts[name] for name in ("title", "starts_at", "minutes") if name in facts}
    if "invited" in facts:
        kept["invited"] = sorted(person["id"] for person in facts["invited"])
    return kept


@folds("topic.added")
def _added(state: State, event: Event) -> None:
    state.topics[event.subject] = {
        **dict.fromkeys(("notes", "outcome", "reason", "prompt"), ""),
        "made": None,
        "removed": False,
        **_of_topic(event.after),
    }


@folds("topic.changed", "topic.moved", "topic.noted")
def _topic(state: State, event: Event) -> None:
    state.topics[event.subject] |= _of_topic(event.after)


@folds("topic.settled", "topic.reopened")
def _settled(state: State, event: Event) -> None:
    state.topics[event.subject] |= {
        "outcome": event.after["outcome"],
        "made": id_of(event.after.get("made")),
        "reason": event.after.get("reason", ""),
    }


@folds("topic.dropped")
def _dropped(state: State, event: Event) -> None:
    state.topics[event.subject]["removed"] = True


@folds("topic.restored")
def _restored(state: State, event: Event) -> None:
    state.topics[event.subject] |= {"removed": False, **_of_topic(event.after)}


def _of_topic(facts: Facts) -> dict[str, Any]:
    """Its facts as a state has them: meeting, what it is about and owner by their ids."""
    plain = ("kind", "text", "minutes", "position", "notes", "prompt")
    kept = {name: facts[name] for name in plain if name in facts}
    return kept | {name: id_of(facts[name]) for name in ("meeting", "about", "owner") if name in facts}
