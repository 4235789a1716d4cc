"""Support: what buyers write, sorted together. Everyone here may read it."""

from fluxboard.features.demo.story import BoardStory, CardStory, finished

_THROUGH = ("Looking into it", "Waiting for the buyer", "Solved")
_DESCRIPTION = """\
What comes in by mail and chat and needs more than one answer. No names of buyers here, only order numbers.

Whoever is at work takes the top card of *New*. When it turns out to be work for a team,
move it to their board.
"""

SUPPORT = BoardStory(
    key="SUP",
    name="Support",
    owner="sam",
    description=_DESCRIPTION,
    columns=("New", "Looking into it", "Waiting for the buyer", "Solved"),
    limits={"Looking into it": 5},
    labels={"payment": 6, "delivery": 3, "shop": 8, "account": 7, "urgent": 1},
    roles={"ana": "member", "lena": "member", "priya": "member"},
    open_to="viewer",
    cards=(
        CardStory(
            "Address form rejects postal codes without a space",
            (8.3, "lena"),
            to="New",
            name="postal",
            labels="shop",
            what="`1011AB` is rejected in the Netherlands, `1011 AB` goes through. The same with British "
            "codes.",
            why="Five buyers wrote to us this week. Most do not write, they leave.",
            done_when="Both spellings are taken, and kept in the one that the post office uses.",
            steps=(
                (
                    8.1,
                    "lena",
                    "say",
                    "Phones write the code without a space when they fill in the form, so it is not even the "
                    "buyer's mistake.",
                ),
                (7.6, "sam", "move", "Looking into it"),
                (
                    7.4,
                    "sam",
                    "say",
                    "It is a pattern in the address form. That is the checkout team's, I move the card over.",
                ),
                (2.5, "sam", "transfer", "FLX", "Ready"),
                (2.45, "sam", "label", "bug"),
                (2.4, "ana", "assign", "lena"),
                (2.2, "lena", "retitle", "Address form: accept postal codes without a space"),
            ),
        ),
        CardStory(
            "Order 48213: charged twice, one parcel",
            (0.9, "priya"),
            labels="payment urgent",
            what="Two charges of 129 € within a second, one order.",
            why="Rent is due, she writes.",
            done_when="The second charge is back on her card.",
            steps=(
                (0.85, "priya", "assign", "sam"),
                (0.6, "sam", "move", "Looking into it"),
                (
                    0.55,
                    "sam",
                    "say",
                    "From before the switch to the new payment key. Refunded by hand, it shows in two to "
                    "four days.",
                ),
                (0.5, "sam", "move", "Waiting for the buyer"),
                (0.3, "priya", "due", 2),
            ),
        ),
        CardStory(
            "Parcel says delivered, nobody saw it (3 orders, Leipzig)",
            (1.6, "lena"),
            labels="delivery",
            what="Orders 47990, 48011 and 48102, the same driver's tour.",
            why="Three in one street is no accident.",
            steps=(
                (1.5, "lena", "assign", "lena"),
                (1.3, "lena", "move", "Looking into it"),
                (
                    1.1,
                    "lena",
                    "say",
                    "The carrier answers within two working days. I have told all three buyers, and sent "
                    "new lamps "
                    "to those two who need them for a birthday.",
                ),
                (1.05, "lena", "away", 4, 8, "priya", "Family in Christchurch"),
                (0.95, "lena", "block", "Waits for the carrier's search", ""),
                (0.6, "ana", "say", "Good call with the birthday lamps."),
            ),
        ),
        CardStory(
            "Invoice must carry another company name",
            (0.6, "ana"),
            labels="account",
            steps=((0.25, "sam", "say", "Tax law: we cancel it and write a new one. Order 48377."),),
        ),
        CardStory("Cannot sign in since changing the phone", (0.4, "lena"), labels="account"),
        CardStory(
            'Voucher from the newsletter: "not valid"',
            (0.2, "priya"),
            labels="shop",
            steps=(
                (
                    0.1,
                    "lena",
                    "say",
                    "From 40 €, and the cart is at 36. There is a card for the words of that.",
                ),
            ),
        ),
        finished(
            0.5,
            "priya",
            "Refund not there after ten days",
            (
                0.5,
                "priya",
                "say",
                "It was: her bank lists refunds under *Other*. I sent a picture of where to look.",
            ),
            by="lena",
            checked="priya",
            through=_THROUGH,
            labels="payment",
            days=1.6,
        ),
        finished(
            1.4,
            "lena",
            "Wrong lamp in the box, right label",
            by="ana",
            checked="lena",
            through=_THROUGH,
            labels="delivery",
            days=2.1,
        ),
        finished(
            2.2,
            "sam",
            "Delivery to Madeira refused at the last step",
            (0.7, "sam", "say", "Madeira was missing in the carrier's list. Added, and the Azores too."),
            by="ana",
            checked="ana",
            through=_THROUGH,
            labels="delivery shop",
            days=2.0,
        ),
        finished(
            3.2,
            "priya",
            "Gift card paid for, not in the mail",
            by="priya",
            checked="sam",
            through=_THROUGH,
            labels="payment",
            days=1.2,
        ),
        finished(
            4.1,
            "ana",
            "Buyer wants all his data",
            (
                0.8,
                "ana",
                "say",
                "Sent by the form of our data protection officer, in four days. The law gives us thirty.",
            ),
            by="sam",
            checked="sam",
            through=_THROUGH,
            labels="account",
            days=3.0,
        ),
        finished(
            5.2,
            "lena",
            "Return label prints as an empty page",
            by="lena",
            checked="priya",
            through=_THROUGH,
            labels="delivery",
            days=1.8,
        ),
        finished(
            6.2,
            "sam",
            "Two accounts, one person: bring them together",
            by="priya",
            checked="priya",
            through=_THROUGH,
            labels="account",
            days=2.5,
        ),
    ),
)
