"""What happens to the card templates of a board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from activity.errors import Clash, Refused
from activity.log.record import Log
from boards.actions.base import action, refuse_many, writing
from boards.actions.cards.limits import clean_spec
from boards.actions.cards.people import assignable, is_assignable
from boards.actions.clean import cleaned
from boards.actions.conflicts import base_of, settle_text, settle_value
from boards.actions.facts import person_fact, thing_fact
from boards.actions.labels import fresh_label
from boards.actions.lines import titles_in
from boards.models import SPEC_FIELDS, Board, Label, Schedule, Template
from boards.title_pattern import MARKS, odd_mark
from fluxboard.core import limits

# The texts of a template, with their labels; those that people edit by line are merged by line.
TEXTS = {"name": "Name", "title": "Title", **SPEC_FIELDS, "steps": "Checklist"}
_BY_LINE = {*SPEC_FIELDS, "steps"}


def fresh_template(log: Log, template: Template) -> Template:
    """The template as it is now that the board is locked; `Refused` when it is not there any more."""
    now = Template.objects.filter(pk=template.pk, board=log.board, removed_at=None).first()
    if now is None:
        raise Refused("That template is not on this board any more.", "template")
    now.board = log.board
    return now


def present_owner(log: Log, template: Template) -> Any:
    """The owner that its cards get: nobody where that person has left the board."""
    return template.assignee if is_assignable(log, template.assignee) else None


def facts_of(template: Template, labels: Iterable[Label]) -> dict[str, Any]:
    return {
        **{name: getattr(template, name) for name in TEXTS},
        "labels": [thing_fact(label) for label in labels],
        "assignee": person_fact(template.assignee),
    }


@action
def save_template(
    board: Board,
    name: str,
    *,
    by: Any,
    labels: Iterable[Label] = (),
    assignee: Any = None,
    **texts: str,
) -> Template:
    """A card template. `texts`: a pattern of the `title`, the micro-spec, and `steps` with a line an item.

    Raises `Refused` beside the field for a name that is taken and for a mark in the title that is none.
    """
    with writing(board, by) as log:
        there = Template.objects.filter(board=log.board).count()
        refuse_many(
            there, limits.TEMPLATES, "A board can have {} card templates, removed ones included.", "name"
        )
        kept = {one: _clean(log, one, texts.get(one, "")) for one in TEXTS if one != "name"}
        assignable(log, assignee)
        worn = [fresh_label(log, label) for label in labels]
        return write_template(log, worn, name=_free_name(log, name), assignee=assignee, **kept)


def write_template(log: Log, labels: list[Label], **values: Any) -> Template:
    """A new template of texts as they are kept, within an open change."""
    template = Template(board=log.board, **values)
    facts = facts_of(template, labels) | ({"is_default": True} if template.is_default else {})
    log.record("template.saved", template, after=facts)
    template.save()
    template.labels.set(labels)
    return template


@action
def change_template(
    template: Template,
    *,
    by: Any,
    seen: int | None = None,
    labels: Iterable[Label] | None = None,
    **values: Any,
) -> Template:
    """Set what is given: any of `TEXTS`, `labels`, `assignee`. Two people's changes merge by field and line.

    Raises `Clash` with every field that both changed.
    """
    with writing(template.board, by) as log:
        template = fresh_template(log, template)
        before, after = _changes(log, template, values, seen)
        worn, wanted = _labels(log, template, labels, seen)
        if set(wanted) != set(worn):
            before["labels"], after["labels"] = ([thing_fact(one) for one in some] for some in (worn, wanted))
        if after:
            log.record("template.changed", template, before=before, after=after)
            template.keep(*(name for name in after if name != "labels"))
            template.labels.set(wanted)
            if "assignee" in after:  # schedules that go by their clock
                Schedule.objects.filter(template=template, zone="", removed_at=None).wait_anew()
        return template


def _changes(
    log: Log, template: Template, values: dict[str, Any], seen: int | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put `values` on the template; the facts of those that differ, before and after."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    clashes: list[Clash] = []
    for name, value in values.items():
        try:
            settled = _settled(log, template, name, value, seen)
        except Clash as clash:
            clashes.append(clash)
            continue
        was = getattr(template, name)
        if settled != was:
            of = person_fact if name == "assignee" else str
            before[name], after[name] = of(was), of(settled)
            setattr(template, name, settled)
    if clashes:
        raise Clash([one for clash in clashes for one in clash.differences], template.version, template)
    return before, after


def _settled(log: Log, template: Template, name: str, value: Any, seen: int | None) -> Any:
    if name == "assignee":
        theirs, yours = template.assignee, value
        settle_value(
            log,
            template,
            name,
            "Assignee",
            theirs=person_fact(theirs),
            yours=person_fact(yours),
            seen=seen,
            values=(str(theirs.pk) if theirs else "", str(yours.pk) if yours else ""),
        )
        if yours != theirs:
            assignable(log, yours)
        return yours
    text = _free_name(log, value, template) if name == "name" else _clean(log, name, value)
    text = settle_text(log, template, name, TEXTS[name], text, seen, by_line=name in _BY_LINE)
    return text if name == "name" else _clean(log, name, text)


def _labels(
    log: Log, template: Template, labels: Iterable[Label] | None, seen: int | None
) -> tuple[list[Label], list[Label]]:
    """The labels that it has, and those that it is to have, with what somebody else did meanwhile."""
    worn = list(template.labels.all())
    if labels is None:
        return worn, worn
    wanted = [fresh_label(log, label) for label in labels]
    if seen is not None and template.changed_since("labels", seen):
        base, _ = base_of(log, template, "labels", seen)
        had = {fact["id"] for fact in base or []}
        mine = {str(label.uid): label for label in wanted}
        theirs = {str(label.uid): label for label in worn}
        kept = (mine.keys() & theirs.keys()) | (mine.keys() - had) | (theirs.keys() - had)
        wanted = [label for uid, label in (mine | theirs).items() if uid in kept]
    gone = [label for label in worn if label.removed_at is not None]  # no form offers them
    return worn, sorted({*wanted, *gone}, key=lambda label: (label.name, label.pk))


@action
def make_default(template: Template, is_default: bool, *, by: Any) -> Template:
    """Whether new cards of the board begin with this one; whichever did before does so no longer."""
    with writing(template.board, by) as log:
        template = fresh_template(log, template)
        if is_default:
            for other in Template.objects.filter(board=log.board, is_default=True, removed_at=None).exclude(
                pk=template.pk
            ):
                other.board = log.board
                _write_default(log, other, False)
        if template.is_default != is_default:
            _write_default(log, template, is_default)
        return template


def _write_default(log: Log, template: Template, is_default: bool) -> None:
    template.is_default = is_default
    before, after = {"is_default": not is_default}, {"is_default": is_default}
    log.record("template.made_default", template, before=before, after=after)
    template.keep("is_default")


@action
def remove_template(template: Template, *, by: Any) -> Template:
    """Take a template away, off the calendar too; cards that were begun from it stay as they are."""
    with writing(template.board, by) as log:
        template = fresh_template(log, template)
        if template.is_default:
            _write_default(log, template, False)
        for schedule in Schedule.objects.filter(template=template, removed_at=None):
            write_off_calendar(log, schedule, template)
        template.removed_at = log.now
        log.record("template.removed", template, before={"name": template.name})
        template.keep("removed_at")
        return template


def write_off_calendar(log: Log, schedule: Schedule, template: Template) -> None:
    """Take a schedule of a template off the calendar, within an open change."""
    schedule.board, schedule.removed_at, schedule.next_at = log.board, log.now, None
    log.record("schedule.removed", schedule, before={"template": thing_fact(template)})
    schedule.keep("removed_at", "next_at")


@action
def restore_template(template: Template, *, by: Any) -> Template:
    """Raises `Refused` when another template has its name by now."""
    with writing(template.board, by) as log:
        template = Template.objects.get(pk=template.pk, board=log.board)
        if template.removed_at is None:
            return template
        _free_name(log, template.name)
        template.removed_at = None
        log.record("template.restored", template, after=facts_of(template, template.labels.all()))
        template.keep("removed_at")
        return template


def _clean(log: Log, name: str, text: str) -> str:
    """One of the texts as it is kept; `Refused` beside its field."""
    if name in SPEC_FIELDS:
        return clean_spec(text, name)
    if name == "title":
        title = cleaned(text, field=name, what="The title", longest=limits.TITLE, needed=False)
        if odd := odd_mark(title):
            known = ", ".join(f"{{{mark}}}" for mark in MARKS)
            raise Refused(f"{odd} is not known. A title can have {known}.", name)
        return title
    steps = cleaned(text, field=name, what="The checklist", longest=limits.TEXT, lines=True, needed=False)
    lines = titles_in(steps)
    if len(lines) > limits.AT_ONCE:
        raise Refused(f"At most {limits.AT_ONCE} items; this has {len(lines)} lines.", name)
    for line in lines:
        cleaned(line, field=name, what="An item", longest=limits.ITEM)
    return steps


def _free_name(log: Log, name: str, besides: Template | None = None) -> str:
    name = cleaned(name, field="name", what="The name", longest=limits.TEMPLATE_NAME)
    taken = Template.objects.filter(board=log.board, removed_at=None, name=name)
    if (taken.exclude(pk=besides.pk) if besides else taken).exists():
        raise Refused(f"This board has a template called {name} already.", "name")
    return name
