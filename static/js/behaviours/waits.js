// Frames are the same for everyone, so they can't say how much waits on this reader. After a change that may matter,
// htmx asks for that number, at most every few seconds (templates/_topbar.html).

import { hear, tell } from "../lib/dom.js";

const MATTERS =
  /^(question|comment|decision|thread)\.|^card\.(blocked|unblocked|assigned|archived|restored|transferred)$/;
const SPREAD = 500; // ms, so that not all pages ask in the same moment

export function start() {
  hear("applied", (frame) => {
    if (MATTERS.test(frame?.dataset.verb ?? "")) setTimeout(tell, Math.random() * SPREAD, "waits");
  });
}
