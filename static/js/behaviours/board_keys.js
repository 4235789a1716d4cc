// The keys of a board and of a card: rows of the one table, and the arrows that go from card to card.

import { $, $$, announce, boxOf, byId, linkIn, on, tell } from "../lib/dom.js";
import { bringNear, focusOn } from "../lib/focus.js";
import { applyAnswer } from "../lib/frames.js";
import { isMade, post, whyNot } from "../lib/post.js";
import { toast, warn } from "../lib/toast.js";
import { openDetails } from "./details.js";
import { addAlso, addKeys, isForPage } from "./keys.js";
import { openMenu } from "./menu.js";
import { canChange } from "./move.js";
import { panel, turn } from "./panel.js";
import { openQuick } from "./quick.js";

const NO_CARD = "Go to a card first, by Tab.";
const board = () => byId("board");
const here = () => document.activeElement?.closest?.("#board .card");
const detail = () => panel() ?? $("[id$=-detail]");
const root = () => board() ?? detail();
const moves = () => board() && canChange();
const writes = () => root() && root().dataset.role !== "viewer";
/** The form that watches the open card, else the board. */
const watching = () => $("form[data-watch]", detail() ?? document);

/** The editor of the open card, by the end of its verb; not while the focus is on another card. */
function editor(end) {
  const card = detail();
  return (
    card &&
    (here()?.dataset.card ?? card.dataset.card) === card.dataset.card &&
    $(`form[data-verb$=${end}]`, card)?.closest("details")
  );
}

/** A row of the table for a key that opens an editor. */
const edits = (key, words, end) => [
  key,
  words,
  () => editor(end),
  () => {
    const details = editor(end);
    $("summary", details).focus();
    openDetails(details);
  },
];

async function assignToMe(card) {
  const answer = await post(`/c/${card.dataset.card}/do/assigned/`, {
    assignee: document.body.dataset.me,
    version: card.dataset.version,
  });
  if (answer.html && answer.kind === "done") applyAnswer(answer.html, answer.seq);
  if (!isMade(answer)) warn(`${card.dataset.card} was not assigned. ${whyNot(answer)}`);
}

/** What a key does to the focused card; without one it says what is missing. */
const toCard = (act) => () => {
  if (here()) act(here());
  else {
    toast(NO_CARD, { life: 3000 });
    announce(NO_CARD);
  }
};

const KEYS = [
  ["c", "New card", () => $('[data-key="C"]'), () => openQuick(null) || $('[data-key="C"]').click()],
  [
    "n",
    "Add a card to this column",
    () => $('#board form[data-verb="card.created"]'),
    () => openQuick(document.activeElement?.closest?.(".column")),
  ],
  ["m", "Menu of the focused card", moves, toCard(openMenu)],
  ["i", "Assign the focused card to me", moves, toCard(assignToMe)],
  ["< >", "Move the card to the column before, after", moves],
  edits("a", "Assign", "assigned"),
  edits("l", "Labels", "labelled"),
  edits("d", "Due date", "dated"),
  edits("b", "Block", "blocked"),
  ["s", "Watch the card or board", watching, () => watching().requestSubmit()],
  edits("e", "Edit the title", "retitled"),
  ["z", "Undo your last change", writes, () => tell("undo", "Z")],
  ["j", "Next card", panel, () => turn(1)],
  ["k", "Previous card", panel, () => turn(-1)],
];
const ALSO = [
  ["Arrows", "Go from card to card", board],
  ["Enter", "Open the card", board],
  ["Ctrl Enter", "Open the card as a page", board],
  ["Ctrl Enter", "Send what you write", writes],
  ["Space", "Lift the card; arrows move it, Space drops it", moves],
  ["Shift Arrows", "Move the card directly", moves],
  ["Ctrl Z", "Say what would be undone; again: undo it", writes],
  ["F6", "To the notices", root],
];

// ---- from card to card: one tab stop a board ----------------------------------------------------------

function roam(key) {
  const card = here();
  if (!card) return false;
  const lists = $$("#board .column__list")
    .map((list) => $$(":scope > .card", list))
    .filter((cards) => cards.length);
  const column = lists.findIndex((cards) => cards.includes(card));
  const row = lists[column].indexOf(card);
  const side = (by) => {
    const cards = lists[column + by];
    if (!cards) return null;
    const top = boxOf(card).top;
    return cards.reduce((best, other) =>
      Math.abs(boxOf(other).top - top) < Math.abs(boxOf(best).top - top) ? other : best,
    );
  };
  const to = {
    ArrowUp: () => lists[column][row - 1],
    ArrowDown: () => lists[column][row + 1],
    ArrowLeft: () => side(-1),
    ArrowRight: () => side(1),
    Home: () => lists[column][0],
    End: () => lists[column].at(-1),
  }[key]();
  if (to) {
    const link = linkIn(to);
    focusOn(link);
    bringNear(to);
  }
  return true;
}

let current = "";
function rove() {
  const cards = $$("#board .card");
  const stop = cards.find((card) => card.id === current) ?? cards[0];
  for (const card of cards) {
    const index = card === stop ? 0 : -1;
    for (const part of $$(".card__link,.card__menu", card))
      if (part.tabIndex !== index || !part.hasAttribute("tabindex")) part.tabIndex = index;
  }
}

function onKey(event) {
  const link = event.target.closest?.("#board .card__link");
  if (link && event.key === "Enter" && (event.ctrlKey || event.metaKey)) location.assign(link.href);
  else if (!isForPage(event)) return;
  else if (event.shiftKey && event.key === "F10" && here()) openMenu(here());
  else if (event.shiftKey || !/^(Arrow|Home$|End$)/.test(event.key) || !roam(event.key)) return;
  event.preventDefault();
}

export function start() {
  addKeys(KEYS);
  addAlso(ALSO);
  on("keydown", onKey);
  on("focusin", ({ target }) => {
    const card = target.closest?.("#board .card");
    if (card && card.id !== current) {
      current = card.id;
      rove();
    }
  });
  on("flux:applied", rove);
  rove();
}
