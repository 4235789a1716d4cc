"""A board export's JSON becomes an `Export`: checked, joined, in order, with a list of what was wrong.

Missing keys have defaults; what makes no sense, has no place here or is not known is left out and named in
`problems` (`keys` says of each key what becomes of it). Only a file that is not a board at all raises
`ImportProblem`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fluxboard.core import limits
from fluxboard.features.trello import values as v
from fluxboard.features.trello.accounting import is_empty, tell_unplaced
from fluxboard.features.trello.custom_fields import CustomFields
from fluxboard.features.trello.findings import Findings
from fluxboard.features.trello.labels import join_labels
from fluxboard.features.trello.losses import tell_losses
from fluxboard.features.trello.model import (
    Attachment,
    Export,
    Person,
    TrelloCard,
    TrelloChecklist,
    TrelloColumn,
    TrelloComment,
    TrelloItem,
    TrelloLabel,
)
from fluxboard.features.trello.parse_actions import ActionReader
from fluxboard.features.trello.promises import tell_missing, tell_short_history, tell_strangers
from fluxboard.features.trello.read_json import ImportProblem, read_json
from fluxboard.features.trello.shapes import count_of, in_order, named, order_of, person_in, things

NO_COLUMN = "Without a list"
_KEPT_BY_TRELLO = re.compile(
    r"//trello-attachments\.|//(?:www\.|api\.)?trello\.com/1/cards/[^/]+/attachments/"
)
HIGHEST_NUMBER = 1_000_000
HIGHEST_LIMIT = 999  # of cards in a column


def parse_export(data: bytes, name: str) -> Export:
    """The board in `data`, the bytes of a file that messages call `name`. Raises `ImportProblem`."""
    with v.watched() as changed:
        return _Parser(read_json(data, name), name, changed).parse()


class _Parser:
    def __init__(self, root: Any, name: str, changed: Counter[str]) -> None:
        self.root = _board(root, name)
        self.name = name
        self.changed = changed
        self.problems = Findings()
        self.notes = Findings()
        self.fields = CustomFields(self.root, self.problems)
        self._raw_labels: dict[str, list[Any]] = {}

    def parse(self) -> Export:
        root = self.root
        people = self._people()
        columns = self._columns()
        cards = self._cards(columns)
        by_id = {card.id: card for card in cards}
        self.fields.tell_unused()
        labels = join_labels(root, cards, self._raw_labels, self.problems)
        self._checklists(by_id)
        reader = ActionReader(root, by_id, people, self.problems, self._tell_changed)
        comments, events = reader.read()
        self._people_of_cards(cards, people)
        tell_missing(root, by_id, comments, self.problems)
        tell_strangers(root, people, self.problems)
        tell_short_history(root, self.notes)
        self._check_counts(people, columns, labels, cards, comments)
        export = Export(
            id=v.identity(root["id"]),
            name=v.line(root["name"]) or "Untitled board",
            description=v.lines(root.get("desc")),
            is_archived=v.yes(root.get("closed")),
            url=v.line(root.get("shortUrl")) or v.line(root.get("url")),
            people=people,
            labels=labels,
            columns=columns,
            cards=cards,
            comments=comments,
            events=events,
            problems=self.problems,
            notes=self.notes,
        )
        self._tell_changed("the board")
        tell_losses(export)
        names = {card.id: named(card) for card in cards}
        names |= {person.id: person.name or person.username for person in people.values()}
        tell_unplaced(root, self.problems, names)
        self.changed.clear()
        return export

    def _tell_changed(self, place: str) -> None:
        """Say what had to be changed in the texts of `place`: those read since this was last asked."""
        signs = {
            v.CONTROLS: "control characters, which no text can have; � stands for each",
            v.MARKS: f"more than {limits.MARKS} accents on one letter; � stands for the others",
        }
        for kind, words in signs.items():
            if self.changed[kind]:
                self.problems.add(f"A text has {words}", f"{{n}} texts have {words}", place)
        self.changed.clear()

    def _check_counts(
        self,
        people: dict[str, Person],
        columns: list[TrelloColumn],
        labels: list[TrelloLabel],
        cards: list[TrelloCard],
        comments: list[TrelloComment],
    ) -> None:
        """Raise `ImportProblem` for more of anything than a board may have; Trello's own limits are lower."""
        said = Counter(comment.card for comment in comments)
        for what, there, most in (
            ("The board has {} lists", len(columns), limits.COLUMNS),
            ("The board has {} labels", len(labels), limits.LABELS),
            ("The board has {} people", len(people), limits.MEMBERS),
        ):
            self._refuse_many(what, there, most)
        for card in cards:
            items = sum(len(checklist.items) for checklist in card.checklists)
            self._refuse_many(
                f"Card {card.number} has {{}} checklists", len(card.checklists), limits.CHECKLISTS
            )
            self._refuse_many(f"Card {card.number} has {{}} checklist items", items, limits.ITEMS)
            self._refuse_many(f"Card {card.number} has {{}} comments", said[card.id], limits.COMMENTS)

    def _refuse_many(self, what: str, there: int, most: int) -> None:
        if there > most:
            raise ImportProblem(
                f"{self.name}: {what.format(f'{there:,}')}; an import takes {most:,} at most."
            )

    def _people(self) -> dict[str, Person]:
        roles = {}
        for membership in map(v.mapping, v.sequence(self.root.get("memberships"))):
            role = "viewer" if membership.get("memberType") == "observer" else "member"
            gone = v.yes(membership.get("deactivated"))
            roles[v.identity(membership.get("idMember"))] = "" if gone else role
        people = {}
        for id_, member in things(self.root, "members", "member", self.problems):
            people[id_] = person_in(id_, member)
            people[id_].role = roles.get(id_, "member")
        return people

    def _columns(self) -> list[TrelloColumn]:
        found = []
        for place, (id_, raw) in enumerate(things(self.root, "lists", "list", self.problems)):
            column = TrelloColumn(
                id=id_,
                name=v.line(raw.get("name")) or "Untitled list",
                is_archived=v.yes(raw.get("closed")),
                limit=v.whole(raw.get("softLimit"), 1, 32767),
                made_at=v.made_at(id_),
            )
            if raw.get("softLimit") and not (column.limit and column.limit <= HIGHEST_LIMIT):
                self.problems.add(
                    f"A list's limit that is no number from 1 to {HIGHEST_LIMIT} was left out",
                    f"The limits of {{n}} lists that are no numbers from 1 to {HIGHEST_LIMIT} were left out",
                    f"“{column.name[:60]}” ({v.line(raw['softLimit'])[:40]})",
                )
            found.append((order_of(raw, place), column))
        return in_order(found)

    def _cards(self, columns: list[TrelloColumn]) -> list[TrelloCard]:
        known = {column.id: place for place, column in enumerate(columns)}
        lost = len(columns)
        found = []
        numbers: set[int] = set()
        for place, (id_, raw) in enumerate(things(self.root, "cards", "card", self.problems)):
            card = self._card(id_, raw, numbers)
            if card.column not in known:
                self.problems.add(
                    f'The list of a card is not in the file; it came into the column "{NO_COLUMN}"',
                    f'The lists of {{n}} cards are not in the file; they came into the column "{NO_COLUMN}"',
                    f"card {card.number}",
                )
                card.column = ""
            found.append(((known.get(card.column, lost), *order_of(raw, place)), card))
        self._refuse_many("The board has {} cards", len(found), limits.CARDS)
        cards = in_order(found)
        free = max(numbers, default=0)
        if any(not card.column for card in cards):
            columns.append(TrelloColumn(id="", name=NO_COLUMN))
        for card in cards:
            if not card.number:
                card.number = free = free + 1
        return cards

    def _card(self, id_: str, raw: dict[str, Any], numbers: set[int]) -> TrelloCard:
        number = v.whole(raw.get("idShort"), 1, HIGHEST_NUMBER) or 0
        if number in numbers:
            number = 0
        numbers |= {number} - {0}
        card = TrelloCard(
            id=id_,
            number=number,
            title=v.line(raw.get("name")) or "Untitled card",
            column=v.identity(raw.get("idList")),
            short_link=v.line(raw.get("shortLink")),
            text=v.lines(raw.get("desc")),
            is_archived=v.yes(raw.get("closed")),
            is_due_done=v.yes(raw.get("dueComplete")),
            creator=v.identity(raw.get("idMemberCreator")),
            labels=v.identities(raw.get("idLabels")),
            members=v.identities(raw.get("idMembers")),
            completed_at=v.moment(raw.get("dateCompleted")),
            closed_at=v.moment(raw.get("dateClosed")),
            made_at=v.made_at(id_),
            last_at=v.moment(raw.get("dateLastActivity")),
        )
        card.due = self._day(raw, "due", card)
        card.start = self._day(raw, "start", card)
        card.fields = self.fields.of(raw, card)
        card.attachments = self._attachments(raw, card)
        self._raw_labels[id_] = v.sequence(raw.get("labels"))
        self._tell_changed(named(card))
        return card

    def _day(self, raw: dict[str, Any], key: str, card: TrelloCard) -> Any:
        found = v.day(raw.get(key))
        if found is None and raw.get(key) not in (None, ""):
            self.problems.add(
                f"A {key} date that is no date was left out",
                f"{{n}} {key} dates that are no dates were left out",
                named(card),
            )
        return found

    def _attachments(self, raw: dict[str, Any], card: TrelloCard) -> list[Attachment]:
        found = []
        for attachment in map(_attachment, v.sequence(raw.get("attachments"))):
            if attachment.url or attachment.name:
                found.append(attachment)
            else:
                self.problems.add(
                    "An attachment without a name and an address was left out",
                    "{n} attachments without a name and an address were left out",
                    named(card),
                )
        return found

    def _checklists(self, cards: dict[str, TrelloCard]) -> None:
        """Join checklists to their cards: those of the board and those nested in a card."""
        found: dict[str, list[tuple[Any, TrelloChecklist]]] = {}
        taken: set[str] = set()
        for place, (id_, raw, owner) in enumerate(self._raw_checklists(cards)):
            if id_ in taken:
                continue
            taken.add(id_)
            card = cards.get(owner)
            self._tell_changed("the board")
            checklist = TrelloChecklist(
                id_, v.line(raw.get("name")) or "Checklist", self._items(raw), v.made_at(id_)
            )
            self._tell_changed(named(card) if card else "a checklist")
            if card is None:
                self.problems.add(
                    "A checklist whose card is not in the file was left out",
                    "{n} checklists whose cards are not in the file were left out",
                    f'"{checklist.name[:60]}" ({count_of(len(checklist.items), "item")})',
                )
            else:
                found.setdefault(owner, []).append((order_of(raw, place), checklist))
        for owner, checklists in found.items():
            cards[owner].checklists = in_order(checklists)

    def _raw_checklists(self, cards: dict[str, TrelloCard]) -> Iterator[tuple[str, dict[str, Any], str]]:
        owners = {
            checklist: v.identity(raw.get("id"))
            for raw in map(v.mapping, v.sequence(self.root.get("cards")))
            for checklist in v.identities(raw.get("idChecklists"))
        }
        for id_, raw in things(self.root, "checklists", "checklist", self.problems):
            yield id_, raw, v.identity(raw.get("idCard")) or owners.get(id_, "")
        for raw_card in map(v.mapping, v.sequence(self.root.get("cards"))):
            owner = v.identity(raw_card.get("id"))
            if owner in cards and isinstance(raw_card.get("checklists"), list):
                for id_, raw in things(raw_card, "checklists", "checklist", self.problems):
                    yield id_, raw, owner

    def _items(self, raw: dict[str, Any]) -> list[TrelloItem]:
        found = []
        for place, (id_, item) in enumerate(things(raw, "checkItems", "checklist item", self.problems)):
            words = v.line(item.get("name")) or "Untitled item"
            found.append(
                (
                    order_of(item, place),
                    TrelloItem(
                        id_,
                        words,
                        item.get("state") == "complete",
                        self._item_day(item, words),
                        v.identity(item.get("idMember")),
                        v.made_at(id_),
                    ),
                )
            )
        return in_order(found)

    def _item_day(self, item: dict[str, Any], words: str) -> Any:
        found = v.day(item.get("due"))
        if found is None and not is_empty(item.get("due")):
            self.problems.add(
                "A checklist item's due date that is no date was left out",
                "{n} due dates of checklist items that are no dates were left out",
                f"“{words[:60]}”",
            )
        return found

    def _people_of_cards(self, cards: list[TrelloCard], people: dict[str, Person]) -> None:
        """Members of cards and creators who have left the board are people all the same."""
        for card in cards:
            for id_ in card.members:
                if id_ not in people:
                    people[id_] = Person(id_)
                if not (people[id_].name or people[id_].username):
                    self.problems.add(
                        "A card's member is not described in the file and came in without a name",
                        "{n} members of cards are not described in the file and came in without a name",
                        named(card),
                    )
            if card.creator not in people:
                card.creator = ""
            for item in (item for checklist in card.checklists for item in checklist.items):
                if item.member:
                    person = people.get(item.member) or Person(item.member)
                    item.member = person.name or person.username or "someone without a name in the file"


def _board(root: Any, name: str) -> dict[str, Any]:
    """`root` when it is a board; says what it is instead, and where."""
    if not isinstance(root, dict):
        kind = {list: "a list", str: "a text", bool: "a word", type(None): "nothing"}.get(
            type(root), "a number"
        )
        raise ImportProblem(f"{name}: not a Trello board: the file holds {kind}, not an object.")
    for key in ("id", "name"):
        if not v.text(root.get(key)) or (key == "id" and not v.identity(root.get(key))):
            raise ImportProblem(f'{name}: not a Trello board: "{key}" is missing at the top.')
    for key in ("lists", "cards"):
        if not isinstance(root.get(key), list):
            state = "missing at the top" if key not in root else "not a list"
            raise ImportProblem(
                f'{name}: not a Trello board: "{key}" is {state}. Export the board itself, as JSON.'
            )
    return root


def _attachment(raw: Any) -> Attachment:
    raw = v.mapping(raw)
    url = v.line(raw.get("url"))
    upload = raw.get("isUpload")
    return Attachment(
        name=v.line(raw.get("name")) or v.line(raw.get("fileName")) or url,
        url=url,
        is_upload=upload if isinstance(upload, bool) else _KEPT_BY_TRELLO.search(url) is not None,
        size=v.whole(raw.get("bytes"), 1, 2**50),
    )
