// Dialogs over the page, there only while they are open.

import { focusOn } from "./focus.js";

/**
 * Remove a dialog that has closed. Chromium hands the focus back but leaves the caret in the dialog, and with it
 * removed no key reaches the field any more: so the field is focused anew first.
 */
function takeAway(dialog) {
  const field = document.activeElement;
  if (field && field !== document.body && !dialog.contains(field)) {
    field.blur();
    focusOn(field);
  }
  dialog.remove();
}

/** Open `dialog`; a `data-close` in it closes it. */
export function openDialog(dialog) {
  dialog.addEventListener("close", () => takeAway(dialog));
  dialog.addEventListener("click", ({ target }) => target.closest("[data-close]") && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
