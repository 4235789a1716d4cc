// Watching a card or a board: nothing of the board changes, so it is no change with a version; a form without this.

import { $, announce, on } from "../lib/dom.js";
import { applyAnswer } from "../lib/apply.js";
import { post } from "../lib/post.js";
import { toast } from "../lib/toast.js";

async function turn(form) {
  form.ariaBusy = "true";
  const fields = new URLSearchParams(new FormData(form));
  const answer = await post(form.getAttribute("action"), fields);
  form.ariaBusy = null;
  if (answer.kind === "done") {
    applyAnswer(answer.html, 0);
    announce(fields.get("watching") === "1" ? "Watching." : "Not watching any more.");
  } else toast("Not saved. The server did not answer.", { kind: "bad" });
}

/** Watch or stop watching what is open: the card, else the board. */
export function toggleWatch(root) {
  const form = $("form[data-watch]", root ?? document);
  if (!form) return false;
  form.requestSubmit();
  return true;
}

export function start() {
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-watch]") || form.hasAttribute("aria-busy")) return;
    event.preventDefault();
    turn(form);
  });
}
