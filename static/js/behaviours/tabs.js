// On a narrow screen one column fills the strip: its tab is the current one, and stays in sight.

import { $, $$, boxOf, hear } from "../lib/dom.js";

export function start(board) {
  const narrow = matchMedia("(width < 48rem)");
  let current = "";

  function mark() {
    for (const tab of $$(".coltabs a", board)) {
      const is = tab.hash.slice(1) === current && narrow.matches;
      if (is === !!tab.ariaCurrent) continue;
      tab.ariaCurrent = is || null;
      // Only the row of tabs scrolls: scrollIntoView would scroll the page as well.
      if (is)
        tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
    }
  }

  function find() {
    const strip = $("#columns", board);
    if (!strip || !narrow.matches) {
      current = "";
      mark();
      return;
    }
    const edge = boxOf(strip).left;
    const shown = $$(":scope > .column", strip).filter((column) => column.offsetWidth);
    const distance = (column) => Math.abs(boxOf(column).left - edge);
    current =
      shown.reduce((best, column) => (!best || distance(column) < distance(best) ? column : best), null)
        ?.id ?? "";
    mark();
  }

  let soon = 0;
  const findSoon = () => {
    cancelAnimationFrame(soon);
    soon = requestAnimationFrame(find);
  };
  board.addEventListener(
    "scroll",
    (event) => {
      if (event.target.id === "columns") findSoon();
    },
    { capture: true, passive: true },
  );
  narrow.addEventListener("change", findSoon);
  hear("applied", findSoon);
  findSoon();
}
