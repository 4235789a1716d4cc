// Keys. One table: what `?` shows is what the code does. Single keys can be switched off in the profile.

import { $, $$, boxOf, byId, isChord, linkIn, on, tell } from "../lib/dom.js";
import { build, copyOf } from "../lib/build.js";
import { openDialog } from "../lib/dialog.js";
import { bringNear, focusOn, isTyping } from "../lib/focus.js";
import { applyAnswer } from "../lib/frames.js";
import { post } from "../lib/post.js";
import { openDetails, openMenu } from "./menu.js";
import { canChange } from "./move.js";
import { panel, turn } from "./panel.js";
import { openQuick } from "./quick.js";
import { openSearch } from "./search.js";

const always = () => true;
const board = () => byId("board");
const here = () => document.activeElement?.closest?.("#board .card");
const detail = () => panel() ?? $("[id$=-detail]");

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
const root = () => board() ?? detail();
/** The form that watches the open card, else the board. */
const watching = () => $("form[data-watch]", detail() ?? document);
const moves = () => board() && canChange();
const writes = () => root() && root().dataset.role !== "viewer";
const to = (address) => () => location.assign(address());
const boardAddress = () => (root() ? `/b/${root().dataset.board}/` : "/");

async function assignToMe(card) {
  const answer = await post(`/c/${card.dataset.card}/do/assigned/`, {
    assignee: document.body.dataset.me,
    version: card.dataset.version,
  });
  if (answer.html && answer.kind === "done") applyAnswer(answer.html, answer.seq);
}
/** Something to do with the focused card. */
const toCard = (act) => () => !!here() && act(here());
/** A row for what a link or button on the page does as well. */
const follows = (key, words, selector) => [key, words, () => $(selector), () => $(selector).click()];

// [keys, words, on which page it works (and is listed), what it does (false: nothing to do, the key goes on)]
const TABLE = [
  ["?", "Show these keys", always, help],
  ["/", "Search, or jump to", always, openSearch],
  ["g h", "Go to home", always, to(() => "/")],
  ["g b", "Go to the board", root, to(boardAddress)],
  ["g s", "Go to the standup", always, to(() => `${boardAddress()}standup/`)],
  ["c", "New card", () => $('[data-key="C"]'), () => openQuick(null) || $('[data-key="C"]').click()],
  [
    "n",
    "Add a card to this column",
    () => $('#board form[data-verb="card.created"]'),
    () => openQuick(document.activeElement?.closest?.(".column")),
  ],
  [
    "f",
    "Filter",
    () => byId("filter"),
    () => {
      const filter = byId("filter");
      filter.open = true;
      $("input,select", filter)?.focus();
    },
  ],
  follows("x", "Clear the filter", '[data-key="X"]'),
  follows("t", "Time travel", '[data-key="T"]'),
  follows("q", "Only mine", "[data-filter=mine]"),
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
  follows("y", "Copy the link", "[data-copy-link]"),
  follows("r", "Retry what failed", "#toasts [data-retry]"),
];
/** Keys of a page of another kind, as rows of the same table. */
export const addKeys = (rows) => TABLE.push(...rows);
export const addAlso = (rows) => ALSO.push(...rows);

// Keys that other modules answer to; listed here so that the help is whole.
const ALSO = [
  ["Arrows", "Go from card to card", board],
  ["Enter", "Open the card", board],
  ["Ctrl Enter", "Open the card as a page", board],
  ["Ctrl Enter", "Send what you write", writes],
  ["Ctrl K", "Search, or jump to", always],
  ["Space", "Lift the card; arrows move it, Space drops it", moves],
  ["Shift Arrows", "Move the card directly", moves],
  ["Ctrl Z", "Say what would be undone; again: undo it", writes],
  ["F6", "To the notices", root],
  ["Esc", "Close, put back, cancel", always],
];

let prefix = "";
let prefixTimer;

function onKey(event) {
  if (event.defaultPrevented || isChord(event) || isTyping(event.target) || $("dialog[open]")) return;
  if (event.shiftKey && event.key === "F10" && here()) {
    event.preventDefault();
    openMenu(here());
    return;
  }
  if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
    if (!event.shiftKey && roam(event.key)) event.preventDefault();
    return;
  }
  if (
    document.body.dataset.shortcuts === "0" ||
    event.key.length !== 1 ||
    byId("card-menu")?.matches(":popover-open")
  )
    return;
  const letter = event.key === " " ? "space" : event.key.toLowerCase();
  const key = event.shiftKey && /^[a-z]$/.test(letter) ? `shift ${letter}` : letter;
  const said = prefix ? `${prefix} ${key}` : key;
  clearTimeout(prefixTimer);
  prefix = "";
  if (said === "g") {
    prefix = "g";
    prefixTimer = setTimeout(() => {
      prefix = "";
    }, 1200);
    return;
  }
  const entry = TABLE.find(([keys, , where]) => keys === said && where());
  if (entry && entry[3]() !== false) event.preventDefault();
}

function help() {
  const single = document.body.dataset.shortcuts !== "0";
  const rows = [...(single ? TABLE.map(([keys, ...row]) => [keys.toUpperCase(), ...row]) : []), ...ALSO];
  const dialog = copyOf("keys");
  for (const [keys, words, where] of rows)
    if (where()) {
      const caps = keys.split(" ").flatMap((key) => [build("kbd", "", key), " "]);
      $("dl", dialog).append(build("dt", "", ...caps), build("dd", "", words));
    }
  openDialog(dialog);
}

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

export function start() {
  on("keydown", onKey);
  on("keydown", (event) => {
    const link = event.target.closest?.("#board .card__link");
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !link) return;
    event.preventDefault();
    location.assign(link.href);
  });
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
