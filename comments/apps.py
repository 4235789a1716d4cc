from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from boards.actions.cards.extensions import CARD_EXTENSIONS
        from boards.board_page.viewer import WAITING
        from comments import card_transfer, undo  # noqa: F401
        from comments.waiting import counting_waits

        CARD_EXTENSIONS.append(card_transfer)
        WAITING.append(counting_waits)
