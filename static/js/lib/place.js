// Where a card belongs on the board, by what the server last said of it.

import { $, $$, moveBefore } from "./dom.js";
import { listOf } from "./settle.js";

export const nameOf = (column) => $("h2", column)?.textContent.trim() ?? "";
export const cardsIn = (list) => $$(":scope > .card", list);
export const isHeld = (element) => element.dataset.held !== undefined;
const rank = (card) => Number(card.id.split("-")[1]);

function comesBefore(a, b) {
  const [left, right] = [a.dataset.position, b.dataset.position];
  return left === right ? rank(a) < rank(b) : left < right;
}

/** Ids of own new cards that are shown at the end of a column of which not all cards are loaded. */
export const beyond = new Set();

/** The card before which `card` belongs; null for the end, undefined where that is beyond the loaded cards. */
function neighbour(card, list) {
  const settled = cardsIn(list).filter((other) => other !== card && !isHeld(other) && !beyond.has(other.id));
  const next = settled.find((other) => comesBefore(card, other));
  if (next) return next;
  return list.dataset.more !== undefined && settled.length ? undefined : null;
}

/** The end of a list: before its "Show more", if it has one. */
export const endOf = (list) => $(":scope > li:not(.card):not(.slot)", list);

/** Put a card where its `data-column-id` and `data-position` say; remove it where that place is not shown. */
export function placeCard(card) {
  const list = listOf(card.dataset.columnId);
  const next = list ? neighbour(card, list) : undefined;
  if (next === undefined) {
    if (!beyond.has(card.id) || !list) card.remove();
  } else {
    const before = next ?? endOf(list);
    if (card.parentNode !== list || nextCard(card) !== next) {
      if (card.isConnected) moveBefore(list, card, before);
      else list.insertBefore(card, before);
    }
  }
}

function nextCard(card) {
  let next = card.nextElementSibling;
  while (next && (!next.matches(".card") || isHeld(next))) next = next.nextElementSibling;
  return next;
}
