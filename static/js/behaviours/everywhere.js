// What every page of a signed-in person has, with a board on it or not.

import { isChord, on } from "../lib/dom.js";
import { start as startClear } from "./clear.js";
import { start as startDetails } from "./details.js";
import { start as startKeys } from "./keys.js";
import { start as startSearch } from "./search.js";

/**
 * Keys that an input method uses to compose a word are none of ours: this listener runs before all others. In Safari
 * the Enter that confirms a word comes after `compositionend`, and only its key code 229 tells.
 */
function leaveToInputMethod(event) {
  if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
}

/** A link with the role of a button answers to Space too, as a button does. */
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
