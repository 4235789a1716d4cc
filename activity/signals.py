"""What the log's readers do when somebody signs out: that session's streams end in every process."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.dispatch import receiver

from activity.log.notify import notify


@receiver(user_logged_out)
def end_streams(sender: Any, user: Any = None, **kwargs: Any) -> None:
    if user is not None:
        transaction.on_commit(partial(notify, f"user:{user.pk}"), robust=True)
