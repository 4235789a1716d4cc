// What every page of a signed-in person has, with a board on it or not.

import { isChord, on } from "../lib/dom.js";
import { start as startClear } from "./clear.js";
import { start as startDetails } from "./details.js";
import { start as startKeys } from "./keys.js";
import { start as startSearch } from "./search.js";

/**
 * A key that belongs to a word under way in an input method is none for us: this goes before all that answers to keys.
 * Safari says so by the 229 alone, when the Enter that confirms a word comes after the word's end.
 */
function leaveToInputMethod(event) {
  if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
}

/** What says that it is a button answers to Space too; a link by itself only does to Enter. */
function press(event) {
  if (
    event.key !== " " ||
    event.defaultPrevented ||
    isChord(event) ||
    !event.target.matches?.("a[role=button]")
  )
    return;
  event.preventDefault();
  event.target.click();
}

export function start() {
  addEventListener("keydown", leaveToInputMethod, true);
  on("keydown", press);
  startClear();
  if (document.body.dataset.me) for (const begin of [startDetails, startKeys, startSearch]) begin();
}
