// Whoever walks by Tab sees where they are (WCAG 2.4.11): bars that stay at the window's foot and grow are measured,
// and what has the focus comes whole into sight in a row that scrolls sideways, where browsers leave it half hidden.

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

/** Cards are as high as they are guessed to be until they come into sight, and push what is below them away again. */
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
