"""Boards and memberships in the Django admin: to look at, and to change only through the logged actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from activity.errors import NotDone
from activity.log.record import By
from activity.models import Via
from boards import actions
from boards.models import Board, Invitation, Membership, Role
from fluxboard.accounts.admin_site import asks_again
from fluxboard.accounts.away import coming
from fluxboard.core.counting import counted


def as_admin(request: HttpRequest) -> By:
    """The admin who asks, through the door that the log calls `admin`."""
    return By(request.user, via=Via.ADMIN, now=timezone.now())


class LookOnly(admin.ModelAdmin):
    """Nothing is added, changed or deleted but by an action of ours."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def do_each(
        self, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any, By], Any], said: str
    ) -> None:
        """Do `act(row, by)` to each row by itself; say how many were done, and why the others were not."""
        done = 0
        for row in rows:
            try:
                act(row, as_admin(request))
            except NotDone as problem:
                self.message_user(request, f"{row}: {problem}", messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, f"{said}: {done}.", messages.SUCCESS)


class MembersInline(admin.TabularInline):
    model = Membership
    fields = ("user", "role")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@asks_again
@admin.register(Board)
class BoardAdmin(LookOnly):
    list_display = ("key", "name", "open_to", "cards_now", "people", "is_current", "created_at", "log")
    list_display_links = ("key", "name")
    list_filter = ("open_to", ("archived_at", admin.EmptyFieldListFilter), "wip_rule")
    search_fields = ("key", "name", "description", "members__name", "members__email", "former_keys__key")
    date_hierarchy = "created_at"
    inlines = (MembersInline,)
    actions = ("archive", "restore", "become_owner")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Board]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                cards_count=Count("cards", filter=Q(cards__archived_at=None), distinct=True),
                people_count=Count("memberships", distinct=True),
            )
        )

    @admin.display(description="cards", ordering="cards_count")
    def cards_now(self, board: Any) -> int:
        return board.cards_count

    @admin.display(ordering="people_count")
    def people(self, board: Any) -> int:
        return board.people_count

    @admin.display(boolean=True, description="current", ordering="archived_at")
    def is_current(self, board: Board) -> bool:
        return not board.is_archived

    @admin.display(description="log")
    def log(self, board: Board) -> str:
        address = reverse("admin:activity_activity_changelist")
        log = counted(board.seq, "activity", "activities")
        return format_html('<a href="{}?board__id__exact={}">{}</a>', address, board.pk, log)

    @admin.action(description="Archive the chosen boards")
    def archive(self, request: HttpRequest, rows: QuerySet[Board]) -> None:
        self.do_each(request, rows, lambda board, by: actions.archive_board(board, by=by), "Archived")

    @admin.action(description="Restore the chosen boards")
    def restore(self, request: HttpRequest, rows: QuerySet[Board]) -> None:
        self.do_each(request, rows, lambda board, by: actions.restore_board(board, by=by), "Restored")

    @admin.action(description="Make me an owner of the chosen boards")
    def become_owner(self, request: HttpRequest, rows: QuerySet[Board]) -> None:
        def act(board: Board, by: By) -> None:
            if actions.add_member(board, by.user, Role.OWNER, by=by).role != Role.OWNER:
                actions.change_role(board, by.user, Role.OWNER, by=by)

        self.do_each(request, rows, act, "You are an owner now")


class MembershipForm(forms.ModelForm):
    """Someone put on a board; the action itself writes, so the form only checks what it would refuse."""

    class Meta:
        model = Membership
        fields = ("board", "user", "role")

    def clean_board(self) -> Board:
        board = self.cleaned_data["board"]
        if board.is_archived:
            raise forms.ValidationError("This board is archived. Restore it first.")
        return board


@asks_again
@admin.register(Membership)
class MembershipAdmin(LookOnly):
    form = MembershipForm
    list_display = ("board", "user", "role")
    list_filter = ("role", "user__is_active", ("board", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("board", "user")
    search_fields = ("board__key", "board__name", "user__name", "user__email", "user__handle")
    autocomplete_fields = ("board", "user")
    ordering = ("board__name", "user__name")
    actions = ("make_owner", "make_member", "make_viewer", "end_absences", "remove")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        done = actions.add_member(obj.board, obj.user, obj.role, by=as_admin(request))
        obj.pk, obj.version = done.pk, done.version
        obj._state.adding = False

    @admin.action(description="Make them owners")
    def make_owner(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        self._give(request, rows, Role.OWNER)

    @admin.action(description="Make them members")
    def make_member(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        self._give(request, rows, Role.MEMBER)

    @admin.action(description="Make them viewers")
    def make_viewer(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        self._give(request, rows, Role.VIEWER)

    def _give(self, request: HttpRequest, rows: QuerySet[Membership], role: Role) -> None:
        def act(member: Membership, by: By) -> None:
            actions.change_role(member.board, member.user, role, by=by)

        self.do_each(request, rows, act, f"{role.label}s now")

    @admin.action(description="They are not away: take back what is ahead")
    def end_absences(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        def act(member: Membership, by: By) -> None:
            for one in coming(member.user, by.now):
                actions.come_back(member.user, one.id, by=by)

        self.do_each(request, rows, act, "Not away any more")

    @admin.action(description="Take them off the board")
    def remove(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        def act(member: Membership, by: By) -> None:
            actions.remove_member(member.board, member.user, by=by)

        self.do_each(request, rows, act, "Gone from the board")


@admin.register(Invitation)
class InvitationAdmin(LookOnly):
    list_display = (
        "board",
        "email",
        "role",
        "invited_by",
        "created_at",
        "expires_at",
        "accepted_by",
        "revoked_at",
    )
    list_filter = (
        "role",
        ("accepted_at", admin.EmptyFieldListFilter),
        ("board", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("board", "invited_by", "accepted_by")
    search_fields = ("board__key", "board__name", "email", "invited_by__name")
    fields = (
        "board",
        "role",
        "email",
        "claims",
        "person",
        "invited_by",
        "created_at",
        "expires_at",
        "revoked_at",
        "declined_at",
        "accepted_by",
        "accepted_at",
    )
