"""The board templates that come along: columns, limits, labels, norms and card templates of kinds of work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from activity.errors import Refused
from boards.board_plan import BoardPlan, ColumnPlan, LabelPlan, TemplatePlan
from boards.models import BoardTemplate
from fluxboard.core import parsing


@dataclass(frozen=True)
class BuiltIn:
    """One of the board templates that come along; `slug` names it in addresses."""

    slug: str
    name: str
    about: str
    plan: BoardPlan


_DONE = ColumnPlan("Done", is_done=True)
_BUG = TemplatePlan(
    "Bug report",
    title="Bug: {title}",
    what="What happens, and what should happen instead?",
    why="Who is hit by it, how often, and since when?",
    done_when="- A test fails without the mend and passes with it\n- Whoever reported it knows",
    steps="Reproduce\nFind the cause\nMend it, with a test\nTell whoever reported it",
    labels=("bug",),
)

BUILT_IN = (
    BuiltIn(
        "kanban",
        "Kanban",
        "Work flows from left to right, few things at a time.",
        BoardPlan(
            (
                ColumnPlan("Backlog"),
                ColumnPlan("Ready"),
                ColumnPlan("In progress", wip_limit=4),
                ColumnPlan("In review", wip_limit=4),
                _DONE,
            ),
            (LabelPlan("urgent", 1), LabelPlan("waiting on others", 2)),
            description=(
                "**How we work here**\n\n- A card in *Ready* says why it matters and when it is done.\n"
                "- Finish before you begin: a full column takes nothing until something has left it.\n"
                "- What stops a card is written on it as a block, with whom or what it waits for."
            ),
        ),
    ),
    BuiltIn(
        "product",
        "Product team",
        "From an idea to what people use, with features and bugs.",
        BoardPlan(
            (
                ColumnPlan("Ideas"),
                ColumnPlan("Next up"),
                ColumnPlan("Building", wip_limit=5),
                ColumnPlan("In review", wip_limit=4),
                ColumnPlan("Released", is_done=True),
            ),
            (LabelPlan("feature", 6), LabelPlan("bug", 1), LabelPlan("debt", 3), LabelPlan("research", 7)),
            (
                TemplatePlan(
                    "Feature",
                    what="What can somebody do then that they cannot do now?",
                    why="Which problem does that solve, for whom, and how do we know?",
                    done_when="- It is released\n- We know by a figure or a person whether it helped",
                    constraints="What must it not break or cost?",
                    labels=("feature",),
                ),
                _BUG,
            ),
            description=(
                "**How we work here**\n\n- *Next up* is in order: take from the top.\n"
                "- A question names who should answer. A decision is recorded where it was argued.\n"
                "- The standup is read, not held."
            ),
        ),
    ),
    BuiltIn(
        "support",
        "Support",
        "Requests come in, are answered, and turn into work where they must.",
        BoardPlan(
            (
                ColumnPlan("New"),
                ColumnPlan("Looking into it", wip_limit=6),
                ColumnPlan("Waiting for the customer"),
                ColumnPlan("Solved", is_done=True),
            ),
            (LabelPlan("outage", 1), LabelPlan("bug", 2), LabelPlan("how-to", 4), LabelPlan("billing", 5)),
            (
                TemplatePlan(
                    "Request",
                    what="What did they ask, in their words? Where can they be reached?",
                    why="What keeps them from working, and how badly?",
                    done_when="- They have an answer\n- If it can happen again, a card says how to mend it",
                    is_default=True,
                ),
            ),
            description=(
                "**How we work here**\n\n- Everything new is looked at within one working day.\n"
                "- The answer that was sent stands on the card as a comment."
            ),
            settings={"stale_after": 2},
        ),
    ),
    BuiltIn(
        "incident",
        "Incident",
        "Something is broken now: who does what, what was decided, what comes of it.",
        BoardPlan(
            (
                ColumnPlan("Found"),
                ColumnPlan("Being worked on"),
                ColumnPlan("Watching"),
                ColumnPlan("Follow-up"),
                ColumnPlan("Closed", is_done=True),
            ),
            (LabelPlan("severe", 1), LabelPlan("partial", 2), LabelPlan("minor", 4)),
            (
                TemplatePlan(
                    "Incident",
                    title="{date} {title}",
                    what="What do people see? Since when?",
                    why="Who is hit, and what does it cost while it lasts?",
                    done_when="- People can work again\n- The cause is known\n- What must change has cards",
                    steps="One person leads, and is the assignee\nTell those who are hit\nStop the harm\n"
                    "Find the cause\nWrite down what happened when\nCards for what must change",
                    is_default=True,
                ),
            ),
            description=(
                "**How we work here**\n\n- One person leads an incident and is its assignee.\n"
                "- What is seen, tried and decided is written on the card as it happens."
            ),
            settings={"stale_after": 1},
        ),
    ),
    BuiltIn(
        "onboarding",
        "Onboarding",
        "What somebody new learns and does, week by week.",
        BoardPlan(
            (
                ColumnPlan("Before the first day"),
                ColumnPlan("First week"),
                ColumnPlan("First month"),
                ColumnPlan("In progress", wip_limit=5),
                _DONE,
            ),
            (LabelPlan("access", 2), LabelPlan("people", 7), LabelPlan("work", 6)),
            (
                TemplatePlan(
                    "Step",
                    what="What do you do, and where does it say how?",
                    why="What can you do afterwards?",
                    done_when="- You have done it once yourself\n- What was missing here is written down",
                ),
            ),
            description=(
                "**How we work here**\n\n- The cards are the assignee’s own: move each when it is done.\n"
                "- Ask on the card, to somebody by name. Whoever comes next reads the answer."
            ),
        ),
    ),
    BuiltIn(
        "meeting",
        "Meeting",
        "What a group that meets regularly talks about, and what comes of it.",
        BoardPlan(
            (
                ColumnPlan("To talk about"),
                ColumnPlan("Argued in writing", wip_limit=6),
                ColumnPlan("On the agenda", wip_limit=5),
                ColumnPlan("Action items"),
                _DONE,
            ),
            (LabelPlan("decision wanted", 7), LabelPlan("for information", 6), LabelPlan("urgent", 1)),
            (
                TemplatePlan(
                    "Topic",
                    what="What is to be settled, in one sentence?",
                    why="What happens if it is not?",
                    done_when="- It is decided, and recorded here, or nothing had to be decided",
                    constraints="Who has to have had their say?",
                ),
                TemplatePlan(
                    "Action item",
                    what="What is to be done, and where did we agree on it?",
                    done_when="- It is done\n- Whoever waits for it knows",
                ),
            ),
            description=(
                "**How we work here**\n\n- A topic is argued on its card first. What was settled there needs "
                "no meeting.\n- What is left goes on the agenda: *Meetings*, *Plan a meeting*.\n- What comes "
                "of it is a decision, an action item with an owner and a date, or a question to somebody."
            ),
        ),
    ),
)
BY_SLUG = {one.slug: one for one in BUILT_IN}


def plan_called(slug: str, reader: Any) -> BoardPlan | None:
    """The plan that a form names: a built-in's slug, or `own-7` for a saved one; None for an empty name.

    Raises `Refused` for one that is not there, or not for `reader`.
    """
    if not slug:
        return None
    if slug in BY_SLUG:
        return BY_SLUG[slug].plan
    pk = parsing.whole_number(slug.removeprefix("own-"))
    saved = BoardTemplate.objects.usable_by(reader).filter(pk=pk or 0).first()
    if saved is None:
        raise Refused("That template is not there any more. Choose another.", "template")
    return BoardPlan.read(saved.plan)
