// The board as its address says it: fetched whole, and morphed into the one on the page.

import { $, $$, byId, call, parse, pause, tell } from "./dom.js";
import { morph } from "./morph.js";
import { applied } from "./own.js";
import { unpark } from "./parking.js";
import { beyond } from "./place.js";
import { nextTry } from "./reach.js";
import { settle } from "./settle.js";
import { fillTimes } from "./time.js";

/** The board's own address: with a panel open, the page's is the card's. */
export const here = { address: location.href };
export const isFiltered = () =>
  [...new URL(here.address).searchParams.keys()].some((name) => !["more", "part", "tab"].includes(name));

let board = null;
let again = false;

/**
 * Fetch the board with the filters of its address, and morph it. Frames wait for it (`boardFetch`). Tries until the
 * server answers; resolves to false where trying is no use (signed out, the board is gone).
 */
export function refetchBoard({ spread = 150, now = false } = {}) {
  if (board) {
    again = true;
    return board;
  }
  if (!byId("board")) return Promise.resolve(false);
  board = (async () => {
    for (;;) {
      again = false;
      await pause(Math.random() * spread);
      while (!now && document.body.classList.contains("is-dragging")) await pause(100);
      const done = await fetchBoard().catch(() => null);
      if (done === null) await nextTry();
      else if (!again || !done) return done;
    }
  })().finally(() => {
    board = null;
  });
  return board;
}

export const boardFetch = () => board;

async function fetchBoard() {
  const url = new URL(here.address);
  url.searchParams.set("part", "board");
  const answer = await call(url);
  if (answer.status >= 500 || answer.status === 429) return null;
  if (!answer.ok || answer.redirected) return false;
  const fresh = $("#board", parse(await answer.text()));
  const old = byId("board");
  if (!fresh || !old) return false;
  fillTimes(fresh);
  keepPanel(old, fresh);
  const scrolls = $$(".column__list", old).map((list) => [list.closest(".column")?.id, list.scrollTop]);
  // Not drawn, to keep typed text: `applied.seq` stays, so that the stream brings what was missed. The board is fetched
  // again when the text is done (behaviours/forms.js).
  const seq = Number(fresh.dataset.seq);
  if (!settle(() => morph(old, fresh))) return true;
  applied.seq = seq;
  beyond.clear();
  for (const [id, top] of scrolls) {
    const list = id && $(".column__list", byId(id));
    if (list && list.scrollTop !== top) list.scrollTop = top;
  }
  unpark();
  tell("applied", null);
  return true;
}

/** The open panel is not in the fetched HTML: an empty stand-in makes the morph keep it. */
function keepPanel(old, fresh) {
  const panel = $(".panel[id]", old);
  const stage = panel && $(`#${panel.parentNode.id}`, fresh);
  if (!stage) return;
  stage.append(panel.cloneNode(false));
  stage.classList.add("has-panel");
}
