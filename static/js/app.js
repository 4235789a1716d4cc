// Fluxboard in the browser. Every page is whole without it; this makes it quick and live.

import { $ } from "./lib/dom.js";
import { fillTimes } from "./lib/time.js";
import * as address from "./behaviours/address.js";
import * as ask from "./behaviours/ask.js";
import * as drafts from "./behaviours/drafts.js";
import * as drag from "./behaviours/drag.js";
import * as feed from "./behaviours/feed.js";
import * as forms from "./behaviours/forms.js";
import * as keys from "./behaviours/keys.js";
import * as live from "./behaviours/live.js";
import * as mentions from "./behaviours/mentions.js";
import * as menu from "./behaviours/menu.js";
import * as move from "./behaviours/move.js";
import * as panel from "./behaviours/panel.js";
import * as presence from "./behaviours/presence.js";
import * as quick from "./behaviours/quick.js";
import * as search from "./behaviours/search.js";
import * as tabs from "./behaviours/tabs.js";
import * as watch from "./behaviours/watch.js";

const board = $("#board[data-live]");
const detail = $("[id$=-detail][data-live]");

if (board) for (const behaviour of [panel, move, drag, menu, quick, address, tabs]) behaviour.start(board);
else if (detail) panel.startPage(detail);
if (document.body.dataset.me) {
  menu.startDetails();
  forms.start();
  keys.start();
  search.start();
  watch.start();
}
if (feed.isHere()) feed.start();
if (board || detail) {
  drafts.start();
  ask.start();
  mentions.start();
  presence.start();
  live.start(board ?? detail);
  setInterval(() => { if (!document.hidden) fillTimes(); }, 60000);
}
document.documentElement.dataset.ready = "";
