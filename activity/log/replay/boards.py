"""What changes of a board do to a replayed state: of members, columns, labels, searches and templates too."""

from __future__ import annotations

from typing import Any

from activity.log.replay.state import Event, Facts, State, folds, id_of


@folds("board.created")
def _created(state: State, event: Event) -> None:
    state.board = {"archived": False, "answer_days": 1, "check_ins": "", "card_fields": [], **event.after}


@folds(
    "board.renamed",
    "board.rekeyed",
    "board.described",
    "board.configured",
    "board.opened",
    "board.closed",
    "board.archived",
)
def _board(state: State, event: Event) -> None:
    state.board |= event.after


@folds("board.restored")
def _board_restored(state: State, event: Event) -> None:
    """What its schedules would have opened meanwhile, up to the day that `passed` names, never opens."""
    state.board |= {"archived": event.after["archived"]}
    passed = event.after.get("passed") or ""
    for schedule in state.schedules.values():
        if schedule["first"] <= passed and (schedule["upto"] or "") < passed:
            schedule["upto"] = passed


@folds("member.added", "member.role_changed")
def _member(state: State, event: Event) -> None:
    state.members[event.subject] = event.after["role"]


@folds("member.removed")
def _member_removed(state: State, event: Event) -> None:
    state.members.pop(event.subject, None)


@folds("member.away", "member.away_changed")
def _away(state: State, event: Event) -> None:
    facts = {name: event.after[name] for name in ("first", "last", "reason")}
    state.away[event.after["stretch"]] = {
        **facts,
        "person": event.subject,
        "cover": id_of(event.after["cover"]),
    }


@folds("member.back")
def _back(state: State, event: Event) -> None:
    """Without a last day it never was; else it ended on that one."""
    stretch, last = event.after["stretch"], event.after["last"]
    if last is None:
        state.away.pop(stretch, None)
    elif stretch in state.away:
        state.away[stretch]["last"] = last


@folds("column.added")
def _column_added(state: State, event: Event) -> None:
    state.columns[event.subject] = {"wip_limit": None, "is_done": False, "archived": False, **event.after}


@folds(
    "column.renamed",
    "column.moved",
    "column.limited",
    "column.marked_done",
    "column.archived",
    "column.restored",
)
def _column(state: State, event: Event) -> None:
    state.columns[event.subject] |= event.after


@folds("label.created", "label.restored")
def _label_created(state: State, event: Event) -> None:
    state.labels[event.subject] = dict(event.after)


@folds("label.renamed", "label.recoloured")
def _label(state: State, event: Event) -> None:
    state.labels[event.subject] |= event.after


@folds("label.removed")
def _label_removed(state: State, event: Event) -> None:
    del state.labels[event.subject]


@folds("search.saved", "search.restored")
def _search_saved(state: State, event: Event) -> None:
    state.searches[event.subject] = dict(event.after)


@folds("search.renamed")
def _search(state: State, event: Event) -> None:
    state.searches[event.subject] |= event.after


@folds("search.removed")
def _search_removed(state: State, event: Event) -> None:
    del state.searches[event.subject]


@folds("template.saved", "template.restored")
def _template_saved(state: State, event: Event) -> None:
    state.templates[event.subject] = {"is_default": False, **_of_template(event.after)}


@folds("template.changed", "template.made_default")
def _template(state: State, event: Event) -> None:
    state.templates[event.subject] |= _of_template(event.after)


@folds("template.removed")
def _template_removed(state: State, event: Event) -> None:
    del state.templates[event.subject]


def _of_template(facts: Facts) -> dict[str, Any]:
    """Its facts as a state has them: labels and owner by their ids."""
    kept = dict(facts)
    if "labels" in kept:
        kept["labels"] = sorted(label["id"] for label in kept["labels"])
    if "assignee" in kept:
        kept["assignee"] = id_of(kept["assignee"])
    return kept


@folds("schedule.saved", "schedule.restored")
def _schedule_saved(state: State, event: Event) -> None:
    given: dict[str, Any] = {"paused": False, "upto": None, "rota": [], "turns": {}}
    state.schedules[event.subject] = given | _of_schedule(event.after)


@folds("schedule.changed", "schedule.paused", "schedule.resumed", "schedule.skipped")
def _schedule(state: State, event: Event) -> None:
    schedule = state.schedules[event.subject]
    schedule |= _of_schedule(event.after)
    if "rota" in event.after:  # who is not in it any more has no turn to remember
        schedule["turns"] = {uid: day for uid, day in schedule["turns"].items() if uid in schedule["rota"]}


@folds("schedule.removed")
def _schedule_removed(state: State, event: Event) -> None:
    del state.schedules[event.subject]


def _of_schedule(facts: Facts) -> dict[str, Any]:
    """Its facts as a state has them: template, column and people by their ids."""
    kept = dict(facts)
    kept |= {name: id_of(facts[name]) for name in ("template", "column") if name in facts}
    if "rota" in kept:
        kept["rota"] = [person["id"] for person in kept["rota"]]
    if "turns" in kept:
        kept["turns"] = {person["id"]: person["last"] for person in kept["turns"]}
    return kept


@folds("weeklylink.made", "weeklylink.revoked")
def _weekly_link(state: State, event: Event) -> None:
    """Nothing on the board: a link is of the server on which it was made."""


@folds("trial.started")
def _trial_started(state: State, event: Event) -> None:
    state.trials[event.subject] = {**event.after, "choice": "", "text": "", "report": {}}


@folds("trial.changed", "trial.decided")
def _trial(state: State, event: Event) -> None:
    state.trials[event.subject] |= event.after


@folds("trial.reopened")
def _trial_reopened(state: State, event: Event) -> None:
    state.trials[event.subject] |= {"choice": "", "text": "", "report": {}}


@folds("trial.removed")
def _trial_removed(state: State, event: Event) -> None:
    del state.trials[event.subject]


@folds("checkin.given")
def _checked_in(state: State, event: Event) -> None:
    facts = {name: event.after[name] for name in ("day", "text", "shown")}
    state.checkins[event.subject] = {**facts, "person": id_of(event.after["person"])}


@folds("checkin.changed")
def _check_in(state: State, event: Event) -> None:
    state.checkins[event.subject] |= event.after


@folds("checkin.removed")
def _check_in_removed(state: State, event: Event) -> None:
    del state.checkins[event.subject]
