// Change the order of cards without a jump: measure, change, move each card back by a transform, then let it slide.
// Measured in Chromium: the only way of four that adds nothing to the layout shift (ui.md 2.4.4).

import { $, $$, boxOf, byId, pause } from "./dom.js";

/**
 * The cards that are moving to their new place, each with its offset from there, `{ x, y }` in px; null once it is
 * released and the transition runs. This module sets their style, and lib/guard.js keeps it through a redraw.
 */
export const moving = new Map();

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const waiting = []; // what goes on when no card is under way any more
let unpainted = 0; // frames to come until the held cards have been painted where they are held

function inSight(box) {
  return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}

/** How far from its place a card is drawn now: held there, or on its way since it was released. */
function offset(card) {
  const held = moving.get(card);
  if (held !== null) return held ?? { x: 0, y: 0 };
  const { m41: x, m42: y } = new DOMMatrixReadOnly(getComputedStyle(card).transform);
  return { x, y };
}

/** Where in the window the middle of a card is, or will be once it has arrived, in px from the top. */
export function middleOf(card) {
  const box = boxOf(card);
  return box.top + box.height / 2 - offset(card).y;
}

const observer = new MutationObserver(() => {});

function hold(card, { x, y }) {
  card.style.transition = "none";
  card.style.transform = x || y ? `translate(${x}px, ${y}px)` : "";
  moving.set(card, { x, y });
  if (!unpainted) carry();
  unpainted = 2;
}

/**
 * Until the next frame Chromium only guesses the height of a card in a new place (content-visibility), so what is below
 * it would be measured wrong. Give it its real height.
 */
function fit(cards) {
  for (const card of cards) card.style.contentVisibility = "visible";
  const heights = cards.map((card) => {
    const style = getComputedStyle(card);
    return parseFloat(style.height) - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
  });
  cards.forEach((card, i) => {
    card.style.contentVisibility = "";
    card.style.containIntrinsicBlockSize = `${heights[i]}px`;
  });
}

export function settle(change, within = document) {
  const before = new Map();
  for (const card of $$(".column__list > li", within)) {
    const box = boxOf(card);
    if (inSight(box)) before.set(card, { box, from: offset(card) });
  }
  observer.observe(within, { childList: true, subtree: true });
  const result = change();
  const placed = observer
    .takeRecords()
    .flatMap(({ addedNodes }) => [...addedNodes])
    .filter((node) => node.isConnected && node.matches?.(".column__list > li"));
  for (const card of placed) hold(card, before.get(card)?.from ?? { x: 0, y: 0 });
  fit(placed);
  observer.disconnect();
  for (const [card, { box: was, from }] of before) {
    if (!card.isConnected) continue;
    const box = boxOf(card);
    // Both boxes contain the card's old offset, so their difference is the change of layout alone.
    const [x, y] = [was.left - box.left, was.top - box.top];
    if (x || y) hold(card, { x: from.x + x, y: from.y + y });
  }
  return result;
}

const frame = () => Promise.race([new Promise(requestAnimationFrame), pause(100)]);

/** After two frames the held cards have been painted in their old place: release them. */
async function carry() {
  do await frame();
  while ((unpainted -= 1));
  const cards = [...moving.keys()].filter((card) => moving.get(card));
  for (const card of cards) {
    card.style.transition = calm.matches ? "transform 1ms" : "transform 160ms cubic-bezier(0.2, 0.8, 0.2, 1)";
    card.style.transform = "";
    moving.set(card, null);
  }
  const ends = cards.flatMap((card) => card.getAnimations()).map((animation) => animation.finished);
  await Promise.race([Promise.allSettled(ends), pause(400)]);
  const there = cards.filter((card) => moving.get(card) === null);
  there.forEach(tidy);
  await frame();
  await pause(0);
  for (const card of there) if (moving.get(card) === null) moving.delete(card);
  if (!moving.size) waiting.splice(0).forEach((go) => go());
}

function tidy(card) {
  card.style.transition = card.style.containIntrinsicBlockSize = "";
  if (!card.getAttribute("style")) card.removeAttribute("style");
}

/**
 * Wait until no card is moving, about 0.2 s. A card that gets a new place in the middle of its transition would jump,
 * since only the compositor knows where it is drawn. What came meanwhile is then applied as one movement.
 */
export async function arrived() {
  while (moving.size && unpainted < 2) await new Promise((go) => waiting.push(go));
}

/** The list of a column, or nothing where the column is folded or elsewhere. */
export const listOf = (columnId) => $(".column__list", byId(`column-${columnId}`));
