// Bars that stay at the foot of the window and grow: what gets the focus scrolls clear of them (WCAG 2.4.11).

import { $ } from "../lib/dom.js";

export function start() {
  const bar = $(".panel--page .composer-place,.step__foot");
  if (!bar) return;
  new ResizeObserver(() => {
    const { position, bottom } = getComputedStyle(bar);
    const { style } = document.documentElement;
    if (position === "sticky") style.setProperty("--foot", `${bar.offsetHeight + (parseFloat(bottom) || 0)}px`);
    else style.removeProperty("--foot");
  }).observe(bar);
}
