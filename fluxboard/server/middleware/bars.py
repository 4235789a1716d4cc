"""Pages that others' views draw late, those of django-allauth and of accounts: with what the bars show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from boards.page_frame import waits_of


class Bars:
    """Loads what a template would ask for while it is drawn. The admin's pages have bars of their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> Any:
        match = request.resolver_match
        if request.user.is_authenticated and not (match and "admin" in match.app_names):
            context = dict(response.context_data or {})
            rows = {name: list(value) for name, value in context.items() if isinstance(value, QuerySet)}
            response.context_data = context | rows | {"waits_count": waits_of(request.user, timezone.now())}
        return response
