"""Addresses of cards and of what stands on them. `fluxboard.urls` puts them in the namespace `boards`."""

from django.urls import path

import boards.urls  # noqa: F401 — registers the converters
from boards.views import cards, checklists
from comments import views as comments
from fluxboard.features.answers import views as answers
from fluxboard.features.archive import views as bin_page
from fluxboard.features.away import views as away
from fluxboard.features.board_export import views as board_export
from fluxboard.features.card_page import views as card_page
from fluxboard.features.catch_up import views as catch_up
from fluxboard.features.check_in import views as check_in
from fluxboard.features.decisions import views as decisions
from fluxboard.features.insight import views as insight
from fluxboard.features.meetings import views as meetings
from fluxboard.features.now import views as now
from fluxboard.features.standup import views as standup
from fluxboard.features.time_travel import views as time_travel
from fluxboard.features.trial import views as trial
from fluxboard.features.verification import views as verification
from fluxboard.features.weekly import links as weekly_links
from fluxboard.features.weekly import views as weekly
from fluxboard.features.welcome import views as welcome

urlpatterns = [
    path("c/<card:key>/", card_page.card, name="card"),
    path("c/<card:key>/parts/", card_page.parts, name="card_parts"),
    path("c/<card:key>/history/", card_page.history, name="card_history"),
    path("c/<card:key>/since/", card_page.since, name="card_since"),
    path("c/<card:key>/menu/", cards.menu, name="card_menu"),
    path("c/<card:key>/edit/<slug:form>/", cards.edit, name="card_edit"),
    path("c/<card:key>/do/posted/", comments.post, name="comment_post"),
    path("c/<card:key>/do/asked/", comments.post, {"kind": "question"}, name="question_ask"),
    path("c/<card:key>/do/recorded/", comments.post, {"kind": "decision"}, name="decision_record"),
    path("c/<card:key>/answers/", answers.for_question, name="question_answers"),
    path("c/<card:key>/comments/<int:pk>/answers/", answers.for_asked, name="asked_answers"),
    path("b/<board:key>/answers/", answers.for_card, name="card_answers"),
    path("c/<card:key>/ask/", comments.ask, name="question_new"),
    path("c/<card:key>/decide/", comments.decide, name="decision_new"),
    path("c/<card:key>/outcome/", comments.outcome, name="card_outcome"),
    path("b/<board:key>/outcomes/new/", comments.board_outcome, name="outcome_new"),
    path("c/<card:key>/decisions/<int:pk>/do/<slug:part>/", comments.do_decision, name="decision_do"),
    path("b/<board:key>/decisions/", decisions.board_decisions, name="decisions"),
    path("b/<board:key>/decisions/<int:number>/", comments.decision, name="decision"),
    path("c/<card:key>/do/checklist-added/", checklists.add, name="checklist_add"),
    path("c/<card:key>/do/<slug:part>/", cards.do, name="card_do"),
    path("c/<card:key>/checklists/<int:pk>/do/<slug:part>/", checklists.checklist_do, name="checklist_do"),
    path("c/<card:key>/items/<int:pk>/do/<slug:part>/", checklists.item_do, name="item_do"),
    path("c/<card:key>/comments/<int:pk>/do/<slug:part>/", comments.do, name="comment_do"),
    path("b/<board:key>/archive/", bin_page.archive, name="archive"),
    path("b/<board:key>/catch-up/", catch_up.board_catch_up, name="catch_up"),
    path("b/<board:key>/export/", board_export.export, name="export"),
    path("b/<board:key>/export/<uuid:id>/", board_export.export_file, name="export_file"),
    path("b/<board:key>/settings/record/", verification.record, name="settings_record"),
    path("b/<board:key>/at/", time_travel.past, name="past"),
    path("b/<board:key>/start/", welcome.start, name="start"),
    path("b/<board:key>/meetings/", meetings.meetings, name="meetings"),
    path("b/<board:key>/meetings/new/", meetings.new, name="meeting_new"),
    path("b/<board:key>/meetings/next/", meetings.choose, name="meeting_next"),
    path("b/<board:key>/meetings/<int:number>/", meetings.meeting, name="meeting"),
    path("b/<board:key>/meetings/<int:number>/meeting.ics", meetings.calendar, name="meeting_ics"),
    path("b/<board:key>/meetings/<int:number>/do/<slug:part>/", meetings.do, name="meeting_do"),
    path(
        "b/<board:key>/meetings/<int:number>/topics/<int:pk>/do/<slug:part>/",
        meetings.do_topic,
        name="topic_do",
    ),
    path("b/<board:key>/now/", now.board_now, name="now"),
    path("b/<board:key>/insight/", insight.board_insight, name="insight"),
    path("b/<board:key>/weekly/", weekly.weekly, name="weekly"),
    path("b/<board:key>/weekly/links/", weekly_links.links, name="weekly_links"),
    path("b/<board:key>/weekly/links/<int:pk>/revoke/", weekly_links.revoke, name="weekly_link_revoke"),
    path("b/<board:key>/trial/", trial.trial, name="trial"),
    path("b/<board:key>/trial/new/", trial.new, name="trial_new"),
    path("b/<board:key>/trial/<int:pk>/", trial.report, name="trial_report"),
    path("b/<board:key>/trial/<int:pk>/answer/", trial.question, name="trial_answer"),
    path("b/<board:key>/trial/<int:pk>/do/<slug:part>/", trial.do, name="trial_do"),
    path("b/<board:key>/members/<int:pk>/away/", away.member_page, name="member_away"),
    path(
        "b/<board:key>/members/<int:pk>/away/<uuid:id>/change/",
        away.change_members,
        name="member_away_change",
    ),
    path(
        "b/<board:key>/members/<int:pk>/away/<uuid:id>/back/",
        away.take_members_back,
        name="member_away_back",
    ),
    path("b/<board:key>/check-in/", check_in.check_in, name="check_in"),
    path("b/<board:key>/check-in/back/", check_in.take_back, name="check_in_back"),
    path("b/<board:key>/check-in/want/", check_in.want, name="check_in_want"),
    path("b/<board:key>/standup/", standup.board_standup, name="standup"),
    path("b/<board:key>/people.json", card_page.people, name="people"),
]
