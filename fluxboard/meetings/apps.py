from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "fluxboard.meetings"

    def ready(self) -> None:
        from fluxboard.meetings import undo  # noqa: F401
