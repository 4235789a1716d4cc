from tests.cards.conftest import ana, board, card, kenji, priya, sam, visit

__all__ = ["ana", "board", "card", "kenji", "priya", "sam", "visit"]
