// Redraw an element in place, by htmx and its guard.

import { $$, tell } from "./dom.js";
import "./guard.js";

/** Typed text that would vanish with this redraw: its form is not in the fresh part any more. */
function wouldLose(old, fragment) {
  return $$("[data-dirty]", old).some(
    (field) => field.id && field.value && !fragment.querySelector(`#${CSS.escape(field.id)}`),
  );
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
