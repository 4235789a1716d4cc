"""Does what the stories tell, step by step, through the actions, each with its person and its moment."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable
from typing import Any

from django.db import transaction

from activity.log.record import By
from boards import actions as act
from boards.models import Board, Card, Column, Fold, Item, Label
from boards.rendering.fragments import unwatched
from comments.actions import edit_comment, post_comment, remove_comment
from comments.decisions import agree, record_decision
from comments.models import Comment, Decision
from comments.questions import ask_question
from fluxboard.core.recurrence import WEEKDAYS
from fluxboard.features.demo.answers import answer_fridays
from fluxboard.features.demo.clock import at_work, moments, working_days_before
from fluxboard.features.demo.readers import keep_days, leave_unread
from fluxboard.features.demo.story import BoardStory, CardStory, StoryStep
from fluxboard.features.demo.team import hire
from fluxboard.features.trial.report import load_report

SEED = 12
_NAME = re.compile(r"\{([a-z_0-9]+)\}")


class Stage:
    """Everything that steps speak of by name, while the demo is written."""

    def __init__(self, people: dict[str, Any], now: dt.datetime) -> None:
        self.people = people
        self.now, self.today = now, now.date()
        self.trial: Any = None
        self.boards: dict[str, Board] = {}
        self.columns: dict[tuple[str, str], Column] = {}
        self.labels: dict[tuple[str, str], Label] = {}
        self.cards: dict[str, Card] = {}

    def words(self, text: str) -> str:
        """`text` with the names of cards replaced by their keys."""
        return _NAME.sub(lambda name: self.cards[name[1]].key, text)


class Scene:
    """One board, or one card of it, for which steps are done."""

    def __init__(self, stage: Stage, board: BoardStory, card: CardStory | None = None) -> None:
        self.stage, self.key, self.story = stage, board.key, card
        self.first = board.columns[0]
        self.card: Any = None
        self.comment: Any = None

    def do(self, step: StoryStep, at: dt.datetime) -> None:
        _, who, verb, *words = step
        DOING[verb](self, By(self.stage.people[who], now=at), *words)

    def column(self, name: str, board: str = "") -> Column:
        return self.stage.columns[board or self.key, name]

    def item(self, start: str) -> Item:
        return Item.objects.get(checklist__card=self.card, text__startswith=start, removed_at=None)

    # --- the board's first day -----------------------------------------------------------------------

    def board(self, by: By, story: BoardStory) -> None:
        board = act.create_board(
            story.name,
            by=by,
            key=story.key,
            description=story.description,
            columns=story.columns,
            starter=False,
        )
        self.stage.boards[self.key] = board
        for column in board.columns.all():
            self.stage.columns[self.key, column.name] = column

    def member(self, by: By, handle: str, role: str) -> None:
        act.add_member(self.stage.boards[self.key], self.stage.people[handle], role, by=by)

    def add_column(self, by: By, name: str) -> None:
        self.stage.columns[self.key, name] = act.add_column(self.stage.boards[self.key], name, by=by)

    def limit(self, by: By, name: str, limit: int) -> None:
        act.limit_column(self.column(name), limit, by=by)

    def make_label(self, by: By, name: str, hue: int) -> None:
        self.stage.labels[self.key, name] = act.create_label(self.stage.boards[self.key], name, hue, by=by)

    def configure(self, by: By, stale_after: int) -> None:
        act.configure_board(self.stage.boards[self.key], by=by, stale_after=stale_after)

    def away(self, by: By, first: int, last: int, cover: str = "", reason: str = "") -> None:
        """They themselves, from so many days after today to so many."""
        first_day, last_day = (self.stage.today + dt.timedelta(days=ahead) for ahead in (first, last))
        who = self.stage.people.get(cover)
        act.say_away(by.user, first_day, last_day, by=by, reason=reason, cover=who)

    def open_to(self, by: By, to: str) -> None:
        act.open_board(self.stage.boards[self.key], to, by=by)

    # --- a card ----------------------------------------------------------------------------------------

    def create(self, by: By, story: CardStory) -> None:
        self.card = act.create_card(
            self.column(story.to or self.first),
            self.stage.words(story.title),
            by=by,
            what=self.stage.words(story.what),
            why=self.stage.words(story.why),
            done_when=self.stage.words(story.done_when),
            constraints=self.stage.words(story.constraints),
        )
        if story.name:
            self.stage.cards[story.name] = self.card

    def label(self, by: By, name: str) -> None:
        act.label_card(self.card, self.stage.labels[self.key, name], by=by)

    def unlabel(self, by: By, name: str) -> None:
        act.unlabel_card(self.card, self.stage.labels[self.key, name], by=by)

    def assign(self, by: By, handle: str) -> None:
        act.assign_card(self.card, self.stage.people.get(handle), by=by)

    def join(self, by: By, handle: str) -> None:
        act.join_card(self.card, self.stage.people[handle], by=by)

    def leave(self, by: By, handle: str) -> None:
        act.leave_card(self.card, self.stage.people[handle], by=by)

    def move(self, by: By, column: str) -> None:
        """To the top of a column, where the newest work stands."""
        target = self.column(column)
        top = Card.objects.filter(column=target, archived_at=None).exclude(pk=self.card.pk)
        act.move_card(self.card, to=target, before=top.in_board_order().first(), by=by)

    def under(self, by: By, name: str) -> None:
        """Right below another card of the same column."""
        act.move_card(self.card, to=None, after=self.stage.cards[name], by=by)

    def transfer(self, by: By, key: str, column: str) -> None:
        self.card = act.transfer_card(self.card, by=by, to=self.column(column, key))
        self.key = key
        if self.story is not None and self.story.name:
            self.stage.cards[self.story.name] = self.card

    def retitle(self, by: By, title: str) -> None:
        act.retitle_card(self.card, title, by=by)

    def specify(self, by: By, field: str, text: str) -> None:
        act.specify_card(self.card, field, self.stage.words(text), by=by)

    def due(self, by: By, days: int | None) -> None:
        """Due so many days after today; None takes the date away."""
        date = None if days is None else self.stage.today + dt.timedelta(days=days)
        act.date_card(self.card, date, by=by)

    def block(self, by: By, reason: str, handle: str = "", card: str = "") -> None:
        act.block_card(
            self.card,
            self.stage.words(reason),
            by=by,
            person=self.stage.people.get(handle),
            card_in_the_way=self.stage.cards[card] if card else None,
        )

    def unblock(self, by: By) -> None:
        act.unblock_card(self.card, by=by)

    def archive(self, by: By) -> None:
        act.archive_card(self.card, by=by)

    def restore(self, by: By) -> None:
        act.restore_card(self.card, by=by)

    # --- its checklist -----------------------------------------------------------------------------------

    def add_list(self, by: By, name: str, *lines: str) -> None:
        checklist = act.add_checklist(self.card, name, by=by)
        act.add_items(checklist, "\n".join(lines), by=by)

    def tick(self, by: By, start: str) -> None:
        act.check_item(self.item(start), by=by)

    def untick(self, by: By, start: str) -> None:
        act.uncheck_item(self.item(start), by=by)

    def reword(self, by: By, start: str, text: str) -> None:
        act.reword_item(self.item(start), text, by=by)

    def promote(self, by: By, start: str, name: str) -> None:
        self.stage.cards[name] = act.promote_item(self.item(start), by=by)

    # --- what is said ------------------------------------------------------------------------------------

    def say(self, by: By, text: str) -> None:
        self.comment = post_comment(self.card, self.stage.words(text), by=by)

    def reply(self, by: By, text: str) -> None:
        """To the last comment that is not a reply itself."""
        post_comment(self.card, self.stage.words(text), by=by, parent=self.comment)

    def edit(self, by: By, text: str) -> None:
        """Their own last comment."""
        comment = Comment.objects.filter(card=self.card, author=by.user, removed_at=None).latest("id")
        edit_comment(comment, self.stage.words(text), by=by)

    def decide(self, by: By, text: str) -> None:
        record_decision(self.card, self.stage.words(text), by=by)

    def decide_here(self, by: By, text: str) -> None:
        """In the thread of the last comment that is not a reply, which ends with it."""
        record_decision(self.card, self.stage.words(text), by=by, parent=self.comment)

    def agree(self, by: By) -> None:
        """To the last decision on the card."""
        agree(Decision.objects.filter(card=self.card).latest("id"), by=by)

    def ask(self, by: By, text: str, *handles: str) -> None:
        asked = [self.stage.people[handle] for handle in handles]
        self.comment = ask_question(self.card, self.stage.words(text), asked, by=by)

    def take_back(self, by: By) -> None:
        remove_comment(
            Comment.objects.filter(card=self.card, author=by.user, removed_at=None).latest("id"), by=by
        )

    # --- a trial of the board's ----------------------------------------------------------------------------

    def stop_standup(self, by: By, ago: float, minutes: int, team: int) -> None:
        """The standup stops so many working days before today; everybody answers each Friday."""
        stops = working_days_before(self.stage.now, ago).astimezone(by.user.zone).date()
        weekdays = [*WEEKDAYS][:5]
        board = self.stage.boards[self.key]
        self.stage.trial = act.start_trial(board, stops, minutes=minutes, team=team, weekdays=weekdays, by=by)
        answer_fridays(self.stage.trial, list(board.members.order_by("pk")))

    def end_trial(self, by: By, choice: str, text: str) -> None:
        trial = self.stage.trial
        report = load_report(trial, self.stage.boards[self.key], by.user, by.now)
        act.decide_trial(trial, choice, text, report.as_logged(), by=by)


DOING: dict[str, Callable[..., None]] = {
    "board": Scene.board,
    "member": Scene.member,
    "column": Scene.add_column,
    "limit": Scene.limit,
    "make_label": Scene.make_label,
    "configure": Scene.configure,
    "open": Scene.open_to,
    "away": Scene.away,
    "create": Scene.create,
    "label": Scene.label,
    "unlabel": Scene.unlabel,
    "assign": Scene.assign,
    "join": Scene.join,
    "leave": Scene.leave,
    "move": Scene.move,
    "under": Scene.under,
    "transfer": Scene.transfer,
    "retitle": Scene.retitle,
    "specify": Scene.specify,
    "due": Scene.due,
    "block": Scene.block,
    "unblock": Scene.unblock,
    "archive": Scene.archive,
    "restore": Scene.restore,
    "list": Scene.add_list,
    "tick": Scene.tick,
    "untick": Scene.untick,
    "reword": Scene.reword,
    "promote": Scene.promote,
    "say": Scene.say,
    "reply": Scene.reply,
    "edit": Scene.edit,
    "take_back": Scene.take_back,
    "decide": Scene.decide,
    "decide_here": Scene.decide_here,
    "agree": Scene.agree,
    "ask": Scene.ask,
    "stop_standup": Scene.stop_standup,
    "end_trial": Scene.end_trial,
}

Cue = tuple[dt.datetime, int, Scene, StoryStep]


@transaction.atomic
def play(stories: tuple[BoardStory, ...], now: dt.datetime) -> list[Board]:
    """Everything that the stories tell, all or nothing: who they are, then each step at its moment."""
    people = hire(now)
    stage = Stage(people, now)
    with unwatched():
        for at, _, scene, step in cues(stories, stage, now):
            scene.do(step, at)
    for story in stories:
        for handle, names in story.folded_by.items():
            for name in names:
                Fold.objects.create(user=people[handle], column=stage.columns[story.key, name])
    leave_unread(now)
    keep_days(now)
    return list(stage.boards.values())


def cues(stories: tuple[BoardStory, ...], stage: Stage, now: dt.datetime) -> list[Cue]:
    """Every step of every board with its moment, in the order of time."""
    found: list[Cue] = []
    for story in stories:
        chance = random.Random(f"{SEED} {story.key}")  # noqa: S311 — the same demo every time
        of_cards = [
            (at, Scene(stage, story, card), list(zip(ats, steps, strict=True)))
            for card in story.cards
            if (steps := list(card.all_steps())) and (ats := moments(steps, stage.people, now, chance))
            for at in ats[:1]
        ]
        first = min(at for at, _, _ in of_cards) - dt.timedelta(minutes=40)
        setting_up = story.setting_up()
        last = at_work(stage.people[story.owner], first, chance)
        scene = Scene(stage, story)
        for back, step in enumerate(reversed(setting_up)):
            found.append((last - back * dt.timedelta(seconds=23), len(found), scene, step))
        for _, scene, timed in of_cards:
            found += [(at, len(found) + index, scene, step) for index, (at, step) in enumerate(timed)]
    return sorted(found, key=lambda cue: cue[:2])
