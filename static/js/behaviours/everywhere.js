// What every page of a signed-in person has, with a board on it or not.

import { start as startClear } from "./clear.js";
import { start as startKeys } from "./keys.js";
import { startDetails } from "./menu.js";
import { start as startSearch } from "./search.js";
import { start as startWatch } from "./watch.js";

/** What says that it is a button answers to Space too; a link by itself only does to Enter. */
function press(event) {
  if (event.key !== " " || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches?.("a[role=button]")) return;
  event.preventDefault();
  event.target.click();
}

export function start() {
  document.addEventListener("keydown", press);
  startClear();
  if (document.body.dataset.me) for (const begin of [startDetails, startKeys, startSearch, startWatch]) begin();
}
