// Text that the server refused goes back to its field, after what has been typed there since. Where the form is gone, a
// notice offers to copy it.

import { byId } from "./dom.js";
import { build, button } from "./build.js";
import { typed } from "./focus.js";

const GAP = "\n\n";
const TEXTS = ["text", "title", "reason", "what", "why", "done_when", "constraints", "description"];

/** `form`, or the form of the same id that replaced it; undefined where neither is on the page. */
export const formNow = (form) => (form.isConnected ? form : (form.id && byId(form.id)) || undefined);

/** Add `text` at the end of `field`, after an empty line. Does nothing where it is there already, as a draft. */
export function putBack(field, text) {
  const { value } = field;
  const gap = value.trim() ? GAP : "";
  if (!gap) field.value = text;
  else if (value !== text && !isBehind(field, text))
    field.setRangeText(gap + text, value.length, value.length, "preserve");
  field.dataset.dirty = "1";
  typed(field);
}

/** Whether `text` is at the end of `field`, where `putBack` added it to other text. */
export const isBehind = (field, text) => !!text && field.value.endsWith(GAP + text);

/** Remove `text`, which is about to be sent again, from `field`; other text stays. */
export function takeOut(field, text) {
  const { value } = field;
  if (value === text) field.value = "";
  else if (isBehind(field, text)) field.value = value.slice(0, -(GAP + text).length);
  typed(field);
  if (!field.value) delete field.dataset.dirty;
}

/** The texts among the `fields` (FormData or URLSearchParams) of a change, joined by empty lines. */
export const typedIn = (fields) =>
  TEXTS.map((name) => fields.get(name)?.trim())
    .filter(Boolean)
    .join(GAP);

/** A button that copies `text`. Where the browser forbids it, a field with the selected text takes its place. */
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
