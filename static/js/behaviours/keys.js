// Keys. One table: what `?` shows is what the code does. Single keys can be switched off in the profile.

import { $, $$, build, byId, isTyping, takeAway, tell } from "../lib/dom.js";
import { applyAnswer } from "../lib/apply.js";
import { post } from "../lib/post.js";
import { openMenu } from "./menu.js";
import { panel, turn } from "./panel.js";
import { openQuick } from "./quick.js";
import { openSearch } from "./search.js";
import { toggleWatch } from "./watch.js";

const board = () => byId("board");
const here = () => document.activeElement?.closest?.("#board .card");
const detail = () => panel() ?? $("[id$=-detail]");
const follow = (selector, root = document) => { const link = $(selector, root ?? document); link?.click(); return !!link; };

/** Open a form of the card at hand: in its panel or page, or from the card's menu on the board. */
function edit(selector) {
  const details = detail() && (here() === null || here()?.dataset.card === detail().dataset.card) ? $(selector, detail())?.closest("details") : null;
  if (!details) return here() ? (openMenu(here()), true) : false;
  details.querySelector("summary").focus();
  details.open = true;
  return true;
}
const verb = (name) => `form[data-verb="${name}"]`;

function goHome() { location.assign("/"); return true; }
function goStandup() {
  const key = board()?.dataset.board ?? detail()?.dataset.board;
  location.assign(key ? `/b/${key}/standup/` : "/standup/");
  return true;
}
function goBoard() {
  const key = board()?.dataset.board ?? detail()?.dataset.board;
  if (key) location.assign(`/b/${key}/`);
  return !!key;
}

async function assignToMe() {
  const card = here();
  if (!card) return edit(verb("card.assigned"));
  const answer = await post(`/c/${card.dataset.card}/do/assigned/`, { assignee: document.body.dataset.me, version: card.dataset.version });
  if (answer.html && answer.kind === "done") applyAnswer(answer.html, answer.seq);
  return true;
}

// [keys, words, where it makes sense, what it does (false: nothing to do, the key goes on)]
const TABLE = [
  ["?", "Show these keys", () => true, () => { help(); return true; }],
  ["/", "Search, or jump to", () => true, openSearch],
  ["g h", "Go to home", () => true, goHome],
  ["g b", "Go to the board", () => board() || detail(), goBoard],
  ["g s", "Go to the standup", () => true, goStandup],
  ["c", "New card", () => board(), () => openQuick(null) || follow('[data-verb-link="card.created"]')],
  ["n", "Add a card to this column", () => board(), () => openQuick(document.activeElement?.closest?.(".column"))],
  ["f", "Filter", () => byId("filter"), () => { const filter = byId("filter"); filter.open = true; $("input,select", filter)?.focus(); return true; }],
  ["x", "Clear the filter", () => $('[data-key="X"]'), () => follow('[data-key="X"]')],
  ["t", "Time travel", () => $('[data-key="T"]'), () => follow('[data-key="T"]')],
  ["q", "Only mine", () => $("[data-filter=mine]"), () => follow("[data-filter=mine]")],
  ["m", "Menu of the card", here, () => { openMenu(here()); return true; }],
  ["i", "Assign to me", here, () => { assignToMe(); return true; }],
  ["a", "Assign", detail, () => edit(verb("card.assigned"))],
  ["l", "Labels", detail, () => edit(verb("card.labelled"))],
  ["d", "Due date", detail, () => edit(verb("card.dated"))],
  ["b", "Block", detail, () => edit(verb("card.blocked"))],
  ["s", "Watch the card or board", () => detail() || board(), () => toggleWatch(detail() ?? board())],
  ["e", "Edit the title", detail, () => edit(verb("card.retitled"))],
  ["z", "Undo your last change", () => byId("toasts") && (board() || detail()), () => { tell("undo"); return true; }],
  ["j", "Next card", panel, () => { turn(1); return true; }],
  ["k", "Previous card", panel, () => { turn(-1); return true; }],
  ["y", "Copy the link", detail, () => follow("[data-copy-link]", detail())],
  ["r", "Retry what failed", () => $("#toasts [data-retry]"), () => follow("#toasts [data-retry]")],
];
/** Keys of a page of another kind, as rows of the same table. */
export const addKeys = (rows) => TABLE.push(...rows);
export const addAlso = (rows) => ALSO.push(...rows);

// Keys that other modules answer to; listed here so that the help is whole.
const ALSO = [
  ["Arrows", "Go from card to card"], ["Enter", "Open the card"], ["Ctrl Enter", "Open as a page, send a form"], ["Ctrl K", "Search, or jump to"],
  ["Space", "Lift the card; arrows move it, Space drops it"], ["Shift Arrows", "Move the card directly"],
  ["< >", "Move the card to the next column"], ["Ctrl Z", "Undo your last change"], ["F6", "To the notices"], ["Esc", "Close, put back, cancel"],
];

let prefix = "";
let prefixTimer;

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || $("dialog[open]")) return;
  if (event.shiftKey && event.key === "F10" && here()) { event.preventDefault(); openMenu(here()); return; }
  if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") { if (!event.shiftKey && roam(event.key)) event.preventDefault(); return; }
  if (document.body.dataset.shortcuts === "0" || event.key.length !== 1 || byId("card-menu")?.matches(":popover-open")) return;
  const letter = event.key === " " ? "space" : event.key.toLowerCase();
  const key = event.shiftKey && /^[a-z]$/.test(letter) ? `shift ${letter}` : letter;
  const said = prefix ? `${prefix} ${key}` : key;
  clearTimeout(prefixTimer);
  prefix = "";
  if (said === "g") { prefix = "g"; prefixTimer = setTimeout(() => { prefix = ""; }, 1200); return; }
  const entry = TABLE.find(([keys, , where]) => keys === said && where());
  if (entry?.[3]()) event.preventDefault();
}

function help() {
  byId("keys-help")?.remove();
  const dialog = build("dialog", "dialog dialog--keys");
  dialog.id = "keys-help";
  dialog.setAttribute("aria-labelledby", "keys-help-h");
  const heading = build("h2", "", "Keys");
  heading.id = "keys-help-h";
  const list = build("dl", "keys-list");
  const single = document.body.dataset.shortcuts !== "0";
  const rows = [...(single ? TABLE.map(([keys, words]) => [keys.toUpperCase(), words]) : []), ...ALSO];
  for (const [keys, words] of rows) list.append(build("dt", "", ...keys.split(" ").flatMap((key) => [build("kbd", "", key), " "])), build("dd", "", words));
  const close = build("button", "btn btn--primary", "Close");
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  const hint = build("span", "hint", single ? "Single keys can be switched off in your profile." : "Single keys are switched off in your profile.");
  dialog.append(build("header", "", heading), build("div", "body", list), build("footer", "", hint, close));
  dialog.addEventListener("close", () => takeAway(dialog));
  document.body.append(dialog);
  dialog.showModal();
}

// ---- from card to card: one tab stop a board ----------------------------------------------------------

function roam(key) {
  const card = here();
  if (!card) return false;
  const lists = $$("#board .column__list").map((list) => $$(":scope > .card", list)).filter((cards) => cards.length);
  const column = lists.findIndex((cards) => cards.includes(card));
  const row = lists[column].indexOf(card);
  const side = (by) => {
    const cards = lists[column + by];
    if (!cards) return null;
    const top = card.getBoundingClientRect().top;
    return cards.reduce((best, other) => (Math.abs(other.getBoundingClientRect().top - top) < Math.abs(best.getBoundingClientRect().top - top) ? other : best));
  };
  const to = {
    ArrowUp: () => lists[column][row - 1], ArrowDown: () => lists[column][row + 1], ArrowLeft: () => side(-1), ArrowRight: () => side(1),
    Home: () => lists[column][0], End: () => lists[column].at(-1),
  }[key]();
  if (to) { const link = $(".card__link", to); link.focus({ preventScroll: true }); to.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  return true;
}

let current = "";
function rove() {
  const cards = $$("#board .card");
  const stop = cards.find((card) => card.id === current) ?? cards[0];
  for (const card of cards) {
    const index = card === stop ? 0 : -1;
    for (const part of $$(".card__link,.card__menu", card)) if (part.tabIndex !== index || !part.hasAttribute("tabindex")) part.tabIndex = index;
  }
}

export function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.("#board .card__link");
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !link) return;
    event.preventDefault();
    location.assign(link.href);
  });
  document.addEventListener("focusin", ({ target }) => {
    const card = target.closest?.("#board .card");
    if (card && card.id !== current) { current = card.id; rove(); }
  });
  document.addEventListener("flux:applied", rove);
  rove();
}
