"""Comments from their forms: post and reply on the card's address, edit and remove on the comment's own."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from activity.errors import Refused
from activity.recording import By
from boards.markdown import Names
from boards.models import Card
from boards.views._doing import Problem, chosen, only, perform
from boards.views._on_card import on_card
from boards.views.cards import back_to, show_again, whole_number
from comments import actions
from comments.models import Comment
from comments.pages import prepare


def _parent(card: Card, typed: str) -> Comment | None:
    if not typed:
        return None
    pk = whole_number(typed, "The comment that this replies to has gone.", "parent")
    parent = Comment.objects.filter(pk=pk, card=card).first()
    if parent is None:
        raise Refused("The comment that this replies to has gone.", "parent")
    return parent


@on_card
def post(request: Any, card: Card) -> HttpResponse:
    """POST only: a comment on the card, or with `parent` a reply."""
    if refused := only(request, "POST"):
        return refused
    typed = chosen(request.POST)

    def act(by: By, seen: int | None) -> Any:
        kind = typed.get("kind") or Comment.Kind.COMMENT
        if kind != Comment.Kind.COMMENT:
            raise Refused("Only comments can be written here.", "kind")
        parent = _parent(card, typed.get("parent", ""))
        return actions.post_comment(card, typed.get("text", ""), by=by, parent=parent)

    def back(done: Any) -> str:
        return back_to(request, card, f"#c-{done.pk}" if done else "")

    def again(problem: Problem) -> HttpResponse:
        return show_again(
            request,
            card,
            "comment.posted",
            "comments/forms/again.html",
            "Comment",
            problem,
            {"parent": typed.get("parent", "")},
        )

    return perform(request, act, back=back, again=again)


@on_card
def do(request: Any, card: Card, pk: int, part: str) -> HttpResponse:
    """POST only: `comment.edited` or `comment.removed`."""
    if refused := only(request, "POST"):
        return refused
    comment = get_object_or_404(Comment.objects.select_related("author"), pk=pk, card=card)
    comment.card = card
    typed = chosen(request.POST)

    def act(by: By, seen: int | None) -> Any:
        if part == "edited":
            return actions.edit_comment(comment, typed.get("text", ""), by=by, seen=seen)
        return actions.remove_comment(comment, by=by)

    def back(done: Any) -> str:
        return back_to(request, card, f"#c-{comment.pk}")

    def again(problem: Problem) -> HttpResponse:
        form = "edit" if part == "edited" else "remove"
        shown = prepare(comment, card, request.user, request.role, timezone.now(), Names())
        return show_again(
            request,
            card,
            f"comment.{part}",
            f"comments/forms/{form}.html",
            "Comment",
            problem,
            {"comment": shown},
        )

    if part not in ("edited", "removed"):
        raise Http404
    return perform(request, act, back=back, again=again)
