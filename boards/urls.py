"""Addresses of boards and what stands on them. `fluxboard.urls` puts them in the namespace `boards`."""

from django.urls import path, register_converter

from boards.models import KEY_PATTERN
from boards.views import (
    board_templates,
    boards,
    bulk,
    columns,
    copies,
    erase,
    invitations,
    labels,
    members,
    searches,
    settings,
    templates,
    undo,
    watching,
)


class BoardKey:
    """FLX."""

    regex = KEY_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class CardKey(BoardKey):
    """FLX-12."""

    regex = rf"{KEY_PATTERN}-[1-9][0-9]{{0,8}}"


register_converter(BoardKey, "board")
register_converter(CardKey, "card")

urlpatterns = [
    path("b/new/", boards.new, name="board_new"),
    path("b/templates/", board_templates.listed, name="board_templates"),
    path("b/templates/<int:pk>/delete/", board_templates.delete, name="board_template_delete"),
    path("b/<board:key>/template/", board_templates.save, name="board_template_save"),
    path("b/<board:key>/copy/", board_templates.copy, name="board_copy"),
    path("b/<board:key>/", boards.board, name="board"),
    path("b/<board:key>/presence/", boards.presence, name="presence"),
    path("b/<board:key>/seen/", boards.seen, name="seen"),
    path("b/<board:key>/watch/", watching.board, name="board_watch"),
    path("c/<card:key>/watch/", watching.card, name="card_watch"),
    path("b/<board:key>/do/<slug:part>/", boards.do, name="board_do"),
    path("b/<board:key>/cards/new/", boards.new_card, name="card_new"),
    path("b/<board:key>/undo/<int:seq>/", undo.undo, name="undo"),
    path("b/<board:key>/settings/", settings.general, name="settings"),
    path("b/<board:key>/settings/members/", settings.members, name="settings_members"),
    path("b/<board:key>/settings/columns/", settings.columns, name="settings_columns"),
    path("b/<board:key>/settings/labels/", settings.labels, name="settings_labels"),
    path("b/<board:key>/erase/<int:pk>/", erase.person, name="person_erase"),
    path("c/<card:key>/copy/", copies.card, name="card_copy"),
    path("c/<card:key>/checklists/<int:pk>/copy/", copies.checklist, name="checklist_copy"),
    path("c/<card:key>/erase/", erase.card, name="card_erase"),
    path("b/<board:key>/columns/new/", columns.new, name="column_new"),
    path("b/<board:key>/columns/<int:pk>/do/<slug:part>/", columns.do, name="column_do"),
    path("b/<board:key>/columns/<int:pk>/cards/<slug:part>/", bulk.several, name="column_cards"),
    path("b/<board:key>/columns/<int:pk>/fold/", columns.fold, name="column_fold"),
    path("b/<board:key>/labels/new/", labels.new, name="label_new"),
    path("b/<board:key>/labels/<int:pk>/do/<slug:part>/", labels.do, name="label_do"),
    path("b/<board:key>/searches/new/", searches.new, name="search_new"),
    path("b/<board:key>/searches/<int:pk>/do/<slug:part>/", searches.do, name="search_do"),
    path("b/<board:key>/settings/templates/", settings.templates, name="settings_templates"),
    path("b/<board:key>/templates/new/", templates.new, name="template_new"),
    path("b/<board:key>/schedules/new/", templates.new_schedule, name="schedule_new"),
    path("b/<board:key>/schedules/<int:pk>/do/<slug:part>/", templates.do_schedule, name="schedule_do"),
    path("b/<board:key>/templates/<int:pk>/do/<slug:part>/", templates.do, name="template_do"),
    path("b/<board:key>/columns/<int:pk>/templates/", templates.choices, name="template_choices"),
    path("b/<board:key>/members/new/", members.new, name="member_new"),
    path("b/<board:key>/members/<int:pk>/do/<slug:part>/", members.do, name="member_do"),
    path("b/<board:key>/invitations/new/", invitations.new, name="invitation_new"),
    path("b/<board:key>/invitations/<int:pk>/revoke/", invitations.revoke, name="invitation_revoke"),
    path("invitations/<int:pk>/accept/", invitations.answer, {"part": "accept"}, name="invitation_accept"),
    path("invitations/<int:pk>/decline/", invitations.answer, {"part": "decline"}, name="invitation_decline"),
    path("join/<str:token>/", invitations.accept, name="join"),
]
