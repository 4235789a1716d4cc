// What is typed as a comment goes along when it turns out to be a question or a decision.

import { $, byId } from "../lib/dom.js";

function take(event) {
  const link = event.target.closest("a[data-takes-text]");
  const from = link && $("textarea", link.closest("form"));
  const to = link && $("textarea", byId(link.dataset.opens) ?? document.createElement("i"));
  if (!from?.value.trim() || !to || to.value.trim() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  to.value = from.value;
  from.value = "";
  for (const field of [from, to]) field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** A form that wrote something is done: it closes, empty. */
function written({ target }) {
  if (!target.matches?.("form[data-verb='question.asked'],form[data-verb='decision.recorded'],form[data-verb='thread.settled']")) return;
  target.reset();
  const details = target.closest("details[open]");
  if (details) details.open = false;
}

export function start() {
  document.addEventListener("click", take, true);
  document.addEventListener("flux:saved", written);
}
