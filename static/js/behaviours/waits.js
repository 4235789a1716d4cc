// A change is the same for everyone who sees it. How much waits on me after one that may matter is asked for by htmx,
// at most every few seconds: the top bar says so (templates/_topbar.html).

import { hear, tell } from "../lib/dom.js";

const MATTERS =
  /^(question|comment|decision|thread)\.|^card\.(blocked|unblocked|assigned|archived|restored|transferred)$/;
const SPREAD = 500; // ms, so that not all pages ask in the same moment

export function start() {
  hear("applied", (frame) => {
    if (MATTERS.test(frame?.dataset.verb ?? "")) setTimeout(tell, Math.random() * SPREAD, "waits");
  });
}
