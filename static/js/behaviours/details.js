// The `<details>` that act as menus and as editors.

import { $, $$, on } from "../lib/dom.js";
import { bringNear, focusOn } from "../lib/focus.js";
import { isDirty } from "../lib/dirty.js";
import * as popover from "../lib/popover.js";
import { isByTab } from "./clear.js";

const MENU = "details.pop,details[data-behaviour~=menu]";
const OPENED = "details[data-behaviour],details.adder";
const POP = "details.pop[open],details[data-behaviour~=menu][open]";

/** Close it; text that was typed in it stays, and a mark says so. */
function closeKept(details) {
  details.open = false;
  details.classList.toggle("is-kept", isDirty(details));
}

/** What goes with an open `details`: its menu in the top layer, others closed, the focus in its first field. */
function follow(details) {
  if (details.matches?.(MENU)) popover.follow(details);
  if (!details.matches?.(OPENED) || !details.open) return;
  for (const other of $$(POP))
    if (details.matches(POP) && other !== details && !other.contains(details) && !isDirty(other))
      other.open = false;
  const here = document.activeElement;
  // Safari does not focus a summary that is clicked. Where the focus is in it already, it stays.
  if (here !== document.body && (!details.contains(here) || here !== $("summary", details))) return;
  const field = $(
    "textarea,input:not([type=hidden],[type=checkbox],[type=radio]),select,button",
    details.querySelector("form") ?? details,
  );
  focusOn(field);
  if (field?.matches("textarea,input[type=text]"))
    field.setSelectionRange(field.value.length, field.value.length);
  bringNear(field);
}

/** Open `details` and move the focus at once, so that what is typed next goes into its first field. */
export function openDetails(details) {
  details.open = true;
  follow(details);
}

/** `toggle` comes late, when the first letters may have been typed already: so a click opens and focuses at once. */
function openAtOnce(event) {
  const summary = event.target.closest?.("summary");
  const details = summary?.parentElement;
  if (event.defaultPrevented || !details?.matches(OPENED) || details.open) return;
  event.preventDefault();
  summary.focus();
  openDetails(details);
}

/** A click elsewhere closes, as does Tab to elsewhere; Escape goes back to the summary; opening to the first field. */
export function start() {
  on("pointerdown", ({ target }) => {
    for (const details of $$(POP)) if (!details.contains(target) && !isDirty(details)) details.open = false;
  });
  popover.start();
  on("focusout", ({ target, relatedTarget }) => {
    const details = isByTab() && target.closest?.(POP);
    if (!details || details.contains(relatedTarget)) return;
    closeKept(details);
  });
  on("toggle", ({ target }) => follow(target), true);
  on("click", openAtOnce);
  on("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    // The innermost one around the focus; else the newest open menu, also where the focus is elsewhere.
    const details =
      event.target.closest?.("details[data-behaviour][open],.adder[open]") ??
      ($("dialog[open]") ? null : $$(POP).at(-1));
    if (!details) return;
    event.preventDefault();
    event.stopPropagation();
    closeKept(details);
    focusOn($("summary", details));
  });
  on("click", (event) => {
    const cancel = event.target.closest("[data-cancel],button[type=reset]");
    const details = cancel?.closest("details[open]");
    if (!details) return;
    if (!cancel.matches("[type=reset]")) event.preventDefault();
    cancel.closest("form")?.reset();
    details.open = false;
    focusOn($("summary", details));
  });
}
