// Dragging a card with mouse, pen or finger: Pointer Events for all three, our own scrolling at the edges.

import { $, $$, boxOf, linkIn, moveBefore, on } from "../lib/dom.js";
import { build } from "../lib/build.js";
import { focusOn } from "../lib/focus.js";
import { refetchBoard } from "../lib/board.js";
import { hold, release } from "../lib/parking.js";
import { cardsIn, endOf } from "../lib/place.js";
import { middleOf, settle } from "../lib/settle.js";
import { post } from "../lib/post.js";
import {
  canChange,
  columnOf,
  commit,
  fullWords,
  isFull,
  isLifted,
  listIn,
  refuses,
  sayBack,
  sayDrop,
  sayFailed,
  sayLifted,
  spotOf,
} from "./move.js";

const TRAVEL = 5; // px before a mouse press becomes a drag
const REST = 8; // px that a resting finger may wander
const PRESS = 300; // ms until a finger lifts
const EDGE = 48; // px from an edge where it scrolls
const OPEN = 500; // ms over a folded column until it opens

let board = null;
let press = null; // a button or finger is down on a card
let drag = null; // a card is lifted

function goTo({ clientX: x, clientY: y }) {
  Object.assign(drag, { x, y });
}

function letGo() {
  clearTimeout(press?.timer);
  press = null;
}

function lift(x, y) {
  const { card, pointer, touch } = press;
  letGo();
  if (!card.isConnected || card.dataset.held !== undefined) return;
  const box = boxOf(card);
  const ghost = card.cloneNode(true);
  ghost.removeAttribute("id");
  for (const part of $$("[id]", ghost)) part.removeAttribute("id");
  ghost.classList.add("card--lifted");
  const layer = build("ol", "drag-layer", ghost);
  layer.ariaHidden = "true";
  layer.inert = true;
  layer.style.inlineSize = `${box.width}px`;
  document.body.append(layer);
  const slot = build("li", "slot");
  slot.ariaHidden = "true";
  slot.style.blockSize = `${box.height}px`;
  hold(card);
  card.before(slot);
  card.classList.add("card--source");
  document.body.classList.add("is-dragging");
  drag = {
    card,
    ghost,
    layer,
    slot,
    pointer,
    x,
    y,
    dx: x - box.left,
    dy: y - box.top,
    height: box.height,
    column: columnOf(card),
    spot: spotOf(card),
  };
  try {
    board.setPointerCapture(pointer);
  } catch {
    /* the pointer is gone already: pointerup follows */
  }
  if (touch) navigator.vibrate?.(10);
  sayLifted(card);
  frame();
}

function frame() {
  if (!drag) return;
  drag.layer.style.transform = `translate(${drag.x - drag.dx}px, ${drag.y - drag.dy}px)`;
  scrollEdges();
  aim();
  drag.ticking = requestAnimationFrame(frame);
}

function columnAt(x, y) {
  const stage = $(".columns", board) ?? board;
  const area = boxOf(stage);
  if (x < area.left || x > area.right || y < area.top - 24 || y > area.bottom + 24) return null;
  return (
    $$(".column[data-column]", stage).find((column) => {
      const box = boxOf(column);
      return box.width && x >= box.left - 6 && x <= box.right + 6;
    }) ?? drag.column
  );
}

function aim() {
  const column = columnAt(drag.x, drag.y);
  drag.outside = !column;
  if (!column) return;
  const list = listIn(column);
  openSoon(list === column ? column : null);
  const middle = drag.y - drag.dy + drag.height / 2;
  // A folded column takes the card at its end, as it does from the card's menu.
  const next =
    (list !== column && cardsIn(list).find((other) => other !== drag.card && middle < middleOf(other))) ||
    endOf(list);
  drag.column = column;
  if (nextOf(drag.slot) !== next || drag.slot.parentNode !== list)
    settle(() => list.insertBefore(drag.slot, next ?? null));
  const full = isFull(column, drag.card) || undefined;
  drag.slot.classList.toggle("slot--full", !!full);
  const words = full ? fullWords(column) : "";
  if (drag.slot.textContent !== words) drag.slot.textContent = words;
}

function nextOf(slot) {
  let next = slot.nextElementSibling;
  while (next === drag.card) next = next.nextElementSibling;
  return next;
}

function scrollEdges() {
  const speed = (distance) => Math.ceil(((EDGE - Math.max(0, distance)) / EDGE) * 16);
  const list = drag.slot.parentNode;
  if (list) {
    const box = boxOf(list);
    if (drag.x > box.left && drag.x < box.right) {
      // In a low window the columns are as high as their cards, and the page scrolls.
      const scroller = list.scrollHeight > list.clientHeight ? list : document.scrollingElement;
      const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
      if (drag.y - top < EDGE) scroller.scrollTop -= speed(drag.y - top);
      else if (bottom - drag.y < EDGE) scroller.scrollTop += speed(bottom - drag.y);
    }
  }
  const stage = $(".columns", board);
  if (!stage) return;
  const area = boxOf(stage);
  const right = Math.min(area.right, innerWidth);
  if (drag.x - area.left < EDGE) stage.scrollLeft -= speed(drag.x - area.left);
  else if (right - drag.x < EDGE) stage.scrollLeft += speed(right - drag.x);
}

function openSoon(column) {
  if (drag.opening?.column === column) return;
  clearTimeout(drag.opening?.timer);
  const timer =
    column &&
    setTimeout(async () => {
      const form = $("form", column);
      if (!drag || !form) return;
      await post(form.getAttribute("action"), new FormData(form, $("button", form)));
      await refetchBoard({ spread: 0, now: true });
    }, OPEN);
  drag.opening = { column, timer };
}

function end() {
  const was = drag;
  drag = null;
  cancelAnimationFrame(was.ticking);
  clearTimeout(was.opening?.timer);
  try {
    board.releasePointerCapture(was.pointer);
  } catch {
    /* already released */
  }
  was.layer.remove();
  was.card.classList.remove("card--source");
  document.body.classList.remove("is-dragging");
  // The click that follows the release is part of the drag.
  const swallow = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 50);
  return was;
}

function cancel() {
  const { card, slot } = end();
  settle(() => slot.remove());
  sayBack(card);
  release(card);
}

function drop() {
  aim();
  const outside = drag.outside || !drag.slot.isConnected;
  const column = drag.slot.closest(".column");
  if (outside) {
    cancel();
    return;
  }
  if (isFull(column, drag.card) && refuses()) {
    const { card } = drag;
    cancel();
    sayFailed(card, columnOf(card), `${fullWords(column)}.`);
    return;
  }
  const { card, slot, spot } = end();
  const list = slot.parentNode;
  let next = slot.nextElementSibling;
  if (next === card) next = card.nextElementSibling;
  const stays = list === spot.list && next === spot.next;
  settle(() => {
    if (!stays) moveBefore(list, card, next);
    slot.remove();
  });
  if (stays) {
    release(card);
    return;
  }
  focusOn(linkIn(card));
  sayDrop(card, spot);
  commit(card, spot);
}

// ---- what the pointer does ---------------------------------------------------------------------------

const isOf = (what, { pointerId }) => what?.pointer === pointerId;

function down(event) {
  if (press || drag) {
    if (drag && !isOf(drag, event)) cancel();
    return;
  }
  const card = event.target.closest(".card");
  if (!card || event.button !== 0 || !canChange() || isLifted() || card.dataset.held !== undefined) return;
  if (event.target.closest("button,input,textarea,select,summary,form,[popover]")) return;
  const { clientX: x, clientY: y, pointerId: pointer } = event;
  press = { card, x, y, pointer, touch: event.pointerType === "touch" };
  if (press.touch) press.timer = setTimeout(() => lift(x, y), PRESS);
}

function move(event) {
  if (isOf(press, event)) {
    const far = Math.hypot(event.clientX - press.x, event.clientY - press.y);
    if (press.touch) {
      if (far > REST) letGo();
    } else if (far > TRAVEL) lift(press.x, press.y);
  }
  if (!isOf(drag, event)) return;
  if (event.buttons & 2) cancel();
  else goTo(event);
}

function up(event) {
  if (isOf(press, event)) letGo();
  if (!isOf(drag, event)) return;
  goTo(event);
  drop();
}

function lose(event) {
  if (isOf(press, event)) letGo();
  if (isOf(drag, event)) cancel();
}

function onKey(event) {
  if (!drag || event.key !== "Escape") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  cancel();
}

/** Without this the finger's first move would become a scroll, and cancel the drag. */
const keepFromScrolling = (event) => drag && event.preventDefault();

export function start(root) {
  board = root;
  board.addEventListener("pointerdown", down);
  on("pointermove", move);
  on("pointerup", up);
  on("pointercancel", lose);
  on("keydown", onKey, true);
  board.addEventListener("touchmove", keepFromScrolling, { passive: false });
  board.addEventListener("contextmenu", (event) => (press?.touch || drag) && event.preventDefault());
  board.addEventListener("dragstart", (event) => event.target.closest?.(".card") && event.preventDefault());
  addEventListener("blur", () => drag && cancel());
}
