from django.apps import AppConfig
from django.db.models.signals import post_save


class AccountsConfig(AppConfig):
    name = "fluxboard.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """From here on a person's address and their sessions are followed up wherever they change."""
        from allauth.account.signals import password_changed, password_reset, password_set

        from fluxboard.accounts.addresses import after_save
        from fluxboard.accounts.leaving import after_new_password
        from fluxboard.accounts.models import User

        post_save.connect(after_save, sender=User, dispatch_uid="accounts.addresses")
        for signal in (password_changed, password_reset, password_set):
            signal.connect(after_new_password, dispatch_uid="accounts.leaving")
