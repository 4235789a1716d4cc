// Keys. One table: what `?` shows is what the code does. Single keys can be switched off in the profile.

import { $, byId, isChord, on } from "../lib/dom.js";
import { build, copyOf } from "../lib/build.js";
import { openDialog } from "../lib/dialog.js";
import { isTyping } from "../lib/focus.js";
import { openSearch } from "./search.js";

const always = () => true;
/** The key of the board that the page shows, or whose card. */
const board = () => $("#board,[id$=-detail]")?.dataset.board;
const boardAddress = () => (board() ? `/b/${board()}/` : "/");
const to = (address) => () => location.assign(address());
/** A row for what a link or button on the page does as well. */
const follows = (key, words, selector) => [key, words, () => $(selector), () => $(selector).click()];

// [keys, words, on which page it works (and is listed), what it does (false: nothing to do, the key goes on)]
const TABLE = [
  ["?", "Show these keys", always, help],
  ["/", "Search, or jump to", always, openSearch],
  ["g h", "Go to home", always, to(() => "/")],
  ["g b", "Go to the board", board, to(boardAddress)],
  ["g s", "Go to the standup", always, to(() => `${boardAddress()}standup/`)],
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
  follows("y", "Copy the link", "[data-copy-link]"),
  follows("r", "Retry what failed", "#toasts [data-retry]"),
];
// Keys that other modules answer to; listed here so that the help is whole.
const ALSO = [
  ["Ctrl K", "Search, or jump to", always],
  ["Esc", "Close, put back, cancel", always],
];
/** Keys of one kind of page, as rows of the same tables. */
export const addKeys = (rows) => TABLE.push(...rows);
export const addAlso = (rows) => ALSO.unshift(...rows);

/** Whether a key is for the page: nobody has taken it, and nobody writes or is asked in a dialog. */
export const isForPage = (event) =>
  !event.defaultPrevented && !isChord(event) && !isTyping(event.target) && !$("dialog[open]");

let prefix = "";
let prefixTimer;

function onKey(event) {
  if (!isForPage(event) || document.body.dataset.shortcuts === "0" || event.key.length !== 1) return;
  if (byId("card-menu")?.matches(":popover-open")) return;
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

export const start = () => on("keydown", onKey);
