"""The log in the Django admin: read-only, with search and filters by board, person, verb and time."""

from __future__ import annotations

import json
import re
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from activity.log.replay.state import ERASED
from activity.log.verbs import VERBS
from activity.models import Activity, ActivityContent

_PLACE = re.compile(r"([A-Za-z][A-Za-z0-9]{1,7})([-:])([0-9]{1,9})")


class VerbFilter(admin.SimpleListFilter):
    """By verb, from the registry, so that no query over the whole log is needed to list them."""

    title = "verb"
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(VERBS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> QuerySet[Activity]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(Activity)
class ActivityAdmin(admin.ModelAdmin):
    """The search takes `FLX-12` (a card), `FLX:345` (a place in a board's log), or words.

    Words are looked for in the board's and the person's name, the verb, and the texts that people typed.
    """

    list_display = ("place", "at", "actor", "verb", "card", "via", "summary")
    list_display_links = ("place",)
    list_filter = (
        ("board", admin.RelatedOnlyFieldListFilter),
        ("actor", admin.RelatedOnlyFieldListFilter),
        VerbFilter,
        "at",
        "via",
    )
    list_select_related = ("board", "actor", "card__board")
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "at"
    ordering = ("-id",)
    search_fields = ("board__key", "board__name", "actor__name", "actor__email", "verb")
    search_help_text = "FLX-12 for a card, FLX:345 for a place in the log, or words."
    fields = (
        "place",
        "at",
        "source_at",
        "actor",
        "verb",
        "subject",
        "card",
        "said_before",
        "said_after",
        "via",
        "request_id",
        "schema",
        "chain",
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Activity], search_term: str
    ) -> tuple[QuerySet[Activity], bool]:
        named = _PLACE.fullmatch(search_term.strip())
        if named:
            key, kind, number = named[1].upper(), named[2], int(named[3])
            if kind == ":":
                return queryset.filter(board__key=key, seq=number), False
            return queryset.filter(card__board__key=key, card__number=number), False
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if not term:
            return found, may_repeat
        digests = list(
            ActivityContent.objects.filter(text__icontains=term).values_list("digest", flat=True)[:500]
        )
        if not digests:
            return found, may_repeat
        named_in = Q()
        for side in ("before", "after"):
            for fact in _TYPED:
                named_in |= Q(**{f"{side}__{fact}__text__in": digests})
        return (found | queryset.filter(named_in)), may_repeat

    @admin.display(description="place", ordering="id")
    def place(self, activity: Activity) -> str:
        return f"{activity.board.key}:{activity.seq}"

    @admin.display(description="before → after")
    def summary(self, activity: Activity) -> str:
        words = f"{_short(activity.before)} → {_short(activity.after)}"
        return words if len(words) <= 120 else f"{words[:119]}…"

    @admin.display(description="before")
    def said_before(self, activity: Activity) -> str:
        return format_html("<pre>{}</pre>", _in_full(activity.before))

    @admin.display(description="after")
    def said_after(self, activity: Activity) -> str:
        return format_html("<pre>{}</pre>", _in_full(activity.after))

    @admin.display(description="digest, previous hash, hash")
    def chain(self, activity: Activity) -> str:
        hashes = (activity.digest, activity.previous_hash, activity.hash)
        return format_html("<pre>{}</pre>", "\n".join(bytes(one).hex() for one in hashes))


_TYPED = sorted({fact for verb in VERBS.values() for fact in verb.texts})


def _short(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_word(value)}" for name, value in facts.items())


def _word(value: Any) -> str:
    if isinstance(value, dict):
        if "text" in value:
            return "(text)"
        return str(value.get("name") or value.get("key") or "…")
    return "none" if value in (None, "") else str(value)


def _in_full(facts: dict[str, Any]) -> str:
    """The facts as JSON, each digest followed by its text, or a word that the text has been erased."""
    digests = [value["text"] for value in facts.values() if isinstance(value, dict) and "text" in value]
    texts = dict(ActivityContent.objects.filter(digest__in=digests).values_list("digest", "text"))
    lines = [json.dumps(facts, indent=2, ensure_ascii=False, sort_keys=True)]
    lines += [f"\n{digest[:12]}…\n{texts.get(digest, ERASED)}" for digest in digests]
    return "\n".join(lines)
