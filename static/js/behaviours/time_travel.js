// Time travel: htmx brings the board of another moment (the slider and the links say so); this keeps the focus on the
// way, and answers to Escape.

import { $, byId, on } from "../lib/dom.js";

/** A step that is no more, or a card that opened beside the board, hands the focus on. */
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
