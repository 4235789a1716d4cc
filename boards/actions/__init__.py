"""Everything that can be done to a board. Nothing else changes one."""

from boards.actions.absences import change_absence, come_back, say_away
from boards.actions.board import (
    archive_board,
    close_board,
    configure_board,
    describe_board,
    open_board,
    rekey_board,
    rename_board,
    restore_board,
    suggested_key,
)
from boards.actions.cards.archive import archive_card, restore_card
from boards.actions.cards.block import block_card, unblock_card
from boards.actions.cards.bulk import archive_cards, move_cards
from boards.actions.cards.create import COPIED, copy_card, create_card, create_cards
from boards.actions.cards.edit import (
    date_card,
    label_card,
    retitle_card,
    set_value,
    specify_card,
    unlabel_card,
)
from boards.actions.cards.move import move_card
from boards.actions.cards.people import assign_card, join_card, leave_card
from boards.actions.cards.transfer import transfer_card
from boards.actions.checklists import (
    add_checklist,
    add_items,
    check_item,
    copy_checklist,
    move_item,
    remove_checklist,
    remove_item,
    rename_checklist,
    restore_checklist,
    restore_item,
    reword_item,
    uncheck_item,
)
from boards.actions.columns import (
    add_column,
    archive_column,
    limit_column,
    mark_done_column,
    move_column,
    rename_column,
    restore_column,
)
from boards.actions.erase import erase_card, erase_person
from boards.actions.labels import create_label, recolour_label, remove_label, rename_label, restore_label
from boards.actions.membership import add_member, change_role, remove_member
from boards.actions.plans import COPIED_OF_A_BOARD, copy_board, create_board, save_board_template
from boards.actions.promotion import promote_item
from boards.actions.searches import (
    remove_search,
    rename_own_search,
    rename_search,
    restore_search,
    save_own_search,
    save_search,
)
from boards.actions.templates import (
    change_template,
    make_default,
    remove_template,
    restore_template,
    save_template,
)

__all__ = [
    "COPIED",
    "COPIED_OF_A_BOARD",
    "add_checklist",
    "add_column",
    "add_items",
    "add_member",
    "archive_board",
    "archive_card",
    "archive_cards",
    "archive_column",
    "assign_card",
    "block_card",
    "change_absence",
    "change_role",
    "change_template",
    "check_item",
    "close_board",
    "come_back",
    "configure_board",
    "copy_board",
    "copy_card",
    "copy_checklist",
    "create_board",
    "create_card",
    "create_cards",
    "create_label",
    "date_card",
    "describe_board",
    "erase_card",
    "erase_person",
    "join_card",
    "label_card",
    "leave_card",
    "limit_column",
    "make_default",
    "mark_done_column",
    "move_card",
    "move_cards",
    "move_column",
    "move_item",
    "open_board",
    "promote_item",
    "recolour_label",
    "rekey_board",
    "remove_checklist",
    "remove_item",
    "remove_label",
    "remove_member",
    "remove_search",
    "remove_template",
    "rename_board",
    "rename_checklist",
    "rename_column",
    "rename_label",
    "rename_own_search",
    "rename_search",
    "restore_board",
    "restore_card",
    "restore_checklist",
    "restore_column",
    "restore_item",
    "restore_label",
    "restore_search",
    "restore_template",
    "retitle_card",
    "reword_item",
    "save_board_template",
    "save_own_search",
    "save_search",
    "save_template",
    "say_away",
    "set_value",
    "specify_card",
    "suggested_key",
    "transfer_card",
    "unblock_card",
    "uncheck_item",
    "unlabel_card",
]
