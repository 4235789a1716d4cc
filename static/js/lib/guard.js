// What a redraw by htmx leaves as it is: what a person is typing in, dragging or has open.

import { $$, tell } from "./dom.js";
import { fieldsOf, isBusy } from "./dirty.js";
import { moving } from "./settle.js";

const opened = "details,dialog,[popover]";

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

/** Someone else changed the field that is being typed in: say so. The form keeps the version that it began with. */
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
  /** Hand over the fragment that `morph` has parsed, so that htmx does not parse it again. */
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
    if (newValue === null && attrName === "style" && moving.has(old)) return false;
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
