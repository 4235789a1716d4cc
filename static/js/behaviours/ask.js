// Text typed as a comment moves along when its author chooses to ask a question or record a decision instead.

import { $, $$, byId, hear, isHeldWith, on } from "../lib/dom.js";
import { bringNear, typed } from "../lib/focus.js";

function take(event) {
  const link = event.target.closest("a[data-takes-text]");
  const from = link && $("textarea", link.closest("form"));
  const to = link && $("textarea", byId(link.dataset.opens));
  if (!from?.value.trim() || !to || to.value.trim() || isHeldWith(event)) return;
  to.value = from.value;
  from.value = "";
  for (const field of [from, to]) typed(field);
}

const WAIT = 10000; // ms to wait at most for what one has written to appear

/** Call `go`, once, with the first new element that matches `selector` after one's own form has been answered. */
function whenNew(root, selector, go) {
  const had = new Set($$(selector, root).map((one) => one.id));
  const listening = new AbortController();
  const look = () => {
    const fresh = root.isConnected && $$(selector, root).find((one) => !had.has(one.id));
    if (!fresh) return;
    listening.abort();
    go(fresh);
  };
  hear("applied", look, listening.signal);
  setTimeout(() => listening.abort(), WAIT);
}

/** After adding a checklist focus the field of its first item; scroll to a new question or comment. */
function goOn({ target }) {
  const root = target.closest?.("[id$=-detail]");
  if (!root) return;
  if (target.matches("form[data-verb='checklist.added']"))
    whenNew(root, "[data-checklist]", (list) => {
      const form = byId(target.id);
      if (form) form.closest("details").open = false;
      const details = $("details.edit--add", list);
      if (!details) return;
      details.open = true;
      $("textarea", details).focus();
    });
  if (target.matches("form[data-verb='question.asked'],form[data-verb='comment.posted']"))
    whenNew(root, `[data-comment][data-author="${document.body.dataset.me}"]`, (comment) =>
      bringNear(comment),
    );
}

export function start() {
  on("click", take, true);
  on("submit", goOn, true);
}
