"""What an export holds beside the log: each file of state, the fields of a line, and where they live here.

Things and people are named by uid. A file's lines stand in the order in which the rows were made, so that a
board which was carried in gives the same lines again.
"""

from __future__ import annotations

from activity.log.board_verbs import TRIAL_CHOICES
from activity.log.values import Kind as ValueKind
from boards.card_fields import CARD_FIELDS, CardField, optional_fields
from boards.imported_boards import BLOCKED_BY, PROMOTED_TO, SUPERSEDED_BY
from boards.models import (
    KEY_PATTERN,
    SPEC_FIELDS,
    Board,
    Card,
    CheckIn,
    Checklist,
    Column,
    FormerCardKey,
    FormerKey,
    Import,
    Item,
    Label,
    Membership,
    Role,
    RotaPlace,
    Schedule,
    Search,
    Template,
    Trial,
)
from boards.models.check_in import CHECK_INS
from boards.models.trial import LARGEST, LONGEST
from comments.models import Agreement, Ask, Comment, Confirmation, Decision
from comments.models import How as DecidedHow
from fluxboard.core import limits
from fluxboard.core.recurrence import WEEKDAYS
from fluxboard.features.board_export import field_types as k
from fluxboard.features.board_export.lines import Field, maybe_moment, people, person, row
from fluxboard.features.board_export.meeting_tables import MEETING_TABLES
from fluxboard.features.board_export.table import POSITION, THING, Table


def of_card(field: CardField) -> Field:
    """A value of a card, by its kind."""
    match field.kind:
        case ValueKind.PERSON:
            return person(field.name, may_be_nobody=True)
        case ValueKind.DAY:
            return Field(field.name, k.maybe(k.day))
        case ValueKind.CHOICE:
            return Field(field.name, k.one_of("", *field.value.choices), before="")
    return Field(field.name, k.text(field.longest))


TABLES = (
    Table(
        "board",
        Board,
        "pk",
        (
            *THING,
            Field("seq", k.number(1)),
            Field("key", k.matching(KEY_PATTERN, "a key")),
            Field("name", k.text(limits.BOARD_NAME, needed=True)),
            Field("description", k.text(limits.TEXT)),
            Field("open_to", k.one_of(*(value for value, _ in Board.OPEN_TO))),
            Field("wip_rule", k.one_of(*Board.WipRule.values)),
            Field("stale_after", k.number(1, 365)),
            Field("answer_days", k.number(1, 30)),
            Field("check_ins", k.one_of(*CHECK_INS), before=""),
            Field("card_fields", k.many(k.one_of(*optional_fields())), before=[]),
            Field("next_number", k.number(1, k.WHOLE)),
            Field("next_decision", k.number(1, k.WHOLE)),
            maybe_moment("archived_at"),
            Field("created_at", k.moment),
        ),
        computed=frozenset({"look", "members"}),
    ),
    Table(
        "members",
        Membership,
        "board",
        (person("user"), Field("role", k.one_of(*Role.values)), Field("version", k.number())),
        computed=frozenset({"board", "wants_check_in"}),
    ),
    Table(
        "former_keys",
        FormerKey,
        "board",
        (Field("key", k.matching(KEY_PATTERN, "a key")),),
        order="key",
        computed=frozenset({"board"}),
    ),
    Table(
        "columns",
        Column,
        "board",
        (
            *THING,
            Field("name", k.text(limits.COLUMN_NAME, needed=True)),
            POSITION,
            Field("wip_limit", k.maybe(k.number(1, k.SMALL))),
            Field("is_done", k.flag),
            maybe_moment("archived_at"),
        ),
        computed=frozenset({"board"}),
    ),
    Table(
        "labels",
        Label,
        "board",
        (
            *THING,
            Field("name", k.text(limits.LABEL_NAME, needed=True)),
            Field("hue", k.number(1, 8)),
            maybe_moment("removed_at"),
        ),
        computed=frozenset({"board"}),
    ),
    Table(
        "searches",
        Search,
        "board",
        (
            *THING,
            Field("name", k.text(limits.SEARCH_NAME, needed=True)),
            Field("query", k.text(limits.SEARCH, needed=True)),
            maybe_moment("removed_at"),
        ),
        computed=frozenset({"board"}),
        is_newer=True,
    ),
    Table(
        "templates",
        Template,
        "board",
        (
            *THING,
            Field("name", k.text(limits.TEMPLATE_NAME, needed=True)),
            Field("title", k.text(limits.TITLE)),
            *(Field(name, k.text(limits.TEXT)) for name in SPEC_FIELDS),
            Field("steps", k.text(limits.TEXT)),
            Field("labels", k.many(k.uid), "labels", many=True),
            person("assignee", may_be_nobody=True),
            Field("is_default", k.flag),
            maybe_moment("removed_at"),
        ),
        computed=frozenset({"board"}),
        is_newer=True,
    ),
    Table(
        "schedules",
        Schedule,
        "board",
        (
            *THING,
            row("template", "templates"),
            row("column", "columns"),
            Field("rule", k.rule),
            Field("first", k.near_day),
            Field("time", k.time),
            Field("zone", k.zone),
            Field("upto", k.maybe(k.near_day)),
            maybe_moment("next_at"),
            Field("is_paused", k.flag),
            person("made_by"),
            maybe_moment("removed_at"),
        ),
        computed=frozenset({"board"}),
        is_newer=True,
    ),
    Table(
        "rota",
        RotaPlace,
        "schedule__board",
        (
            row("schedule", "schedules"),
            person("person"),
            Field("place", k.number(0, k.SMALL)),
            Field("last", k.maybe(k.near_day)),
        ),
        is_newer=True,
    ),
    Table(
        "checkins",
        CheckIn,
        "board",
        (
            *THING,
            person("person"),
            Field("day", k.near_day),
            Field("text", k.text(limits.CHECK_IN)),
            Field("shown", k.check_in),
            Field("at", k.moment),
            maybe_moment("removed_at"),
        ),
        computed=frozenset({"board"}),
        is_newer=True,
    ),
    Table(
        "trials",
        Trial,
        "board",
        (
            *THING,
            Field("stops", k.near_day),
            Field("minutes", k.number(1, LONGEST)),
            Field("team", k.number(1, LARGEST)),
            Field("weekdays", k.many(k.one_of(*WEEKDAYS), 7)),
            Field("choice", k.one_of("", *TRIAL_CHOICES)),
            Field("text", k.text(limits.TRIAL_TEXT)),
            Field("report", k.facts),
            maybe_moment("removed_at"),
        ),
        computed=frozenset({"board"}),
        is_newer=True,
    ),
    Table(
        "cards",
        Card,
        "board",
        (
            *THING,
            Field("number", k.number(1, k.WHOLE)),
            row("column", "columns"),
            POSITION,
            *(of_card(field) for field in CARD_FIELDS.values()),
            people("participants"),
            Field("labels", k.many(k.uid), "labels", many=True),
            Field("is_blocked", k.flag),
            Field("blocked_reason", k.text(limits.REASON)),
            person("blocked_by_user", may_be_nobody=True),
            row("blocked_by_card", "cards", may_be_none=True, elsewhere=BLOCKED_BY),
            maybe_moment("blocked_at"),
            maybe_moment("archived_at"),
            Field("moved_at", k.moment),
            Field("created_at", k.moment),
            Field("salt", k.hexadecimal(16)),
        ),
        computed=frozenset(
            {
                "board",
                "items_total",
                "items_done",
                "comments_count",
                "decisions_count",
                "questions_open",
                "threads_escalated",
            }
        ),
    ),
    Table(
        "former_numbers",
        FormerCardKey,
        "board",
        (Field("number", k.number(1, k.WHOLE)), Field("card", k.uid)),
        order="number",
        computed=frozenset({"board"}),
    ),
    Table(
        "checklists",
        Checklist,
        "card__board",
        (
            *THING,
            row("card", "cards"),
            Field("name", k.text(limits.CHECKLIST_NAME)),
            POSITION,
            maybe_moment("removed_at"),
        ),
    ),
    Table(
        "items",
        Item,
        "checklist__card__board",
        (
            *THING,
            row("checklist", "checklists"),
            Field("text", k.text(limits.ITEM)),
            POSITION,
            maybe_moment("checked_at"),
            person("checked_by", may_be_nobody=True),
            row("promoted_to", "cards", may_be_none=True, elsewhere=PROMOTED_TO),
            maybe_moment("removed_at"),
        ),
    ),
    Table(
        "comments",
        Comment,
        "card__board",
        (
            *THING,
            row("card", "cards"),
            row("parent", "comments", may_be_none=True),
            person("author"),
            Field("kind", k.one_of(*Comment.Kind.values)),
            Field("text", k.text(limits.TEXT)),
            Field("at", k.moment),
            maybe_moment("source_at"),
            maybe_moment("edited_at"),
            maybe_moment("removed_at"),
            person("removed_by", may_be_nobody=True),
            people("mentions"),
            maybe_moment("escalated_at"),
            maybe_moment("settled_at"),
            Field("settled_how", k.one_of("", *Comment.Settled.values)),
            Field("answered_by", k.maybe(k.uid), before=None),
        ),
    ),
    Table(
        "asks",
        Ask,
        "comment__card__board",
        (
            row("comment", "comments"),
            person("person"),
            maybe_moment("answer_by"),
            maybe_moment("nudged_at"),
            Field("handed_to", k.maybe(k.uid), "asks"),
        ),
    ),
    Table(
        "decisions",
        Decision,
        "board",
        (
            *THING,
            Field("number", k.number(1, k.WHOLE)),
            row("card", "cards"),
            row("comment", "comments"),
            row("grew_from", "comments", may_be_none=True),
            Field("text", k.text(limits.TEXT)),
            Field("how", k.one_of(*DecidedHow.values)),
            people("decided_by"),
            person("recorded_by"),
            Field("at", k.moment),
            row("superseded_by", "decisions", may_be_none=True, elsewhere=SUPERSEDED_BY),
            Field("review_on", k.maybe(k.day), before=None),
            Field("next_review_on", k.maybe(k.day), before=None),
        ),
        computed=frozenset({"board", "agreed_by"}),
    ),
    Table(
        "agreements",
        Agreement,
        "decision__board",
        (row("decision", "decisions"), person("person"), Field("at", k.moment)),
    ),
    Table(
        "confirmations",
        Confirmation,
        "decision__board",
        (row("decision", "decisions"), Field("round", k.day), person("person"), Field("at", k.moment)),
        is_newer=True,
    ),
    *MEETING_TABLES,
    Table(
        "origins",
        Import,
        "board",
        (
            Field("source", k.text(20, needed=True)),
            Field("source_id", k.text(64, needed=True)),
            Field("fingerprint", k.hexadecimal(32)),
            person("by"),
            Field("report", k.report),
            Field("at", k.moment),
        ),
        computed=frozenset({"board"}),
    ),
)
BY_NAME = {table.name: table for table in TABLES}
