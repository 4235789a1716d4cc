from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class FluxboardConfig(AppConfig):
    name = "fluxboard"

    def ready(self) -> None:
        from fluxboard.server.database_roles import grant_after_migrate

        # Django sends the signal only for applications with models; once is enough, all tables exist by then.
        post_migrate.connect(grant_after_migrate, sender=apps.get_app_config("activity"))
