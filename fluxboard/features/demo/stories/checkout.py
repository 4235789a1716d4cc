"""Checkout rebuild: what is being worked on now. What is finished stands in `checkout_done`."""

from fluxboard.features.demo.stories.checkout_done import FINISHED
from fluxboard.features.demo.story import BoardStory, CardStory

_DESCRIPTION = """\
One checkout for all nine markets, live before the Christmas freeze.

**How we work here**

- A card has one owner, a *why* and a *done when* before it leaves Ready.
- What we decide is recorded on the card where it was argued, so that nobody has to have been awake.
- Blocked? Say so on the card, and say by whom.
- Four cards in progress are enough for five people.
"""

IN_PROGRESS = (
    CardStory(
        "Show tax before the last step",
        (7.1, "ana"),
        name="tax",
        labels="checkout",
        what="The address step shows the total with tax as soon as country and postal code are known.",
        why="One buyer in nine leaves at the last step. In the exit survey, *the price changed* comes first.",
        done_when="- Tax shows on the address step in all nine markets\n"
        "- The total never changes between that step and the receipt",
        constraints="No call to the tax service for each key pressed: wait 400 ms, and cache by postal code.",
        steps=(
            (5.5, "ana", "assign", "ana"),
            (
                5.2,
                "lena",
                "say",
                "In Germany and Austria the price has to include tax from the first page on. Does "
                "this card change what the product page shows?",
            ),
            (
                5.0,
                "ana",
                "reply",
                "No, only where tax is added at the end: the US, Canada and Japan. I have "
                "put the list of markets into the first item.",
            ),
            (
                4.8,
                "ana",
                "list",
                "Markets and states",
                "US, Canada, Japan: tax as a line of its own",
                'European markets: "includes 23 % VAT" under the total',
                'Postal code not known yet: "tax comes with your address"',
                "Tax service does not answer: last rate, marked as an estimate",
                "Screen readers hear the new total once",
            ),
            (1.6, "ana", "move", "In progress"),
            (1.5, "ana", "join", "lena"),
            (1.2, "ana", "tick", "US, Canada"),
            (0.62, "lena", "tick", "European markets"),
            (
                0.5,
                "lena",
                "say",
                "The VAT line is in. For the screen reader I would announce the total only when the "
                "field loses focus, else it speaks on every digit of the postal code. @ana fine with you?",
            ),
            (0.2, "ana", "reply", "Yes, on leaving the field. That also gives us the 400 ms for free."),
        ),
    ),
    CardStory(
        "Hold stock for 15 minutes once payment starts",
        (7.7, "priya"),
        name="stock",
        labels="payments inventory",
        what="When a buyer opens the payment step, the items in the cart are reserved for 15 minutes.",
        why="In the summer sale 212 orders were paid and then cancelled because the last piece had gone. "
        "Each one "
        "cost a refund and an apology.",
        done_when="- Two buyers can never both pay for the last piece\n"
        "- A hold ends by itself after 15 minutes\n- The warehouse sees held stock apart from sold stock",
        constraints="The warehouse system is updated once a minute, so the hold lives on our side.",
        steps=(
            (7.5, "priya", "assign", "priya"),
            (
                7.3,
                "priya",
                "list",
                "Steps",
                "Table of holds with an end time",
                "Take a hold when the payment step opens",
                "Let go on payment, on failure and on timeout",
                "Call the reserve API of the warehouse",
                'Show "held for you until 14:32" beside the cart',
                "Two buyers, one piece: test with 200 pairs at once",
                "What support sees in the order view",
                "Switch it on for Portugal first",
            ),
            (6.1, "sam", "say", "15 or 30 minutes? Bank transfer confirmations can take 20."),
            (
                5.8,
                "priya",
                "reply",
                "I counted: 97 % of card payments are through within 6 minutes, and bank "
                "transfers are no instant payment anyway.",
            ),
            (
                5.79,
                "priya",
                "decide_here",
                "Hold stock for 15 minutes with cards, not at all with bank transfer: there the order "
                "waits for "
                "the money as it does today.",
            ),
            (5.6, "sam", "agree"),
            (5.59, "sam", "reply", "Then the end time can stay a constant."),
            (5.1, "ana", "agree"),
            (4.4, "priya", "move", "In progress"),
            (4.1, "priya", "tick", "Table of holds", "Take a hold"),
            (3.2, "priya", "tick", "Let go on payment"),
            (2.9, "priya", "due", 6),
            (
                2.4,
                "priya",
                "say",
                "@sam the fourth item needs the reserve API. The branch builds against a fake of it, "
                "so I can go on for two days, not longer.",
            ),
            (2.0, "priya", "block", "Needs the reserve API", "sam"),
            (
                1.3,
                "sam",
                "reply",
                "Seen. The warehouse gave me a test account last night, but it rejects our "
                "certificate. I have a call with them in my morning; I will write here what comes of it.",
            ),
            (
                0.4,
                "priya",
                "say",
                "Meanwhile I have tested letting go under load: 200 pairs, one winner each time, "
                "slowest answer 41 ms.",
            ),
            (
                0.06,
                "sam",
                "reply",
                "41 ms is well within what they allow. On their side: our certificate has a name too many. "
                "They have found it, a new one is on its way.",
            ),
        ),
    ),
    CardStory(
        "Keyboard path through the whole checkout",
        (6.9, "lena"),
        name="keyboard",
        labels="a11y",
        what="From cart to receipt without touching a mouse, in the order that the eye reads.",
        why="The European Accessibility Act applies to us. And two of the five testers gave up at the "
        "carrier list.",
        done_when="- Cart to receipt with Tab, arrows, Space and Enter only\n"
        "- Focus is always in sight and never jumps back to the top\n- Both testers get through",
        steps=(
            (6.8, "lena", "assign", "lena"),
            (
                6.5,
                "lena",
                "list",
                "From cart to receipt",
                "Cart: quantity by arrow keys",
                "Sign in or go on as a guest",
                "Address: suggestions as a real listbox",
                "Carrier list: arrows move, Space chooses",
                "Card field in the payment frame",
                "Back link keeps what was typed",
                "Voucher field opens and closes",
                "Error summary takes the focus",
                "Receipt: heading is read first",
            ),
            (3.1, "lena", "move", "In progress"),
            (2.9, "lena", "tick", "Cart: quantity", "Sign in or"),
            (2.2, "lena", "tick", "Address: suggestions"),
            (
                1.8,
                "kenji",
                "say",
                "In the payment frame Tab leaves the page for good in Firefox, because the frame of "
                'the payment provider has a trap of its own. I told them, and put a "skip payment frame" '
                "link in front as a fallback.",
            ),
            (
                1.4,
                "lena",
                "reply",
                "Thank you! It works here with NVDA as well. I tick it and leave a note in "
                "the error summary card ({summary}).",
            ),
            (1.35, "lena", "tick", "Card field"),
            (0.8, "lena", "tick", "Back link"),
            (0.75, "lena", "due", 5),
            (
                0.6,
                "ana",
                "say",
                "The testers have time on the day after it is due, 10:00 in Lisbon. I have booked both. "
                "@lena that is your "
                "night, so I will watch and write down what they do.",
            ),
            (0.5, "lena", "reply", "Perfect. I will have the carrier list done by then."),
        ),
    ),
    CardStory(
        "Order history returns no rows past page 5",
        (9.1, "sam"),
        name="paging",
        labels="bug dashboard",
        what="On `/dashboard/orders`, page 6 and later come back empty although the shop has more orders.",
        why="Support cannot see orders older than about ten days. 31 tickets last week.",
        done_when="- Every order is reachable by paging, newest first\n"
        "- A shop with 10,000 orders pages in under 200 ms",
        constraints="Old page links in emails must keep working until January.",
        steps=(
            (8.9, "ana", "assign", "kenji"),
            (
                8.6,
                "kenji",
                "say",
                "Reproduced with the 10,000 order shop. The query stops at `OFFSET 250` because the "
                "search index only holds the last 250 orders of a shop. It was never meant to be paged.",
            ),
            (
                8.2,
                "kenji",
                "list",
                "Checklist",
                "Reproduce with the 10,000 order shop",
                "Cursor encodes date and id",
                "Same order for orders of the same second",
                "Pager without total counts",
                "Redirect old page links",
                "Index on (shop, created, id) in production",
                "Filter and paging together",
                "Export uses the same cursor",
                "Load test with 10,000 orders",
                "Tell support what changes",
            ),
            (8.1, "kenji", "tick", "Reproduce with"),
            (
                5.1,
                "priya",
                "say",
                "Do we need total counts in the pager? The count alone takes 900 ms for large shops.",
            ),
            (
                4.8,
                "kenji",
                "reply",
                "No. I looked at the support recordings: nobody uses the number, they use search. I "
                "will drop it.",
            ),
            (4.5, "ana", "reply", "Fine with me. Fewer numbers on that page is a gift."),
            (2.7, "kenji", "move", "In progress"),
            (2.6, "kenji", "tick", "Cursor encodes", "Same order for"),
            (
                1.9,
                "kenji",
                "say",
                "Measured on staging, slowest page of each shop:\n\n"
                "| orders in the shop | offset | cursor |\n|---|--:|--:|\n| 100 | 14 ms | 11 ms |\n"
                "| 10,000 | 2,310 ms | 12 ms |\n| 250,000 | timeout | 13 ms |",
            ),
            (1.85, "kenji", "tick", "Pager without", "Filter and paging"),
            (1.5, "sam", "reply", "12 ms. I will show that table to everyone who asks why."),
            (
                1.3,
                "kenji",
                "decide_here",
                "Page by cursor, not by offset. Old `?page=` links redirect to the matching cursor.",
            ),
            (1.25, "priya", "agree"),
            (0.9, "sam", "agree"),
            (1.2, "ana", "due", 1),
            (1.0, "kenji", "tick", "Export uses", "Load test with"),
            (0.94, "kenji", "move", "In progress"),
            (
                0.35,
                "kenji",
                "ask",
                "The redirect needs one call from you: old links carry a page number, but orders have moved "
                "since. Land on the nearest order, or on page 1 with a notice?",
                "ana",
            ),
        ),
    ),
)

IN_REVIEW = (
    CardStory(
        "Refund webhook retries: back off and stop after 24 hours",
        (9.4, "sam"),
        name="webhook",
        labels="payments",
        what="When the shop's server does not take a refund message, we try again after 1, 5, 25 … "
        "minutes, for 24 "
        "hours, and then tell a person.",
        why="One shop was down for a weekend and got 86,400 requests when it came back. It went down again.",
        done_when="- No shop gets more than 12 tries for one refund\n"
        "- After the last one, support has a ticket with the refund in it",
        steps=(
            (9.2, "sam", "assign", "sam"),
            (8.4, "sam", "move", "In progress"),
            (
                7.9,
                "priya",
                "say",
                "Please spread the tries: if 4,000 refunds fail in the same second, they should not all "
                "come back in the same second.",
            ),
            (7.6, "sam", "reply", "Added up to 20 % of chance to each wait."),
            (
                6.4,
                "sam",
                "decide",
                "Stop after 24 hours, not after a number of tries. Shops think in days, and our contract "
                "says "
                "*one working day*.",
            ),
            (6.2, "kenji", "agree"),
            (5.9, "sam", "say", "What happens when the shop answers `200` but the body says *error*?"),
            (
                5.7,
                "priya",
                "reply",
                "Counts as taken. We promise delivery, not that their code works. I would log it.",
            ),
            (5.4, "sam", "move", "In review"),
            (5.3, "sam", "join", "priya"),
            (
                3.9,
                "priya",
                "say",
                "Two things in the review: the clock of the last try is the server's local time, and the "
                "ticket for support says *refund failed* although the money is already with the buyer.",
            ),
            (
                3.4,
                "sam",
                "reply",
                "Clock is UTC now. Ticket says: *The refund is paid. The shop could not be told.*",
            ),
            (2.2, "ana", "due", -1),
        ),
    ),
    CardStory(
        "One error summary at the top of each step",
        (8.8, "lena"),
        name="summary",
        labels="a11y copy",
        what="When a step has errors, one box at the top lists them as links to the fields.",
        why="Today the errors stand beside the fields only. On a phone half of them are out of sight, so "
        "people press "
        "*Continue* again and again.",
        done_when="- Focus goes to the box, each line leads to its field\n"
        "- Every message says what to do, not what went wrong",
        steps=(
            (8.7, "lena", "assign", "lena"),
            (7.4, "lena", "move", "In progress"),
            (
                7.3,
                "lena",
                "list",
                "Messages",
                "All 34 messages in one sheet",
                "Rewritten: what to do next",
                "Read aloud once, by a real person",
                "Translated, with room for 40 % longer German",
            ),
            (6.3, "lena", "tick", "All 34"),
            (
                5.7,
                "ana",
                "say",
                "Three of my favourites from the sheet, all ours: *Invalid input*, *Error 402*, and "
                "*An unexpected expected error occurred*.",
            ),
            (5.4, "lena", "reply", "The third one stays on my wall."),
            (4.6, "lena", "tick", "Rewritten"),
            (
                3.6,
                "priya",
                "say",
                "Read them aloud with my mother, who has never bought anything online. She stopped at "
                '*billing address*. "Where the invoice goes" worked.',
            ),
            (3.5, "priya", "tick", "Read aloud"),
            (3.2, "lena", "reply", "That is the best test we had this year. Changed everywhere."),
            (2.4, "lena", "tick", "Translated"),
            (1.2, "lena", "move", "In review"),
            (
                0.7,
                "lena",
                "say",
                "@ana ready for your eyes. The order of the messages is the order of the fields, except "
                "that a declined card always comes first.",
            ),
            (0.07, "ana", "reply", "Reading it now, with coffee."),
        ),
    ),
    CardStory(
        "Guest checkout without an account",
        (9.6, "ana"),
        name="guest",
        labels="checkout",
        what="Buy with nothing but an e-mail address. An account is offered on the receipt, one click, no "
        "password.",
        why="38 % leave at *Create an account*. The four largest competitors do not ask.",
        done_when="- An order needs no account, in all nine markets\n- A guest can follow and return the "
        "order\n"
        "- The offer on the receipt makes an account that has that order in it",
        constraints="Not for age-checked goods. Fraud rules stay as they are.",
        steps=(
            (9.5, "ana", "assign", "kenji"),
            (
                9.0,
                "kenji",
                "say",
                "Two ways: a hidden account for each guest, or orders without an owner. Hidden accounts "
                "are quicker to build, but they collide when the same person signs up later.",
            ),
            (
                8.7,
                "sam",
                "reply",
                "Orders without an owner. We merged hidden accounts for a year at my last place; please "
                "not again.",
            ),
            (
                8.5,
                "kenji",
                "decide_here",
                "Guest orders have no owner. They are tied to the e-mail address once that is proven.",
            ),
            (8.45, "sam", "agree"),
            (8.43, "ana", "agree"),
            (8.4, "kenji", "move", "In progress"),
            (
                8.3,
                "kenji",
                "list",
                "Checklist",
                "Order without an owner in the model",
                "E-mail address instead of sign-in",
                "Link to follow the order",
                "Returns by that link",
                "Offer on the receipt",
                "Order comes into the new account",
                "Fraud rules see guests",
                "Age-checked goods still ask",
            ),
            (7.7, "kenji", "tick", "Order without"),
            (6.9, "kenji", "tick", "E-mail address", "Link to follow"),
            (
                6.6,
                "lena",
                "say",
                "The link to follow an order must not be guessable, and must end one day. How long?",
            ),
            (
                6.3,
                "kenji",
                "reply",
                "128 bits, and 90 days: that is the longest return period we have (Germany, Christmas).",
            ),
            (5.5, "kenji", "tick", "Returns by", "Offer on"),
            (
                4.3,
                "kenji",
                "say",
                "Half of it runs on staging. Try it: any address at `example.com` gets through.",
            ),
            (4.0, "ana", "reply", "Bought a lamp in 41 seconds. My record with an account was 2 min 50."),
            (3.7, "sam", "reply", "38 seconds. I typed faster."),
            (3.0, "kenji", "tick", "Order comes into", "Fraud rules"),
            (
                2.5,
                "priya",
                "say",
                "The offer says *Save your details*. Nobody wants to save details. What about *Follow this "
                "order next time with one click*?",
            ),
            (2.2, "lena", "reply", "Yes. Taken."),
            (1.5, "kenji", "tick", "Age-checked"),
            (
                1.45,
                "kenji",
                "decide",
                "The offer of an account stands below the order number, never in front of it. People look "
                "for the "
                "number first.",
            ),
            (0.35, "kenji", "say", "All eight ticked, all nine markets tried. Moving it over."),
            (0.05, "kenji", "move", "In review"),
            (0.035, "sam", "say", "34 seconds, on the phone, in the lift."),
            (0.03, "priya", "say", "I take the review."),
        ),
    ),
)

READY = (
    CardStory(
        "Retire the v1 cart endpoint",
        (9.3, "sam"),
        name="v1cart",
        labels="infra",
        what="`/api/v1/cart` goes. Three old app versions still call it.",
        why="Every change to the cart is made twice. Last month the two disagreed about vouchers for six "
        "days.",
        done_when="- No call for seven days\n- The code is gone",
        steps=(
            (9.1, "sam", "assign", "sam"),
            (
                6.0,
                "sam",
                "say",
                "412 calls yesterday, all from Android 3.1 and older.",
            ),
            (5.7, "kenji", "reply", "3.1 is two years old. I would not carry it any further."),
            (
                5.4,
                "sam",
                "decide_here",
                "App versions up to 3.1 get a page that asks for the update, from the first of the month on.",
            ),
            (
                0.13,
                "sam",
                "say",
                "380 calls yesterday. The page is written, in nine languages, and waits for the first.",
            ),
        ),
    ),
    CardStory(
        "Load test the quote service at 4 × Black Friday traffic",
        (6.6, "sam"),
        name="loadtest",
        labels="infra",
        what="Replay last year's busiest hour against staging, at four times the speed.",
        why="Last year it was the quote service that went first, at 11:40, and took the checkout with it.",
        done_when="- 95 of 100 quotes within 300 ms at 1,900 a second\n"
        "- We know what goes first, and what we do then",
        constraints="Not on a Friday, not before {tax} is in.",
        steps=(
            (6.5, "sam", "assign", "sam"),
            (
                6.4,
                "sam",
                "list",
                "Preparation",
                "Record of the busiest hour, without personal data",
                "Staging as large as production",
                "Prices from a copy, not from production",
                "Four times the speed",
                "Runbook: what to switch off first",
                "A date that suits everyone",
            ),
            (4.0, "sam", "tick", "Record of"),
            (3.8, "ana", "due", 8),
            (0.16, "sam", "tick", "Staging as large"),
            (
                0.155,
                "sam",
                "say",
                "Staging has 24 machines now, until we are through. Please tell me if it gets in your way.",
            ),
        ),
    ),
    CardStory(
        "Remember the chosen carrier for returning buyers",
        (3.6, "ana"),
        labels="shipping",
        why="Seven of ten returning buyers choose the same carrier again, by hand.",
        steps=(
            (
                3.1,
                "lena",
                "say",
                "Only if it still delivers there. Otherwise we preselect something that then fails on the "
                "next step.",
            ),
        ),
    ),
    CardStory(
        "Explain declined payments in plain words, with the next step",
        (1.9, "priya"),
        labels="copy payments",
        what="The bank's code becomes one sentence about what the buyer can do now.",
        why="*Do not honour (05)* is what 4,100 people read last month. 2,600 of them did not try again.",
        done_when="- The twelve most frequent codes have their own sentence\n- All others share one that "
        "is still useful",
        constraints="Never say *fraud*, and never guess.",
        steps=(
            (1.8, "priya", "assign", "priya"),
            (
                1.5,
                "priya",
                "list",
                "Sentences",
                "The twelve codes, by how often they come",
                "Sentence and next step for each",
                "Lawyers have read them",
                "In nine languages",
            ),
            (
                1.1,
                "lena",
                "say",
                'For *insufficient funds* the next step is delicate. "Try another card" sounds like a '
                "reproach when one stands at the till with children.",
            ),
            (
                0.9,
                "priya",
                "reply",
                '"Your bank did not release the amount. Another card or PayPal usually works." No '
                "reason, no blame.",
            ),
        ),
    ),
    CardStory(
        "Vouchers: say why one does not apply",
        (4.7, "ana"),
        labels="copy checkout",
        what="*Not valid* becomes *From 40 €, you are at 36 €* or *For first orders only*.",
        why="A third of all chats in the sale were about vouchers.",
        done_when="Each of the nine rules has a sentence with the missing amount or date in it.",
        steps=((4.5, "ana", "assign", "lena"), (4.4, "ana", "under", "loadtest")),
    ),
    CardStory(
        "Apple Pay and Google Pay as the first choice on phones",
        (3.3, "kenji"),
        labels="payments",
        what="On a phone that has a wallet, the wallet is the first button, above the card form.",
        why="Wallet payments are declined half as often, and take 20 seconds instead of 90.",
        done_when="- The button shows only where a wallet is set up\n- The receipt names the wallet, not "
        "a card number",
        steps=(
            (3.1, "kenji", "assign", "kenji"),
            (2.6, "kenji", "block", "Waits for Apple's certificate", "ana"),
            (
                1.7,
                "ana",
                "say",
                "They answered: two to five working days, in writing, on paper. I am as surprised as you.",
            ),
        ),
    ),
    CardStory(
        'Delivery promise with a date, not "3 to 5 days"',
        (2.9, "ana"),
        labels="shipping checkout",
        what="*Arrives Tuesday, 20 October* instead of a range.",
        why="In the test with the date, one in fourteen more bought.",
        steps=((2.7, "ana", "assign", "priya"), (2.65, "ana", "due", 13)),
    ),
    CardStory(
        "Receipt as a PDF that a tax office accepts",
        (2.3, "sam"),
        labels="copy",
        what="For business buyers: seller, tax number, net, rate, gross, consecutive number.",
        why="Italian and Polish business buyers cannot book our receipt. They ask for it by mail, 60 a week.",
        done_when="Our bookkeeper in Milan books one without asking.",
        steps=(
            (2.1, "sam", "assign", "sam"),
            (
                0.1,
                "sam",
                "say",
                "Milan sent three receipts of other shops that they could book. All three have the rate "
                "in a column of its own.",
            ),
            (0.09, "sam", "due", 12),
        ),
    ),
    CardStory(
        "Measure how long each step takes, by market",
        (1.4, "ana"),
        labels="infra",
        why="We argue about the slow step in every planning. Let us know it instead.",
        done_when="One page with the median and the slowest tenth for each step and market, from last "
        "week's real orders.",
        steps=((0.55, "ana", "assign", "ana"),),
    ),
    CardStory(
        "Buyers in Japan: family name first",
        (0.8, "kenji"),
        labels="shipping",
        what="The two name fields are in the wrong order, and kana is asked for too late.",
        why="The carrier rejects about 2 % of labels.",
        steps=((0.04, "lena", "say", "Is it the same order in Hungary? I can ask my neighbour."),),
    ),
)

LATER = (
    CardStory(
        "Gift orders: two addresses, no price on the slip",
        (8.0, "ana"),
        to="Later",
        labels="checkout",
        why="Asked for 140 times a year, 120 of them in December.",
    ),
    CardStory(
        "Pay in instalments, only where the law makes it honest", (8.0, "ana"), to="Later", labels="payments"
    ),
    CardStory("Save several delivery addresses under a name", (7.9, "ana"), to="Later", labels="shipping"),
    CardStory(
        "Basket shared between two phones",
        (7.9, "ana"),
        to="Later",
        steps=((6.2, "kenji", "say", "My wife asks for this every week."),),
    ),
    CardStory("Carrier pick-up points on a map", (7.9, "ana"), to="Later", labels="shipping"),
    CardStory(
        "Voice-over recordings of the whole checkout, for new people",
        (7.8, "lena"),
        to="Later",
        labels="a11y",
    ),
    CardStory("Order by e-mail for the twelve oldest shops", (7.8, "sam"), to="Later"),
    CardStory(
        "Carbon of each delivery option",
        (5.0, "lena"),
        to="Later",
        labels="shipping",
        steps=(
            (
                4.2,
                "sam",
                "say",
                "The carriers give us numbers that do not add up. I would wait for the EU scheme.",
            ),
        ),
    ),
    CardStory("One-click reorder from the receipt", (3.9, "priya"), to="Later", labels="checkout"),
)

PUT_AWAY = (
    CardStory(
        "Spinner with the company mascot",
        (9.0, "sam"),
        labels="copy",
        steps=(
            (
                8.2,
                "lena",
                "say",
                "A buyer who waits does not want to be entertained, they want to know whether the money "
                "is gone.",
            ),
            (7.9, "sam", "reply", "Fair. Away with it."),
            (7.85, "sam", "archive"),
        ),
    ),
    CardStory(
        "Countdown timer in the cart",
        (7.2, "sam"),
        labels="checkout",
        steps=(
            (
                6.7,
                "ana",
                "decide",
                "No countdown in the cart. We hold stock ({stock}) and say until when, but we do not rush "
                "people.",
            ),
            (6.6, "ana", "archive"),
        ),
    ),
    CardStory(
        "Second captcha for guests",
        (5.2, "sam"),
        labels="payments",
        steps=(
            (
                4.9,
                "priya",
                "say",
                "The fraud rules see guests since {guest}. Let us look at the numbers in a month.",
            ),
            (4.2, "sam", "archive"),
        ),
    ),
)

CHECKOUT = BoardStory(
    key="FLX",
    name="Checkout rebuild",
    owner="ana",
    description=_DESCRIPTION,
    columns=("Ready", "In progress", "In review", "Done"),
    later=("Later",),
    limits={"In progress": 4, "In review": 5},
    labels={
        "bug": 1,
        "a11y": 2,
        "shipping": 3,
        "inventory": 4,
        "infra": 5,
        "payments": 6,
        "copy": 7,
        "checkout": 8,
        "dashboard": 6,
    },
    roles={"kenji": "member", "priya": "member", "sam": "owner", "lena": "member"},
    cards=(*READY, *IN_PROGRESS, *IN_REVIEW, *LATER, *PUT_AWAY, *FINISHED),
    stale_after=7,
    folded_by={"ana": ("Later",)},
)
