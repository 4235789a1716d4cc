"""Every address. What isn't yours is a 404."""

from django.contrib import admin
from django.urls import include, path

from boards.urls import urlpatterns as board_addresses
from fluxboard.pages import carrying, catch_up, decisions, digest, imports, standup, uploads, waiting
from fluxboard.pages.home import home
from fluxboard.pages.search import search_page
from fluxboard.pages.urls import urlpatterns as card_addresses

handler429 = "fluxboard.accounts.rates.too_many"  # django-allauth asks for it by this name
handler500 = "fluxboard.health.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("search/", search_page, name="search"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/counts/", waiting.counts, name="waiting_counts"),
    path("waiting/later/", waiting.later, name="waiting_later"),
    path("standup/", standup.standup, name="standup"),
    path("standup/read/", standup.read, name="standup_read"),
    path("standup/news/", standup.news, name="standup_news"),
    path("catch-up/", catch_up.catch_up, name="catch_up"),
    path("digest/off/<str:token>/", digest.off, name="digest_off"),
    path("import/", imports.imports, name="imports"),
    path("import/board/", carrying.imports, name="board_imports"),
    path("import/board/<uuid:id>/", carrying.upload, name="board_import"),
    path("import/board/<uuid:id>/start/", carrying.start, name="board_import_start"),
    path("import/board/<uuid:id>/discard/", uploads.discard_board, name="board_import_discard"),
    path("import/<uuid:id>/", imports.upload, name="import"),
    path("import/<uuid:id>/choose/", imports.choose, name="import_choose"),
    path("import/<uuid:id>/start/", imports.start, name="import_start"),
    path("import/<uuid:id>/discard/", uploads.discard_trello, name="import_discard"),
    path("", include("fluxboard.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include(([*board_addresses, *card_addresses], "boards"))),
]
