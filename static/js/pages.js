// Pages without a board or a card: search, keys, menus, watching and the standup's feed.

import { start as startAsking } from "./lib/asking.js";
import { start as startCatchUp } from "./behaviours/catch_up.js";
import { start as startCopy } from "./behaviours/copy.js";
import { start as startEverywhere } from "./behaviours/everywhere.js";
import { start as startNow } from "./behaviours/now.js";
import { start as startStandup } from "./behaviours/standup.js";
import { start as startTimeTravel } from "./behaviours/time_travel.js";

for (const start of [
  startAsking,
  startEverywhere,
  startNow,
  startStandup,
  startCatchUp,
  startCopy,
  startTimeTravel,
])
  start();
document.documentElement.dataset.ready = "";
