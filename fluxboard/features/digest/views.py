"""`/digest/off/TOKEN/`: ends mails with one click, also for a mail program, also for who isn't signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from boards.http.responses import only, show
from fluxboard.accounts.models import User
from fluxboard.features.digest.mail import MAIL_KINDS, subscriber


@csrf_exempt  # the secret in the address is what counts, and a mail program sends no token (RFC 8058)
@login_not_required
def off(request: Any, token: str) -> HttpResponse:
    """GET: a button. POST: those mails have ended. 410 for an address that is not one of ours."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    found = subscriber(token)
    if found is None:
        return show(request, "digest/off.html", {"state": "unknown"}, status=410)
    person, kind = found
    if request.method == "POST":
        User.objects.filter(pk=person.pk).update(**{MAIL_KINDS[kind]: False})
        return show(request, "digest/off.html", {"state": "off", "kind": kind})
    is_on = getattr(person, MAIL_KINDS[kind])
    return show(request, "digest/off.html", {"state": "on" if is_on else "off", "kind": kind})
