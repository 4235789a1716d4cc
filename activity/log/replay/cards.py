"""What changes of cards and their checklists do to a replayed state."""

from __future__ import annotations

from typing import Any

from activity.log.replay.state import Event, Facts, State, folds, id_of
from activity.log.verbs import CARD_VALUES, VERBS


def _new_card(facts: Facts) -> dict[str, Any]:
    return {
        "number": facts["number"],
        **{name: value.in_state(facts.get(name)) for name, value in CARD_VALUES.items()},
        "column": id_of(facts["column"]),
        "position": facts["position"],
        "participants": sorted(person["id"] for person in facts.get("participants", [])),
        "labels": sorted(label["id"] for label in facts.get("labels", [])),
        "blocked": _block(facts.get("blocked")),
        "archived": facts.get("archived", False),
    }


def _block(facts: Facts | None) -> dict[str, Any] | None:
    if not facts:
        return None
    return {"reason": facts["reason"], "person": id_of(facts["person"]), "card": id_of(facts["card"])}


@folds("card.created")
def _card_created(state: State, event: Event) -> None:
    state.cards[event.subject] = _new_card(event.after)
    state.moments[event.subject] = event.happened_at
    schedule = event.after.get("schedule")
    if schedule and schedule["id"] in state.schedules:
        row, slot, person = (
            state.schedules[schedule["id"]],
            event.after.get("slot"),
            id_of(event.after.get("assignee")),
        )
        row["upto"] = slot
        if person in row["rota"]:
            row["turns"] = {**row["turns"], person: slot}


@folds(*(verb.name for verb in VERBS.values() if verb.noun == "card" and verb.sets))
def _card_value(state: State, event: Event) -> None:
    kept = {name: CARD_VALUES[name].in_state(fact) for name, fact in event.after.items()}
    state.cards[event.subject] |= kept


@folds("card.archived", "card.restored")
def _card_archived(state: State, event: Event) -> None:
    state.cards[event.subject] |= event.after


@folds("card.moved")
def _card_moved(state: State, event: Event) -> None:
    place = {"column": id_of(event.after["column"]), "position": event.after["position"]}
    if state.cards[event.subject]["column"] != place["column"]:
        state.moments[event.subject] = event.at
    state.cards[event.subject] |= place


def _with(state: State, event: Event, name: str, uid: str) -> None:
    card = state.cards[event.subject]
    card[name] = sorted({*card[name], uid})


def _without(state: State, event: Event, name: str, uid: str) -> None:
    card = state.cards[event.subject]
    card[name] = sorted({*card[name]} - {uid})


@folds("card.joined")
def _card_joined(state: State, event: Event) -> None:
    _with(state, event, "participants", event.after["participant"]["id"])


@folds("card.left")
def _card_left(state: State, event: Event) -> None:
    _without(state, event, "participants", event.before["participant"]["id"])


@folds("card.labelled")
def _card_labelled(state: State, event: Event) -> None:
    _with(state, event, "labels", event.after["label"]["id"])


@folds("card.unlabelled")
def _card_unlabelled(state: State, event: Event) -> None:
    _without(state, event, "labels", event.before["label"]["id"])


@folds("card.blocked")
def _card_blocked(state: State, event: Event) -> None:
    card = state.cards[event.subject]
    if card["blocked"] is None:
        state.moments[f"blocked:{event.subject}"] = event.at
    card["blocked"] = _block(event.after)


@folds("card.unblocked")
def _card_unblocked(state: State, event: Event) -> None:
    state.cards[event.subject]["blocked"] = None
    state.moments.pop(f"blocked:{event.subject}", None)


@folds("card.transferred")
def _card_transferred(state: State, event: Event) -> None:
    """Recorded on both boards: the one it left names the other board, the one it came to has it whole."""
    if "number" not in event.after:
        _forget_card(state, event.subject)
        return
    state.cards[event.subject] = _new_card(event.after)
    state.moments[event.subject] = event.at
    for facts in event.after.get("checklists", []):
        state.checklists[facts["id"]] = {
            "card": event.subject,
            "name": facts["title"],
            "position": facts["position"],
        }
        for item in facts["items"]:
            state.items[item["id"]] = {
                "checklist": facts["id"],
                "text": item["text"],
                "position": item["position"],
                "checked": item["checked"],
                "checked_by": id_of(item.get("checked_by")),
                "promoted_to": id_of(item.get("promoted_to")),
            }
            if item.get("checked_at"):
                state.moments[item["id"]] = item["checked_at"]
    for comment in event.after.get("comments", []):
        state.comments[comment["id"]] = {
            "card": event.subject,
            "author": comment["author"]["id"],
            "parent": comment["parent"],
            "kind": comment["kind"],
            "text": comment["text"],
            "removed": comment["removed"],
            "state": comment["state"],
            "answered_by": id_of(comment.get("answered_by")),
            "asks": sorted(ask["person"]["id"] for ask in comment["asks"]),
        }
        state.moments[comment["id"]] = comment.get("source_at") or comment["at"]
    for facts in event.after.get("decisions", []):
        state.moments[facts["id"]] = facts["at"]
        state.decisions[facts["id"]] = {
            "number": facts["number"],
            "card": event.subject,
            "comment": facts["comment"],
            "text": facts["text"],
            "how": facts["how"],
            "from": facts["from"],
            "decided_by": sorted(person["id"] for person in facts["decided_by"]),
            "agreed_by": sorted(person["id"] for person in facts["agreed_by"]),
            "superseded_by": facts["superseded_by"],
            "review_on": facts.get("review_on"),
            "next_review_on": facts.get("next_review_on"),
            "confirmed": sorted([one["round"], one["person"]["id"]] for one in facts.get("confirmed", [])),
        }


def _forget_card(state: State, uid: str) -> None:
    del state.cards[uid]
    lists = {key for key, row in state.checklists.items() if row["card"] == uid}
    state.items = {key: row for key, row in state.items.items() if row["checklist"] not in lists}
    state.checklists = {key: row for key, row in state.checklists.items() if key not in lists}
    state.comments = {key: row for key, row in state.comments.items() if row["card"] != uid}
    state.decisions = {key: row for key, row in state.decisions.items() if row["card"] != uid}


@folds("checklist.added", "checklist.restored")
def _checklist_added(state: State, event: Event) -> None:
    state.checklists[event.subject] = {"card": event.card, **event.after}


@folds("checklist.renamed")
def _checklist(state: State, event: Event) -> None:
    state.checklists[event.subject] |= event.after


@folds("checklist.removed")
def _checklist_removed(state: State, event: Event) -> None:
    del state.checklists[event.subject]


@folds("item.added")
def _item_added(state: State, event: Event) -> None:
    state.items[event.subject] = {
        "checklist": id_of(event.after["checklist"]),
        "text": event.after["text"],
        "position": event.after["position"],
        "checked": event.after.get("checked", False),
        "checked_by": None,
        "promoted_to": None,
    }


@folds("item.reworded")
def _item_reworded(state: State, event: Event) -> None:
    state.items[event.subject]["text"] = event.after["text"]


@folds("item.checked", "item.unchecked")
def _item_ticked(state: State, event: Event) -> None:
    """Ticked by who did it; by who had ticked it before, where an unticking was undone."""
    is_checked = event.after["checked"]
    by = id_of(event.after.get("by")) or event.actor
    state.items[event.subject] |= {"checked": is_checked, "checked_by": by if is_checked else None}
    state.moments[event.subject] = event.at


@folds("item.moved")
def _item_moved(state: State, event: Event) -> None:
    place = {"checklist": id_of(event.after["checklist"]), "position": event.after["position"]}
    state.items[event.subject] |= place


@folds("item.removed")
def _item_removed(state: State, event: Event) -> None:
    del state.items[event.subject]


@folds("item.restored")
def _item_restored(state: State, event: Event) -> None:
    state.items[event.subject] = {
        "checklist": id_of(event.after["checklist"]),
        "text": event.after["text"],
        "position": event.after["position"],
        "checked": event.after["checked"],
        "checked_by": id_of(event.after.get("checked_by")),
        "promoted_to": id_of(event.after.get("promoted_to")),
    }


@folds("item.promoted")
def _item_promoted(state: State, event: Event) -> None:
    state.items[event.subject]["promoted_to"] = id_of(event.after["card"])


@folds("card.erased")
def _card_erased(state: State, event: Event) -> None:
    """What it names has no content any more: wherever such a text stood, the mark stands, at any seq."""
