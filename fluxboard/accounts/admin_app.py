"""Django's admin as an application of this project: with our site instead of Django's own."""

from django.contrib.admin.apps import AdminConfig


class AdminApp(AdminConfig):
    default_site = "fluxboard.accounts.admin_site.Site"
