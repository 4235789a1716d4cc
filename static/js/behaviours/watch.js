// Watch or stop watching what is open, by a key: the card, else the board. It is a form with a button.

import { $ } from "../lib/dom.js";

export function toggleWatch(root) {
  const form = $("form[data-watch]", root ?? document);
  if (!form) return false;
  form.requestSubmit();
  return true;
}
