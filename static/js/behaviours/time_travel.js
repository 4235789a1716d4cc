// Time travel: htmx brings the board of another moment (the slider and the links say so); this keeps the focus on the
// way, and answers to Escape.

import { $, byId, on } from "../lib/dom.js";

/** Move the focus to the card that was opened, or to the slider where the focused element is gone. */
function goOn({ detail: { ctx } }) {
  const isCard = ctx.sourceElement?.matches?.(".card__link");
  if (isCard || !document.activeElement?.closest("#past"))
    (byId(isCard && "past-close") ?? byId("past-seq")).focus();
}

function back(event) {
  if (event.key !== "Escape" || event.defaultPrevented || $("dialog[open],.pop[open]")) return;
  event.preventDefault();
  (byId("past-close") ?? byId("past-back")).click();
}

export function start() {
  const page = byId("past");
  if (!page) return;
  page.addEventListener("htmx:after:swap", goOn);
  on("keydown", back);
}
