// What every page of a signed-in person has, with a board on it or not.

import * as feed from "./feed.js";
import * as keys from "./keys.js";
import * as menu from "./menu.js";
import * as search from "./search.js";
import * as watch from "./watch.js";

export function start() {
  if (document.body.dataset.me) for (const begin of [menu.startDetails, keys.start, search.start, watch.start]) begin();
  if (feed.isHere()) feed.start();
}
