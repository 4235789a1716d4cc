"""How long texts may be, how many things there may be, and how much work one request may do.

The one place for these numbers: forms, actions, imports and exports read them here. Texts are counted in
characters (code points), after line breaks are "\\n" and letters are composed (NFC).
"""

from __future__ import annotations

# ---- texts ------------------------------------------------------------------------------------------------

BOARD_NAME = 120
COLUMN_NAME = 80
LABEL_NAME = 40
SEARCH_NAME = 60
TEMPLATE_NAME = 60
MEETING_TITLE = 120
SEARCH = 300  # what one may type into it
CHECKLIST_NAME = 120
PERSON_NAME = 80
TITLE = 500
ITEM = 1_000
REASON = 1_000
TEXT = 20_000  # a part of the specification, a comment, a question, a decision, a board's description

# How many times as long a text may be as typed, before it is composed and its blanks are gathered. A longer
# one is not looked at any closer.
AS_TYPED = 4
# Unicode's stream-safe text (UAX #15, section 13) has 30 combining marks in a row at most. Composing takes
# time by the square of that number. No language comes near it, nor does any emoji.
MARKS = 30
# Texts of boards made before there was `MARKS` may have more, and come in from an export all the same.
MARKS_KEPT = 1_000

# ---- how many ---------------------------------------------------------------------------------------------

# Where Trello has a limit of its own (https://developer.atlassian.com/cloud/trello/guides/rest-api/limits/),
# ours is as high, so that every board can come.
COLUMNS = 3_000
LABELS = 1_000
SEARCHES = 200  # that are saved for a board
TEMPLATES = 100  # of cards, that a board has
SCHEDULES = 100  # that a board has, removed ones included
CHECK_IN = 600  # characters of a check-in
WEEKLY_LINKS = 20  # to a board's weekly report, that work at the same time
TRIALS = 100  # of working without a standup, that a board has
TRIAL_TEXT = 2_000  # characters on what comes of one
TRIAL_ANSWER = 280  # characters beside an answer to its question
CHECK_IN_FACTS = 60  # outcomes that stand in one
ROTA = 20  # people who take a schedule's cards in turn
MEETINGS = 5_000  # that a board has, those of the past included
TOPICS = 100  # of one meeting, dropped ones included
INVITED = 200  # to one meeting
BOARD_TEMPLATES = 50  # boards that a person saved as templates
PLAN = 200_000  # characters of a board that is saved as a template
COPIED_ROWS = 2_000  # of the log, for the copy of a board
OWN_SEARCHES = 50  # that a person saves for themselves
CARDS = 20_000
MEMBERS = 2_000
CHECKLISTS = 500  # on one card
ITEMS = 5_000  # on one card
COMMENTS = 5_000  # on one card
ROWS_AT_ONCE = 1_000  # of the log, for new cards from a template
AT_ONCE = 200  # cards or items out of one pasted text
FACTS = 10_000  # values in one row of the log
FIELDS = 100  # that one thing has
NESTED = 24  # objects and lists in each other in one row of the log

# ---- work -------------------------------------------------------------------------------------------------

# Steps of the Markdown parser for one text. 20,000 characters of ordinary writing take some thousand; a text
# that takes more is shown as it was typed.
MARKDOWN_STEPS = 60_000
MARKDOWN_NESTED = 50
MARKDOWN_CELLS = 10_000  # in all tables of a text, the empty ones included
# Characters that the comments of one page may have; what is older stands behind "earlier".
PAGE_TEXT = 120_000
# Two texts are compared word by word, or line by line, while the product of what differs is below this.
COMPARED = 25_000_000

# ---- files ------------------------------------------------------------------------------------------------

LINE_OF_REPORT = 200_000  # characters of one line of an import's report
UNKNOWN_KEYS = 1_000  # of a Trello export that its report names one by one; more are told as one kind
WORKSPACE_FILES = 100_000  # in a ZIP of a Trello workspace, attachments included
WORKSPACE_BOARDS = 200  # in it, offered one by one
WORKSPACE_BYTES = 256 * 2**20  # of all its boards, unpacked
UPLOADS_WAITING = 5  # files of one kind that one person may have waiting
UPLOADS_DONE = 50  # finished imports of one person that are remembered, without their files
UPLOADED_BYTES = 512 * 2**20  # in all files of one person, finished exports included
