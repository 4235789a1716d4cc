// On a narrow screen one column fills the strip: its tab is the current one, and stays in sight.

import { $, $$, boxOf, byId, hear, on } from "../lib/dom.js";

export function start(board) {
  const narrow = matchMedia("(width < 48rem)");

  function mark() {
    const tabs = $$(".coltabs a", board);
    const strip = narrow.matches && $("#columns", board);
    const away = (tab) => Math.abs(boxOf(byId(tab.hash.slice(1))).left - boxOf(strip).left);
    const current = strip && tabs.reduce((best, tab) => (best && away(best) <= away(tab) ? best : tab), null);
    for (const tab of tabs) {
      const is = tab === current;
      if (is === !!tab.ariaCurrent) continue;
      tab.ariaCurrent = is || null;
      // Only the row of tabs scrolls: scrollIntoView would scroll the page as well.
      if (is)
        tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
    }
  }

  let soon = 0;
  const markSoon = () => {
    cancelAnimationFrame(soon);
    soon = requestAnimationFrame(mark);
  };
  on("scroll", ({ target }) => target.id === "columns" && markSoon(), { capture: true, passive: true });
  narrow.addEventListener("change", markSoon);
  hear("applied", markSoon);
  markSoon();
}
