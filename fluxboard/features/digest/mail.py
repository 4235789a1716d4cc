"""The digest and its reminders as mails."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import css_inline
from django.core.signing import BadSignature, Signer
from django.template.loader import get_template, render_to_string
from django.urls import reverse

from activity.models import Digest
from comments.models import Ask
from comments.waiting import Wait
from fluxboard.accounts import times as wording
from fluxboard.accounts import working_hours
from fluxboard.accounts.models import User
from fluxboard.accounts.time_zones import city
from fluxboard.core.mail import Mail
from fluxboard.features.digest.addresses import absolute
from fluxboard.features.digest.content import Letter, digest_name, waiting_entry

INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)
MAIL_KINDS = {"digest": "digest_on", "nudge": "nudge_on"}


def unsubscribe_url(person: User, kind: str) -> str:
    """Where one click ends mails of `kind` (`digest`, `nudge`), whoever is or isn't signed in."""
    return absolute(reverse("digest_off", args=[Signer(salt="mail").sign_object([str(person.uid), kind])]))


def subscriber(token: str) -> tuple[User, str] | None:
    """Whom and which mails an unsubscribe address is for; None for one that is not ours."""
    try:
        uid, kind = Signer(salt="mail").unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    person = User.objects.filter(uid=uid).first()
    return (person, kind) if person is not None and kind in MAIL_KINDS else None


def digest_mail(letter: Letter, day: dt.date) -> Mail:
    """The letter of `day`, ready to send. Its Message-ID is the same whenever that day's is made.

    It goes on from the last one that was sent, so that a mail program shows the days as one conversation.
    """
    person = letter.person
    earlier = Digest.objects.filter(user=person, day__lt=day, is_empty=False).exclude(sent_at=None)
    last = earlier.order_by("-day").first()
    title = wording.day_words(day, wording.today_of(letter.person, letter.now))
    return _mail(
        person,
        "digest",
        f"{title}: {letter.summary}",
        digest_name(person, day),
        [digest_name(person, last.day)] if last is not None else [],
        {
            "title": title,
            "letter": letter,
            "boards": [(board, letter.heads[str(board.pk)]) for board in letter.boards],
        },
    )


def nudge_mail(person: User, asks: list[Ask], now: dt.datetime) -> Mail:
    """A word about questions that pass their answer-by soon. One mail for all of them."""
    waits = [Wait("question", ask.comment.card, ask.comment.at, ask.comment, ask) for ask in asks]
    letter = Letter(
        person, now, None, [waiting_entry(wait, person, now) for wait in waits], [], {}, [], is_news=True
    )
    subject = (
        "An answer of yours is due soon" if len(asks) == 1 else f"{len(asks)} answers of yours are due soon"
    )
    named = f"nudge.{'.'.join(str(ask.pk) for ask in asks[:20])}.{person.uid}"
    about = [f"question.{ask.comment.uid}" for ask in asks] if len(asks) == 1 else []
    return _mail(person, "nudge", subject, named, about, {"title": subject, "letter": letter, "boards": []})


def _mail(
    person: User, kind: str, subject: str, name: str, answers: list[str], context: dict[str, Any]
) -> Mail:
    stop, letter = unsubscribe_url(person, kind), context["letter"]
    context |= {
        "person": person,
        "kind": kind,
        "stop": stop,
        "profile": absolute(reverse("profile")),
        "home": absolute("/"),
        "standup": absolute(reverse("standup")),
        "place": city(person.time_zone),
        "since": wording.when(letter.since, person, letter.now) if letter.since else "",
        "at": f"{working_hours.local(letter.now, person.time_zone):%H:%M}",
        "css": get_template("digest/mail.css").render(),
    }
    mail = Mail(
        f"Fluxboard: {subject}",
        _without_gaps(render_to_string("digest/mail.txt", context)),
        [str(person.email)],
        name=name,
        answers=answers,
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    mail.attach_alternative(INLINER.inline(render_to_string("digest/mail.html", context)), "text/html")
    return mail


def _without_gaps(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"
