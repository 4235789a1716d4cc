"""Everything that can be done to a card, from its forms: one address a verb, `/c/FLX-12/do/moved/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from activity.errors import Refused
from activity.feed.sentences import without_words
from activity.log.record import By
from activity.models import Activity
from boards import actions
from boards.actions.cards.position import Neighbour
from boards.card_fields import CARD_FIELDS, CardField
from boards.card_page.context import SpecPart, card_context, columns_to, place_of, spec_of
from boards.forms.card_values import value_typed
from boards.http.changes import FormProblem, chosen, perform
from boards.http.doors import require
from boards.http.on_card import card_called, frame_for, on_card
from boards.http.responses import is_scripted, next_of, only, say_restored, show
from boards.models import SPEC_FIELDS, Card, Column, Label, Role
from boards.person_changes import nameable
from fluxboard.accounts.models import User
from fluxboard.core import parsing

Act = Callable[[Card, QueryDict, By, int | None], Any]


@dataclass(frozen=True)
class Deed:
    """One verb: what does it, and the form that comes back when it could not be done.

    `field` is what it sets, where cards may not have that.
    """

    verb: str
    act: Act
    form: str
    title: str
    field: CardField | None = None

    def is_there(self, card: Card) -> bool:
        """Whether the cards of this board have what it is about."""
        return self.field is None or self.field.is_on(card.board.card_fields)


def whole_number(typed: str, message: str, field: str) -> int:
    """A row's id from a form; `Refused` beside `field` for anything else."""
    number = parsing.whole_number(typed)
    if number is None:
        raise Refused(message, field)
    return number


def _column(typed: QueryDict, message: str = "Choose a column.") -> Column:
    pk = whole_number(typed.get("column", ""), message, "column")
    column = Column.objects.select_related("board").filter(pk=pk).first()
    if column is None:
        raise Refused(message, "column")
    return column


def _person(card: Card, by: By, typed: QueryDict, field: str, *, needed: bool = False) -> User | None:
    if not typed.get(field) and not needed:
        return None
    pk = whole_number(typed.get(field, ""), "Choose a person.", field)
    person: User | None = nameable(card.board, by.user).filter(pk=pk).first()
    if person is None:
        raise Refused("Choose a person.", field)
    return person


def _label(typed: QueryDict) -> Label:
    pk = whole_number(typed.get("label", ""), "Choose a label.", "label")
    label = Label.objects.select_related("board").filter(pk=pk).first()
    if label is None:
        raise Refused("Choose a label.", "label")
    return label


def _neighbour(card: Card, typed: QueryDict, field: str) -> Neighbour | None:
    """What a form names by key, if that is of the same board; whether it is there shows under the lock."""
    key = parsing.card_key(typed.get(field, "").strip())
    return Neighbour(card.board_id, key.number) if key and key.board == card.board.key else None


def retitle(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.retitle_card(card, typed.get("title", ""), by=by, seen=seen)


def specify(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    field = next((name for name in SPEC_FIELDS if name in typed), "")
    return actions.specify_card(card, field, typed.get(field, ""), by=by, seen=seen)


def move(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    to = None
    if typed.get("column"):  # just named: it is read under the lock
        to = Column(pk=whole_number(typed.get("column", ""), "Choose a column.", "column"), board=card.board)
    before, after = _neighbour(card, typed, "before"), _neighbour(card, typed, "after")
    return actions.move_card(card, by=by, to=to, before=before, after=after)


def transfer(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    to = _column(typed, "Choose a column of another board.")
    if to.board.role_of(by.user) is None:
        raise Refused("Choose a column of another board.", "column")
    return actions.transfer_card(card, by=by, to=to)


def assign(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.assign_card(card, _person(card, by, typed, "assignee"), by=by, seen=seen)


def join(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.join_card(card, _person(card, by, typed, "person", needed=True), by=by)


def leave(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    person = _person(card, by, typed, "person", needed=True)
    takes_part = person is not None and card.participants.filter(pk=person.pk).exists()
    if not takes_part and card.board.role_of(person) is None:
        raise Refused("Choose a person.", "person")  # as for somebody who is nowhere
    return actions.leave_card(card, person, by=by)


def label(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.label_card(card, _label(typed), by=by)


def unlabel(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    label = _label(typed)
    if label.board_id != card.board_id:
        raise Refused("Choose a label.", "label")  # as for one that is nowhere
    return actions.unlabel_card(card, label, by=by)


def _sets(field: CardField) -> Act:
    def act(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
        held = value_typed(field, typed.get(field.name, ""))
        return actions.set_value(card, field, held, by=by, seen=seen)

    return act


def block(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    key = typed.get("card", "").strip().upper()
    in_the_way = card_called(key, by.user) if key else None
    if key and in_the_way is None:
        raise Refused(f"There is no card {key}.", "card")
    return actions.block_card(
        card,
        typed.get("reason", ""),
        by=by,
        person=_person(card, by, typed, "person"),
        card_in_the_way=in_the_way,
        seen=seen,
    )


def unblock(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.unblock_card(card, by=by)


def archive(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.archive_card(card, by=by)


def restore(card: Card, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.restore_card(card, by=by)


DEEDS = {
    "retitled": Deed("card.retitled", retitle, "title", "Title"),
    "specified": Deed("card.specified", specify, "spec", "Description"),
    "moved": Deed("card.moved", move, "move", "Move"),
    "transferred": Deed("card.transferred", transfer, "transfer", "Move to another board"),
    "assigned": Deed("card.assigned", assign, "assign", "Assignee"),
    "joined": Deed("card.joined", join, "join", "Participants"),
    "left": Deed("card.left", leave, "leave", "Participants"),
    "labelled": Deed("card.labelled", label, "label", "Labels"),
    "unlabelled": Deed("card.unlabelled", unlabel, "unlabel", "Labels"),
    "blocked": Deed("card.blocked", block, "block", "Blocked"),
    "unblocked": Deed("card.unblocked", unblock, "unblock", "Unblock"),
    "archived": Deed("card.archived", archive, "archive", "Archive"),
    "restored": Deed("card.restored", restore, "restore", "Restore"),
} | {
    field.part: Deed(field.verb.name, _sets(field), field.name, field.label, field)
    for field in CARD_FIELDS.values()
    if field.form
}
FORMS = {deed.form: deed for deed in DEEDS.values()} | dict.fromkeys(SPEC_FIELDS, DEEDS["specified"])


@on_card
def do(request: Any, card: Card, part: str) -> HttpResponse:
    """POST only: the verb `card.PART` on one card."""
    deed = DEEDS.get(part)
    if deed is None or not deed.is_there(card):
        raise Http404
    if refused := only(request, "POST"):
        return refused
    require(request, Role.MEMBER)
    typed = chosen(request.POST)

    def act(by: By, seen: int | None) -> Any:
        return deed.act(card, typed, by, seen)

    def again(problem: FormProblem) -> HttpResponse:
        return show_again(request, card, deed.verb, deed.form, deed.title, problem, _field_context(typed))

    def back(done: Any) -> str:
        shown = done if isinstance(done, Card) else card
        say_restored(request, deed.verb, f"{shown.key} is back in {shown.column.name}.")
        if deed.verb == "card.transferred" and isinstance(done, Card):
            _say_transferred(request, card, done)
        return back_to(request, shown)

    return perform(request, act, back=back, again=again)


def _say_transferred(request: HttpRequest, was: Card, card: Card) -> None:
    """Tell the page that shows next where the card is, and what it lost on the way."""
    last = Activity.objects.filter(board=card.board, subject=card.uid, seq=card.version).first()
    lost = without_words(last.after) if last is not None else ""
    messages.success(request, f"{was.key} is {card.key} on {card.board.name} now{lost}.")


def back_to(request: HttpRequest, card: Card, anchor: str = "") -> str:
    """The page that shows a change: where its form says that it stood, else the card."""
    if to := next_of(request):
        return to
    if request.POST.get("from") == "board":
        return f"{card.board.get_absolute_url()}#card-{card.pk}"
    if request.POST.get("from") == "catch-up":
        return reverse("catch_up")
    if request.POST.get("from") == "catch-up-board":
        return reverse("boards:catch_up", args=[card.board.key])
    return card.get_absolute_url() + anchor


def _field_context(typed: QueryDict) -> dict[str, Any]:
    field = next((name for name in SPEC_FIELDS if name in typed), "what")
    text = typed.get(field, "")
    return {"part": SpecPart(field, text, SafeString(), text)}


def show_again(
    request: Any,
    card: Card,
    verb: str,
    form: str,
    title: str,
    problem: FormProblem,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """The form as it was sent, with what is wrong: 422 beside the field, 409 with the texts to choose from.

    It carries a fresh request id, and the versions of now.
    """
    fresh = card_called(card.key, request.user)
    if fresh is None:
        raise Http404
    if problem.status == 409:
        return _show_conflict(request, fresh, verb, title, problem, extra or {})
    context = {"problem": problem, "with_problem": True, **(extra or {})}
    return show_form(request, fresh, form, title, context, status=problem.status)


def _show_conflict(
    request: Any, card: Card, verb: str, title: str, problem: FormProblem, extra: dict[str, Any]
) -> HttpResponse:
    context = {
        "verb": verb,
        "action": request.path,
        "problem": problem,
        "card": card,
        "title": title,
        "back": card.get_absolute_url(),
        **extra,
    }
    if is_scripted(request):
        return show(request, "boards/_conflict.html", context, status=409)
    return show(request, "boards/conflict.html", frame_for(request, card) | context, status=409)


def show_form(
    request: Any, card: Card, form: str, title: str, extra: dict[str, Any], status: int = 200
) -> HttpResponse:
    """One form of a card by itself: a part for a script, else a small page."""
    context = card_context(card, request.user, request.role, timezone.now(), ("props", "blocks"))
    template = form if "/" in form else f"cards/forms/{form}.html"
    shown = next((one for one in context["properties"] if one.name == form), None)
    if shown is not None:
        template, context["property"] = shown.form, shown
    context |= {"form_template": template, "form_title": title, **extra}
    if is_scripted(request):
        return show(request, template, context, status)
    return show(request, "cards/form.html", frame_for(request, card) | context, status)


@on_card
@require_safe
def edit(request: Any, card: Card, form: str) -> HttpResponse:
    """GET: one form of the card, with the texts and versions of now."""
    deed = FORMS.get(form)
    if deed is None or not deed.is_there(card):
        raise Http404
    require(request, Role.MEMBER)
    part = next((part for part in spec_of(card) if part.name == form), None)
    if deed.form == "spec" and part is None:
        raise Http404
    return show_form(request, card, deed.form, part.label if part else deed.title, {"part": part})


@on_card
@require_safe
def menu(request: Any, card: Card) -> HttpResponse:
    """GET: what the menu of a card's front offers: moves, and the quickest edits."""
    can_write = request.role.covers(Role.MEMBER) and not card.board.is_archived and not card.is_archived
    context = {
        **frame_for(request, card),
        "card": card,
        "column": card.column,
        "can_write": can_write,
        "columns": columns_to(card) if can_write else [],
        "place": place_of(card),
    }
    return show(request, "cards/_menu.html" if is_scripted(request) else "cards/menu.html", context)
