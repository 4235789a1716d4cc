"""What happens to the searches of a board, and to those of one person."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, refuse_many, writing
from boards.actions.clean import cleaned
from boards.actions.conflicts import settle_text
from boards.models import Board, OwnSearch, Search
from fluxboard.accounts.models import User
from fluxboard.core import limits


@action
def save_search(board: Board, name: str, query: str, *, by: Any) -> Search:
    """Keep what is searched for under a name, for all who read the board. Its name is unique there.

    Raises `Refused` for a name that is taken or missing, and where there are too many.
    """
    with writing(board, by) as log:
        return _saved(log, name, query)


def _saved(log: Log, name: str, query: str) -> Search:
    name, query = _free_name(log, name), _query(query)
    there = Search.objects.filter(board=log.board).count()
    refuse_many(there, limits.SEARCHES, "A board can have {} saved searches, removed ones included.", "name")
    search = Search(board=log.board, name=name, query=query)
    log.record("search.saved", search, after={"name": name, "query": query})
    search.save()
    return search


@action
def rename_search(search: Search, name: str, *, by: Any, seen: int | None = None) -> Search:
    """Give a board's search another name; `seen` is the version that the page showed.

    Raises `Refused` for a name that is taken, `Clash` where it was renamed since `seen`.
    """
    with writing(search.board, by) as log:
        search = _fresh(log, search)
        name = settle_text(log, search, "name", "Name", _free_name(log, name, search), seen)
        if name != search.name:
            before, search.name = search.name, name
            log.record("search.renamed", search, before={"name": before}, after={"name": name})
            search.keep("name")
        return search


@action
def remove_search(search: Search, *, by: Any) -> Search:
    """Take a search off its board; its row stays, so that it can come back.

    Raises `Refused` where it is off already.
    """
    with writing(search.board, by) as log:
        search = _fresh(log, search)
        search.removed_at = log.now
        log.record("search.removed", search, before={"name": search.name, "query": search.query}, after={})
        search.keep("removed_at")
        return search


@action
def restore_search(search: Search, *, by: Any) -> Search:
    """Raises `Refused` when another search has its name by now."""
    with writing(search.board, by) as log:
        search = Search.objects.get(pk=search.pk, board=log.board)
        if search.removed_at is None:
            return search
        _free_name(log, search.name)
        search.removed_at = None
        log.record("search.restored", search, after={"name": search.name, "query": search.query})
        search.keep("removed_at")
        return search


def save_own_search(person: User, name: str, query: str) -> OwnSearch:
    """Keep what is searched for under a name, for the person alone. The same once more changes nothing.

    Raises `Refused` for a name that is taken, and where there are too many.
    """
    name, query = _name(name), _query(query)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)  # so that they are counted one by one
        known = OwnSearch.objects.filter(user=person, name=name).first()
        if known is not None and known.query != query:
            raise Refused(f"You have a search called {name} already.", "name")
        if known is not None:
            return known
        there = OwnSearch.objects.filter(user=person).count()
        refuse_many(there, limits.OWN_SEARCHES, "You can have {} saved searches.", "name")
        return OwnSearch.objects.create(user=person, name=name, query=query)


def rename_own_search(person: User, pk: int, name: str) -> OwnSearch:
    """Give the person's search `pk` another name.

    Raises `Refused` for a name that another search of theirs has, `OwnSearch.DoesNotExist` where it is none
    of theirs, or no more.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        search, name = _own(person, pk), _name(name)
        if OwnSearch.objects.filter(user=person, name=name).exclude(pk=pk).exists():
            raise Refused(f"You have a search called {name} already.", "name")
        search.name = name
        search.save(update_fields=["name"])
        return search


@action
def share_own_search(person: User, pk: int, board: Board, *, by: Any) -> Search:
    """Make the person's search `pk` the board's, in place of theirs: both or nothing. The request again does
    nothing more.

    Raises `Refused` for a name that is taken there, and `OwnSearch.DoesNotExist` as `rename_own_search`.
    """
    with writing(board, by) as log:
        own = _own(person, pk)
        search = _saved(log, own.name, own.query)
        own.delete()
        return search


def delete_own_search(person: User, pk: int) -> None:
    """The person's search `pk` is gone; nothing happens where it is none of theirs, or no more."""
    OwnSearch.objects.filter(user=person, pk=pk).delete()


def _own(person: User, pk: int) -> OwnSearch:
    return OwnSearch.objects.select_for_update().get(user=person, pk=pk)


def _fresh(log: Log, search: Search) -> Search:
    now = Search.objects.filter(pk=search.pk, board=log.board, removed_at=None).first()
    if now is None:
        raise Refused("That search is not on this board any more.")
    now.board = log.board
    return now


def _free_name(log: Log, name: str, besides: Search | None = None) -> str:
    name = _name(name)
    taken = Search.objects.filter(board=log.board, removed_at=None, name=name)
    if (taken.exclude(pk=besides.pk) if besides else taken).exists():
        raise Refused(f"This board has a search called {name} already.", "name")
    return name


def _name(typed: str) -> str:
    return cleaned(typed, field="name", what="The name", longest=limits.SEARCH_NAME)


def _query(typed: str) -> str:
    return cleaned(typed, field="query", what="What to search for", longest=limits.SEARCH)
