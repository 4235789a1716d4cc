"""Trello's action history in words: each action becomes a sentence that completes "Kenji …".

Where one field changed, its name and the values before and after come along, so that a card's history shows
them as it shows our own. Every type is answered for: what has no sentence here is told by its own name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from fluxboard.core import limits
from fluxboard.features.trello import values as v
from fluxboard.features.trello.accounting import is_empty
from fluxboard.features.trello.model import TrelloEvent
from fluxboard.features.trello.type_names import spaced, words_for_unknown

_LONGEST = limits.TEXT


@dataclass(frozen=True)
class HistoryWords:
    """`sentence` completes "Kenji …"; `field`, `before` and `after` are empty where no one field changed."""

    sentence: str
    field: str = ""
    before: str = ""
    after: str = ""


def words_of(event: TrelloEvent) -> HistoryWords:
    """What `event` says, for a reader who has its card (or board) in sight. Never raises."""
    tell = SENTENCES.get(event.type)
    told = tell(event) if tell else words_for_unknown(event.type)
    words = told if isinstance(told, HistoryWords) else HistoryWords(told)
    if event.lost_card and event.type != "deleteCard":
        words = replace(words, sentence=f"{words.sentence} ({event.lost_card}, which is not in the file)")
    return HistoryWords(words.sentence[:500], words.field, words.before[:_LONGEST], words.after[:_LONGEST])


def has_words(event: TrelloEvent) -> bool:
    """Whether there is a sentence for what `event` is of; else it is told by Trello's name for it."""
    return event.type in SENTENCES


def _get(event: TrelloEvent, *path: str) -> Any:
    found: Any = event.data
    for key in path:
        found = v.mapping(found).get(key)
    return found


def _name(event: TrelloEvent, key: str, nothing: str) -> str:
    """The name of the thing under `key`, quoted; `nothing` where the export no longer tells it."""
    found = v.line(_get(event, key, "name")) or v.line(_get(event, key, "text"))
    return f"“{found[:200]}”" if found else nothing


def _date(value: Any) -> str:
    found = v.day(value)
    return f"{found:%Y-%m-%d}" if found else ""


def _created(event: TrelloEvent) -> str:
    place = _name(event, "list", "")
    return f"added this card to {place}" if place else "added this card"


def _copied(event: TrelloEvent) -> str:
    source = _name(event, "cardSource", "")
    return f"made this card as a copy of {source}" if source else "made this card as a copy"


def _deleted_card(event: TrelloEvent) -> str:
    number = v.whole(_get(event, "card", "idShort"), 1, 10**9)
    which = _name(event, "card", f"card {number}" if number else "a card")
    place = _name(event, "list", "")
    return f"deleted {which} from {place}" if place else f"deleted {which}"


def _updated_card(event: TrelloEvent) -> HistoryWords | str:
    old, new = v.mapping(event.data.get("old")), v.mapping(event.data.get("card"))
    said = [CARD_FIELDS[key](event, old[key], new.get(key)) for key in old if key in CARD_FIELDS]
    told = [words if isinstance(words, HistoryWords) else HistoryWords(words) for words in said]
    if not told:
        what = ", ".join(spaced(key) for key in old)
        return f"changed the {what} of this card" if what else "changed this card"
    if len(told) == 1:
        return told[0]
    with_values = next((words for words in told if words.field), told[0])
    sentence = " and ".join(dict.fromkeys(words.sentence for words in told))
    return HistoryWords(sentence, with_values.field, with_values.before, with_values.after)


def _moved(event: TrelloEvent, old: Any, new: Any) -> HistoryWords:
    before = v.line(_get(event, "listBefore", "name")) or "a list that is gone"
    after = v.line(_get(event, "listAfter", "name")) or "a list that is gone"
    return HistoryWords(f"moved this from “{before}” to “{after}”", "Column", before, after)


def _placed(event: TrelloEvent, old: Any, new: Any) -> str:
    place = v.line(_get(event, "list", "name"))
    way = ""
    was, is_ = v.number(old), v.number(new)
    if was is not None and is_ is not None and was != is_:
        way = " up" if is_ < was else " down"
    return f"moved this{way} in “{place}”" if place else f"moved this{way} in its list"


def _retitled(event: TrelloEvent, old: Any, new: Any) -> HistoryWords:
    return HistoryWords("renamed this", "Title", v.line(old), v.line(new))


def _described(event: TrelloEvent, old: Any, new: Any) -> HistoryWords:
    was, is_ = v.text(old).strip(), v.text(new).strip()
    sentence = (
        "edited the description" if was and is_ else "described this" if is_ else "cleared the description"
    )
    return HistoryWords(sentence, "Description", was, is_)


def _dated(event: TrelloEvent, old: Any, new: Any) -> HistoryWords:
    was, is_ = _date(old), _date(new)
    sentence = f"set the due date to {is_}" if is_ else "removed the due date"
    return HistoryWords(sentence, "Due", was, is_)


def _started(event: TrelloEvent, old: Any, new: Any) -> HistoryWords:
    was, is_ = _date(old), _date(new)
    return HistoryWords(
        f"set the start date to {is_}" if is_ else "removed the start date", "Start", was, is_
    )


def _due_done(event: TrelloEvent, old: Any, new: Any) -> str:
    return "marked the due date as met" if v.yes(new) else "marked the due date as not met"


def _closed(event: TrelloEvent, old: Any, new: Any) -> str:
    return "archived this" if v.yes(new) else "brought this back from the archive"


def _template(event: TrelloEvent, old: Any, new: Any) -> str:
    return "made this a template" if v.yes(new) else "made this a plain card again"


def _located(event: TrelloEvent, old: Any, new: Any) -> HistoryWords:
    was, is_ = v.line(old), v.line(new)
    return HistoryWords(
        "set the location" if not is_empty(new) else "removed the location", "Location", was, is_
    )


def _reminder(event: TrelloEvent, old: Any, new: Any) -> str:
    minutes = v.whole(new, 0, 10**6)
    return "removed the reminder" if minutes is None else f"set a reminder {_long(minutes)} before it is due"


def _long(minutes: int) -> str:
    if minutes and minutes % 1440 == 0:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes and minutes % 60 == 0 else f"{minutes} min"


def _covered(event: TrelloEvent, old: Any, new: Any) -> str:
    return "changed the cover" if new else "removed the cover"


CARD_FIELDS: dict[str, Callable[[TrelloEvent, Any, Any], HistoryWords | str]] = {
    "idList": _moved,
    "name": _retitled,
    "desc": _described,
    "due": _dated,
    "start": _started,
    "dueComplete": _due_done,
    "closed": _closed,
    "idAttachmentCover": _covered,
    "cover": _covered,
    "dueReminder": _reminder,
    "isTemplate": _template,
    "address": _located,
    "locationName": _located,
    "coordinates": _located,
    "pos": _placed,
}


def _joined(event: TrelloEvent) -> str:
    if event.member_name and _get(event, "idMember") == event.person:
        return "joined this card"
    return f"put {event.member_name or 'someone'} on this card"


def _left(event: TrelloEvent) -> str:
    if event.member_name and _get(event, "idMember") == event.person:
        return "left this card"
    return f"took {event.member_name or 'someone'} off this card"


def _label_words(event: TrelloEvent) -> str:
    colour = v.line(_get(event, "label", "color")) or v.line(event.data.get("value"))
    return _name(event, "label", f"{colour} without a name" if colour else "without a name")


def _checked(event: TrelloEvent) -> str:
    done = _get(event, "checkItem", "state") == "complete"
    return f"{'ticked' if done else 'unticked'} {_name(event, 'checkItem', 'an item')}"


def _reworded(event: TrelloEvent) -> HistoryWords | str:
    was, is_ = v.line(_get(event, "old", "name")), v.line(_get(event, "checkItem", "name"))
    if not was:
        return f"changed the item {_name(event, 'checkItem', 'that is gone')}"
    return HistoryWords("reworded an item", "Item", was, is_)


def _checklist_changed(event: TrelloEvent) -> HistoryWords | str:
    was, is_ = v.line(_get(event, "old", "name")), v.line(_get(event, "checklist", "name"))
    if not was:
        return f"changed the checklist {_name(event, 'checklist', 'that is gone')}"
    return HistoryWords("renamed a checklist", "Checklist", was, is_)


def _comment_edited(event: TrelloEvent) -> HistoryWords:
    was = v.text(_get(event, "old", "text")) or v.text(_get(event, "data", "old", "text"))
    return HistoryWords("edited a comment", "Comment", was, v.text(_get(event, "action", "text")))


def _field_set(event: TrelloEvent) -> HistoryWords:
    name = v.line(_get(event, "customField", "name")) or "a custom field"
    was = _value(_get(event, "old", "value"))
    is_ = _value(_get(event, "customFieldItem", "value"))
    return HistoryWords(f"set {name}" if is_ else f"changed {name}", name, was, is_)


def _value(value: Any) -> str:
    return next((v.line(found) for found in v.mapping(value).values() if v.line(found)), "")


def _list_changed(event: TrelloEvent) -> str:
    old, name = v.mapping(event.data.get("old")), _name(event, "list", "that is gone")
    if "name" in old:
        return f"renamed the list “{v.line(old['name'])}” to {name}"
    if "closed" in old:
        closed = v.yes(_get(event, "list", "closed"))
        return f"archived the list {name}" if closed else f"brought the list {name} back"
    if "pos" in old:
        return f"moved the list {name}"
    if "softLimit" in old:
        return f"changed the limit of the list {name}"
    what = ", ".join(spaced(key) for key in old)
    return f"changed the {what} of the list {name}" if what else f"changed the list {name}"


def _board_changed(event: TrelloEvent) -> HistoryWords | str:
    old = v.mapping(event.data.get("old"))
    if "name" in old:
        return HistoryWords(
            "renamed this board", "Name", v.line(old["name"]), v.line(_get(event, "board", "name"))
        )
    if "desc" in old:
        return HistoryWords(
            "described this board", "Description", v.text(old["desc"]), v.text(_get(event, "board", "desc"))
        )
    if "closed" in old:
        closed = v.yes(_get(event, "board", "closed"))
        return "closed this board" if closed else "opened this board again"
    prefs = v.mapping(old.get("prefs"))
    if any(key.startswith("background") for key in prefs):
        return "changed the board's background"
    if len(prefs) == 1:
        name, was = next(iter(prefs.items()))
        is_ = v.mapping(_get(event, "board", "prefs")).get(name)
        field = spaced(name)
        return HistoryWords(
            f"changed the board's setting “{field}”", field.capitalize(), _shown(was), _shown(is_)
        )
    if prefs:
        return f"changed the board's settings ({', '.join(map(spaced, prefs))})"
    what = ", ".join(spaced(key) for key in old)
    return f"changed the {what} of this board" if what else "changed this board"


def _shown(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else v.line(value)


def _power_up(event: TrelloEvent) -> str:
    return f"“{v.line(event.data.get('value'))[:80]}”" if v.line(event.data.get("value")) else "of Trello"


def _with_member(template: str) -> Callable[[TrelloEvent], str]:
    return lambda event: template.replace("{}", event.member_name or "someone")


def _with(key: str, template: str, nothing: str) -> Callable[[TrelloEvent], str]:
    return lambda event: template.replace("{}", _name(event, key, nothing))


def _always(sentence: str) -> Callable[[TrelloEvent], str]:
    return lambda event: sentence


SENTENCES: dict[str, Callable[[TrelloEvent], HistoryWords | str]] = {
    "createCard": _created,
    "copyCard": _copied,
    "emailCard": _always("added this card by e-mail"),
    "convertToCardFromCheckItem": _with("cardSource", "made this card out of an item of {}", "another card"),
    "moveCardToBoard": _with("boardSource", "moved this card here from the board {}", "another board"),
    "moveCardFromBoard": _with("boardTarget", "moved this card to the board {}", "another board"),
    "deleteCard": _deleted_card,
    "updateCard": _updated_card,
    "addMemberToCard": _joined,
    "removeMemberFromCard": _left,
    "addLabelToCard": lambda event: f"put the label {_label_words(event)} on this",
    "removeLabelFromCard": lambda event: f"took the label {_label_words(event)} off this",
    "addChecklistToCard": _with("checklist", "added the checklist {}", "that is gone"),
    "copyChecklist": _with("checklist", "copied the checklist {}", "that is gone"),
    "removeChecklistFromCard": _with("checklist", "removed the checklist {}", "that is gone"),
    "updateChecklist": _checklist_changed,
    "createCheckItem": _with("checkItem", "added the item {}", "that is gone"),
    "deleteCheckItem": _with("checkItem", "removed the item {}", "that is gone"),
    "updateCheckItem": _reworded,
    "updateCheckItemDue": _with("checkItem", "dated the item {}", "that is gone"),
    "updateCheckItemStateOnCard": _checked,
    "addAttachmentToCard": _with("attachment", "attached {}", "a file"),
    "deleteAttachmentFromCard": _with("attachment", "removed the attachment {}", "that is gone"),
    "updateComment": _comment_edited,
    "deleteComment": _always("removed a comment"),
    "voteOnCard": _always("voted for this card"),
    "updateCustomFieldItem": _field_set,
    "createCustomField": _with("customField", "added the custom field {}", "that is gone"),
    "updateCustomField": _with("customField", "changed the custom field {}", "that is gone"),
    "deleteCustomField": _with("customField", "deleted the custom field {}", "that is gone"),
    "createLabel": lambda event: f"made the label {_label_words(event)}",
    "updateLabel": lambda event: f"changed the label {_label_words(event)}",
    "deleteLabel": lambda event: f"deleted the label {_label_words(event)}",
    "createList": _with("list", "added the list {}", "that is gone"),
    "updateList": _list_changed,
    "moveListToBoard": _with("list", "moved the list {} here from another board", "that is gone"),
    "moveListFromBoard": _with("list", "moved the list {} to another board", "that is gone"),
    "createBoard": _always("made this board"),
    "copyBoard": _with("boardSource", "made this board as a copy of {}", "another board"),
    "updateBoard": _board_changed,
    "addMemberToBoard": _with_member("put {} on this board"),
    "removeMemberFromBoard": _with_member("took {} off this board"),
    "makeAdminOfBoard": _with_member("made {} an admin of this board"),
    "makeNormalMemberOfBoard": _with_member("made {} a plain member of this board"),
    "makeObserverOfBoard": _with_member("made {} an observer of this board"),
    "unconfirmedBoardInvitation": _with_member("invited {} to this board"),
    "createBoardInvitation": _with_member("invited {} to this board"),
    "deleteBoardInvitation": _with_member("took back the invitation of {}"),
    "unconfirmedOrganizationInvitation": _with_member("invited {} to the workspace"),
    "createOrganizationInvitation": _with_member("invited {} to the workspace"),
    "deleteOrganizationInvitation": _with_member("took back the invitation of {} to the workspace"),
    "addMemberToOrganization": _with_member("put {} into the workspace"),
    "removeMemberFromOrganization": _with_member("took {} out of the workspace"),
    "makeAdminOfOrganization": _with_member("made {} an admin of the workspace"),
    "makeNormalMemberOfOrganization": _with_member("made {} a plain member of the workspace"),
    "addAdminToBoard": _with_member("made {} an admin of this board"),
    "removeAdminFromBoard": _with_member("made {} a plain member of this board"),
    "deactivatedMemberInBoard": _with_member("deactivated {} on this board"),
    "reactivatedMemberInBoard": _with_member("let {} onto this board again"),
    "createOrganization": _with("organization", "made the workspace {}", "that is gone"),
    "updateOrganization": _with("organization", "changed the workspace {}", "that is gone"),
    "updateMember": _always("changed their profile"),
    "createBoardPreference": _always("set up this board"),
    "createChecklist": _with("checklist", "added the checklist {}", "that is gone"),
    "addStickerToCard": _always("put a sticker on this card"),
    "removeStickerFromCard": _always("took a sticker off this card"),
    "addReactionToAction": _always("reacted to a comment"),
    "removeReactionFromAction": _always("took back a reaction to a comment"),
    "updateCustomFields": _always("changed the custom fields"),
    "memberJoinedTrello": _always("joined Trello"),
    "addToOrganizationBoard": _with("organization", "put this board into the workspace {}", "that is gone"),
    "removeFromOrganizationBoard": _with("organization", "took this board out of {}", "its workspace"),
    "enablePowerUp": lambda event: f"switched on the power-up {_power_up(event)}",
    "disablePowerUp": lambda event: f"switched off the power-up {_power_up(event)}",
    "enablePlugin": _with("plugin", "switched on the power-up {}", "of Trello"),
    "disablePlugin": _with("plugin", "switched off the power-up {}", "of Trello"),
}
