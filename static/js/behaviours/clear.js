// The element with the focus is always visible to people who use Tab (WCAG 2.4.11): the height of a sticky bar at the
// window's foot is measured, and a focused element in a row that scrolls sideways is scrolled into sight whole.

import { $, on } from "../lib/dom.js";
import { bringNear } from "../lib/focus.js";

let byTab = false;
export const isByTab = () => byTab;

function measure(bar) {
  const { position, bottom } = getComputedStyle(bar);
  const { style } = document.documentElement;
  if (position === "sticky") style.setProperty("--foot", `${bar.offsetHeight + (parseFloat(bottom) || 0)}px`);
  else style.removeProperty("--foot");
}

/** Cards off-screen have a guessed height until they are drawn, which moves what is below: scroll for some frames. */
function bring(target, frames = 4) {
  bringNear(target);
  if (frames)
    requestAnimationFrame(() => {
      if (document.activeElement === target) bring(target, frames - 1);
    });
}

export function start() {
  const bar = $(".panel--page .composer-place,.step__foot");
  if (bar) new ResizeObserver(() => measure(bar)).observe(bar);
  on(
    "keydown",
    ({ key }) => {
      byTab = key === "Tab";
    },
    true,
  );
  on(
    "pointerdown",
    () => {
      byTab = false;
    },
    true,
  );
  on("focusin", ({ target }) => {
    if (byTab && target.offsetHeight < innerHeight / 2) bring(target);
  });
}
