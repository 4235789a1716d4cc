// What a person has typed and not sent: each such field has `data-dirty`.

import { $$, FIELD, on } from "./dom.js";

export const isDirty = (root) => !!root.querySelector?.("[data-dirty]");

/** Whether something in `form` is typed, or about to be. */
export function isBusy(form) {
  return (
    isDirty(form) ||
    (form.contains(document.activeElement) && document.activeElement.matches(`${FIELD}:not([type=checkbox])`))
  );
}

export const fieldsOf = (form) => $$("[name]", form).filter((field) => field.matches(FIELD));

/** Mark the fields of `form` as unchanged. */
export function clean(form) {
  for (const field of $$("[data-dirty]", form)) delete field.dataset.dirty;
}

on(
  "input",
  ({ target }) => {
    if (target.matches?.(FIELD)) target.dataset.dirty = "1";
  },
  true,
);
on("reset", ({ target }) => clean(target), true);
