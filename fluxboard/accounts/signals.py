"""What the rest of the house may want to know about people.

`person_changed` is sent inside the transaction of the change, with `person` (User) and `kind`:
"deactivated", "reactivated", "sessions" (every sign-in of this person ended), "looks" (name, handle or
colour) or "clock" (zone, working days or hours). A receiver that speaks to the outside waits for
the commit (`transaction.on_commit`).
"""

from django.dispatch import Signal

person_changed = Signal()
