"""Every address. What isn't yours is a 404."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("fluxboard.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
