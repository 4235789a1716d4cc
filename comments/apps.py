from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from boards.actions.cards import LUGGAGE
        from comments import luggage, undoing  # noqa: F401

        LUGGAGE.append(luggage)
