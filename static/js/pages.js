// Pages without a board or a card: search, keys, menus, watching and the standup's feed.

import { start as startCatchUp } from "./behaviours/catchup.js";
import { start as startCopy } from "./behaviours/copy.js";
import { start as startEverywhere } from "./behaviours/everywhere.js";
import { start as startFeed } from "./behaviours/feed.js";
import { start as startPast } from "./behaviours/past.js";

startEverywhere();
startFeed();
startCatchUp();
startCopy();
startPast();
document.documentElement.dataset.ready = "";
