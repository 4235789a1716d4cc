"""A believable team with six weeks behind it, written through the same actions that everybody uses.

`team` is who they are, `checkout`, `mobile` and `support` what they did, `clock` when, `playing` does it.
"""
