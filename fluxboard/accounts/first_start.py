"""The first start: who prints this link on a terminal owns the installation."""

from fluxboard.accounts.models import Link, User
from fluxboard.accounts.one_time_links import make_link


def first_link(base_url: str) -> str | None:
    """The one-time address on which the first account is made; None when somebody can sign in already.

    Each call replaces the address that an earlier one gave. It lives for a day.
    """
    if User.objects.able_to_sign_in().exists():
        return None
    return make_link(Link.Kind.FIRST, base_url)
