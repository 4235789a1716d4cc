// Pages without a board or a card: search, keys, menus, watching and the standup's feed.

import * as everywhere from "./behaviours/everywhere.js";
import * as past from "./behaviours/past.js";

everywhere.start();
past.start();
document.documentElement.dataset.ready = "";
