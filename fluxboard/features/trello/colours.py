"""Trello's colours of labels as ours: each has its nearest of our eight hues."""

from __future__ import annotations

# The hue of a label as a number from 1 to 8 (static/css/tokens.css: --h1 red … --h8 pink).
OWN_HUES = {
    "red": 1,
    "orange": 2,
    "yellow": 3,
    "green": 4,
    "sky": 5,
    "blue": 6,
    "purple": 7,
    "pink": 8,
}
# Lime is between yellow and green, nearer to our yellow, which is olive. Black has no hue; Trello draws it as
# a bluish grey, so purple is the nearest that a board does not have for blue already.
NEAREST = {"lime": 3, "black": 7}
_NONE = 6  # no colour, or one that is not known: what a new label here has


def hue_of(colour: str) -> int:
    """The hue of a label whose colour Trello calls `colour`: `red`, `lime_dark`, or empty."""
    name = colour.partition("_")[0]
    return OWN_HUES.get(name) or NEAREST.get(name, _NONE)
