// Redraw an element in place, by htmx and its guard.

import { $, $$, tell } from "./dom.js";
import "./guard.js";

/** Whether this redraw would delete typed text: its field is not in the fresh part, and not in a panel that is kept. */
function wouldLose(old, fragment) {
  const fresh = (element) => element?.id && $(`#${CSS.escape(element.id)}`, fragment);
  const isThere = (field) => fresh(field) || fresh(field.closest(".panel"))?.childElementCount === 0;
  return $$("[data-dirty]", old).some((field) => field.id && field.value && !isThere(field));
}

/**
 * Redraw `old` as `fresh`.
 * Returns false, and changes nothing, where that would lose typed text.
 */
export function morph(old, fresh) {
  const fragment = document.createDocumentFragment();
  fragment.append(fresh);
  if (wouldLose(old, fragment)) {
    old.dataset.stale = "";
    return false;
  }
  const done = htmx.swap({ sourceElement: old, target: old, swap: "outerMorph", text: "", fresh: fragment });
  done.catch((error) => {
    console.error(error);
    tell("torn");
  });
  for (const select of $$("select:not([data-dirty])", old)) {
    const chosen = select.querySelector("option[selected]");
    if (chosen && select !== document.activeElement) chosen.selected = true;
  }
  return true;
}
