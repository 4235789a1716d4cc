// Two people changed the same field: a native dialog with what it was, theirs and yours (ui.md 1.12).

import { $, alarm } from "../lib/dom.js";
import { build } from "../lib/build.js";
import { openDialog } from "../lib/dialog.js";
import { focusOn } from "../lib/focus.js";

/** Show the conflict form of an answer over the page; `form` is the one that was sent. Its text stays as typed. */
export function showConflict(content, form) {
  const part = $("[data-conflict]", content);
  if (!part) {
    alarm("Someone else changed this meanwhile. Reload to see it.");
    return;
  }
  const dialog = openDialog(build("dialog", "", part));
  dialog.id = "conflict";
  const heading = $("h2", part);
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keep-editing]")) return;
    event.preventDefault();
    dialog.close();
  });
  // Typing in the text of the mix selects it.
  dialog.addEventListener("input", ({ target }) => {
    if (target.matches("textarea")) $("input[value=mix]", target.closest("fieldset"))?.click();
  });
  const details = form.closest("details");
  let settled = false;
  dialog.addEventListener("flux:saved", () => {
    settled = true;
    form.reset();
    if (details) details.open = false;
  });
  dialog.addEventListener("close", () => {
    const field = $("textarea,input:not([type=hidden])", form);
    focusOn(settled && details ? $("summary", details) : field);
  });
  htmx.process(dialog);
  heading.focus();
}
