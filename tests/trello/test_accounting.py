"""No key of an export goes without a word: what has no place here is in the report, with its number."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from fluxboard.core import limits
from fluxboard.features.trello.findings import Findings
from fluxboard.features.trello.parse import parse_export
from tests.trello.files import OTHERS, REAL, action, case, encoded, real, small

# What an independent walk over the real files finds, said a second time and in another way than the table of
# the import: paths that an import keeps, and those that say nothing of their own.
KEPT = r"""
name|desc|labelNames(\..*)?|shortUrl|prefs
lists\.(name|closed)
labels\.(name|color)|cards\.labels\.(name|color)|cards\.idLabels
members\.(username|fullName)|memberships\.idMember
checklists\.(name|idCard)|checklists\.checkItems\.(name|state)
cards\.(name|desc|closed|idList|idShort|shortLink|due|dueComplete|start|idMembers|dateLastActivity|idChecklists)
cards\.badges\.(comments|checkItems|attachments|votes)
cards\.attachments\.(name|url|isUpload|bytes)
actions\.(type|date|idMemberCreator)|actions\.(member|memberCreator|data)\..*
actions\.data\.textData
"""
SAYS_NOTHING = r"""
(.*\.)?(id|_id|idBoard|idOrganization|nodeId|pos|url|shortUrl|shortLink|limits(\..*)?)
dateLastActivity|dateLastView|ixUpdate|premiumFeatures
prefs\.(background(Bottom|Top|Dark)?Color|backgroundBrightness|canBe.*|canInvite|cardAging|cardCovers)
labels\.uses|cards\.labels\.uses
members\.(initials|memberType|status|confirmed|aaId|idMemberReferrer|nonPublicAvailable)
cards\.badges\.(attachmentsByType.*|checkItemsChecked|description|due|dueComplete|start|subscribed)
cards\.cover\.(brightness|size)
cards\.attachments\.(previews(\..*)?|edgeColor)
checklists\.checkItems\.(idChecklist|nameData)
cards\.descData
"""
TOLD = {
    r"prefs\.permissionLevel": "Who may see",
    r"prefs\.voting": "Who may vote",
    r"prefs\.comments": "Who may comment",
    r"prefs\.invitations": "Who may invite",
    r"prefs\.selfJoin": "may join by themselves",
    r"prefs\.background": "The background of",
    r"prefs\.backgroundImage": "The picture behind",
    r"prefs\.switcherViews(\..*)?": "The other views",
    r"starred": "Your star",
    r"idMemberCreator": "Who made",
    r"cards\.subscribed": "You watched",
    r"cards\.dueReminder": r"before a? ?due dates?\)",
    r"cards\.idAttachmentCover": "covers?, which do",
    r"cards\.attachments\.(date|idMember)": "Who attached",
    r"(cards\.)?pluginData(\..*)?": "Power-ups have kept",
    r"memberships\.memberType": "in Trello ha(s|ve) no equal here",
}
DEFAULTS = {
    ("prefs.permissionLevel", "private"),
    ("prefs.voting", "disabled"),
    ("prefs.comments", "members"),
    ("memberships.memberType", "normal"),
    ("memberships.memberType", "observer"),
}


def paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of `value` that is not empty, with the keys that lead to it; whoever holds it first."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{path}.{key}".lstrip(".")
            if not isinstance(inner, dict | list) and inner not in (None, "", False, 0):
                yield here, inner
            yield from paths(inner, here)
    elif isinstance(value, list):
        for inner in value:
            if not isinstance(inner, dict | list) and inner not in (None, ""):
                yield path, inner
            yield from paths(inner, path)


def matches(patterns: str, path: str) -> bool:
    return any(re.fullmatch(pattern, path) for pattern in patterns.split())


def report_of(root: Any) -> str:
    return "\n".join(parse_export(encoded(root), "f").problems.lines())


@pytest.mark.parametrize("name", [*REAL, *OTHERS])
def test_each_key_of_a_real_export_is_kept_or_says_nothing_or_is_in_the_report(name: str):
    root = json.loads(real(name).read_text())
    told = parse_export(real(name).read_bytes(), name).problems.lines()
    there: Counter[str] = Counter()
    for path, value in paths(root):
        if (path, value) in DEFAULTS or matches(KEPT, path) or matches(SAYS_NOTHING, path):
            continue
        words = next((words for pattern, words in TOLD.items() if re.fullmatch(pattern, path)), None)
        assert words is not None, f"{path} of {name}: nobody said what becomes of it ({value!r:.60})"
        there[words] += 1
    assert there
    for words in there:
        assert any(re.search(words, line) for line in told), f"{words} is not in the report of {name}"


@pytest.mark.parametrize("name", [*REAL, *OTHERS])
def test_the_numbers_of_a_report_are_those_of_an_independent_count(name: str):
    root = json.loads(real(name).read_text())
    told = "\n".join(parse_export(real(name).read_bytes(), name).problems.lines())
    cards = root["cards"]
    power_ups = [data for thing in (root, *cards) for data in thing.get("pluginData") or []]
    uploads = [a for card in cards for a in card.get("attachments") or [] if a.get("isUpload")]
    admins = [one for one in root.get("memberships", []) if one["memberType"] == "admin"]
    for number, words in (
        (sum(bool(card.get("subscribed")) for card in cards), "You watched {} things"),
        (sum(bool(card.get("idAttachmentCover")) for card in cards), "{} cards have covers"),
        (sum(bool(card.get("dueReminder")) for card in cards), "{} reminders"),
        (len(power_ups), "Power-ups have kept {} things"),
        (len(uploads), "{} files are kept by Trello"),
        (len(admins), "The roles of {} people"),
    ):
        if number > 1:
            assert words.format(number) in told
        if number == 0:
            assert not re.search(words.format(r"\d+"), told)


CARDS_OWN = [
    ({"idMembersVoted": ["1" * 24, "2" * 24]}, "2 votes for cards do not come: card 1"),
    ({"badges": {"votes": 3}}, "3 votes for cards do not come: card 1"),
    ({"cover": {"color": "red", "size": "full"}}, "A card has a cover, which does not come: card 1"),
    ({"cover": {"idAttachment": "1" * 24}, "idAttachmentCover": "1" * 24}, "A card has a cover"),
    ({"stickers": [{"image": "taco"}, {"image": "star"}]}, "2 stickers on cards do not come: card 1"),
    (
        {"locationName": "Mill", "address": "Weir lane 3", "coordinates": {"latitude": 1.5, "longitude": 2}},
        "A card has a location, which has no place here: card 1 (Mill, Weir lane 3, 1.5, 2)",
    ),
    ({"isTemplate": True}, "A card is a template in Trello; here it is a plain card: card 1"),
    ({"cardRole": "mirror"}, "A card has a role in Trello; here it is a plain card: card 1 (mirror)"),
    ({"mirrorSourceId": "1" * 24}, "A card mirrors a card of another place"),
    ({"email": "card+1@example.com"}, "A card has an address for mails to it"),
    ({"badges": {"attachments": 2}}, "Attachments of a card are not in the file, 2 in all: card 1 (2 of 2)"),
    ({"badges": {"comments": 2}}, "Comments of a card are not in the file, 2 in all"),
    ({"attachments": [{"id": "1" * 24}]}, "An attachment without a name and an address was left out: card 1"),
    ({"brandNew": {"deep": [1]}}, '"brandNew" of a card is not known here and was left out: card 1'),
    ({"cover": {"brandNew": 1}}, '"brandNew" of a card\'s cover is not known here and was left out: card 1'),
    ({"badges": {"br{n}d": 1}}, '"br{n}d" of a card\'s badges is not known'),
    ({"descData": {"emoji": {"bread": "https://x"}}}, "A text has emoji of its workspace"),
    ({"desc": ["x"]}, '"desc" of a card is not what Trello writes there and was left out: card 1'),
    ({"attachments": "none"}, "An entry that is no attachment was left out: card 1"),
]


@pytest.mark.parametrize(("card", "words"), CARDS_OWN)
def test_what_a_card_has_and_a_card_here_has_not_is_named(card: dict[str, Any], words: str):
    told = [line for line in report_of(small([card])).splitlines() if words in line]
    assert len(told) == 1, report_of(small([card]))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"prefs": {"isTemplate": True}}, "The board is a template in Trello; here it is a plain board: yes"),
        (
            {"prefs": {"permissionLevel": "public"}},
            "Who may see the Trello board is not taken over; here its members may: public",
        ),
        ({"prefs": {"brandNew": "x"}}, '"brandNew" of the board\'s settings is not known'),
        ({"lists": [{"id": "a" * 24, "name": "Doing", "color": "red"}]}, "A list has a colour"),
        (
            {"lists": [{"id": "a" * 24, "name": "Doing", "softLimit": 5000}]},
            "A list's limit that is no number",
        ),
        ({"customFields": [{"id": "c" * 24, "name": "Flour", "type": "text"}]}, "no value on any card"),
        ({"members": [{"id": "d" * 24, "fullName": "Oda", "bio": "I bake"}]}, "says of themself"),
        ({"memberships": [{"idMember": "d" * 24}]}, "A member whom the file does not describe was left out"),
        ({"actions": [action("commentCard", text="Hi", brandNew=1)]}, '"brandNew" of a comment'),
        ({"actions": [action("commentCard", text="Hi") | {"reactions": [1, 2]}]}, "2 reactions to comments"),
        ({"brandNew": [{"a": 1}]}, '"brandNew" of the board is not known here and was left out'),
    ],
)
def test_what_a_board_has_and_a_board_here_has_not_is_named(more: dict[str, Any], words: str):
    assert words in report_of(small([{}], **more))


@pytest.mark.parametrize(
    "card",
    [
        {"cover": {"color": None, "idAttachment": None, "size": "normal", "brightness": "light"}},
        {
            "idMembersVoted": [],
            "stickers": [],
            "badges": {"votes": 0, "attachmentsByType": {"trello": {"b": 0}}},
        },
        {"dueReminder": -1, "email": None, "isTemplate": False, "cardRole": None, "coordinates": None},
        {
            "descData": {"emoji": {}},
            "limits": {"stickers": {"perCard": {"status": "ok"}}},
            "new": [{"a": ""}],
        },
    ],
)
def test_what_is_empty_or_a_default_is_not_told(card: dict[str, Any]):
    assert report_of(small([card])) == ""


def test_a_kind_is_one_line_with_its_number_and_three_examples_and_no_kind_is_cut():
    cards = [{f"new{number}": 1, "email": "x@example.com"} for number in range(1, 251)]
    told = report_of(small(cards)).splitlines()
    assert sum(" is not known here" in line for line in told) == 250
    mails = [line for line in told if "addresses for mails" in line]
    assert len(mails) == 1 and mails[0].startswith("250 cards have")
    assert mails[0].endswith(": card 1; card 2; card 3 and 247 more")


def test_the_only_line_of_a_kind_is_not_hidden_by_many_of_another():
    told = parse_export(case("trello-06").read_bytes(), "f").problems.lines()
    assert any("recipe.pdf" in line for line in told)
    lost = [line for line in told if line.startswith("Comments of 205 cards are not in the file, 410 in all")]
    assert len(lost) == 1 and lost[0].endswith("card 3 (2 of 2) and 202 more")


def test_names_of_keys_without_end_are_told_as_one_kind(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "UNKNOWN_KEYS", 10)
    told = report_of(small([{f"new{number}": 1 for number in range(30)}])).splitlines()
    assert len(told) == 11
    assert told[-1].startswith("20 more keys that nothing is known of were left out")


def test_an_example_is_of_a_bounded_length():
    findings = Findings()
    findings.add("One", "{n} of them", "x" * 10_000)
    assert len(findings.lines()[0]) < 200
