// What is typed and not sent is known on every page, also on one that redraws nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./page.mjs";

delete globalThis.htmx;
const { clean, isDirty } = await load("lib/dirty.js");

test("modules that redraw nothing load without htmx", async () => {
  for (const path of ["lib/settle.js", "lib/place.js", "lib/toast.js", "behaviours/details.js"])
    await assert.doesNotReject(load(path));
});

test("a field is dirty from its first letter until its form is sent or reset", () => {
  const field = { dataset: {}, matches: (selector) => selector.includes("textarea") };
  const form = {
    querySelector: () => ("dirty" in field.dataset ? field : null),
    querySelectorAll: () => ("dirty" in field.dataset ? [field] : []),
  };
  const tell = (type, target) =>
    document.dispatchEvent(Object.defineProperty(new Event(type), "target", { value: target }));
  assert.equal(isDirty(form), false);
  tell("input", field);
  assert.equal(isDirty(form), true);
  clean(form);
  assert.equal(isDirty(form), false);
  tell("input", field);
  tell("reset", form);
  assert.equal(isDirty(form), false);
});
