"""Addresses that nobody proved stop counting as identity: those that somebody typed on joining by a plain link.

All addresses were kept as verified until now. Who joined by a plain link is told by the log: they were added to a
board by themselves in the moment in which their account was made; or they claimed somebody from an import by an
invitation that named no address. They sign in as before, and confirm the address on their profile. All others came
by a mailed invitation, an admin, the command line or the first start. A new address that still waited for its link
is forgotten, since the old mailbox had no say in it.
"""

import datetime as dt

from django.db import migrations
from django.db.models import Exists, F, OuterRef

AT_ONCE = dt.timedelta(minutes=2)


def forget_waiting(apps, schema_editor):
    apps.get_model("account", "EmailAddress").objects.filter(primary=False).delete()


def mark_typed(apps, schema_editor):
    invitations = apps.get_model("boards", "Invitation").objects
    activities = apps.get_model("activity", "Activity").objects
    came = activities.filter(verb="member.added", via="web", subject=F("actor__uid"))
    came = came.filter(at__range=(F("actor__joined_at") - AT_ONCE, F("actor__joined_at") + AT_ONCE))
    founded = activities.filter(verb="board.created", board=OuterRef("board"), actor=OuterRef("actor"))
    came = came.exclude(Exists(founded))  # who makes a board is added to it as well
    claimed = invitations.filter(claims=F("accepted_by"), email="")
    mailed = invitations.filter(email__iexact=F("accepted_by__email")).values_list("accepted_by", flat=True)
    typed = {*came.values_list("actor", flat=True), *claimed.values_list("accepted_by", flat=True)} - {*mailed}
    addresses = apps.get_model("account", "EmailAddress").objects
    addresses.filter(user__in=typed, user__is_staff=False).update(verified=False)


class Migration(migrations.Migration):
    dependencies = [
        ("boards", "0012_search_folding"),
        ("accounts", "0006_address_change"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("activity", "0012_no_index_twice"),
    ]

    operations = [
        migrations.RunPython(forget_waiting, migrations.RunPython.noop),
        migrations.RunPython(mark_typed, migrations.RunPython.noop),
    ]
