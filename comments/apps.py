from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from boards.actions.cards import LUGGAGE
        from boards.viewing import WAITING
        from comments import luggage, undoing  # noqa: F401
        from comments.waiting import counting_waits

        LUGGAGE.append(luggage)
        WAITING.append(counting_waits)
