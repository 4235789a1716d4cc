"""How often a password may be guessed: five times at once for an account, then once a minute.

What counts is the account, by whatever name it was meant: upper and lower case, an address that waits to be
confirmed. Nothing that a request chooses is part of it, neither the host that it names nor its port. An
address that nobody has counts for itself, so that both are turned away alike. Beside it the network counts:
an IPv4 address, or the first 64 bits of an IPv6 address. Links and codes that come by mail, and passkeys,
ask for no password and go on working meanwhile.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from hashlib import sha256
from typing import Any

from django.db.models import Q

from fluxboard.accounts.models import User
from fluxboard.accounts.rate_limits import forgive, give_back, wait_by_name

ACCOUNT, NETWORK = "password", "password_network"
IPV6_NETWORK = 64


class Attempt:
    """One attempt at a password. `is_allowed` says whether it may be looked at."""

    def __init__(self, account: str, network: str) -> None:
        self.account, self.network = account, network
        self.is_allowed = not wait_by_name(NETWORK, network) and not wait_by_name(ACCOUNT, account)

    def was_right(self) -> None:
        """It was no guess: it is not counted."""
        give_back(ACCOUNT, self.account)
        give_back(NETWORK, self.network)


def account_of(typed: str) -> str:
    """The name under which attempts at `typed` count: the account's, or one made of the address."""
    typed = typed.strip().lower()
    meant = Q(email=typed) | Q(emailaddress__email=typed)
    pk = User.objects.filter(meant).order_by("pk").values_list("pk", flat=True).first() if typed else None
    if pk is not None:
        return f"account {pk}"
    return sha256(unicodedata.normalize("NFKC", typed[:320]).casefold().encode()).hexdigest()[:40]


def network_of(address: str) -> str:
    """The network that an IP address belongs to, as it counts: `203.0.113.9`, `2001:db8:0:1::`."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(ip), IPV6_NETWORK), strict=False).network_address)


def forgive_guesses(user: User, **_: Any) -> None:
    """Who came by a link starts afresh. A receiver of `password_reset` as well."""
    forgive(ACCOUNT, f"account {user.pk}")
