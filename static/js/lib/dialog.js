// Dialogs over the page, there only while they are open.

import { focusOn } from "./focus.js";

/**
 * Remove a dialog that has closed. Chromium gives the focus back to a field but leaves the caret in the dialog, so that
 * keys would reach nothing once it is removed: blur and focus the field first.
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
