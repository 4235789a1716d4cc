// Menus in the browser's top layer, beside what opens them and inside the window: nothing cuts them there, and they
// take no room in the page. Without scripts they open where the stylesheet puts them.

import { $, boxOf, on } from "./dom.js";

const GAP = 4; // px between a button and its menu
const EDGE = 8; // px that a menu keeps from the window's edges
let shown = []; // menus of open <details>, the newest last

/**
 * Put `menu` below `opener`, else above it, else where it is seen whole. `atEnd` has their ends in line.
 * Coordinates go by CSSOM: the policy forbids style attributes.
 */
export function place(menu, opener, { atEnd = false } = {}) {
  menu.style.removeProperty("--room");
  const [box, own] = [boxOf(opener), boxOf(menu)];
  const height = menu.scrollHeight + own.height - menu.clientHeight;
  const below = innerHeight - EDGE - box.bottom - GAP;
  const above = box.top - GAP - EDGE;
  const x = Math.max(EDGE, Math.min(atEnd ? box.right - own.width : box.left, innerWidth - own.width - EDGE));
  let y = box.bottom + GAP;
  if (height > below)
    y = height <= above ? box.top - GAP - height : Math.max(EDGE, innerHeight - EDGE - height);
  menu.style.setProperty("--x", `${x}px`);
  menu.style.setProperty("--y", `${y}px`);
  menu.style.setProperty("--room", `${innerHeight - EDGE - y}px`);
}

const menuOf = (details) => $(":scope > .menu", details);
const lay = (details) =>
  place(menuOf(details), $("summary", details), { atEnd: details.matches(".pop--end,.column__menu") });

/** The menu of an open `<details>` goes to the top layer; that of a closed one leaves it. */
export function follow(details) {
  const menu = menuOf(details);
  if (!menu?.showPopover) return;
  shown = shown.filter((other) => other !== details && other.isConnected);
  if (details.open && details.isConnected) {
    menu.popover = "manual";
    if (!menu.matches(":popover-open")) menu.showPopover();
    lay(details);
    shown.push(details);
  } else {
    if (menu.matches(":popover-open")) menu.hidePopover();
    menu.removeAttribute("popover");
  }
}

/** Menus follow the buttons that opened them. */
function layAll() {
  for (const details of shown) if (details.open && menuOf(details)?.matches(":popover-open")) lay(details);
}

export function start() {
  let soon = 0;
  const laySoon = (event) => {
    if (!shown.length || event.target.closest?.(".menu")) return;
    cancelAnimationFrame(soon);
    soon = requestAnimationFrame(layAll);
  };
  on("scroll", laySoon, { capture: true, passive: true });
  addEventListener("resize", laySoon);
  on("flux:applied", laySoon);
}
