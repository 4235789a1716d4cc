"""What becomes of each key of an export: a table of Trello's things, key by key.

A key is taken (read and kept; `WHOLE` where it is an object or a list), derived (an id, an address, a place
in an order, a count: it says nothing that the rest of the file does not), told (it has no place here, and the
report names it), or leads to things with keys of their own. What stands in no table is told under its own
name: so a key that Trello invents tomorrow is in the report of the import that meets it first.

The keys are those of Trello's REST objects (https://developer.atlassian.com/cloud/trello/guides/rest-api/
object-definitions/) and of exports from 2012 on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Fate(Enum):
    TAKEN = auto()
    WHOLE = auto()
    DERIVED = auto()


@dataclass(frozen=True)
class LostKey:
    """Has no place here. The sentences are for one and for several (`{n}`).

    `unless`: values that say nothing, Trello's defaults. `each`: a list, of which each entry counts. `shown`:
    its value may stand in the report.
    """

    one: str
    several: str
    unless: tuple[Any, ...] = ()
    each: bool = False
    shown: bool = False


@dataclass(frozen=True)
class Within:
    """Leads to one thing (an object) or several (a list of objects) of the kind of this name."""

    kind: str


Becomes = Fate | LostKey | Within


def _all(fate: Becomes, names: str) -> dict[str, Becomes]:
    return dict.fromkeys(names.split(), fate)


def _of_board(words: str, *unless: Any) -> LostKey:
    return LostKey(words, words, unless=unless, shown=True)


def _of_cards(one: str, several: str, **more: Any) -> LostKey:
    return LostKey(f"A card {one}", f"{{n}} cards {several}", **more)


TAKEN, WHOLE, DERIVED = Fate.TAKEN, Fate.WHOLE, Fate.DERIVED
EMOJI = LostKey(
    "A text has emoji of its workspace; their names stay, their pictures do not come",
    "{n} texts have emoji of their workspace; their names stay, their pictures do not come",
)
POWER_UP = LostKey(
    "A power-up has kept something with a thing of this board, and that stays in Trello",
    "Power-ups have kept {n} things with this board and its cards, and these stay in Trello",
    each=True,
)
WATCHED = LostKey(
    "You watched a thing of this board in Trello; watch it here if you want to",
    "You watched {n} things of this board in Trello; watch them here if you want to",
)
COVER = _of_cards("has a cover, which does not come", "have covers, which do not come")
LOCATION = _of_cards(
    "has a location, which has no place here", "have locations, which have no place here", shown=True
)
VOTE = LostKey("A vote for a card does not come", "{n} votes for cards do not come", each=True)
REMINDER = LostKey(
    "A reminder (minutes before a due date) does not come",
    "{n} reminders (minutes before due dates) do not come",
    unless=(-1,),
    shown=True,
)
ATTACHED = LostKey(
    "Who attached a file and when is told only where the file's history has it",
    "Who attached {n} files and when is told only where the file's history has it",
)
PICTURE = LostKey("A person's picture does not come", "The pictures of {n} people do not come")
ROLE = LostKey(
    "A person's role in Trello has no equal here; they come as a member",
    "The roles of {n} people in Trello have no equal here; they come as members",
    unless=("normal", "observer"),
    shown=True,
)

# Of anything that Trello stores.
EVERYWHERE = _all(
    DERIVED, "id _id nodeId idBoard idOrganization idEnterprise limits url shortUrl pos creationMethod"
)

KINDS: Mapping[str, Mapping[str, Becomes]] = {
    "board": {
        **_all(TAKEN, "name desc closed shortLink"),
        **_all(WHOLE, "labelNames"),
        **_all(DERIVED, "dateLastActivity dateLastView datePluginDisable ixUpdate premiumFeatures"),
        **_all(DERIVED, "enterpriseOwned creationMethodError creationMethodLoadingStartedAt"),
        "lists": Within("list"),
        "cards": Within("card"),
        "labels": Within("label"),
        "members": Within("member"),
        "memberships": Within("membership"),
        "checklists": Within("checklist"),
        "customFields": Within("custom field"),
        "actions": Within("action"),
        "prefs": Within("settings"),
        "descData": Within("text"),
        "pluginData": POWER_UP,
        "subscribed": WATCHED,
        "starred": _of_board("Your star on the Trello board does not come"),
        "pinned": _of_board("Your pin on the Trello board does not come"),
        "powerUps": _of_board("The power-ups of the Trello board do not come"),
        "idTags": _of_board("The collections of the Trello board do not come"),
        "dateClosed": _of_board("When the Trello board was closed is not kept"),
        "idBoardSource": _of_board("Which board the Trello board was copied from is not kept"),
        "idMemberCreator": _of_board("Who made the Trello board is told only where its history has it"),
        "templateGallery": _of_board("The entry of the board among Trello's templates does not come"),
        "invitations": _of_board("The open invitations to the Trello board do not come"),
        "invited": _of_board("The open invitations to the Trello board do not come"),
        "organization": _of_board("The workspace of the Trello board is not kept"),
        "type": _of_board("The board is of a special type in Trello; here it is a plain board", "board"),
    },
    "settings": {
        **_all(DERIVED, "backgroundBottomColor backgroundBrightness backgroundColor backgroundDarkColor"),
        **_all(DERIVED, "backgroundDarkImage backgroundImageScaled backgroundTile backgroundTopColor"),
        **_all(DERIVED, "canBeEnterprise canBeOrg canBePrivate canBePublic canInvite sharedSourceUrl"),
        "permissionLevel": _of_board(
            "Who may see the Trello board is not taken over; here its members may", "private"
        ),
        "voting": _of_board(
            "Who may vote on the Trello board is not taken over; there are no votes here", "disabled"
        ),
        "comments": _of_board(
            "Who may comment on the Trello board is not taken over; here its members may", "members"
        ),
        "invitations": _of_board(
            "Who may invite to the Trello board is not taken over; here its owners may", "admins"
        ),
        "selfJoin": _of_board("That people of the workspace may join by themselves is not taken over"),
        "hideVotes": _of_board("That votes are hidden is not taken over"),
        "cardAging": _of_board("How the Trello board draws old cards is not taken over", "regular"),
        "cardCovers": _of_board("That covers are shown is not taken over", True),
        "showCompleteStatus": _of_board("That cards show that they are complete is not taken over"),
        "calendarFeedEnabled": _of_board("The calendar feed of the Trello board does not come"),
        "background": _of_board("The background of the Trello board does not come"),
        "backgroundImage": _of_board("The picture behind the Trello board does not come"),
        "isTemplate": _of_board("The board is a template in Trello; here it is a plain board"),
        "switcherViews": _of_board("The other views of the Trello board do not come"),
        "hiddenPluginBoardButtons": _of_board("The buttons that the Trello board hides are not kept"),
        "autoArchive": _of_board("What the Trello board archives by itself is not taken over"),
    },
    "list": {
        **_all(TAKEN, "name closed softLimit dateClosed"),
        "subscribed": WATCHED,
        "color": LostKey(
            "A list has a colour, which columns have not",
            "{n} lists have colours, which columns have not",
            shown=True,
        ),
        "type": LostKey(
            "A list is of a special type in Trello; here it is a plain column",
            "{n} lists are of special types in Trello; here they are plain columns",
            shown=True,
        ),
        "datasource": LostKey(
            "A list is filled from another place by Trello; here it is a plain column",
            "{n} lists are filled from other places by Trello; here they are plain columns",
        ),
    },
    "card": {
        **_all(TAKEN, "name desc closed idList idShort shortLink due dueComplete start"),
        **_all(TAKEN, "idMemberCreator dateLastActivity dateClosed dateCompleted"),
        **_all(WHOLE, "idMembers idLabels labels idChecklists"),
        **_all(DERIVED, "checkItemStates members manualCoverAttachment staticMapUrl mirrorSourceNodeId"),
        "attachments": Within("attachment"),
        "checklists": Within("checklist"),
        "customFieldItems": Within("value of a custom field"),
        "badges": Within("badges"),
        "descData": Within("text"),
        "cover": Within("cover"),
        "idAttachmentCover": COVER,
        "idMembersVoted": VOTE,
        "membersVoted": VOTE,
        "stickers": LostKey(
            "A sticker on a card does not come", "{n} stickers on cards do not come", each=True
        ),
        "address": LOCATION,
        "locationName": LOCATION,
        "coordinates": LOCATION,
        "isTemplate": _of_cards(
            "is a template in Trello; here it is a plain card",
            "are templates in Trello; here they are plain cards",
        ),
        "cardRole": _of_cards(
            "has a role in Trello; here it is a plain card",
            "have roles in Trello; here they are plain cards",
            shown=True,
        ),
        "mirrorSourceId": _of_cards(
            "mirrors a card of another place; it has only what this file holds of it",
            "mirror cards of other places; they have only what this file holds of them",
        ),
        "dueReminder": REMINDER,
        "subscribed": WATCHED,
        "pinned": _of_cards("is pinned in Trello", "are pinned in Trello"),
        "pluginData": POWER_UP,
        "email": _of_cards(
            "has an address for mails to it, which only Trello can receive",
            "have addresses for mails to them, which only Trello can receive",
        ),
    },
    "cover": {
        **_all(DERIVED, "size brightness scaled edgeColor yPosition"),
        **_all(COVER, "idAttachment color idUploadedBackground sharedSourceUrl url idPlugin"),
    },
    # What is counted here is compared with what came in.
    "badges": {
        **_all(DERIVED, "attachmentsByType externalSource viewingMemberVoted location subscribed"),
        **_all(DERIVED, "start due dueComplete description lastUpdatedByAi checkItemsEarliestDue"),
        **_all(DERIVED, "checkItemsChecked"),
        **_all(TAKEN, "comments checkItems attachments votes"),
        "fogbugz": _of_cards("has a link to FogBugz, which does not come", "have links to FogBugz"),
        "maliciousAttachments": _of_cards(
            "has attachments that Trello holds for dangerous",
            "have attachments that Trello holds for dangerous",
        ),
    },
    "label": {**_all(TAKEN, "name color"), **_all(DERIVED, "uses")},
    "attachment": {
        **_all(TAKEN, "name url fileName isUpload bytes"),
        **_all(DERIVED, "previews edgeColor mimeType"),
        "date": ATTACHED,
        "idMember": ATTACHED,
        "isMalicious": LostKey(
            "Trello holds an attachment for dangerous; its link came all the same",
            "Trello holds {n} attachments for dangerous; their links came all the same",
        ),
    },
    "checklist": {
        **_all(TAKEN, "name idCard"),
        "checkItems": Within("checklist item"),
    },
    "checklist item": {
        **_all(TAKEN, "name state due idMember"),
        **_all(DERIVED, "idChecklist"),
        "dueReminder": REMINDER,
        "nameData": Within("text"),
    },
    "custom field": {
        **_all(TAKEN, "name"),
        **_all(DERIVED, "type idModel modelType fieldGroup display isSuggestedField"),
        "options": Within("option of a custom field"),
    },
    "option of a custom field": {
        **_all(WHOLE, "value"),
        **_all(DERIVED, "idCustomField"),
        "color": LostKey(
            "A choice of a custom field has a colour, which does not come",
            "{n} choices of custom fields have colours, which do not come",
            unless=("none",),
            shown=True,
        ),
    },
    "value of a custom field": {
        **_all(TAKEN, "idValue idCustomField"),
        **_all(WHOLE, "value"),
        **_all(DERIVED, "idModel modelType"),
    },
    "member": {
        **_all(TAKEN, "username fullName"),
        **_all(DERIVED, "initials memberType status confirmed aaId activityBlocked nonPublicAvailable"),
        **_all(DERIVED, "nonPublic idMemberReferrer idPremOrgsAdmin idMemberCreator products loginTypes"),
        "avatarUrl": PICTURE,
        "avatarHash": PICTURE,
        "uploadedAvatarHash": PICTURE,
        "bio": LostKey(
            "What a person says of themself does not come", "What {n} people say of themselves does not come"
        ),
        "bioData": Within("text"),
        "email": LostKey(
            "A person's address is not taken out of a file",
            "The addresses of {n} people are not taken out of a file",
        ),
    },
    "membership": {
        **_all(TAKEN, "idMember deactivated"),
        **_all(DERIVED, "unconfirmed orgMemberType"),
        "memberType": ROLE,
    },
    "action": {
        **_all(TAKEN, "type date idMemberCreator"),
        **_all(WHOLE, "memberCreator member data"),
        **_all(DERIVED, "display"),
        "appCreator": LostKey(
            "An entry of history was made by an app, which is not named here",
            "{n} entries of history were made by apps, which are not named here",
        ),
        "reactions": LostKey(
            "A reaction to a comment does not come", "{n} reactions to comments do not come", each=True
        ),
    },
    # The `data` of a comment; of every other action it becomes a sentence.
    "comment": {
        **_all(TAKEN, "text dateLastEdited"),
        **_all(DERIVED, "board card list cardSource idMember idComment idAction"),
        "textData": Within("text"),
    },
    "text": {"emoji": EMOJI},
}
