"""What a board is made of."""

from boards.models.board import KEY_PATTERN, Board, FormerKey
from boards.models.board_template import BoardTemplate
from boards.models.card import SPEC_FIELDS, Card, FormerCardKey
from boards.models.check_in import CheckIn
from boards.models.checklist import Checklist, Item
from boards.models.column import Column, Fold
from boards.models.imported import Import, ImportedPerson
from boards.models.imported_board import CarriedPerson, Elsewhere
from boards.models.invitation import Invitation
from boards.models.label import Label
from boards.models.membership import Membership, Role
from boards.models.rota import RotaPlace
from boards.models.schedule import Schedule
from boards.models.search import OwnSearch, Search
from boards.models.template import Template
from boards.models.trial import Trial, TrialAnswer, TrialVoice
from boards.models.watch import Watch
from boards.models.weekly_link import WeeklyLink
from boards.models.welcome import Welcome

__all__ = [
    "KEY_PATTERN",
    "SPEC_FIELDS",
    "Board",
    "BoardTemplate",
    "Card",
    "CarriedPerson",
    "CheckIn",
    "Checklist",
    "Column",
    "Elsewhere",
    "Fold",
    "FormerCardKey",
    "FormerKey",
    "Import",
    "ImportedPerson",
    "Invitation",
    "Item",
    "Label",
    "Membership",
    "OwnSearch",
    "Role",
    "RotaPlace",
    "Schedule",
    "Search",
    "Template",
    "Trial",
    "TrialAnswer",
    "TrialVoice",
    "Watch",
    "WeeklyLink",
    "Welcome",
]
