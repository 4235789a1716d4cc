"""The log, and what is kept around it."""

from activity.models.live import Frame, Presence
from activity.models.log import REMOVALS, Activity, ActivityContent, ActivityQuerySet, Via
from activity.models.proof import Snapshot, Verification
from activity.models.reading import Digest, Later, ReadDay, Reading
from activity.models.request import Request

__all__ = [
    "REMOVALS",
    "Activity",
    "ActivityContent",
    "ActivityQuerySet",
    "Digest",
    "Frame",
    "Later",
    "Presence",
    "ReadDay",
    "Reading",
    "Request",
    "Snapshot",
    "Verification",
    "Via",
]
