// Text that the server did not take goes back to where it was typed, behind what stands there by then. Where its form
// is gone, a notice offers it to be copied.

import { byId } from "./dom.js";
import { build, button } from "./build.js";
import { typed } from "./focus.js";

const GAP = "\n\n";
const TEXTS = ["text", "title", "reason", "what", "why", "done_when", "constraints", "description"];

/** `form`, or the one that was drawn in its place; undefined where neither is on the page. */
export const formNow = (form) => (form.isConnected ? form : (form.id && byId(form.id)) || undefined);

/** Put `text` into `field`, behind what has been typed there since. A draft of it that stands there is not doubled. */
export function putBack(field, text) {
  const { value } = field;
  const gap = value.trim() ? GAP : "";
  if (!gap) field.value = text;
  else if (value !== text && !isBehind(field, text))
    field.setRangeText(gap + text, value.length, value.length, "preserve");
  field.dataset.dirty = "1";
  typed(field);
}

/** Whether `text` stands in `field` where `putBack` put it, behind what a person has typed since. */
export const isBehind = (field, text) => !!text && field.value.endsWith(GAP + text);

/** Take `text`, which is about to be sent once more, out of `field` again; the rest stays. */
export function takeOut(field, text) {
  const { value } = field;
  if (value === text) field.value = "";
  else if (isBehind(field, text)) field.value = value.slice(0, -(GAP + text).length);
  typed(field);
  if (!field.value) delete field.dataset.dirty;
}

/** What a person typed among the `fields` (FormData or URLSearchParams) of a change. */
export const typedIn = (fields) =>
  TEXTS.map((name) => fields.get(name)?.trim())
    .filter(Boolean)
    .join(GAP);

/** A button that copies `text`; where the browser does not allow it, the text stands there, selected. */
export function copyButton(text) {
  const copy = button("btn btn--line", copyIt, "Copy the text");
  async function copyIt() {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      const field = build("textarea", "input");
      Object.assign(field, { value: text, readOnly: true, ariaLabel: "What you typed" });
      copy.replaceWith(field);
      field.focus();
      field.select();
    }
  }
  return copy;
}
