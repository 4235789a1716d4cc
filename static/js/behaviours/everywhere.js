// What every page of a signed-in person has, with a board on it or not.

import * as clear from "./clear.js";
import * as feed from "./feed.js";
import * as keys from "./keys.js";
import * as menu from "./menu.js";
import * as search from "./search.js";
import * as watch from "./watch.js";

/** What says that it is a button answers to Space too; a link by itself only does to Enter. */
function press(event) {
  if (event.key !== " " || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches?.("a[role=button]")) return;
  event.preventDefault();
  event.target.click();
}

export function start() {
  document.addEventListener("keydown", press);
  clear.start();
  if (document.body.dataset.me) for (const begin of [menu.startDetails, keys.start, search.start, watch.start]) begin();
  if (feed.isHere()) feed.start();
}
