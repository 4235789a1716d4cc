"""Newsletter: a small board that has tried to work without its standup, and keeps it so."""

from typing import Any

from fluxboard.features.demo.story import BoardStory, CardStory, StoryStep, finished

_THROUGH = ("Writing", "In review", "Sent")
_DESCRIPTION = """\
One letter to buyers each week, and what it takes to write it.

There was a quarter of an hour each morning in which everyone told where their piece was. Now it stands here.
"""


def _piece(
    ago: float,
    who: str,
    title: str,
    *steps: StoryStep,
    by: str = "ana",
    checked: str = "priya",
    **fields: Any,
) -> CardStory:
    return finished(ago, who, title, *steps, by=by, checked=checked, through=_THROUGH, days=2.6, **fields)


# While there was a standup, most of this was said in it, and little of it written.
_WITH = (
    _piece(23.5, "lena", "Photos of the autumn range"),
    _piece(22.6, "kenji", "Size guide for shoes", why="Every third parcel of shoes comes back."),
    _piece(
        21.4,
        "sam",
        "Answer the five questions that buyers ask most",
        (1.9, "sam", "ask", "Which five? The list of August or the new one?", "lena"),
        (0.1, "lena", "reply", "The new one, sorry for the wait."),
    ),
    _piece(20.7, "priya", "Interview with the shop in Porto", checked="lena"),
    _piece(
        19.8,
        "lena",
        "One colour for all buttons in the letter",
        (1.7, "lena", "ask", "The green of the shop or that of the letter?", "ana"),
        (0.2, "ana", "reply", "That of the shop."),
    ),
    _piece(18.9, "kenji", "Letter without pictures for slow phones"),
    _piece(17.6, "sam", "Thank those who have recommended us", checked="lena"),
    _piece(
        16.5, "priya", "Calendar for the winter sale", why="Three teams need the same dates.", checked="sam"
    ),
    _piece(
        15.6,
        "kenji",
        "Short links that can be read aloud",
        (1.6, "kenji", "ask", "May a link hold the name of the buyer?", "priya"),
        (0.2, "priya", "reply", "No, never. I should have seen this earlier."),
    ),
    _piece(14.9, "lena", "Say when the shop in Porto is closed"),
)
_WITHOUT = (
    _piece(
        12.8,
        "lena",
        "Photos of the winter range",
        (1.5, "lena", "say", "Took the photographer of last year: the other one is free in January only."),
        (0.3, "lena", "say", "Ready to look at: twelve pictures, three are left out for their size."),
        why="The letter of the 1st has no picture yet.",
    ),
    _piece(
        12.1,
        "kenji",
        "Returns explained in three sentences",
        (1.6, "kenji", "ask", "Are 30 days still right for sale items?", "priya"),
        (1.4, "priya", "reply", "Yes, 30 days for everything since May."),
        (0.4, "kenji", "say", "In review: it is four sentences, the fourth is about gifts."),
        why="Half of all questions to support are about returns.",
        done_when="Somebody who has never bought here gets it right at the first reading.",
    ),
    _piece(
        10.9,
        "sam",
        "Letter for those who have not bought for a year",
        (1.5, "sam", "say", "Begun with the text, since the pictures come on Thursday."),
        (0.4, "sam", "ask", "May we offer them free delivery?", "ana"),
        (0.35, "ana", "reply", "Once, until the end of the year."),
        (0.3, "ana", "decide_here", "One free delivery for those who come back, until 31 December."),
        why="A third of our addresses has not opened anything since spring.",
    ),
    _piece(
        9.8,
        "priya",
        "Footer with one link to stop the letter",
        (1.4, "priya", "say", "One link, without a sign-in: two were one too many in the test."),
        why="By law it takes one click.",
        done_when="One click, no sign-in, in all nine languages.",
        checked="lena",
    ),
    _piece(
        8.7,
        "lena",
        "Preview text for each letter",
        (1.5, "lena", "say", "Moved on: the first sentence is no good as one, so it has its own field."),
        (0.5, "lena", "ask", "Is 90 characters the limit everywhere?", "kenji"),
        (0.45, "kenji", "reply", "On phones 60. I put that into *done when*."),
        why="It is the line that people see first.",
        done_when="60 characters at most.",
    ),
    _piece(
        7.6,
        "kenji",
        "Letter in the dark",
        (1.4, "kenji", "say", "Our logo has a white frame at night; took the one without."),
        why="Two in five read at night.",
        done_when="Logo and buttons can be read on black.",
    ),
    _piece(
        6.8,
        "sam",
        "Gift cards in the second letter of December",
        (1.5, "sam", "say", "Waits for nothing: the pictures of last year are allowed once more."),
        (0.3, "sam", "ask", "50 € or 60 € as the largest?", "priya"),
        (0.25, "priya", "reply", "60 €. The bank takes it."),
        why="Every fifth order of December is a gift card.",
        checked="lena",
    ),
    _piece(
        5.4,
        "priya",
        "Say how late one can order for Christmas",
        (1.4, "priya", "say", "Dates are those of the carrier minus one day, to be safe."),
        why="The question of every December.",
        done_when="One date for each country.",
        checked="sam",
    ),
)
_TRIAL = CardStory(
    "Two weeks without the standup",
    (25.0, "ana"),
    what="Our quarter of an hour each morning stops for two weeks. What we told there stands on the cards.",
    why="It is 7:45 for one of us and 21:15 for another.",
    done_when="We know whether we knew what we needed, and have decided.",
    steps=(
        (24.9, "ana", "assign", "ana"),
        (24.8, "ana", "move", "Writing"),
        (24.7, "ana", "stop_standup", 14, 15, 5),
        (3.6, "ana", "move", "In review"),
        (3.3, "sam", "say", "I keep my mornings. Reading took me five minutes a day."),
        (3.1, "ana", "end_trial", "keep", "More is written down, and nobody misses the call."),
        (3.0, "ana", "decide", "No standup on this board. Whoever waits for someone asks on the card."),
        (2.9, "lena", "move", "Sent"),
    ),
)

NEWSLETTER = BoardStory(
    key="NEW",
    name="Newsletter",
    owner="ana",
    description=_DESCRIPTION,
    columns=("Ideas", *_THROUGH),
    limits={"Writing": 4},
    roles={"lena": "member", "kenji": "member", "priya": "member", "sam": "member"},
    cards=(*_WITH, _TRIAL, *_WITHOUT),
)
