// What is typed but not sent survives reload, close and the end of a session: kept in this browser, per person.

import { $$ } from "../lib/dom.js";

const FIELDS = 'form[data-verb="comment.posted"] [name=text],form[data-verb="card.created"] textarea[name=title]';

function nameOf(field) {
  const form = field.form;
  const parent = form.elements.parent?.value ?? "";
  const column = form.elements.column?.value ?? "";
  return `fluxboard-draft:${document.body.dataset.me}:${form.getAttribute("action")}:${parent}${column}`;
}

const keep = (field) => {
  try {
    if (field.value.trim()) localStorage.setItem(nameOf(field), field.value);
    else localStorage.removeItem(nameOf(field));
  } catch { /* storage is full or forbidden: the text still stands in the field */ }
};

function restore(root) {
  for (const field of $$(FIELDS, root)) {
    if ("drafted" in field.dataset) continue;
    field.dataset.drafted = "";
    let text = null;
    try { text = localStorage.getItem(nameOf(field)); } catch { /* forbidden */ }
    if (!text || field.value.trim()) continue;
    field.value = text;
    field.dataset.dirty = "1";
    const details = field.closest("details");
    if (details && field.form.dataset.verb === "card.created") details.open = true;
  }
}

export function start() {
  document.addEventListener("input", ({ target }) => { if (target.matches?.(FIELDS)) keep(target); });
  document.addEventListener("flux:added", ({ target }) => { for (const field of $$(FIELDS, target)) keep(field); });
  for (const moment of ["flux:opened", "flux:applied"]) document.addEventListener(moment, () => restore(document));
  restore(document);
}
