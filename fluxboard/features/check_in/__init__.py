"""Check-ins: what a person did, prefilled from the log, and a sentence or two beside it."""
