"""The log of an export comes in, row by row and text by text, with the hashes that were recorded.

Each row must be one that this installation could have written, and each text the one that its digest names.
Whether the rows follow on each other and tell what the tables hold is for `verify` to say afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from activity.log.hashing import content_digest
from activity.log.record import SCHEMA
from activity.log.replay.state import digests_in
from activity.log.transaction import carry_in
from activity.log.verbs import VERBS
from activity.models import Activity, ActivityContent, Via
from boards.models import Board
from fluxboard.features.board_export.fact_types import odd_fact
from fluxboard.features.board_export.lines import ACTIVITY, CONTENT
from fluxboard.features.board_export.zip_reader import Archive, Damaged

_BATCH = 1000


class LogImporter:
    """Brings the log of `archive` to `board`, whose people and cards are here already.

    `people` are those of the file by uid, `find_card` gives the id of a card by its uid, and `tell` is told
    what goes on and how many lines further it is.
    """

    def __init__(
        self,
        archive: Archive,
        board: Board,
        people: Mapping[UUID, Any],
        find_card: Callable[[UUID], int | None],
        tell: Callable[[str, int], None],
    ) -> None:
        self.archive, self.board, self.people = archive, board, people
        self.find_card, self.tell = find_card, tell

    def bring_in(self) -> list[str]:
        """Write down all rows and texts; what whoever imports should know of them. Raises `Damaged`."""
        missing = self._bring_texts(self._bring_rows())
        if not missing:
            return []
        return [f"{missing:,} of its texts were erased before, and are not in the file."]

    def _bring_rows(self) -> dict[str, int | None]:
        """The digests of all texts that the rows name, each with the id of the first card that names it."""
        digests: dict[str, int | None] = {}
        batch: list[Activity] = []
        last: Activity | None = None
        for expected, line in enumerate(self.archive.rows("log", ACTIVITY), start=1):
            if line["seq"] != expected:
                raise Damaged(f"log.jsonl: seq {line['seq']} stands where seq {expected} should.")
            activity = last = self._activity(line)
            for digest in digests_in([line["before"], line["after"]]):
                digests.setdefault(digest, activity.card_id)
            batch.append(activity)
            if len(batch) == _BATCH:
                carry_in(batch, [])
                self.tell("The log", len(batch))
                batch = []
        carry_in(batch, [])
        head = self.archive.manifest
        if last is None or (last.seq, last.hash) != (head.seq, head.hash):
            raise Damaged("log.jsonl does not end where its manifest says.")
        return digests

    def _activity(self, line: dict[str, Any]) -> Activity:
        where = f"log.jsonl, seq {line['seq']}"
        _refuse_unknown(line, where)
        if line.pop("board") != self.board.uid:
            raise Damaged(f"{where} is about another board.")
        actor_uid, card_uid = line.pop("actor"), line.pop("card")
        actor = self.people.get(actor_uid)
        if actor_uid is not None and actor is None:
            raise Damaged(f"{where}: people.jsonl does not name {actor_uid}.")
        card = self.find_card(card_uid) if card_uid is not None else None
        return Activity(
            board=self.board,
            actor=actor,
            actor_uid=actor_uid if actor is not None and actor.uid != actor_uid else None,
            card_id=card,
            card_uid=card_uid if card is None else None,
            **line,
        )

    def _bring_texts(self, digests: dict[str, int | None]) -> int:
        """How many of the texts that `digests` names the file does not have."""
        batch, missing, erased = [], set(digests), _erased()
        for line in self.archive.rows("contents", CONTENT):
            digest = line["digest"]
            if digest not in missing:
                raise Damaged(
                    f"contents.jsonl: no row of the log names the text {digest[:12]}, or it is there twice."
                )
            if content_digest(line["salt"], line["text"]) != digest:
                raise Damaged(f"contents.jsonl: the text {digest[:12]} is not what was recorded.")
            if digest in erased:
                raise Damaged(f"contents.jsonl: the text {digest[:12]} was erased, and must not come back.")
            missing.discard(digest)
            batch.append(ActivityContent(board=self.board, card_id=digests[digest], **line))
            if len(batch) == _BATCH:
                carry_in([], batch)
                self.tell("Texts", len(batch))
                batch = []
        carry_in([], batch)
        return len(missing)


def _refuse_unknown(line: dict[str, Any], where: str) -> None:
    """Raise `Damaged` for a row that this installation would not have written, or cannot read."""
    verb = VERBS.get(line["verb"])
    if verb is None:
        raise Damaged(f"{where}: {line['verb']!r} is nothing that this installation knows.")
    if line["via"] not in Via.values or line["schema"] > SCHEMA or verb.facts - line["after"].keys():
        raise Damaged(f"{where} is not a row that this installation would have written.")
    odd = odd_fact(line["verb"], line["before"]) or odd_fact(line["verb"], line["after"])
    if odd:
        raise Damaged(f"{where}: {odd} is not what that fact can be.")


def _erased() -> set[str]:
    """The digests of all texts that were erased, by the logs of this installation and of the coming board."""
    rows = Activity.objects.filter(verb="card.erased").values_list("after__erased", flat=True)
    return {digest for digests in rows if isinstance(digests, list) for digest in digests}
