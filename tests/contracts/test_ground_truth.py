"""The log is the ground truth: whatever four people do, in whatever order, a board is what its log says.

After each history: the log folds to the tables; the time-travel page at some point is the page that stood
there then; undoing the last changes brings back what was before them; and the board goes out and comes back
in as it was. `FLUXBOARD_LONG=1`: two hundred histories of two hundred changes, in which every verb happens.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, note, reject, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from activity.errors import Clash, Forbidden, Refused
from activity.log import snapshots
from activity.log.record import By
from activity.log.undone import together
from activity.log.verbs import VERBS
from activity.models import Activity
from boards import actions as act
from boards.card_fields import CARD_FIELDS
from boards.models import Board, Card, Checklist, Column, Item, Label, Membership, Role, Search, Template
from boards.undo.engine import undo_change
from boards.undo.registry import UndoChoice
from comments.actions import edit_comment, post_comment, remove_comment, restore_comment
from comments.decisions import agree, decide_by_comment, record_decision
from comments.models import Comment, Decision
from comments.outcomes import MeetingOutcome, record_answer, record_outcome
from comments.questions import ask_question, close_question, hand_on
from comments.reuse import answer_by_known, answer_fact
from comments.reviews import confirm, set_review
from fluxboard.features.verification.tables import state_of_tables
from fluxboard.features.verification.verify import verify
from tests import cast
from tests.activity.adding_up import assert_adds_up
from tests.board_export.files import brought_in, exported, lines_of, taken_back
from tests.time_travel.fronts import Drawn, drawn, with_mark
from tests.time_travel.test_time_travel import texts
from tests.trello.files import REAL, real
from tests.trello.test_import import BAKERY
from tests.trello.test_import import brought_in as brought_from_trello
from tests.undo.order import as_before

LONG = os.environ.get("FLUXBOARD_LONG") == "1"
HISTORIES, CHANGES = (200, 200) if LONG else (3, 60)
SAVED_ONE_IN = 12 if LONG else 6
FRESH = 8
WORDS = (
    "Pay by card",
    "Zahlungen — 支払い 💳",
    "one\ntwo\nthree",
    "- [ ] a\n- [x] b",
    "<b>&</b>",
    "@kenji FLX-1",
    "=1+1",
)
LINES = tuple(words for words in WORDS if "\n" not in words)
SPEC = ("what", "why", "done_when", "constraints")
LAST = 12  # changes that are undone at the end
REACHED: Counter[str] = Counter()  # what happened in all histories together, undos by their effect as well


@dataclass
class Saved:
    """One board as it stood at one seq: its page, its tables, and the texts that there were."""

    page: list[Drawn]
    tables: dict[str, Any]
    texts: dict[str, str]


HAPPENINGS: dict[str, Callable[[Any, Any], None]] = {}
ONE_IN_FIVE = st.integers(0, 4).map(lambda number: number == 4)
NEVER = st.deferred(lambda: st.sets(st.sampled_from(sorted(HAPPENINGS)), max_size=4))


def happens(rule: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """One of the things that happen at each step. Not a rule of hypothesis: of those it leaves out many."""
    HAPPENINGS[rule.__name__] = rule
    return rule


class GroundTruth(RuleBasedStateMachine):
    """Two boards and four people; each step changes one of them, or is refused and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: dict[int, Saved] = {}
        self.has_begun = False

    def prepare(self) -> None:
        self.ana, self.kenji, self.priya = (cast.person(name) for name in ("ana", "kenji", "priya"))
        self.lena = cast.person("lena")
        self.board = cast.team_board(self.ana, self.kenji, self.priya)
        act.add_member(self.board, self.lena, Role.OWNER, by=self.ana)
        ready = self.board.columns.in_board_order()[0]
        one, two, _ = act.create_cards(ready, "First\nSecond\nThird", by=self.ana)
        act.label_card(one, act.create_label(self.board, "bug", 1, by=self.ana), by=self.ana)
        act.add_items(act.add_checklist(one, "Steps", by=self.ana), "one\ntwo", by=self.kenji)
        post_comment(two, "Hello", by=self.kenji)

    def forget(self) -> None:
        transaction.set_rollback(True)
        self.taken_back.__exit__(None, None, None)

    @initialize(chance=st.integers(0, 2**16), never=NEVER, is_imported=ONE_IN_FIVE)
    def it_begins(self, chance: int, never: set[str], is_imported: bool) -> None:
        """On two boards, one of them perhaps with a history from another tool; a few things never happen.

        Hypothesis tries the history first in which all that is drawn is the least; that one is no history.
        """
        if not chance:
            reject()
        self.chance = chance
        self.can_happen = sorted(HAPPENINGS.keys() - never)
        self.taken_back = transaction.atomic()
        self.taken_back.__enter__()
        self.has_begun = True
        self.prepare()
        if is_imported:
            self.other = brought_from_trello(BAKERY.read_bytes(), self.ana).board
        else:
            self.other = act.create_board("Mobile app", by=self.ana, key="MOB", starter=True)
        act.add_member(self.other, self.kenji, Role.MEMBER, by=self.ana)

    @rule(data=st.data())
    def something_happens(self, data: Any) -> None:
        HAPPENINGS[data.draw(st.sampled_from(self.can_happen))](self, data)

    # ---- how things are chosen and done -------------------------------------------------------------------

    def one_of(self, data: Any, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return data.draw(st.sampled_from(found)) if found else None

    def someone(self, data: Any) -> Any:
        return data.draw(st.sampled_from([self.ana, self.ana, self.kenji, self.priya, self.lena]))

    def here(self, data: Any) -> Board:
        """One of the two boards; where it is archived, mostly brought back first."""
        drawn = data.draw(st.sampled_from([self.board, self.board, self.board, self.other]))
        board = Board.objects.get(pk=drawn.pk)
        if board.is_archived and data.draw(st.integers(0, 3)):
            self.does(data, lambda by: act.restore_board(board, by=by), owner_of(board))
            board.refresh_from_db()
        return board

    def card(self, data: Any) -> Card | None:
        return self.one_of(data, Card.objects.filter(board=self.here(data)).select_related("board", "column"))

    def column(self, data: Any, board: Board) -> Column | None:
        return self.one_of(data, Column.objects.filter(board=board).select_related("board"))

    def word(self, data: Any) -> str:
        return data.draw(st.sampled_from(LINES))

    def text(self, data: Any) -> str:
        return data.draw(st.sampled_from(WORDS))

    def does(self, data: Any, deed: Callable[[By], Any], person: Any = None) -> None:
        """By someone, or by `person`, as one request; what is refused leaves nothing."""
        by = By(person or self.someone(data), request_id=uuid.uuid4())
        newest = Activity.objects.order_by("-pk").values_list("pk", flat=True).first()
        try:
            with transaction.atomic():
                deed(by)
        except (Refused, Forbidden, Clash) as refusal:
            note(f"{by.user.handle}: {refusal!r}")
            assert Activity.objects.order_by("-pk").values_list("pk", flat=True).first() == newest
        else:
            done = Activity.objects.order_by("-pk").values_list("verb", "board__key", "seq").first()
            note(f"{by.user.handle}: {done}")
        if data.draw(st.integers(1, SAVED_ONE_IN)) == SAVED_ONE_IN:
            self.save()
            self.chance = data.draw(st.integers(0, 2**16))

    def save(self) -> None:
        board = Board.objects.get(pk=self.board.pk)
        self.saved[board.seq] = Saved(
            drawn(self.seen(board, f"/b/{board.key}/")), state_of_tables(board).tables(), texts()
        )

    def seen(self, board: Board, address: str) -> str:
        client = Client()
        client.force_login(owner_of(board))
        response = client.get(address)
        assert response.status_code == 200, address
        return response.content.decode()

    def choose(self, data: Any, *deeds: Callable[[By], Any], person: Any = None) -> None:
        self.does(data, data.draw(st.sampled_from(deeds)), person)

    # ---- what can happen ----------------------------------------------------------------------------------

    @happens
    def a_board_changes(self, data: Any) -> None:
        board, word = self.here(data), self.word(data)
        number = data.draw(st.integers(1, 9))
        self.choose(
            data,
            lambda by: act.rename_board(board, word, by=by),
            lambda by: act.describe_board(board, word, by=by),
            lambda by: act.configure_board(board, by=by, stale_after=number, answer_days=number),
            lambda by: act.configure_board(board, by=by, card_fields=["size"] if number % 3 else []),
            lambda by: act.rekey_board(board, f"K{number}", by=by),
            lambda by: act.open_board(board, data.draw(st.sampled_from([Role.VIEWER, Role.MEMBER])), by=by),
            lambda by: act.close_board(board, by=by),
            lambda by: act.archive_board(board, by=by),
        )

    @happens
    def people_come_and_go(self, data: Any) -> None:
        board, person = self.here(data), data.draw(st.sampled_from([self.kenji, self.priya, self.lena]))
        role = data.draw(st.sampled_from(list(Role)))
        self.choose(
            data,
            lambda by: act.add_member(board, person, Role.MEMBER, by=by),
            lambda by: act.add_member(board, person, Role.OWNER, by=by),
            lambda by: act.change_role(board, person, role, by=by),
            lambda by: act.remove_member(board, person, by=by),
        )

    @happens
    def columns_change(self, data: Any) -> None:
        board, word = self.here(data), self.word(data)
        one, other = self.column(data, board), self.column(data, board)
        limit = data.draw(st.sampled_from([None, 1, 3]))
        self.choose(
            data,
            lambda by: act.add_column(board, word, by=by, after=other),
            lambda by: act.rename_column(one, word, by=by),
            lambda by: act.move_column(one, by=by, before=other),
            lambda by: act.move_column(one, by=by),
            lambda by: act.limit_column(one, limit, by=by),
            lambda by: act.mark_done_column(one, data.draw(st.booleans()), by=by),
            lambda by: act.archive_column(one, by=by),
            lambda by: act.restore_column(one, by=by),
        )

    @happens
    def labels_change(self, data: Any) -> None:
        board, word, hue = self.here(data), self.word(data), data.draw(st.integers(1, 8))
        label = self.one_of(data, Label.objects.filter(board=board).select_related("board"))
        make = lambda by: act.create_label(board, word, hue, by=by)  # noqa: E731
        if label is None:
            self.does(data, make)
            return
        self.choose(
            data,
            make,
            lambda by: act.rename_label(label, word, by=by),
            lambda by: act.recolour_label(label, hue, by=by),
            lambda by: act.remove_label(label, by=by),
            lambda by: act.restore_label(label, by=by),
        )

    @happens
    def searches_change(self, data: Any) -> None:
        board, word = self.here(data), self.word(data)
        search = self.one_of(data, Search.objects.filter(board=board).select_related("board"))
        make = lambda by: act.save_search(board, word, f"is:stuck {word}", by=by)  # noqa: E731
        if search is None:
            self.does(data, make)
            return
        self.choose(
            data,
            make,
            lambda by: act.rename_search(search, word, by=by),
            lambda by: act.remove_search(search, by=by),
            lambda by: act.restore_search(search, by=by),
        )

    @happens
    def templates_change(self, data: Any) -> None:
        board, word = self.here(data), self.word(data)
        template = self.one_of(data, Template.objects.filter(board=board).select_related("board"))
        label = self.one_of(data, Label.objects.filter(board=board, removed_at=None))
        labels = [label] if label else []
        make = lambda by: act.save_template(board, word, by=by, labels=labels, steps=self.text(data))  # noqa: E731
        if template is None:
            self.does(data, make)
            return
        self.choose(
            data,
            make,
            lambda by: act.change_template(template, by=by, name=word, labels=labels, why=self.text(data)),
            lambda by: act.make_default(template, data.draw(st.booleans()), by=by),
            lambda by: act.remove_template(template, by=by),
            lambda by: act.restore_template(template, by=by),
        )

    @happens
    def cards_come(self, data: Any) -> None:
        column = self.column(data, self.here(data))
        before = self.one_of(data, Card.objects.filter(column=column))
        begun = self.one_of(data, Template.objects.filter(board=column.board))
        self.choose(
            data,
            lambda by: act.create_card(column, self.word(data), by=by, why=self.text(data)),
            lambda by: act.create_cards(column, self.text(data), by=by, before=before),
            lambda by: act.create_cards(column, self.word(data), by=by, template=begun),
        )

    @happens
    def a_card_moves(self, data: Any) -> None:
        card = self.card(data)
        if card is None:
            return
        to, away = self.column(data, card.board), self.column(data, self.here(data))
        neighbour = self.one_of(data, Card.objects.filter(column=to).exclude(pk=card.pk))
        several = set(card.column.cards.values_list("number", flat=True)) - {data.draw(st.integers(1, 5))}
        self.choose(
            data,
            lambda by: act.move_cards(card.column, several, by=by, to=to),
            lambda by: act.archive_cards(card.column, several, by=by),
            lambda by: act.move_card(card, by=by, to=to),
            lambda by: act.move_card(card, by=by, to=to, before=neighbour),
            lambda by: act.move_card(card, by=by, to=to, after=neighbour),
            lambda by: act.transfer_card(card, by=by, to=away),
            lambda by: act.archive_card(card, by=by),
            lambda by: act.restore_card(card, by=by),
        )

    @happens
    def a_card_is_written(self, data: Any) -> None:
        card = self.card(data)
        if card is None:
            return
        person = data.draw(st.sampled_from([None, self.ana, self.kenji, self.priya]))
        other = self.one_of(data, Card.objects.exclude(pk=card.pk).select_related("board"))
        label = self.one_of(data, Label.objects.filter(board=card.board))
        day = data.draw(st.sampled_from([None, dt.date(2026, 10, 16), dt.date(2027, 1, 1)]))
        size = data.draw(st.sampled_from(["", *CARD_FIELDS["size"].value.choices]))
        deeds: list[Callable[[By], Any]] = [
            lambda by: act.retitle_card(card, self.word(data), by=by),
            lambda by: act.specify_card(card, data.draw(st.sampled_from(SPEC)), self.text(data), by=by),
            lambda by: act.assign_card(card, person, by=by),
            lambda by: act.join_card(card, self.kenji, by=by),
            lambda by: act.leave_card(card, self.kenji, by=by),
            lambda by: act.date_card(card, day, by=by),
            lambda by: act.set_value(card, CARD_FIELDS["size"], size, by=by),
            lambda by: act.block_card(card, self.word(data), by=by, person=person, card_in_the_way=other),
            lambda by: act.unblock_card(card, by=by),
        ]
        if label is not None:
            deeds += [
                lambda by: act.label_card(card, label, by=by),
                lambda by: act.unlabel_card(card, label, by=by),
            ]
        self.choose(data, *deeds)

    @happens
    def checklists_change(self, data: Any) -> None:
        card = self.card(data)
        if card is None:
            return
        lists = Checklist.objects.filter(card=card).select_related("card__board")
        checklist = self.one_of(data, lists)
        if checklist is None:
            self.does(data, lambda by: act.add_checklist(card, self.word(data), by=by))
            return
        self.choose(
            data,
            lambda by: act.add_checklist(card, self.word(data), by=by),
            lambda by: act.rename_checklist(checklist, self.word(data), by=by),
            lambda by: act.remove_checklist(checklist, by=by),
            lambda by: act.restore_checklist(checklist, by=by),
            lambda by: act.add_items(checklist, self.text(data), by=by),
        )

    @happens
    def items_change(self, data: Any) -> None:
        items = Item.objects.filter(checklist__card__board=self.here(data))
        item = self.one_of(data, items.select_related("checklist__card__board"))
        if item is None:
            return
        beside = self.one_of(data, Item.objects.filter(checklist=item.checklist).exclude(pk=item.pk))
        elsewhere = self.one_of(data, Checklist.objects.filter(card=item.checklist.card))
        self.choose(
            data,
            lambda by: act.reword_item(item, self.word(data), by=by),
            lambda by: act.check_item(item, by=by),
            lambda by: act.check_item(item, by=by),
            lambda by: act.uncheck_item(item, by=by),
            lambda by: act.move_item(item, by=by, before=beside),
            lambda by: act.move_item(item, by=by, to=elsewhere),
            lambda by: act.remove_item(item, by=by),
            lambda by: act.restore_item(item, by=by),
            lambda by: act.promote_item(item, by=by),
        )

    @happens
    def people_talk(self, data: Any) -> None:
        card = self.card(data)
        if card is None:
            return
        comments = Comment.objects.filter(card=card).select_related("card__board")
        comment = self.one_of(data, comments)
        if comment is None:
            self.does(data, lambda by: post_comment(card, self.text(data), by=by))
            return
        self.choose(
            data,
            lambda by: post_comment(card, self.text(data), by=by),
            lambda by: post_comment(card, self.text(data), by=by, parent=comment),
            lambda by: post_comment(card, self.text(data), by=by, parent=comment),
            lambda by: edit_comment(comment, self.text(data), by=by),
            lambda by: remove_comment(comment, by=by),
            lambda by: restore_comment(comment, by=by),
            lambda by: record_answer(comment, self.text(data), by=by),
        )

    @happens
    def people_ask(self, data: Any) -> None:
        board = self.here(data)
        card = self.one_of(data, Card.objects.filter(board=board).select_related("board"))
        if card is None:
            return
        person = data.draw(st.sampled_from([self.ana, self.kenji, self.lena]))
        ask = lambda by: ask_question(card, self.text(data), [person], by=by)  # noqa: E731
        questions = Comment.objects.filter(card__board=board, kind=Comment.Kind.QUESTION)
        question = self.one_of(data, questions.select_related("card__board", "author"))
        if question is None:
            self.does(data, ask)
            return
        asked = [ask.person for ask in question.asks.filter(handed_to=None).order_by("pk")]
        known = self.one_of(data, Decision.objects.filter(board=board).select_related("board")) or question
        fact = answer_fact(known)
        self.choose(
            data,
            ask,
            lambda by: ask_question(card, self.text(data), [], by=by, known=fact),
            lambda by: answer_by_known(question, known, by=by),
            lambda by: hand_on(question, person, by=by),
            lambda by: close_question(question, by=by),
            lambda by: post_comment(question.card, self.text(data), by=by, parent=question),
            person=data.draw(st.sampled_from([None, question.author, *asked])),
        )

    @happens
    def two_people_go_back_and_forth(self, data: Any) -> None:
        threads = Comment.objects.filter(card__board=self.here(data), parent=None)
        begun = self.one_of(data, threads.select_related("card__board"))
        if begun is None:
            return
        for person in (self.ana, self.kenji, self.ana, self.kenji)[: data.draw(st.integers(1, 4))]:
            self.does(data, lambda by: post_comment(begun.card, self.text(data), by=by, parent=begun), person)

    @happens
    def people_decide(self, data: Any) -> None:
        card = self.card(data)
        if card is None:
            return
        comment = self.one_of(data, Comment.objects.filter(card=card).select_related("card__board"))
        decisions = Decision.objects.filter(board=card.board).select_related("board", "card__board")
        older = self.one_of(data, decisions)
        deeds: list[Callable[[By], Any]] = [
            lambda by: record_decision(card, self.text(data), by=by, parent=comment, supersedes=older),
            lambda by: record_outcome(card, MeetingOutcome(self.text(data), self.text(data)), by=by),
            lambda by: record_decision(
                card,
                self.text(data),
                by=replace(by, now=by.now - dt.timedelta(days=90)),
                review_on=by.now.date() - dt.timedelta(days=9),
            ),
        ]
        if comment is not None:
            deeds.append(lambda by: decide_by_comment(comment, by=by))
        if older is not None:
            days = data.draw(st.sampled_from([None, 2, 40]))
            day = timezone.now().date() + dt.timedelta(days=days) if days else None
            deeds += [lambda by: agree(older, by=by)] * 2
            deeds += [lambda by: set_review(older, day, by=by), lambda by: confirm(older, by=by, next_on=day)]
        self.choose(data, *deeds)

    @happens
    def something_is_undone(self, data: Any) -> None:
        """Nobody has chosen yet; or somebody has, to keep what is there by now or to go back."""
        board = self.here(data)
        seq = max(1, board.seq - data.draw(st.integers(0, 20)))
        keep = ("title", "name", "text", "reason", "assignee", f"place-{seq}")
        keeps = data.draw(st.sampled_from([(), keep]))
        choice = data.draw(st.sampled_from([None, UndoChoice(seen=board.seq, keep=keeps)]))
        self.does(data, lambda by: undo_change(board, seq, by=by, choice=choice))

    @happens
    def texts_are_erased(self, data: Any) -> None:
        card = self.card(data)
        if card is None or data.draw(st.integers(0, 3)):
            return
        parts = data.draw(st.lists(st.sampled_from(["title", *SPEC, "comments"]), min_size=1, unique=True))
        person = data.draw(st.sampled_from([self.ana, self.kenji, self.lena]))
        self.choose(
            data,
            lambda by: act.erase_card(card, parts, "Asked for", by=by),
            lambda by: act.erase_card(card, parts, "Asked for", by=by),
            lambda by: act.erase_person(card.board, person, "Asked for", by=by),
        )

    # ---- what must be true then ---------------------------------------------------------------------------

    def teardown(self) -> None:
        if not self.has_begun:
            return
        try:
            for board in (self.board, self.other):
                assert verify(board) == []
            self.the_past_is_what_was()
            for board in (self.board, self.other):
                assert_adds_up(board, *sorted(self.saved)[:3])
            self.the_last_changes_can_be_undone()
            for board in (self.board, self.other):
                assert verify(board) == []
            for row in Activity.objects.all():
                REACHED.update({row.verb, row.effect})
            out, owner = exported(Board.objects.get(pk=self.board.pk)), owner_of(self.board).handle
        finally:
            self.forget()
        comes_back_as_it_was(out, owner)

    def the_past_is_what_was(self) -> None:
        """The folded state at each seq that was saved; the page at two of them that chance picks."""
        board, left = Board.objects.get(pk=self.board.pk), texts()
        for seq, saved in self.saved.items():
            assert snapshots.state_at(board, seq).told_in_full(saved.texts).tables() == saved.tables, seq
        picked = random.Random(self.chance).sample(sorted(self.saved), min(2, len(self.saved)))
        for seq in picked:
            key = self.saved[seq].tables["board"]["key"]
            erased = {
                f"{key}-{row['number']}"
                for row in snapshots.state_at(board, seq).cards.values()
                if row["title"]["text"] not in left
            }
            then = drawn(self.seen(board, f"/b/{board.key}/at/?seq={seq}"))
            assert then == with_mark(self.saved[seq].page, erased), seq

    def the_last_changes_can_be_undone(self) -> None:
        board = Board.objects.get(pk=self.board.pk)
        if board.is_archived:
            act.restore_board(board, by=self.ana)
        head = board.seq = Board.objects.values_list("seq", flat=True).get(pk=board.pk)
        seq = head
        while seq > 1 and head - seq < LAST:
            done = together(Activity.objects.get(board=board, seq=seq))
            if any(one.source_at or VERBS[one.effect].final or one.board_id != board.pk for one in done):
                break
            try:
                undo_by_either(board, seq, self.ana, done[0].actor)
            except Forbidden:
                break  # their words or their agreement, and they are not on the board any more
            except Refused as refusal:
                assert str(refusal.message) in EXCUSES, (seq, done, refusal.message)
                break
            seq = min(one.seq for one in done) - 1
        before = snapshots.state_in_full(snapshots.state_at(board, seq)).tables()
        now = state_of_tables(Board.objects.get(pk=board.pk)).tables()
        as_before([now], [before])


def owner_of(board: Board) -> Any:
    owners = Membership.objects.filter(board=board, role=Role.OWNER)
    return owners.order_by("pk").select_related("user")[0].user


def undo_by_either(board: Board, seq: int, *people: Any) -> None:
    """By the first of `people` who may: an owner, else whoever said it."""
    for person in people:
        try:
            with transaction.atomic():
                undo_change(board, seq, by=By(person, request_id=uuid.uuid4()))
        except Forbidden:
            if person == people[-1]:
                raise
        else:
            return


EXCUSES = {
    "There is nothing to undo: it is as it was before.",
    "What it was before has been erased for good.",
    "This has been undone already.",
}


def comes_back_as_it_was(out: bytes, owner: str) -> None:
    """Into an installation where only one of its owners is, and out again: the same lines."""
    with taken_back():
        board = brought_in(out, cast.person(owner)).board
        assert verify(board) == []
        assert lines_of(exported(board)) == lines_of(out)


class ImportedTruth(GroundTruth):
    """The same on a board that came from another tool."""

    file = ""

    def prepare(self) -> None:
        super().prepare()
        self.board = brought_from_trello(real(self.file).read_bytes(), self.ana).board
        act.add_member(self.board, self.kenji, Role.MEMBER, by=self.ana)
        act.add_member(self.board, self.lena, Role.OWNER, by=self.ana)


def told(machine: type[GroundTruth], histories: int) -> None:
    """Live through `histories`, a few at a time: after ten, hypothesis mostly varies what it has."""
    for done in range(0, histories, FRESH):
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            machine,
            settings=settings(
                max_examples=min(FRESH, histories - done),
                stateful_step_count=CHANGES,
                deadline=None,
                database=None,
                derandomize=not LONG,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )


@pytest.mark.early
@pytest.mark.django_db
def test_a_board_is_what_its_log_says_whatever_was_done() -> None:
    REACHED.clear()
    told(GroundTruth, HISTORIES)
    if LONG:
        assert not VERBS.keys() - REACHED.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("file", REAL)
def test_so_it_is_on_a_board_that_was_imported(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImportedTruth, "file", file)
    told(ImportedTruth, 20 if LONG else 1)
