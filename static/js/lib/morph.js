// Redraw an element in place. What a person is typing in, holding or has open is left alone.

import { $$, FIELD, on, tell } from "./dom.js";
import { isMoving } from "./settle.js";

const opened = "details,dialog,[popover]";

export const isDirty = (root) => !!root.querySelector?.("[data-dirty]");

export function isBusy(form) {
  return (
    isDirty(form) ||
    (form.contains(document.activeElement) && document.activeElement.matches(`${FIELD}:not([type=checkbox])`))
  );
}

export const fieldsOf = (form) => $$("[name]", form).filter((field) => field.matches(FIELD));

const served = (field) =>
  field.matches("textarea")
    ? field.defaultValue
    : field.matches("select")
      ? $$("option[selected]", field)
          .map((option) => option.value)
          .join()
      : field.matches("[type=checkbox],[type=radio]")
        ? String(field.hasAttribute("checked"))
        : (field.getAttribute("value") ?? "");

/** Someone changed the very field that is being typed in: the form keeps its base, and says so. */
function noteChange(old, fresh) {
  for (const field of fieldsOf(old)) {
    const other = fieldsOf(fresh).find(
      (candidate) => candidate.name === field.name && candidate.type === field.type,
    );
    if (other && served(field) !== served(other)) {
      tell("changed-under", { form: old, value: served(other) });
      return;
    }
  }
}

htmx.registerExtension("flux-guard", {
  /** What is parsed already is not parsed again. */
  htmx_before_swap: (_, { ctx, tasks }) => {
    if (ctx.fresh) tasks[0].fragment = ctx.fresh;
  },
  htmx_before_morph_node: (old, { newNode }) => {
    if (old.dataset?.held !== undefined || (old.matches?.(".panel") && newNode.childElementCount === 0))
      return false;
    if (old.matches?.("form") && isBusy(old)) {
      noteChange(old, newNode);
      old.dataset.stale = "";
      return false;
    }
    if (old.matches?.("[type=checkbox],[type=radio]")) old.checked = newNode.hasAttribute("checked");
    return undefined;
  },
  htmx_before_morph_attr: (old, { attrName, newValue }) => {
    if (newValue === null && attrName === "style" && isMoving(old)) return false;
    if (newValue === null && ["popover", "style"].includes(attrName) && old.matches(".menu")) return false;
    if (newValue === null && attrName === "open" && old.matches(opened)) return false;
    if (
      newValue === null &&
      (attrName === "data-drafted" || (attrName === "tabindex" && old.closest(".card")))
    )
      return false;
    return undefined;
  },
});

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

on(
  "input",
  ({ target }) => {
    if (target.matches?.(FIELD)) target.dataset.dirty = "1";
  },
  true,
);
on("reset", ({ target }) => clean(target), true);

export function clean(form) {
  for (const field of $$("[data-dirty]", form)) delete field.dataset.dirty;
}
