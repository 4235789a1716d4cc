"""Every address. What isn't yours is a 404."""

from django.contrib import admin
from django.urls import include, path

from boards.urls import urlpatterns as board_addresses
from fluxboard.pages.home import home
from fluxboard.pages.urls import urlpatterns as card_addresses

handler500 = "fluxboard.health.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("", include("fluxboard.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include(([*board_addresses, *card_addresses], "boards"))),
]
