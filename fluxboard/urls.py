"""Every address. What isn't yours is a 404."""

from django.contrib import admin
from django.urls import include, path

from boards.urls import urlpatterns as board_addresses
from fluxboard.features.away import views as away
from fluxboard.features.board_export import views as board_export
from fluxboard.features.catch_up import views as catch_up
from fluxboard.features.decisions import views as decisions
from fluxboard.features.digest import views as digest
from fluxboard.features.home.views import home
from fluxboard.features.insight import views as insight
from fluxboard.features.now import views as now
from fluxboard.features.search import saved_views
from fluxboard.features.search.views import search_page
from fluxboard.features.standup import views as standup
from fluxboard.features.trello import views as trello
from fluxboard.features.uploads import views as uploads
from fluxboard.features.urls import urlpatterns as card_addresses
from fluxboard.features.waiting import views as waiting
from fluxboard.features.weekly import links as weekly_links

handler429 = "fluxboard.accounts.rate_limits.too_many"  # django-allauth asks for it by this name
handler500 = "fluxboard.server.middleware.health.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("search/", search_page, name="search"),
    path("search/saved/", saved_views.save, name="search_save"),
    path("search/saved/<int:pk>/rename/", saved_views.rename, name="own_search_rename"),
    path("search/saved/<int:pk>/share/", saved_views.share, name="own_search_share"),
    path("search/saved/<int:pk>/delete/", saved_views.delete, name="own_search_delete"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("now/", now.now, name="now"),
    path("insight/", insight.insight, name="insight"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/counts/", waiting.counts, name="waiting_counts"),
    path("waiting/later/", waiting.later, name="waiting_later"),
    path("standup/", standup.standup, name="standup"),
    path("standup/read/", standup.read, name="standup_read"),
    path("standup/news/", standup.news, name="standup_news"),
    path("catch-up/", catch_up.catch_up, name="catch_up"),
    path("digest/off/<str:token>/", digest.off, name="digest_off"),
    path("week/<str:token>/", weekly_links.public, name="weekly_public"),
    path("import/", trello.imports, name="imports"),
    path("import/board/", board_export.imports, name="board_imports"),
    path("import/board/<uuid:id>/", board_export.upload, name="board_import"),
    path("import/board/<uuid:id>/start/", board_export.start, name="board_import_start"),
    path("import/board/<uuid:id>/discard/", uploads.discard_board, name="board_import_discard"),
    path("import/<uuid:id>/", trello.upload, name="import"),
    path("import/<uuid:id>/choose/", trello.choose, name="import_choose"),
    path("import/<uuid:id>/start/", trello.start, name="import_start"),
    path("import/<uuid:id>/discard/", uploads.discard_trello, name="import_discard"),
    path("me/away/", away.my_page, name="away"),
    path("me/away/<uuid:id>/change/", away.change_mine, name="away_change"),
    path("me/away/<uuid:id>/back/", away.take_mine_back, name="away_back"),
    path("", include("fluxboard.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include(([*board_addresses, *card_addresses], "boards"))),
]
