"""Undo: `engine` takes a request back by the inverses of its verbs, which the other modules register."""

from boards.undo import absences, boards, cards, check_ins, checklists, trials, values  # noqa: F401 — register their inverses
