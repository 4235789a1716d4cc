// Text that the server did not take stands in its field again, and takes nothing away that was typed since.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./page.mjs";

const { isBehind, putBack, takeOut, typedIn } = await load("lib/refused.js");

/** A text field with the caret at `caret`. */
function field(value, caret = value.length) {
  return {
    value,
    caret,
    dataset: {},
    dispatchEvent: () => {},
    setRangeText(text, from, to) {
      this.value = this.value.slice(0, from) + text + this.value.slice(to);
    },
  };
}

test("it goes back into a field that is empty", () => {
  for (const value of ["", "  \n"]) {
    const one = field(value);
    putBack(one, "A remark");
    assert.deepEqual([one.value, one.dataset.dirty], ["A remark", "1"]);
  }
});

test("it goes behind other text, and the caret stays", () => {
  const one = field("Second, half wri", 3);
  putBack(one, "First");
  assert.deepEqual([one.value, one.caret], ["Second, half wri\n\nFirst", 3]);
  assert.ok(isBehind(one, "First"));
});

test("what stands there already, such as its draft, is not put there twice", () => {
  for (const value of ["First", "Second\n\nFirst"]) {
    const one = field(value);
    putBack(one, "First");
    assert.equal(one.value, value);
  }
});

test("what is sent once more leaves the field, and nothing else does", () => {
  const left = { First: "", "Second\n\nFirst": "Second", "First, longer": "First, longer", Other: "Other" };
  for (const [value, rest] of Object.entries(left)) {
    const one = field(value);
    one.dataset.dirty = "1";
    takeOut(one, "First");
    assert.deepEqual([one.value, one.dataset.dirty], [rest, rest ? "1" : undefined]);
  }
});

test("what a person typed is known from what the form brings along by itself", () => {
  const fields = new URLSearchParams({
    request_id: "r",
    version: "3",
    title: "A title",
    text: " ",
    why: "So",
  });
  assert.equal(typedIn(fields), "A title\n\nSo");
  assert.equal(typedIn(new URLSearchParams({ column: "2" })), "");
});
