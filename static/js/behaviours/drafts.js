// What is typed but not saved survives reload, close and the end of a session: kept in this browser, per person.

import { $, $$, on } from "../lib/dom.js";

const FIELDS = "form[data-verb][method=post] :is(textarea,input[type=text])";
const WEEK = 7 * 86400000;
const mine = `fluxboard-draft:${document.body.dataset.me}:`;

const nameOf = (field) => mine + (field.id || `${field.form.getAttribute("action")}:${field.name}`);
const versionOf = (form) => $("[name=version]", form);

function store(act) {
  try {
    return act(localStorage);
  } catch {
    return null; /* full or forbidden: the text still stands in its field */
  }
}

function keep(field) {
  const { value, form } = field;
  store((storage) =>
    value === field.defaultValue
      ? storage.removeItem(nameOf(field))
      : storage.setItem(
          nameOf(field),
          JSON.stringify({ value, version: versionOf(form)?.value, at: Date.now() }),
        ),
  );
}

/** Delete the drafts of the fields of `form`. */
export const forget = (form) =>
  $$("textarea,input[type=text]", form).forEach((field) =>
    store((storage) => storage.removeItem(nameOf(field))),
  );

/** Restore drafts with the version that they began with, so that saving an old one asks instead of overwriting. */
function restore() {
  for (const field of $$(FIELDS)) {
    if ("drafted" in field.dataset) continue;
    field.dataset.drafted = "";
    const draft = store((storage) => JSON.parse(storage.getItem(nameOf(field))));
    if (!draft || field.value !== field.defaultValue || draft.value === field.value) continue;
    field.value = draft.value;
    field.dataset.dirty = "1";
    const version = versionOf(field.form);
    if (version && draft.version) version.value = draft.version;
    const details = field.closest("details");
    if (details && !details.matches(".pop")) details.open = true;
    details?.classList.add("is-kept");
  }
}

function sweep() {
  store((storage) => {
    for (const name of Object.keys(storage).filter((one) => one.startsWith("fluxboard-draft:"))) {
      const { at } = JSON.parse(storage.getItem(name));
      if (Date.now() - at > 4 * WEEK) storage.removeItem(name);
    }
  });
}

export function start() {
  on("input", ({ target }) => {
    if (target.matches?.(FIELDS) && !target.closest("dialog,.menu-pop")) keep(target);
  });
  for (const moment of ["flux:saved", "reset"])
    on(moment, ({ target }) => {
      if (!target.matches?.("form[data-verb]")) return;
      forget(target);
      target.closest("details")?.classList.remove("is-kept");
    });
  for (const moment of ["flux:opened", "flux:applied"]) on(moment, restore);
  restore();
  sweep();
}
