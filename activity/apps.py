from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "activity"

    def ready(self) -> None:
        from activity import signals  # noqa: F401 — connects them
        from activity.log.replay.state import complete

        complete()
