"""`/me/away/` and `/b/KEY/members/PK/away/`: when somebody is away, said by themselves or by an owner.

The page lists the stretches that are not over, each with what changes it and takes it back, and adds one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from activity.log.record import By
from boards import actions, page_frame
from boards.actions.absences import substitutes
from boards.forms import with_choices
from boards.http.changes import FormProblem, perform
from boards.http.doors import on_board, require, signed_in
from boards.http.responses import only, show
from boards.models import Board, Membership
from fluxboard.accounts.away import Absence, coming, cover_of, days_words, today_there
from fluxboard.accounts.models import User
from fluxboard.features.away.forms import AwayForm


@dataclass(frozen=True)
class Door:
    """Whose days they are, and by which page one came to them."""

    person: Any
    board: Board | None
    name: str
    words: tuple[Any, ...] = ()

    def url(self, part: str = "", stretch: str = "") -> str:
        name = f"{self.name}_{part}" if part else self.name
        return reverse(name, args=[*self.words, *([stretch] if stretch else [])])

    @property
    def covers(self) -> Any:
        """Who can cover; on a board's page those of this board only."""
        people = substitutes(self.person)
        return people if self.board is None else people.filter(memberships__board=self.board)

    def absence(self, stretch: str) -> Absence | None:
        """One that is not over."""
        ahead = coming(self.person, timezone.now())
        return next((one for one in ahead if one.id == stretch), None)


View = Callable[..., HttpResponse]


def mine(view: View, *methods: str) -> View:
    """For one's own days."""

    @functools.wraps(view)
    @signed_in
    def found(request: Any, **words: Any) -> HttpResponse:
        if refused := only(request, *methods):
            return refused
        return view(request, Door(User.objects.get(pk=request.user.pk), None, "away"), **words)

    return found


def of_member(view: View, *methods: str) -> View:
    """For those of a board's member, as an owner of it."""

    @functools.wraps(view)
    @on_board
    def found(request: Any, board: Board, pk: int, **words: Any) -> HttpResponse:
        if refused := only(request, *methods):
            return refused
        member = get_object_or_404(Membership.objects.select_related("user"), board=board, pk=pk)
        require(request, "owner")
        door = Door(member.user, board, "boards:member_away", (board.key, member.pk))
        return view(request, door, **words)

    return found


def page(request: Any, door: Door) -> HttpResponse:
    """GET: the page. POST: one stretch more."""
    if request.method != "POST":
        return _page(request, door)
    form = AwayForm(door.covers, data=request.POST)

    def act(by: By, seen: int | None) -> Any:
        return actions.say_away(door.person, by=by, **form.cleaned_data)

    return _do(request, door, form, act, "Said on every board.", new=form)


def change(request: Any, door: Door, id: Any) -> HttpResponse:
    """POST: other days, another reason or cover."""
    absence = door.absence(str(id))
    if absence is None:
        return _page(request, door, errors=["These days are over, or taken back."], status=422)
    form = AwayForm(door.covers, absence, request.POST)

    def act(by: By, seen: int | None) -> Any:
        return actions.change_absence(door.person, absence.id, by=by, **form.cleaned_data)

    return _do(request, door, form, act, "Changed.", changed=(absence.id, form))


def back(request: Any, door: Door, id: Any) -> HttpResponse:
    """POST: they are not away then, or are back already."""

    def act(by: By, seen: int | None) -> Any:
        return actions.come_back(door.person, str(id), by=by)

    return _do(request, door, None, act, "Taken back.")


def _do(request: Any, door: Door, form: AwayForm | None, act: Any, said: str, **forms: Any) -> HttpResponse:
    if form is not None and not form.is_valid():
        return _page(request, door, status=422, **forms)

    def again(problem: FormProblem) -> HttpResponse:
        errors = problem.errors
        if form is not None:
            for name, words in errors.items():
                form.add_error(name if name in form.fields else None, words)
            errors = {}
        return _page(
            request, door, errors=[w for words in errors.values() for w in words], status=422, **forms
        )

    def to(done: Any) -> str:
        messages.success(request, said)
        return door.url()

    return perform(request, act, back=to, again=again)


def _page(
    request: Any,
    door: Door,
    *,
    new: AwayForm | None = None,
    changed: tuple[str, AwayForm] | None = None,
    errors: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    person, now = User.objects.get(pk=door.person.pk), timezone.now()
    today, covers = today_there(person, now), door.covers
    known = list(covers)
    stretches = [
        {
            "absence": one,
            "days": days_words(one.first, one.last, today),
            "has_begun": one.first < today,
            "form": with_choices(changed[1] if changed and changed[0] == one.id else AwayForm(covers, one)),
            "cover": cover_of(one, known),
            "change_url": door.url("change", one.id),
            "back_url": door.url("back", one.id),
        }
        for one in coming(person, now)
    ]
    role = request.role if door.board is not None else None
    context = page_frame.frame(request.user, door.board, role, "settings" if door.board else "me") | {
        "person": person,
        "is_mine": person.pk == request.user.pk,
        "may": door.board is None or not door.board.is_archived,
        "stretches": stretches,
        "new": with_choices(new or AwayForm(covers)),
        "url": door.url(),
        "errors": errors or [],
        "city": person.time_zone.rpartition("/")[2].replace("_", " "),
    }
    return show(request, "away/away.html", context, status)


_PAGE = ("GET", "HEAD", "POST")
my_page, member_page = mine(page, *_PAGE), of_member(page, *_PAGE)
change_mine, change_members = mine(change, "POST"), of_member(change, "POST")
take_mine_back, take_members_back = mine(back, "POST"), of_member(back, "POST")
