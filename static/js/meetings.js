// What a meeting's page loads: several write on it at once, so what is being typed is guarded as on a board.

import { start as startAsking } from "./lib/asking.js";
import { start as startEverywhere } from "./behaviours/everywhere.js";
import { start as startMeeting } from "./behaviours/meeting.js";
import { start as startNow } from "./behaviours/now.js";

for (const start of [startAsking, startEverywhere, startNow, startMeeting]) start();
document.documentElement.dataset.ready = "";
