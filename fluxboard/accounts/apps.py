from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "fluxboard.accounts"
    label = "accounts"
    verbose_name = "People"
