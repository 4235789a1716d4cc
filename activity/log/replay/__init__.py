"""A board's state from its log alone: `state` folds activities, the others say what each verb does to it."""

from activity.log.replay import boards, cards, meetings, talk  # noqa: F401 — register their folds
