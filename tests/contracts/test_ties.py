"""Every field by which a row names a person is known to what hands a person over."""

from __future__ import annotations

from boards.placeholders import TIES
from fluxboard.accounts.models import User

# What is one person's alone, or an account's: a person without a sign-in has none of it, or it stays theirs.
ONES_OWN = {
    "account.EmailAddress.user",
    "account.Authenticator.user",
    "accounts.AddressChange.person",
    "accounts.Link.person",
    "accounts.User_groups.user",
    "accounts.User_user_permissions.user",
    "activity.Digest.user",
    "activity.Later.user",
    "activity.Presence.user",
    "activity.ReadDay.user",
    "activity.Reading.user",
    "activity.Request.actor",
    "activity.Verification.by",
    "admin.LogEntry.user",
    "boards.BoardTemplate.owner",
    "boards.TrialVoice.person",
    "boards.WeeklyLink.made_by",
    "boards.Fold.user",
    "boards.Invitation.accepted_by",
    "boards.Invitation.claims",
    "boards.Invitation.invited_by",
    "boards.Invitation.person",
    "boards.OwnSearch.user",
    "boards.Welcome.user",
    "comments.Snooze.user",
    "meetings.MeetingMail.person",
    "mfa.Authenticator.user",
}


def test_every_field_that_names_a_person_is_a_tie_or_ones_own() -> None:
    named = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and not relation.many_to_many
    }
    ties = {f"{tie.model}.{tie.field}" for tie in TIES}
    assert ties <= named, "a tie that is none"
    assert named - ties - ONES_OWN == set(), "say in TIES or here what becomes of it when a person is claimed"


def test_every_tie_leads_to_its_board() -> None:
    for tie in TIES:
        assert list(tie.rows().filter(**{f"{tie.board}__isnull": True}).none()) == []
