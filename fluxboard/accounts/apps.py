from django.apps import AppConfig
from django.db.models.signals import post_save


class AccountsConfig(AppConfig):
    name = "fluxboard.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """From here on a person's address and their sessions are followed up wherever they change."""
        from allauth.account.signals import password_changed, password_reset, password_set
        from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset

        from fluxboard.accounts import attempts, deactivation, email_addresses
        from fluxboard.accounts.models import User

        post_save.connect(email_addresses.after_save, sender=User, dispatch_uid="accounts.addresses")
        for signal in (password_changed, password_reset, password_set):
            signal.connect(deactivation.after_new_password, dispatch_uid="accounts.leaving")
            signal.connect(email_addresses.forget_change, dispatch_uid="accounts.address_change")
        password_reset.connect(email_addresses.after_reset, dispatch_uid="accounts.proved_by_reset")
        password_reset.connect(attempts.forgive_guesses, dispatch_uid="accounts.attempts")
        for signal in (authenticator_added, authenticator_removed, authenticator_reset):
            signal.connect(deactivation.after_new_factor, dispatch_uid="accounts.factors")
